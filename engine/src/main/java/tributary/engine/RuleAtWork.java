package tributary.engine;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.engine.Parcel.AlertChange;
import tributary.engine.Parcel.Destination;
import tributary.engine.Parcel.Source;
import tributary.model.PlatformException;
import tributary.model.TopicFilter;
import tributary.registry.RuleStore.Action;
import tributary.registry.RuleStore.Text;
import tributary.rules.Lookups;
import tributary.rules.Mistake;
import tributary.rules.Output;
import tributary.rules.Rule;
import tributary.rules.RuleRun;
import tributary.rules.StreamMessage;

/// A rule with its run, and what it says turned into parcels. A rule that fails is counted and goes on. For the
/// engine's thread, [#figures] excepted.
final class RuleAtWork {
    private static final Logger LOG = LoggerFactory.getLogger(RuleAtWork.class);
    private static final long NEVER = Long.MAX_VALUE;

    /// Bytes of an output: more is refused as a failure.
    static final int PAYLOAD_MAX = StepRecord.BYTES_MAX / 2;

    private final RuleFigures figures;
    private final Sayings sayings;
    private final @Nullable Rule rule;
    private @Nullable RuleRun run;
    private Definition definition;
    private List<TopicTemplate> topics = List.of();
    private long due = NEVER;

    /// The deepest message since time last brought something about.
    private int depthSince;

    /// The depth of what is said now.
    private int depth;

    private long remembered;
    private long odd;
    private String topic = "";
    private String device = "";
    private byte[] payload = new byte[0];

    /// The message at which the rule is, or null where time alone brings something about.
    private @Nullable StreamMessage heard;

    RuleAtWork(Definition definition, Lookups lookups, RuleFigures figures, Sayings sayings) {
        this.definition = definition;
        this.figures = figures;
        this.sayings = sayings;
        this.rule = compiled(definition, lookups);
        redefine(definition);
    }

    private @Nullable Rule compiled(Definition of, Lookups lookups) {
        try {
            Text text = new Text(of.sql(), of.sqlVersion(), of.zone(), "", of.actions());
            return switch (RuleCheck.compile(text, of.name(), lookups)) {
                case Rule.Compiled.Ready(Rule ready) -> ready;
                case Rule.Compiled.Refused(Mistake mistake) -> {
                    fail(0, "the rule does not run: " + mistake);
                    yield null;
                }
            };
        } catch (RuntimeException e) {
            fail(0, "the rule does not run: " + e.getMessage());
            return null;
        }
    }

    /// Begins with nothing remembered.
    void start(long nowMillis) {
        Rule ready = rule;
        if (ready != null) {
            RuleRun fresh = ready.start(this::say);
            run = fresh;
            guarded(nowMillis, fresh, live -> live.advance(nowMillis));
        }
    }

    /// Goes on from a checkpoint; afresh where it cannot be read.
    void resume(byte[] state, int depthSoFar, long nowMillis) {
        Rule ready = rule;
        if (ready == null) {
            return;
        }
        try {
            RuleRun resumed = ready.resume(state, this::say);
            remembered = state.length;
            run = resumed;
            depthSince = depthSoFar;
            due = resumed.due();
            count(resumed);
        } catch (PlatformException e) {
            LOG.error("rule '{}' of tenant {} begins afresh: {}", definition.name(), definition.tenant(), e.detail());
            fail(nowMillis, "what the rule remembered is lost, it began afresh: " + e.detail());
            start(nowMillis);
        }
    }

    /// Takes what does not touch the memory of the run: where outputs go, what it may do.
    void redefine(Definition to) {
        definition = to;
        List<TopicTemplate> read = new ArrayList<>();
        for (Action action : to.actions()) {
            if (!action.toSink()) {
                try {
                    read.add(TopicTemplate.of(action));
                } catch (IllegalArgumentException e) {
                    fail(0, "the topic '%s' is none: %s".formatted(action.to(), e.getMessage()));
                }
            }
        }
        topics = List.copyOf(read);
    }

    Definition definition() {
        return definition;
    }

    RuleFigures figures() {
        return figures;
    }

    /// @return whether it sees messages
    boolean sees() {
        return run != null && definition.mode() != Definition.Mode.PAUSED;
    }

    List<TopicFilter> filters() {
        Rule ready = rule;
        return ready == null ? List.of() : ready.filters();
    }

    /// @return when time next brings something about
    long due() {
        return sees() ? due : NEVER;
    }

    /// @param messageDepth how many rules it took to make the message
    void message(StreamMessage message, Seen seen, int messageDepth) {
        RuleRun live = run;
        if (live == null) {
            return;
        }
        if (due <= message.arrivalMillis()) {
            advance(message.arrivalMillis());
        }
        boolean timed = figures.took();
        long began = timed ? System.nanoTime() : 0;
        topic = seen.topic();
        device = seen.device();
        payload = seen.payload();
        heard = message;
        depth = messageDepth + 1;
        depthSince = Math.max(depthSince, messageDepth);
        guarded(message.arrivalMillis(), live, to -> to.heard(message));
        if (timed) {
            figures.cost(System.nanoTime() - began);
        }
        topic = "";
        device = "";
        payload = new byte[0];
        heard = null;
    }

    /// What is shown of a message where a rule fails at it.
    record Seen(String topic, String device, byte[] payload) {}

