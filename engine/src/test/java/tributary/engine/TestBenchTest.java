package tributary.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import tributary.log.LogSettings;
import tributary.log.Receipt;
import tributary.log.SegmentLog;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.Micros;
import tributary.model.TenantId;
import tributary.model.Topic;
import tributary.registry.RuleStore.Text;
import tributary.testkit.SimulatedClock;
import tributary.testkit.SimulatedDisk;

/// What a draft would have said of messages that were recorded.
class TestBenchTest {
    private static final Instant BEGIN = Instant.ofEpochSecond(1_700_000_000);
    private static final Text ALL = new Text("SELECT v FROM 't'", "tributary", "UTC", "", List.of());

    @Test
    void windowIsExactToTheMicrosecond() throws IOException {
        SegmentLog log = log();
        for (int i = 0; i < 10; i++) {
            log.append(message(Micros.of(BEGIN) + 100 * i, i), Receipt.NONE);
        }
        log.step(0);

        TestBench bench = new TestBench(log);
        TestBench.Report part = bench.run(TenantId.MAIN, ALL, window(300, 700));
        assertThat(part.said()).isEqualTo(4);
        assertThat(part.sayings().getFirst().payload()).isEqualTo("{\"v\":3}");
        assertThat(part.complete()).isTrue();
        assertThat(bench.run(TenantId.MAIN, ALL, window(0, 901)).said()).isEqualTo(10);
    }

    private SegmentLog log() throws IOException {
        return SegmentLog.unmanned(
                new LogSettings(1, 64 << 10, 256 << 10, 0, Duration.ofDays(1), 512 << 10),
                new SimulatedDisk(new SplittableRandom(1)),
                new SimulatedClock(BEGIN),
                new SplittableRandom(2));
    }

    @Test
    void windowThatBeginsInTheMiddleOfAnAlertSaysOtherwiseWithAWarmUp() throws IOException {
        SegmentLog log = log();
        for (int i = 0; i < 10; i++) {
            log.append(message(Micros.of(BEGIN) + 1_000_000L * i, i), Receipt.NONE);
        }
        log.step(0);
        Text text = new Text("SELECT v FROM 't' WHERE v <> 7 ALERT high WHEN v > 3", "tributary", "UTC", "", List.of());
        TestBench bench = new TestBench(log);
        Instant from = BEGIN.plusSeconds(6);
        Instant to = BEGIN.plusSeconds(10);

        TestBench.Report cold = bench.run(TenantId.MAIN, text, new TestBench.Window(from, to, Duration.ofMinutes(1)));
        TestBench.Report warm =
                bench.run(TenantId.MAIN, text, new TestBench.Window(BEGIN, from, to, Duration.ofMinutes(1), 100));

        assertThat(cold.said()).isEqualTo(1);
        assertThat(warm.said()).isZero();
        assertThat(warm.taken()).isEqualTo(4);
        assertThat(warm.begins()).isNull();
        assertThat(warm.steps())
                .contains(
                        new TestBench.Tally("where", 3, 1, 0, 0),
                        new TestBench.Tally("when", 3, 0, 0, 0),
                        new TestBench.Tally("alert", 0, 3, 0, 0));
        assertThat(warm.ruleNanos()).isPositive().isLessThan(warm.nanos());
    }

    @Test
    void windowOfWhichTheLogHasLetGoSaysWhereItBegins() throws IOException {
        SegmentLog log = log();
        String filler = " ".repeat(4 << 10);
        for (int i = 0; i < 400; i++) {
            log.append(message(Micros.of(BEGIN) + 1_000_000L * i, filler, i), Receipt.NONE);
            log.step(0);
        }
        assertThat(log.start(0)).as("the log let go of the oldest").isPositive();

        TestBench.Report all = new TestBench(log)
                .run(TenantId.MAIN, ALL, new TestBench.Window(BEGIN, BEGIN.plusSeconds(400), Duration.ofMinutes(1)));
        TestBench.Report late = new TestBench(log)
                .run(
                        TenantId.MAIN,
                        ALL,
                        new TestBench.Window(BEGIN.plusSeconds(399), BEGIN.plusSeconds(400), Duration.ofMinutes(1)));

        assertThat(all.begins()).isEqualTo(BEGIN.plusSeconds(log.start(0)));
        assertThat(all.taken()).isEqualTo(400 - log.start(0));
        assertThat(late.begins()).isNull();
        assertThat(late.taken()).isEqualTo(1);
    }

    /// @param from microseconds after the beginning
    private static TestBench.Window window(int from, int to) {
        return new TestBench.Window(BEGIN.plusNanos(1000L * from), BEGIN.plusNanos(1000L * to), Duration.ofMinutes(1));
    }

    private static Message message(long micros, int value) {
        return message(micros, "", value);
    }

    private static Message message(long micros, String blanks, int value) {
        return message(TenantId.MAIN, "t", micros, "{\"v\":" + value + blanks + "}");
    }

    /// @param after microseconds after the beginning
    private static Message message(TenantId tenant, String topic, int after) {
        return message(tenant, topic, Micros.of(BEGIN) + after, "{\"v\":1}");
    }

    private static Message message(TenantId tenant, String topic, long micros, String payload) {
        return new Message(
                tenant,
                null,
                new Topic(topic),
                payload.getBytes(StandardCharsets.UTF_8),
                micros,
                Message.Origin.MQTT,
                "p",
                1,
                false,
                MessageProperties.NONE);
    }
}
