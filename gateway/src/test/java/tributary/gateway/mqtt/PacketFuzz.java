package tributary.gateway.mqtt;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;

/// What Jazzer calls with bytes that it makes up, led by the branches that they reach: `./dev fuzz`.
class PacketFuzz {
    private static final int[] VERSIONS = {0, PacketReader.VERSION_3_1_1, PacketReader.VERSION_5};

    /// The first byte says which version the client speaks, the others are what it sends.
    @FuzzTest
    void anyBytesAreAPacketOrAFaultOfTheClient(byte[] bytes) {
        judge(bytes);
    }

    static void judge(byte[] bytes) {
        if (bytes.length > 0) {
            int version = VERSIONS[(bytes[0] & 0xFF) % VERSIONS.length];
            int _ = PacketFuzzTest.read(new PacketReader(), Arrays.copyOfRange(bytes, 1, bytes.length), version);
        }
    }
}
