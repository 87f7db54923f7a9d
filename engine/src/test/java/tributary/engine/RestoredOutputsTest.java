package tributary.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tributary.log.Batch;
import tributary.log.LogReader;
import tributary.log.LogSettings;
import tributary.log.Receipt;
import tributary.log.SegmentLog;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.Micros;
import tributary.model.TenantId;
import tributary.model.Topic;
import tributary.registry.RuleStore.Action;
import tributary.rules.Lookups;
import tributary.testkit.SimulatedClock;
import tributary.testkit.SimulatedDisk;

/// A backup has rules as they were before its log: outputs of the former life in that log have numbers that other
/// outputs get in the next one.
class RestoredOutputsTest {
    private final SimulatedClock clock = new SimulatedClock(Instant.ofEpochSecond(1_700_000_000));
    private final SegmentLog log = segments();
    private long named;

    /// Rules and what republishes of one life; the log is the same for all.
    private final class Life {
        private final SegmentLog records = segments();
        private final LogOutbox outbox = new LogOutbox(records, 1L << 30);
        private final SimulatedDisk state = disk();
        private boolean changed = true;

        /// As in a folder that was copied when nothing had been said.
        Life() {
            RuleEngine.introduce(outbox);
            engine().close();
            republisher(Republisher.Before.of(log, outbox)).close();
        }

        Engine engine() {
            return new Engine(new Engine.World(
                    log,
                    records,
                    this::rules,
                    new Workforce(_ -> Lookups.none(), new HashMap<>()),
                    new Snapshot(state, "checkpoint"),
                    clock,
                    told -> settle(records, told),
                    Set.of(),
                    _ -> {},
                    Runnable::run,
                    () -> 0,
                    new EngineSettings(Duration.ofSeconds(5), 3, 1L << 30)));
        }

        private @Nullable List<Definition> rules() {
            List<Definition> found = changed
                    ? List.of(new Definition(
                            TenantId.MAIN,
                            "r",
                            1,
                            1,
                            "SELECT v FROM 't'",
                            "tributary",
                            "Z",
                            List.of(new Action(Action.Kind.TOPIC, "out")),
                            Definition.Mode.ON))
                    : null;
            changed = false;
            return found;
        }

        Republisher republisher(Republisher.Before before) {
            return new Republisher(new Republisher.World(
                    log,
                    outbox,
                    before,
                    new Snapshot(state, "republished"),
                    (_, _) -> false,
                    (_, _) -> true,
                    _ -> false,
                    new HashMap<>(),
                    clock,
                    told -> settle(log, told),
                    3));
        }
    }

    private SimulatedDisk disk() {
        return new SimulatedDisk(new SplittableRandom(++named));
    }

    private SegmentLog segments() {
        try {
            return SegmentLog.unmanned(
                    new LogSettings(1, 1 << 20, 1 << 20, 1 << 16, Duration.ofDays(30), 1L << 36),
                    disk(),
                    clock,
                    new SplittableRandom(1));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void settle(SegmentLog log, CountDownLatch told) {
        while (told.getCount() > 0) {
            log.step(0);
        }
    }

    private void publish(int value) {
        clock.advance(Duration.ofMillis(10));
        log.append(
                new Message(
                        TenantId.MAIN,
                        null,
                        new Topic("t"),
                        ("{\"v\":" + value + "}").getBytes(StandardCharsets.UTF_8),
                        Micros.of(clock.instant()),
                        Message.Origin.MQTT,
                        "p",
                        1,
                        false,
                        MessageProperties.NONE),
                Receipt.NONE);
        log.step(0);
    }

    private void run(Engine engine) throws InterruptedException {
        while (engine.turn()) {
            clock.advance(Duration.ofMillis(10));
        }
    }

    private static void run(Republisher republisher) throws InterruptedException {
        while (republisher.turn(Duration.ZERO)) {
            // until nothing is left
        }
    }

    private List<String> out() {
        List<String> out = new ArrayList<>();
        try (LogReader reader = log.reader()) {
            reader.seek(0, 0);
            for (Batch batch = reader.next(0); batch != null; batch = reader.next(0)) {
                for (int i = 0; i < batch.size(); i++) {
                    Message message = batch.message(i);
                    if (message.topic().value().equals("out")) {
                        out.add(new String(message.payload(), StandardCharsets.UTF_8));
                    }
                }
            }
        }
        return out;
    }

    @Test
    void whatRulesSaidBeforeTheRepublisherCameIsNotTakenForWhatAFormerLifeSaid() throws Exception {
        Life restored = new Life();
        Life former = new Life();
        try (Engine engine = former.engine();
                Republisher republisher = former.republisher(Republisher.Before.of(log, former.outbox))) {
            run(engine);
            publish(1);
            run(engine);
            run(republisher);
        }
        assertThat(out()).containsExactly("{\"v\":1}");

        Republisher.Before before = Republisher.Before.of(log, restored.outbox);
        try (Engine engine = restored.engine()) {
            run(engine);
            publish(2);
            run(engine);
            try (Republisher republisher = restored.republisher(before)) {
                run(republisher);
            }

            // the checkpoint that was restored lies before 1, so that is said again
            List<String> all = List.of("{\"v\":1}", "{\"v\":1}", "{\"v\":2}");
            assertThat(out()).isEqualTo(all);
            try (Republisher again = restored.republisher(before)) {
                run(again);
            }
            assertThat(out()).as("nothing of its own life twice").isEqualTo(all);
        }
    }
}
