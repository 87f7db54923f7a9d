package tributary.rules;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import tributary.model.Topic;

/// Measures rules inside the engine, one thread: messages as bytes in, rows as values out.
///
/// `java -cp ... tributary.rules.RuleBench [messages]`. Prints a line for each rule and round: how fast, how
/// many rows,
/// how large the state is.
final class RuleBench {
    private static final int DEVICES = 100_000;

    private RuleBench() {}

    public static void main(String[] args) {
        int messages = args.length > 0 ? Integer.parseInt(args[0]) : 2_000_000;
        measure(
                "filter and projection",
                "SELECT temp, hum AS humidity FROM 'devices/+/telemetry' WHERE temp > 25",
                messages,
                1000);
        measure(
                "filter that nothing passes",
                "SELECT temp FROM 'devices/+/telemetry' WHERE temp > 1000",
                messages,
                1000);
        measure("another topic", "SELECT temp FROM 'sites/+/telemetry' WHERE temp > 25", messages, 1000);
        measure(
                "window and alert, 100,000 devices",
                "SELECT clientid() AS d, avg(temp) AS t FROM 'devices/+/telemetry' GROUP BY clientid(), TUMBLING(10s) "
                        + "ALERT hot WHEN t > 25 CLEAR WHEN t < 20",
                messages,
                DEVICES);
        measure(
                "rate of each device",
                "SELECT rate(temp) AS r FROM 'devices/+/telemetry' WHERE rate(temp) > 1000",
                messages,
                DEVICES);
    }

    private static void measure(String name, String sql, int messages, int devices) {
        Rule rule = ((Rule.Compiled.Ready) Rule.compile(sql, RuleOptions.DEFAULTS)).rule();
        Topic[] topics = new Topic[devices];
        String[] clients = new String[devices];
        for (int i = 0; i < devices; i++) {
            clients[i] = "d" + i;
            topics[i] = new Topic("devices/d" + i + "/telemetry");
        }
        byte[][] payloads = new byte[100][];
        for (int i = 0; i < payloads.length; i++) {
            payloads[i] = "{\"temp\": %d.%d, \"hum\": %d, \"door\": {\"open\": false}, \"ts\": 1767323045678}"
                    .formatted(i % 50, i % 10, 40 + i % 20)
                    .getBytes(StandardCharsets.UTF_8);
        }
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long[] rows = new long[1];
        for (int round = 0; round < 3; round++) {
            rows[0] = 0;
            RuleRun run = rule.start(_ -> rows[0]++);
            long start = threads.getCurrentThreadCpuTime();
            for (int i = 0; i < messages; i++) {
                int device = i % devices;
                run.message(StreamMessage.of(
                        topics[device], clients[device], payloads[i % 100], i / 20, StreamMessage.Head.NONE));
            }
            double seconds = (threads.getCurrentThreadCpuTime() - start) / 1e9;
            System.out.printf(
                    Locale.ROOT,
                    "%-36s round %d: %,12.0f messages/s of processor time, %,d rows, state %,d bytes%n",
                    name,
                    round + 1,
                    messages / seconds,
                    rows[0],
                    run.checkpoint().length);
        }
    }
}
