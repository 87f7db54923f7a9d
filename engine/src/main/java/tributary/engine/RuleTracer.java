package tributary.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tributary.log.Batch;
import tributary.log.Log;
import tributary.model.Message;
import tributary.model.Micros;
import tributary.model.TenantId;
import tributary.registry.Registry;
import tributary.registry.RuleStore;
import tributary.registry.RuleStore.KeptRule;
import tributary.registry.RuleStore.RuleName;
import tributary.registry.RuleStore.Version;
import tributary.rules.StreamMessage;
import tributary.rules.Trace;
import tributary.script.Scripts;

/// Tells how one recorded message fared in every rule of its tenant: the same code as at work runs over it again, told
/// to say what it does. It acts on nothing.
///
/// A rule that remembers is first given what came before the message, as far back as is asked and time allows, and
/// after it what came until its windows closed and its alerts were decided. Each rule runs with the text that it had
/// when the message came.
public final class RuleTracer {
    private static final int PARTS = 10;
    private static final int SAID_MAX = 20;
    private static final int MICROS = 1_000;

    private final Log log;
    private final Registry registry;
    private final Scripts scripts;
    private final TableRows tables;

    /// @param scripts runs the functions that rules call
    public RuleTracer(Log log, Registry registry, Scripts scripts) {
        this.log = log;
        this.registry = registry;
        this.scripts = scripts;
        this.tables = new TableRows(registry.tables());
    }

    /// What is asked.
    ///
    /// @param leadIn  how far back rules that remember look
    /// @param now     where time ends
    /// @param time    how long a pass over the log may take; there are a few at most
    public record Ask(
            TenantId tenant,
            int partition,
            long position,
            Message message,
            Duration leadIn,
            Instant now,
            Duration time) {
        public Ask {
            Objects.requireNonNull(tenant, "tenant");
            Objects.requireNonNull(message, "message");
        }
    }

    /// Whether a rule looked at the message when it came.
    public enum Ran {
        /// It was on, or in shadow.
        YES,
        /// It was a draft or paused, or there was no such rule yet.
        NO,
        /// The rule was changed or switched since, and how it was then is not kept.
        UNKNOWN
    }

    /// What a part of a condition was.
    ///
    /// @param json as JSON, or `undefined`
    public record Value(String expression, String json) {}

    /// @param name    of the step: `topic`, `where`, `window`, `having`, `alert` and so on
    /// @param outcome `passed`, `dropped`, `waits` or `said`
    public record Step(String name, String outcome, Instant at, String detail, List<Value> values) {}

    /// Something that the rule said because of the message.
    ///
    /// @param alert  the state that an alert came into, or ""
    /// @param topics where it goes
    /// @param sinks  what sinks it goes to
    /// @param route  other sinks, that it goes to because all alerts do, as that is set now
    public record Saying(
            Instant at,
            String device,
            String payload,
            String alert,
            List<String> topics,
            List<String> sinks,
            List<String> route) {}

    /// How the message fared in one rule.
    ///
    /// @param state   of the rule now
    /// @param version whose text ran here
    /// @param since   from when on messages were given to it, or null where it remembers nothing
    /// @param until   up to when it was followed
    /// @param more    whether it still waits for something then
    public record Story(
            String rule,
            int version,
            String state,
            Ran ran,
            List<Step> steps,
            List<Saying> said,
            @Nullable Instant since,
            Instant until,
            boolean more) {}

    /// Blocks as long as it takes.
    ///
    /// @return a story of each rule, by name
    public List<Story> trace(Ask ask) {
        Instant received = Micros.instant(ask.message().receivedMicros());
        List<KeptRule> rules = registry.rules().all(ask.tenant());
        for (Duration back = ask.leadIn(); ; back = back.dividedBy(PARTS)) {
            boolean last = back.compareTo(Duration.ofSeconds(1)) < 0;
            Instant from = received.minus(last ? Duration.ZERO : back);
            List<TracedRule> traced = rules.stream()
                    .map(rule -> traced(rule, ask, from, received))
                    .toList();
            traced.forEach(rule -> rule.about(ask.message().topic(), received));
            Pass pass = new Pass(ask, traced, last);
            if (pass.over(from)) {
                long nowMillis = ask.now().toEpochMilli();
                return traced.stream().map(rule -> rule.story(nowMillis)).toList();
            }
        }
    }

