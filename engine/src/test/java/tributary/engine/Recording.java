package tributary.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tributary.log.Log;
import tributary.log.LogSettings;
import tributary.log.Receipt;
import tributary.log.SegmentLog;
import tributary.model.DeviceId;
import tributary.model.Fault;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.TenantId;
import tributary.model.Topic;
import tributary.registry.RuleStore.Action;

/// Telemetry of many devices in a log on disk: what rules are measured over.
final class Recording {
    static final long START_MILLIS = 1_700_000_000_000L;

    private static final LogSettings SETTINGS =
            new LogSettings(2, 64L << 20, 32L << 20, 16L << 20, Duration.ofDays(36_500), 16L << 30);
    private static final int DEVICES_MAX = 100_000;
    private static final List<String> NAMES =
            IntStream.range(0, DEVICES_MAX).mapToObj(i -> "device-" + i).toList();
    private static final List<Topic> TOPICS = NAMES.stream()
            .map(name -> new Topic("devices/" + name + "/telemetry"))
            .toList();
    private static final byte[][] PAYLOADS = new byte[100][];

    static {
        for (int i = 0; i < PAYLOADS.length; i++) {
            PAYLOADS[i] = "{\"temp\": %d.%d, \"hum\": %d, \"door\": {\"open\": false}, \"ts\": 1767323045678}"
                    .formatted(i % 50, i % 10, 40 + i % 20)
                    .getBytes(StandardCharsets.UTF_8);
        }
    }

    private Recording() {}

    static String name(int device) {
        return NAMES.get(device);
    }

    static Topic topic(int device) {
        return TOPICS.get(device);
    }

    /// The same topic as another object, as it comes out of the log.
    static Topic fresh(int device) {
        return new Topic(new String(TOPICS.get(device).value().toCharArray()));
    }

    static byte[] payload(int message) {
        return PAYLOADS[message % PAYLOADS.length];
    }

    static Definition definition(String name, String sql) {
        return new Definition(
                TenantId.MAIN,
                name,
                1,
                1,
                sql,
                "tributary",
                "Z",
                List.of(new Action(Action.Kind.SINK, "s")),
                Definition.Mode.ON);
    }

    /// @return a log with so many messages, 20 a millisecond of so many devices in turn
    static Log log(Path folder, int messages, int devices) throws InterruptedException {
        Log log = SegmentLog.open(SETTINGS, folder, InstantSource.system());
        CountDownLatch durable = new CountDownLatch(messages);
        Receipt receipt = new Receipt() {
            @Override
            public void durable(int partition, long position) {
                durable.countDown();
            }

            @Override
            public void refused(Fault fault, String detail) {
                throw new IllegalStateException(fault + ": " + detail);
            }
        };
        for (int i = 0; i < messages; i++) {
            if (log.congested()) {
                CountDownLatch relieved = new CountDownLatch(1);
                log.whenRelieved(relieved::countDown);
                relieved.await();
            }
            int device = i % devices;
            log.append(
                    new Message(
                            TenantId.MAIN,
                            new DeviceId(name(device)),
                            topic(device),
                            payload(i),
                            (START_MILLIS + i / 20) * 1000,
                            Message.Origin.MQTT,
                            name(device),
                            1,
                            false,
                            MessageProperties.NONE),
                    receipt);
        }
        durable.await();
        return log;
    }

    static void remove(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.delete(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
