package tributary.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScenarioRunTest {
    private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");

    @Test
    void historyEndsNowAndIsInTheOrderOfTime() throws Exception {
        Kept kept = new Kept();
        ScenarioRun run = new ScenarioRun(
                Loads.good("pump"), kept, ScenarioRun.Pace.historyOnly(Duration.ofHours(1)), InstantSource.fixed(NOW));

        assertThat(run.run()).isTrue();

        assertThat(kept.messages).hasSize(12 * 3600);
        assertThat(kept.messages).isSortedAccordingTo((a, b) -> Long.compare(a.timestampMillis(), b.timestampMillis()));
        assertThat(kept.messages.getFirst().timestampMillis())
                .isBetween(NOW.toEpochMilli() - 3_600_000, NOW.toEpochMilli() - 3_600_000 + 999);
        assertThat(kept.messages.getLast().timestampMillis())
                .isBetween(NOW.toEpochMilli() - 1000, NOW.toEpochMilli() - 1);
    }

    @Test
    void historyMayBeCoarser() throws Exception {
        Kept kept = new Kept();
        ScenarioRun.Pace pace =
                new ScenarioRun.Pace(Duration.ofHours(24), Duration.ofMinutes(1), 0, Duration.ofHours(24), 0);

        new ScenarioRun(Loads.good("pump"), kept, pace, InstantSource.fixed(NOW)).run();

        assertThat(kept.messages).hasSize(12 * 24 * 60);
    }

    @Test
    void itStopsAfterTheMessagesAskedFor() throws Exception {
        Kept kept = new Kept();
        ScenarioRun.Pace pace = new ScenarioRun.Pace(Duration.ZERO, Duration.ZERO, 0, Duration.ZERO, 101);

        new ScenarioRun(Loads.good("heart-rate"), kept, pace, InstantSource.fixed(NOW)).run();

        assertThat(kept.messages).hasSize(101);
    }

    @Test
    void theClockDecidesWhenATickIsDue() throws Exception {
        Kept kept = new Kept();
        long[] millis = {NOW.toEpochMilli()};
        // Each look at the clock lets 100 ms pass; at speed 9 that is a little less than a tick.
        InstantSource clock = () -> Instant.ofEpochMilli(millis[0] += 100);
        ScenarioRun.Pace pace = new ScenarioRun.Pace(Duration.ZERO, Duration.ZERO, 9, Duration.ofMinutes(1), 0);

        new ScenarioRun(Loads.good("pump").withCount(1), kept, pace, clock).run();

        assertThat(kept.messages).hasSize(60);
        assertThat(kept.flushes).isPositive();
    }

    @Test
    void theSameRunGivesTheSameLines() throws Exception {
        assertThat(lines())
                .isEqualTo(lines())
                .contains("{\"device\":\"pump-1\",\"topic\":\"devices/pump-1/telemetry\"," + "\"payload\":{\"ts\":");
    }

    private static String lines() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (Output lines = new LineOutput(bytes)) {
            ScenarioRun.Pace pace = ScenarioRun.Pace.historyOnly(Duration.ofMinutes(2));
            new ScenarioRun(Loads.good("pump"), lines, pace, InstantSource.fixed(NOW)).run();
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    /// Keeps everything.
    static final class Kept implements Output {
        final List<SimulatedMessage> messages = new ArrayList<>();
        int flushes;

        @Override
        public void send(SimulatedMessage message) {
            messages.add(message);
        }

        @Override
        public void flush() {
            flushes++;
        }

        @Override
        public boolean drain() {
            return true;
        }

        @Override
        public long acknowledged() {
            return messages.size();
        }

        @Override
        public long failed() {
            return 0;
        }

        @Override
        public void close() {}
    }
}
