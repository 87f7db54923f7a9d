package tributary.model;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

/// What Jazzer calls with bytes that it makes up, led by the branches that they reach: `./dev fuzz`.
class TopicFuzz {
    /// Two texts, with a zero byte between them, are a filter and a topic or are refused, and matching is as the oracle
    /// says.
    @FuzzTest
    void anyTextsMatchAsTheOracleSays(byte[] bytes) {
        judge(bytes);
    }

    static void judge(byte[] bytes) {
        int end = 0;
        while (end < bytes.length && bytes[end] != 0) {
            end++;
        }
        String filter = new String(bytes, 0, end, StandardCharsets.UTF_8);
        String topic = new String(bytes, end, bytes.length - end, StandardCharsets.UTF_8);
        topic = topic.isEmpty() ? topic : topic.substring(1);
        if (TopicFilter.fault(filter) != null || Topic.fault(topic) != null) {
            return;
        }
        boolean matches = new TopicFilter(filter).matches(new Topic(topic));
        if (matches != TopicFuzzTest.oracle(filter, topic)) {
            throw new AssertionError("'%s' and '%s': %s".formatted(filter, topic, matches));
        }
    }
}
