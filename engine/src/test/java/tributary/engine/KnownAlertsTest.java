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
import tributary.testkit.SimulatedClock;
import tributary.testkit.SimulatedDisk;

/// An alert of which somebody knows neither escalates nor is repeated, also after a crash, until it is raised again.
class KnownAlertsTest {
    private static final LogSettings SETTINGS =
            new LogSettings(1, 1 << 20, 1 << 20, 1 << 16, Duration.ofDays(30), 1L << 36);
    private static final Definition RULE = new Definition(
            TenantId.MAIN,
            "hot",
            1,
            1,
            "SELECT v FROM 't' ALERT hot PER k WHEN v > 8 ESCALATE major AFTER 8s REPEAT EVERY 5s",
            "tributary",
            "Z",
            List.of(new Action(Action.Kind.SINK, "s")),
            Definition.Mode.ON);

    private final SimulatedClock clock = new SimulatedClock(Instant.ofEpochSecond(1_700_000_000));
    private final SimulatedDisk logDisk = new SimulatedDisk(new SplittableRandom(1));
    private final SimulatedDisk outboxDisk = new SimulatedDisk(new SplittableRandom(2));
    private final SimulatedDisk stateDisk = new SimulatedDisk(new SplittableRandom(3));
    private final Roster roster = new Roster();
    private SegmentLog log;
    private SegmentLog outbox;
    private Engine engine;

    /// One rule, and the alerts of which somebody knows.
    private static final class Roster implements Engine.Roster {
        private boolean changed = true;
        private List<Known> known = List.of();

        @Override
        public @Nullable List<Definition> changed() {
            List<Definition> found = changed ? List.of(RULE) : null;
            changed = false;
            return found;
        }

        @Override
        public List<Known> known() {
            return known;
        }

        void knows(String key, long raisedMillis, long atMillis) {
            known = List.of(new Known(atMillis, new Step.Change.Acknowledged(RULE.key(), "hot", key, raisedMillis)));
        }
    }

    @BeforeEach
    void open() throws IOException {
        roster.changed = true;
        log = SegmentLog.unmanned(SETTINGS, logDisk, clock, new SplittableRandom(1));
        outbox = SegmentLog.unmanned(SETTINGS, outboxDisk, clock, new SplittableRandom(1));
        engine = new Engine(new Engine.World(
                log,
                outbox,
                roster,
                new Workforce(_ -> Lookups.none(), new HashMap<>()),
                new Snapshot(stateDisk, "checkpoint"),
                clock,
                _ -> outbox.step(0),
                Set.of(),
                _ -> {},
                Runnable::run,
                () -> 0,
                new EngineSettings(Duration.ofHours(1), 3, 1L << 30)));
    }

    private void dies() throws IOException {
        logDisk.cutPower();
        outboxDisk.cutPower();
        stateDisk.cutPower();
        open();
    }

    private long publish(String payload) throws InterruptedException {
        clock.advance(Duration.ofMillis(10));
        log.append(
                new Message(
                        TenantId.MAIN,
                        null,
                        new Topic("t"),
                        payload.getBytes(StandardCharsets.UTF_8),
                        Micros.of(clock.instant()),
                        Message.Origin.MQTT,
                        "p",
                        1,
                        false,
                        MessageProperties.NONE),
                Receipt.NONE);
        log.step(0);
        long at = clock.millis();
        passes(1);
        return at;
    }

    /// The engine looks every second.
    private void passes(int seconds) throws InterruptedException {
        for (int i = 0; i < seconds; i++) {
            clock.advance(Duration.ofSeconds(1));
            engine.turn();
            engine.turn();
        }
    }

    private List<String> said() {
        List<String> said = new ArrayList<>();
        try (OutboxReader reader = new LogOutbox(outbox, 1 << 30).reader("judge")) {
            reader.seek(0);
            for (List<Parcel> found = reader.poll(Duration.ZERO);
                    !found.isEmpty();
                    found = reader.poll(Duration.ZERO)) {
                found.stream()
                        .filter(parcel -> parcel.destination() instanceof Parcel.Destination.ToSink)
                        .forEach(parcel -> said.add(
                                parcel.alert() == null
                                        ? "?"
                                        : parcel.alert().state()
                                                + parcel.alert().key()));
            }
        }
        return said;
    }

    @Test
    void knownAlertIsSaidAgainOnlyWhenItIsRaisedAgain() throws Exception {
        passes(1);
        long raised = publish("{\"v\":9,\"k\":\"a\"}");
        passes(5);
        assertThat(said()).containsExactly("raised\"a\"", "repeated\"a\"");

        roster.knows("\"a\"", raised, clock.millis());
        passes(60);
        publish("{\"v\":9,\"k\":\"a\"}");
        assertThat(said()).containsExactly("raised\"a\"", "repeated\"a\"");
        publish("{\"v\":1,\"k\":\"a\"}");
        publish("{\"v\":9,\"k\":\"a\"}");
        passes(9);

        assertThat(said())
                .containsExactly(
                        "raised\"a\"",
                        "repeated\"a\"",
                        "cleared\"a\"",
                        "raised\"a\"",
                        "repeated\"a\"",
                        "escalated\"a\"");
    }

    @Test
    void whatWasKnownBeforeACrashIsKnownAfterIt() throws Exception {
        passes(1);
        long raised = publish("{\"v\":9,\"k\":[1,null]}");
        publish("{\"v\":9,\"k\":\"b\"}");
        roster.knows("[1,null]", raised, clock.millis());
        passes(2);
        roster.known = List.of();

        dies();
        passes(4);

        assertThat(engine.replayed()).isPositive();
        assertThat(said()).containsExactly("raised[1,null]", "raised\"b\"", "repeated\"b\"");
    }

    @Test
    void oneThatWasRaisedAtAnotherTimeIsAnother() throws Exception {
        passes(1);
        long raised = publish("{\"v\":9,\"k\":\"a\"}");
        publish("{\"v\":1,\"k\":\"a\"}");
        publish("{\"v\":9,\"k\":\"a\"}");

        roster.knows("\"a\"", raised, clock.millis());
        passes(6);

        assertThat(said()).containsExactly("raised\"a\"", "cleared\"a\"", "raised\"a\"", "repeated\"a\"");
    }

    @Test
    void whatWasDueBeforeSomebodyKnewIsSaidHoweverLateTheRulesAre() throws Exception {
        passes(1);
        long raised = publish("{\"v\":9,\"k\":\"a\"}");
        clock.advance(Duration.ofSeconds(20));
        roster.knows("\"a\"", raised, raised + 6_000);
        passes(60);

        assertThat(said()).startsWith("raised\"a\"", "repeated\"a\"");
        List<String> after = said();
        passes(60);
        assertThat(said()).isEqualTo(after);
    }
}
