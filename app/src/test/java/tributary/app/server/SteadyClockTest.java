package tributary.app.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Time goes on as measured, whatever somebody does to the machine's clock, until that stands.
class SteadyClockTest {
    private static final Instant BEGIN = Instant.parse("2026-11-28T12:00:00Z");

    private long ticks = Long.MAX_VALUE - Duration.ofHours(1).toNanos(); // they may pass the end of a long
    private Instant wall = BEGIN;
    private final SteadyClock clock = new SteadyClock(() -> wall, () -> ticks);

    @Test
    void goesOnWithTheMachinesClock() {
        pass(Duration.ofHours(3));

        assertThat(clock.instant()).isEqualTo(BEGIN.plus(Duration.ofHours(3)));
    }

    @Test
    void smallCorrectionCountsAtOnce() {
        wall = wall.minusMillis(300);
        pass(Duration.ofSeconds(1));

        assertThat(clock.instant()).isEqualTo(wall);
    }

    @Test
    void jumpsThatDoNotStandAreNotSeen() {
        SplittableRandom random = new SplittableRandom(7);
        Instant truth = BEGIN;
        for (int i = 0; i < 50; i++) {
            Duration jump = Duration.ofSeconds(random.nextLong(-3600, 3 * 86_400));
            wall = wall.plus(jump);
            Duration shown = Duration.ofMillis(random.nextLong(SteadyClock.STANDS.toMillis() - 1));
            pass(shown);
            truth = truth.plus(shown);
            assertThat(clock.instant()).isBetween(truth.minusSeconds(1), truth.plusSeconds(1));

            wall = wall.minus(jump);
            pass(Duration.ofSeconds(1));
            truth = truth.plusSeconds(1);
            assertThat(clock.instant()).isEqualTo(truth);
        }
    }

    @Test
    void jumpThatStandsCounts() {
        wall = wall.plus(Duration.ofDays(1));
        pass(Duration.ofSeconds(1));
        assertThat(clock.instant()).isEqualTo(BEGIN.plusSeconds(1));

        pass(SteadyClock.STANDS);

        assertThat(clock.instant()).isEqualTo(wall);
    }

    /// Somebody asks what time it is now and then meanwhile.
    private void pass(Duration time) {
        Duration step = Duration.ofMillis(50);
        Duration left = time;
        while (left.isPositive()) {
            Duration some = left.compareTo(step) < 0 ? left : step;
            ticks += some.toNanos();
            wall = wall.plus(some);
            clock.instant();
            left = left.minus(some);
        }
    }
}