    private TracedRule traced(KeptRule rule, Ask ask, Instant from, Instant received) {
        Optional<Version> then = registry.rules().versions(new RuleName(rule.tenant(), rule.name())).stream()
                .filter(version -> !version.savedAt().isAfter(received))
                .findFirst();
        Instant since = then.map(Version::savedAt).filter(from::isBefore).orElse(from);
        return new TracedRule(
                rule,
                then.orElse(new Version(rule.version(), rule.text(), rule.changedAt(), rule.changedBy())),
                ran(rule, then.isPresent(), received),
                RuleFunctions.at(registry.functions(), ask.tenant(), scripts, received)
                        .beside(new RegistryLookups(registry.devices(), tables, ask.tenant())),
                since,
                registry.alertRoute().of(ask.tenant()));
    }

    private static Ran ran(KeptRule rule, boolean there, Instant received) {
        if (!there || rule.createdAt().isAfter(received)) {
            return Ran.NO;
        }
        boolean runs = rule.state() == RuleStore.State.ON || rule.state() == RuleStore.State.SHADOW;
        return rule.changedAt().isAfter(received) ? Ran.UNKNOWN : runs ? Ran.YES : Ran.NO;
    }

    /// One pass over the log.
    private final class Pass implements Merge.Taker {
        private final Ask ask;
        private final List<TracedRule> rules;
        private final boolean withoutLead;
        private final long begin = System.nanoTime();
        private final long nowMillis;
        private boolean reached;

        Pass(Ask ask, List<TracedRule> rules, boolean withoutLead) {
            this.ask = ask;
            this.rules = rules;
            this.withoutLead = withoutLead;
            this.nowMillis = ask.now().toEpochMilli();
        }

        /// @return whether the message was reached in time
        boolean over(Instant from) {
            if (!rules.stream().allMatch(TracedRule::deaf)) {
                try (Merge merge = new Merge(log)) {
                    long[] positions = new long[log.partitions()];
                    Arrays.setAll(positions, partition -> log.positionAt(partition, from));
                    int own = ask.partition();
                    positions[own] = withoutLead ? ask.position() : Math.min(positions[own], ask.position());
                    merge.seek(positions);
                    merge.take(merge.ends(), this);
                }
                rules.forEach(rule -> rule.finish(nowMillis));
            }
            return reached || withoutLead || rules.stream().allMatch(TracedRule::deaf);
        }

        @Override
        public boolean take(Batch batch, int index, long arrivalMicros) {
            boolean it = batch.partition() == ask.partition() && batch.first() + index == ask.position();
            if (!it
                    && (over(arrivalMicros)
                            || System.nanoTime() - begin > ask.time().toNanos())) {
                return false;
            }
            if (it || batch.tenant(index).equals(ask.tenant())) {
                StreamMessage message = null;
                for (TracedRule rule : rules) {
                    if (rule.wants(batch.topic(index), arrivalMicros, it, reached)) {
                        message = message == null
                                ? StreamMessage.of(
                                        batch.message(index), batch.partition() + "-" + (batch.first() + index))
                                : message;
                        rule.take(message, it);
                    }
                }
            }
            reached |= it;
            return true;
        }

        /// Whether nothing that comes from here on has to do with the message.
        private boolean over(long arrivalMicros) {
            return reached && rules.stream().noneMatch(rule -> rule.waitsAt(arrivalMicros / MICROS));
        }
    }

    /// @return whether a list of outputs is as long as is shown
    static boolean enough(List<Saying> said) {
        return said.size() >= SAID_MAX;
    }

    static List<Step> steps(List<Trace.Step> from) {
        List<Step> steps = new ArrayList<>();
        for (Trace.Step step : from) {
            List<Value> values = step.values().stream()
                    .map(value -> new Value(value.expression(), value.json()))
                    .toList();
            steps.add(new Step(
                    step.name(), step.outcome().slug(), Instant.ofEpochMilli(step.atMillis()), step.detail(), values));
        }
        return steps;
    }
}
