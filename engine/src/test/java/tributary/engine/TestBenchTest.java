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
        SegmentLog log = SegmentLog.unmanned(
                new LogSettings(1, 64 << 10, 256 << 10, 0, Duration.ofDays(1), 512 << 10),
                new SimulatedDisk(new SplittableRandom(1)),
                new SimulatedClock(BEGIN),
                new SplittableRandom(2));
        for (int i = 0; i < 10; i++) {
            log.append(message(Micros.of(BEGIN) + 100 * i, i), Receipt.NONE);
        }
        log.step(0);

        try (Registry registry =
                SqlRegistry.open(RegistrySettings.DEFAULTS, folder, InstantSource.system(), new SecureRandom())) {
            TestBench bench = new TestBench(log);
            TestBench.Report part = bench.run(TenantId.MAIN, ALL, window(300, 700));
            assertThat(part.said()).isEqualTo(4);
            assertThat(part.sayings().getFirst().payload()).isEqualTo("{\"v\":3}");
            assertThat(part.complete()).isTrue();
            assertThat(bench.run(TenantId.MAIN, ALL, window(0, 901)).said()).isEqualTo(10);
        }
    }

    /// @param from microseconds after the beginning
    private static TestBench.Window window(int from, int to) {
        return new TestBench.Window(BEGIN.plusNanos(1000L * from), BEGIN.plusNanos(1000L * to), Duration.ofMinutes(1));
    }

    private static Message message(long micros, int value) {
        return new Message(
                TenantId.MAIN,
                null,
                new Topic("t"),
                ("{\"v\":" + value + "}").getBytes(StandardCharsets.UTF_8),
                micros,
                Message.Origin.MQTT,
                "p",
                1,
                false,
                MessageProperties.NONE);
    }
}
