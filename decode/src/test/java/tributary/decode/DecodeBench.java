package tributary.decode;

import java.lang.management.ManagementFactory;
import java.util.Locale;
import tributary.model.Message;

/// Nanoseconds and bytes allocated for the usual message: `mvn -q -pl decode -am test-compile`, then run this main.
///
/// First argument: how many messages a round, 2,000,000 unless said.
final class DecodeBench {
    private static final String USUAL =
            "{\"ts\":1690000000000,\"temperature\":21.53,\"humidity\":48.1,\"pressure\":1013.25,"
                    + "\"battery\":3.71,\"rssi\":-67,\"x\":0.012,\"y\":-0.981,\"z\":0.113,\"n\":12}";

    private DecodeBench() {}

    /// Counts, so that nothing is optimised away.
    private static final class Sum implements ReadingSink {
        double numbers;
        long others;

        @Override
        public void number(String sensor, long tsMicros, double value) {
            numbers += value + sensor.length() + (tsMicros & 1);
        }

        @Override
        public void text(String sensor, long tsMicros, String value) {
            others += value.length();
        }

        @Override
        public void bool(String sensor, long tsMicros, boolean value) {
            others++;
        }

        @Override
        public void rejected(int index, String reason) {
            throw new IllegalStateException(reason);
        }
    }

    public static void main(String[] args) {
        int count = args.length > 0 ? Integer.parseInt(args[0]) : 2_000_000;
        String[][] cases = {
            {"9 numbers", USUAL},
            {"3 numbers", "{\"temperature\":21.53,\"humidity\":48.1,\"pressure\":1013.25}"},
            {"nested", "{\"imu\":{\"accel\":{\"x\":0.012,\"y\":-0.981,\"z\":0.113},\"gyro\":[1.5,2.5,3.5]},\"ok\":true}"
            },
            {"17 digits", "{\"a\":0.30000000000000004,\"b\":21.530000000000001,\"c\":1013.2500000000001}"},
        };
        for (int round = 0; round < 3; round++) {
            for (String[] one : cases) {
                measure(one[0], one[1], count);
            }
        }
    }

    private static void measure(String title, String payload, int count) {
        Message message = Heard.message(Heard.TOPIC, "", Heard.utf8(payload));
        PayloadDecoder decoder = new PayloadDecoder();
        Sum sum = new Sum();
        com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long bytes = threads.getCurrentThreadAllocatedBytes();
        long start = System.nanoTime();
        for (int i = 0; i < count; i++) {
            decoder.decode(message, sum);
        }
        long nanos = System.nanoTime() - start;
        bytes = threads.getCurrentThreadAllocatedBytes() - bytes;
        System.out.printf(
                Locale.ROOT,
                "%-10s %4d bytes: %6.0f ns, %5.1f bytes allocated a message (%.0f)%n",
                title,
                message.payload().length,
                (double) nanos / count,
                (double) bytes / count,
                sum.numbers + sum.others);
    }
}
