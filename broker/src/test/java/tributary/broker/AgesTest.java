package tributary.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class AgesTest {
    private static final long SECOND = 1_000_000;

    private long wallMicros = Instant.parse("2026-03-01T00:00:00Z").getEpochSecond() * SECOND;
    private long steadyNanos = 77;
    private final Ages ages =
            new Ages(() -> Instant.ofEpochSecond(wallMicros / SECOND, wallMicros % SECOND * 1000), () -> steadyNanos);

    private void passes(Duration time) {
        wallMicros += time.toNanos() / 1000;
        steadyNanos += time.toNanos();
    }

    private void jumps(Duration by) {
        wallMicros += by.toNanos() / 1000;
    }

    @Test
    void clockThatIsSetAheadMakesNothingOlder() {
        long stamp = wallMicros;
        passes(Duration.ofSeconds(5));
        jumps(Duration.ofDays(3));
        ages.follow();
        passes(Duration.ofSeconds(2));

        assertThat(ages.of(stamp)).isEqualTo(7 * SECOND);
    }

    @Test
    void whatIsStampedAfterTheJumpAgesFromThere() {
        jumps(Duration.ofDays(3));
        long beforeItIsNoticed = wallMicros;
        passes(Duration.ofSeconds(1));
        ages.follow();
        passes(Duration.ofSeconds(1));
        long afterwards = wallMicros;
        passes(Duration.ofSeconds(10));

        assertThat(ages.of(beforeItIsNoticed)).isEqualTo(12 * SECOND);
        assertThat(ages.of(afterwards)).isEqualTo(10 * SECOND);
    }

    @Test
    void clockThatIsSetBackMakesNothingYoungerThanItIs() {
        long stamp = wallMicros;
        passes(Duration.ofSeconds(5));
        jumps(Duration.ofHours(-1));
        ages.follow();
        passes(Duration.ofSeconds(2));

        assertThat(ages.of(stamp)).isEqualTo(7 * SECOND);
    }

    @Test
    void jumpIsNoticedByWhoeverAsksFirst() {
        long stamp = wallMicros;
        jumps(Duration.ofDays(3));

        assertThat(ages.of(stamp)).isZero();
    }

    @Test
    void trimmingIsNoJump() {
        long stamp = wallMicros;
        for (int i = 0; i < 100; i++) {
            passes(Duration.ofSeconds(1));
            jumps(Duration.ofMillis(1));
            ages.follow();
        }

        assertThat(ages.of(stamp)).isEqualTo(100 * SECOND + 100_000);
    }

    @Test
    void nothingIsOlderThanTheTimeThatPassed() {
        for (int seed = 1; seed <= 200; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            for (int jump = 0; jump < 8; jump++) {
                long stamp = wallMicros;
                long stampedAt = steadyNanos;
                passes(Duration.ofMillis(2_000 + random.nextInt(100_000)));
                int by = 2_000 + random.nextInt(100_000_000);
                jumps(Duration.ofMillis(random.nextBoolean() ? by : -by));
                ages.follow();
                passes(Duration.ofMillis(2_000 + random.nextInt(100_000)));

                assertThat(ages.of(stamp)).as("seed %d", seed).isLessThanOrEqualTo((steadyNanos - stampedAt) / 1000);
            }
        }
    }
}
