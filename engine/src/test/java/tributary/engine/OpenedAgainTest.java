package tributary.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import tributary.log.LogSettings;
import tributary.log.SegmentLog;
import tributary.model.PlatformException;
import tributary.testkit.SimulatedClock;
import tributary.testkit.SimulatedDisk;
import tributary.testkit.SimulatedDisk.Rates;

/// What could not be opened because a disk failed is opened when it does not: it leaves no reader behind that is open
/// for ever.
class OpenedAgainTest {
    private static final Rates EACH_WRITE = new Rates(1, 0, 0, 0);

    private final SimulatedClock clock = new SimulatedClock(Instant.ofEpochSecond(1_700_000_000));
    private final SimulatedDisk outboxDisk = new SimulatedDisk(new SplittableRandom(2));
    private final SimulatedDisk state = new SimulatedDisk(new SplittableRandom(3));
    private final SegmentLog log = open(2, new SimulatedDisk(new SplittableRandom(1)));
    private final SegmentLog outbox = open(1, outboxDisk);

    private SegmentLog open(int partitions, SimulatedDisk disk) {
        try {
            return SegmentLog.unmanned(
                    new LogSettings(partitions, 1 << 18, 1 << 20, 1 << 16, Duration.ofDays(30), 1L << 36),
                    disk,
                    clock,
                    new SplittableRandom(1));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private Engine engine() {
        return new Engine(new Engine.World(
                log,
                outbox,
                () -> null,
                new Workforce(
                        _ -> {
                            throw new AssertionError("there is no rule");
                        },
                        new HashMap<>()),
                new Snapshot(state, "checkpoint"),
                clock,
                OpenedAgainTest::settle,
                Set.of(),
                _ -> {},
                Runnable::run,
                () -> 0,
                new EngineSettings(Duration.ofMillis(900), 3, 1L << 30)));
    }

    private Republisher republisher() {
        LogOutbox boxed = new LogOutbox(outbox, 1L << 30);
        return new Republisher(new Republisher.World(
                log,
                boxed,
                Republisher.Before.of(log, boxed),
                new Snapshot(state, "republished"),
                (_, _) -> false,
                (_, _) -> true,
                _ -> false,
                new HashMap<>(),
                clock,
                OpenedAgainTest::settle,
                3));
    }

    private static void settle(CountDownLatch told) {
        throw new AssertionError("nothing waits: " + told);
    }

    @Test
    void rulesBeginWhenTheirCheckpointCanBeWrittenAgain() throws InterruptedException {
        outboxDisk.rates(EACH_WRITE);
        assertThatThrownBy(this::engine).isInstanceOf(PlatformException.class);
        outboxDisk.rates(Rates.NONE);
        state.rates(EACH_WRITE);
        assertThatThrownBy(this::engine).isInstanceOf(PlatformException.class);
        state.rates(Rates.NONE);

        try (Engine engine = engine()) {
            assertThat(engine.turn()).isFalse();
        }
    }

    @Test
    void outputsGoOutWhenItCanBeWrittenDownAgainHowFarTheyAre() throws InterruptedException {
        state.rates(EACH_WRITE);
        assertThatThrownBy(this::republisher).isInstanceOf(PlatformException.class);
        state.rates(Rates.NONE);
        outboxDisk.rates(EACH_WRITE);
        assertThatThrownBy(() -> new LogOutbox(outbox, 1L << 30).reader("another"))
                .isInstanceOf(PlatformException.class);
        outboxDisk.rates(Rates.NONE);

        new LogOutbox(outbox, 1L << 30).reader("another").close();
        try (Republisher republisher = republisher()) {
            assertThat(republisher.turn(Duration.ZERO)).isFalse();
        }
    }
}
