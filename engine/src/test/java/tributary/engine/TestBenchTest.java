package tributary.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.log.LogSettings;
import tributary.log.Receipt;
import tributary.log.SegmentLog;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.Micros;
import tributary.model.TenantId;
import tributary.model.Topic;
import tributary.registry.Registry;
import tributary.registry.RegistrySettings;
import tributary.registry.RuleStore.Text;
import tributary.registry.SqlRegistry;
import tributary.testkit.SimulatedClock;
import tributary.testkit.SimulatedDisk;

/// What a draft would have said of messages that were recorded.
class TestBenchTest {
    private static final Instant BEGIN = Instant.ofEpochSecond(1_700_000_000);
    private static final Text ALL = new Text("SELECT v FROM 't'", "tributary", "UTC", "", List.of());

    @TempDir
    Path folder;

    @Test
    void windowIsExactToTheMicrosecond() throws IOException {
        SegmentLog log = log();
        for (int i = 0; i < 10; i++) {
            log.append(message(TenantId.MAIN, "t", 100 * i, i), Receipt.NONE);
        }
        log.step(0);

        try (Registry registry = registry()) {
            TestBench bench = new TestBench(log, registry.devices());
            TestBench.Report part = bench.run(TenantId.MAIN, ALL, window(300, 700));
            assertThat(part.said()).isEqualTo(4);
            assertThat(part.sayings().getFirst().payload()).isEqualTo("{\"v\":3}");
            assertThat(part.complete()).isTrue();
            assertThat(bench.run(TenantId.MAIN, ALL, window(0, 901)).said()).isEqualTo(10);
        }
    }

    @Test
    void ruleThatNoTopicMatchesIsToldWhereMessagesWentInItsWindow() throws IOException {
        SegmentLog log = log();
        List<String> topics = List.of("sheds/1", "sheds/2", "sheds/3", "sheds/4", "sheds/2");
        for (int i = 0; i < topics.size(); i++) {
            log.append(message(TenantId.MAIN, topics.get(i), 100 * i, i), Receipt.NONE);
        }
        log.append(message(new TenantId("other"), "theirs", 450, 5), Receipt.NONE);
        log.append(message(TenantId.MAIN, "sheds/later", 500, 6), Receipt.NONE);
        log.step(0);

        try (Registry registry = registry()) {
            TestBench bench = new TestBench(log, registry.devices());
            assertThat(unmatched(bench, "'shed/#'", window(0, 500)))
                    .isEqualTo(new TestBench.Unmatched(List.of("shed/#"), List.of("sheds/2", "sheds/4", "sheds/3")));
            assertThat(unmatched(bench, "'shed/#'", window(450, 500)))
                    .isEqualTo(new TestBench.Unmatched(List.of("shed/#"), List.of()));
            assertThat(unmatched(bench, "'sheds/3'", window(0, 500))).isNull();
        }
    }

    private static TestBench.@Nullable Unmatched unmatched(TestBench bench, String from, TestBench.Window window) {
        return bench.run(TenantId.MAIN, new Text("SELECT v FROM " + from, "tributary", "UTC", "", List.of()), window)
                .unmatched();
    }

    private static SegmentLog log() throws IOException {
        return SegmentLog.unmanned(
                new LogSettings(1, 64 << 10, 256 << 10, 0, Duration.ofDays(1), 512 << 10),
                new SimulatedDisk(new SplittableRandom(1)),
                new SimulatedClock(BEGIN),
                new SplittableRandom(2));
    }

    private Registry registry() throws IOException {
        return SqlRegistry.open(RegistrySettings.DEFAULTS, folder, InstantSource.system(), new SecureRandom());
    }

    /// @param from microseconds after the beginning
    private static TestBench.Window window(int from, int to) {
        return new TestBench.Window(BEGIN.plusNanos(1000L * from), BEGIN.plusNanos(1000L * to), Duration.ofMinutes(1));
    }

    /// @param at microseconds after the beginning
    private static Message message(TenantId tenant, String topic, int at, int value) {
        return new Message(
                tenant,
                null,
                new Topic(topic),
                ("{\"v\":" + value + "}").getBytes(StandardCharsets.UTF_8),
                Micros.of(BEGIN) + at,
                Message.Origin.MQTT,
                "p",
                1,
                false,
                MessageProperties.NONE);
    }
}
