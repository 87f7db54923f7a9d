package tributary.gateway.http;

import com.code_intelligence.jazzer.junit.FuzzTest;

/// What Jazzer calls with bytes that it makes up, led by the branches that they reach: `./dev fuzz`.
class UsualHeadFuzz {
    private final UsualHead head = new UsualHead();

    @FuzzTest
    void anyBytesAreReadAsPatternsReadThem(byte[] bytes) {
        UsualHeadTest.judge(head, bytes);
    }
}