    /// Time passes.
    void advance(long nowMillis) {
        RuleRun live = run;
        if (live != null) {
            depth = depthSince + 1;
            depthSince = 0;
            guarded(nowMillis, live, to -> to.advance(nowMillis));
        }
    }

    /// @return functions that ran away here since this was asked last
    List<RuleRun.Runaway> runaways() {
        RuleRun live = run;
        return live == null ? List.of() : live.runaways();
    }

    /// A function ran away in a rule of the same tenant that calls the same text.
    void rests(RuleRun.Runaway runaway) {
        RuleRun live = run;
        if (live != null) {
            live.rests(runaway);
        }
    }

    boolean nags(Step.Change.Acknowledged alert) {
        RuleRun live = run;
        return live != null && live.nags(alert.alert(), alert.of(), alert.raisedMillis());
    }

    /// Somebody knows of an alert.
    void acknowledged(Step.Change.Acknowledged alert) {
        RuleRun live = run;
        if (live != null) {
            live.acknowledged(alert.alert(), alert.of(), alert.raisedMillis());
            due = live.due();
        }
    }

    /// @return how many bytes it remembered when that was written down last
    long remembered() {
        return remembered;
    }

    /// @param why it may not remember more, or "" where it may
    void full(String why) {
        RuleRun live = run;
        if (live != null) {
            live.room().full(why);
        }
    }

    private interface Work {
        RuleRun.Taken with(RuleRun live);
    }

    private void guarded(long atMillis, RuleRun live, Work work) {
        try {
            if (work.with(live) instanceof RuleRun.Taken.Failed(String what)) {
                fail(atMillis, what);
            }
        } catch (RuntimeException | StackOverflowError e) {
            LOG.warn("rule '{}' of tenant {} failed", definition.name(), definition.tenant(), e);
            fail(atMillis, "the rule failed unexpectedly: " + e);
        }
        due = live.due();
        count(live);
    }

    private void count(RuleRun live) {
        long now = live.late() + live.skewed() + live.unstamped() + live.unread();
        if (now != odd) {
            odd = now;
            figures.odd(RuleFigures.Odd.of(live));
        }
    }

    private void fail(long atMillis, String what) {
        figures.failed(new RuleFigures.Failure(atMillis, what, topic, device, RuleFigures.excerpt(payload)));
    }

    private void say(Output output) {
        byte[] bytes = Rule.bytes(output);
        if (bytes.length > PAYLOAD_MAX) {
            fail(
                    output.atMillis(),
                    "an output has %,d bytes, and at most %,d are allowed".formatted(bytes.length, PAYLOAD_MAX));
            return;
        }
        Output.AlertChange change = output.alert();
        AlertChange alert = change == null
                ? null
                : new AlertChange(
                        change.name(),
                        Rule.jsonOf(change.key()),
                        change.state(),
                        severity(change.severity()),
                        change.raisedMillis());
        List<Destination> to =
                definition.mode() == Definition.Mode.ON ? destinations(output, alert != null) : List.of();
        figures.said(output.atMillis(), output.device(), bytes, !to.isEmpty());
        if (!to.isEmpty()) {
            boolean raw =
                    to.stream().anyMatch(one -> one instanceof Destination.ToSink(String _, boolean with) && with);
            sayings.add(new Said(
                    definition.tenant(),
                    definition.name(),
                    definition.version(),
                    output.device(),
                    output.atMillis(),
                    bytes,
                    alert,
                    raw ? source(output) : null,
                    depth,
                    to));
        }
    }

    /// @return what goes along as the raw record
    private @Nullable Source source(Output output) {
        StreamMessage message = heard;
        if (message == null) {
            return null;
        }
        if (payload.length > PAYLOAD_MAX) {
            fail(
                    output.atMillis(),
                    "the message has %,d bytes, and raw records at most %,d: the output goes without"
                            .formatted(payload.length, PAYLOAD_MAX));
            return null;
        }
        return new Source(message.id(), topic, message.arrivalMillis(), payload);
    }

    private static String severity(Object severity) {
        if (severity instanceof String text) {
            return text;
        }
        String json = Rule.jsonOf(severity);
        return json.equals("null") ? "" : json;
    }

    private List<Destination> destinations(Output output, boolean alert) {
        List<Destination> to = new ArrayList<>();
        if (alert) {
            to.add(new Destination.ToAlerts());
        }
        String named = output.topic();
        if (named != null) {
            to.add(new Destination.ToTopic(named));
            return to;
        }
        for (TopicTemplate template : topics) {
            switch (template.fill(output, definition.name())) {
                case TopicTemplate.Filled.To(String filled) -> to.add(new Destination.ToTopic(filled));
                case TopicTemplate.Filled.Failed(String what) -> fail(output.atMillis(), what);
            }
        }
        for (Action action : definition.actions()) {
            if (action.toSink() || alert && action.kind() == Action.Kind.SINK_OF_ALERTS) {
                boolean raw = action.kind() == Action.Kind.SINK_WITH_RAW && heard != null;
                to.add(new Destination.ToSink(action.to(), raw));
            }
        }
        return to;
    }

    void write(BytesOut out) {
        definition.write(out);
        RuleRun live = run;
        out.number(depthSince).flag(live != null);
        if (live != null) {
            byte[] state = live.checkpoint();
            remembered = state.length;
            out.blob(state);
        }
    }
}
