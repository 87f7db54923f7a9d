package tributary.engine;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tributary.model.Micros;
import tributary.model.Topic;
import tributary.model.TopicFilter;
import tributary.registry.RuleStore.Action;
import tributary.registry.RuleStore.KeptRule;
import tributary.registry.RuleStore.Version;
import tributary.rules.Lookups;
import tributary.rules.Output;
import tributary.rules.Rule;
import tributary.rules.RuleRun;
import tributary.rules.StreamMessage;
import tributary.rules.Trace;

/// One rule while [RuleTracer] asks it about a message.
final class TracedRule {
    private final KeptRule kept;
    private final Version version;
    private final RuleTracer.Ran ran;
    private final Instant since;
    private final List<String> route;
    private final long sinceMicros;
    private final Trace trace = new Trace();
    private final List<RuleTracer.Step> before = new ArrayList<>();
    private final List<RuleTracer.Saying> said = new ArrayList<>();
    private final @Nullable Rule rule;
    private final @Nullable RuleRun run;
    private boolean listens;
    private long arrivalMillis;
    private Instant upTo = Instant.EPOCH;

    /// @param version whose text runs
    /// @param since   from when on the rule is given messages
    /// @param route   the sinks that all alerts go to
    TracedRule(KeptRule kept, Version version, RuleTracer.Ran ran, Lookups lookups, Instant since, List<String> route) {
        this.kept = kept;
        this.version = version;
        this.ran = ran;
        this.since = since;
        this.route = route;
        this.sinceMicros = Micros.of(since);
        this.rule = RuleCheck.compile(version.text(), kept.name(), lookups) instanceof Rule.Compiled.Ready(Rule ready)
                ? ready
                : null;
        this.run = rule == null ? null : rule.start(this::say);
    }

    /// The message that all is about.
    void about(Topic topic, Instant received) {
        arrivalMillis = received.toEpochMilli();
        upTo = received;
        Rule ready = rule;
        if (ready == null) {
            note("statement", "dropped", received, "this version of Tributary cannot run it");
            return;
        }
        listens = hears(ready, topic);
        String filters = ready.filters().stream().map(TopicFilter::value).collect(Collectors.joining("', '", "'", "'"));
        note(
                "topic",
                listens ? "passed" : "dropped",
                received,
                "'%s' is %sof %s".formatted(topic, listens ? "" : "not ", filters));
    }

    private static boolean hears(Rule rule, Topic topic) {
        Topic seen = StreamMessage.seen(topic);
        return rule.filters().stream().anyMatch(filter -> filter.matches(seen));
    }

    private void note(String step, String outcome, Instant at, String detail) {
        before.add(new RuleTracer.Step(step, outcome, at, detail, List.of()));
    }

    /// @return whether it does not hear of the message
    boolean deaf() {
        return !listens;
    }

    /// @param it     whether this is the message that all is about
    /// @param behind whether it comes after that
    boolean wants(Topic topic, long arrivalMicros, boolean it, boolean behind) {
        Rule ready = rule;
        if (deaf() || ready == null) {
            return false;
        }
        if (it) {
            return true;
        }
        return ready.remembers()
                && arrivalMicros >= sinceMicros
                && (!behind || waitsAt(arrivalMicros / 1000))
                && hears(ready, topic);
    }

    /// @return whether what the message waits for may come at that time or later
    boolean waitsAt(long millis) {
        return trace.follows() && millis <= trace.untilMillis();
    }

    void take(StreamMessage message, boolean it) {
        RuleRun live = run;
        if (live != null) {
            RuleRun.Taken taken = it ? live.traced(message, trace) : live.message(message);
            if (it && taken instanceof RuleRun.Taken.Failed(String what)) {
                failed(what);
            }
        }
    }

    private void failed(String what) {
        note("failure", "dropped", upTo, what);
    }

    /// No more messages come.
    void finish(long nowMillis) {
        RuleRun live = run;
        if (live != null && trace.follows()) {
            long until = Math.min(trace.untilMillis(), nowMillis);
            live.advance(until);
            upTo = Instant.ofEpochMilli(Math.max(until, arrivalMillis));
        }
    }

    private void say(Output output) {
        if (!trace.isListening() || RuleTracer.enough(said)) {
            return;
        }
        Output.AlertChange alert = output.alert();
        List<String> topics = new ArrayList<>();
        List<String> sinks = new ArrayList<>();
        List<String> routed = new ArrayList<>();
        String named = output.topic();
        if (named != null) {
            topics.add(named);
        } else {
            for (Action action : version.text().actions()) {
                if (action.toSink()) {
                    sinks.add(action.to());
                } else if (filled(action, output) instanceof TopicTemplate.Filled.To(String topic)) {
                    topics.add(topic);
                }
            }
            if (alert != null) {
                routed.addAll(route);
                routed.removeAll(sinks);
            }
        }
        said.add(new RuleTracer.Saying(
                Instant.ofEpochMilli(output.atMillis()),
                output.device(),
                RuleFigures.excerpt(Rule.bytes(output)),
                alert == null ? "" : alert.state(),
                topics,
                sinks,
                routed));
    }

    private TopicTemplate.Filled filled(Action action, Output output) {
        return TopicTemplate.of(action).fill(output, kept.name());
    }

    RuleTracer.Story story(long nowMillis) {
        List<RuleTracer.Step> steps = new ArrayList<>(before);
        steps.addAll(1, RuleTracer.steps(trace.steps()));
        boolean remembers = rule != null && rule.remembers() && listens;
        return new RuleTracer.Story(
                kept.name(),
                version.number(),
                kept.state().slug(),
                ran,
                steps,
                List.copyOf(said),
                remembers ? since : null,
                upTo,
                trace.follows() && trace.untilMillis() > nowMillis);
    }
}
