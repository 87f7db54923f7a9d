package tributary.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
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
import tributary.testkit.ProcessDied;
import tributary.testkit.SimulatedClock;
import tributary.testkit.SimulatedDisk;

/// A rule sees whatever is published after it was kept, whatever the engine is doing then.
class FirstMessagesTest {
    private static final LogSettings SETTINGS =
            new LogSettings(1, 1 << 20, 1 << 20, 1 << 16, Duration.ofDays(30), 1L << 36);
    private static final Duration CHECKPOINT = Duration.ofSeconds(5);

    private final SimulatedClock clock = new SimulatedClock(Instant.ofEpochSecond(1_700_000_000));
    private final SimulatedDisk logDisk = new SimulatedDisk(new SplittableRandom(1));
    private final SimulatedDisk outboxDisk = new SimulatedDisk(new SplittableRandom(2));
    private final SimulatedDisk stateDisk = new SimulatedDisk(new SplittableRandom(3));

    /// Rules that are kept, and what the store says of them while it is asked.
    private final Map<String, Definition> kept = new HashMap<>();

    private boolean changed = true;
    private Runnable whileAsked = () -> {};
    private SegmentLog log;
    private SegmentLog outbox;
    private Engine engine;

    @BeforeEach
    void open() throws IOException {
        changed = true;
        log = SegmentLog.unmanned(SETTINGS, logDisk, clock, new SplittableRandom(1));
        outbox = SegmentLog.unmanned(SETTINGS, outboxDisk, clock, new SplittableRandom(1));
        engine = new Engine(new Engine.World(
                log,
                outbox,
                this::roster,
                new Workforce(_ -> Lookups.none(), new HashMap<>()),
                new Snapshot(stateDisk, "checkpoint"),
                clock,
                _ -> outbox.step(0),
                Set.of(),
                _ -> {},
                Runnable::run,
                () -> 0,
                new EngineSettings(CHECKPOINT, 3, 1L << 30)));
    }

    private @Nullable List<Definition> roster() {
        List<Definition> found = changed ? List.copyOf(kept.values()) : null;
        changed = false;
        Runnable meanwhile = whileAsked;
        whileAsked = () -> {};
        meanwhile.run();
        return found;
    }

    private void keep(String name, String sql) {
        Action sink = new Action(Action.Kind.SINK, "s");
        kept.put(
                name,
                new Definition(TenantId.MAIN, name, 1, 1, sql, "tributary", "Z", List.of(sink), Definition.Mode.ON));
        changed = true;
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

    private void run() throws InterruptedException {
        while (engine.turn()) {
            clock.advance(Duration.ofMillis(10));
        }
    }

    private void dies() throws IOException {
        logDisk.cutPower();
        outboxDisk.cutPower();
        stateDisk.cutPower();
        List.of(logDisk, outboxDisk, stateDisk).forEach(disk -> disk.dieAfter(Long.MAX_VALUE));
        open();
    }

    private List<String> said(String rule) {
        List<String> said = new ArrayList<>();
        try (OutboxReader reader = new LogOutbox(outbox, 1 << 30).reader("judge")) {
            reader.seek(0);
            for (List<Parcel> found = reader.poll(Duration.ZERO);
                    !found.isEmpty();
                    found = reader.poll(Duration.ZERO)) {
                found.stream()
                        .filter(parcel -> parcel.rule().equals(rule))
                        .forEach(parcel -> said.add(new String(parcel.payload(), StandardCharsets.UTF_8)));
            }
        }
        return said;
    }

    @Test
    void firstRuleSeesWhatWasPublishedBeforeTheEngineLookedAgain() throws Exception {
        publish(1);
        run();
        keep("r", "SELECT v FROM 't'");
        publish(2);

        run();

        assertThat(said("r")).containsExactly("{\"v\":2}");
    }

    @Test
    void ruleBesideOthersSeesWhatWasPublishedWhileTheStoreWasAsked() throws Exception {
        keep("a", "SELECT v FROM 't'");
        run();
        publish(1);
        // the engine has the answer that there is nothing new; now the rule is kept, and then a message comes
        whileAsked = () -> {
            keep("b", "SELECT v FROM 't'");
            publish(2);
        };

        run();

        assertThat(said("a")).containsExactly("{\"v\":1}", "{\"v\":2}");
        assertThat(said("b")).containsExactly("{\"v\":2}");
    }

    @Test
    void ruleSeesWhatWasPublishedBeforeADeathInItsFirstStep() throws Exception {
        publish(1);
        run();
        clock.advance(CHECKPOINT);
        engine.turn();
        keep("r", "SELECT v FROM 't'");
        publish(2);
        outboxDisk.dieAfter(1);
        assertThatThrownBy(this::run).isInstanceOf(ProcessDied.class);
        dies();
        publish(3);

        run();

        assertThat(said("r")).containsExactly("{\"v\":2}", "{\"v\":3}");
    }
}
