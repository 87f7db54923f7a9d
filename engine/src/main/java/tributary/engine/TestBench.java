package tributary.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import org.jspecify.annotations.Nullable;
import tributary.log.Batch;
import tributary.log.Log;
import tributary.model.Message;
import tributary.model.Micros;
import tributary.model.TenantId;
import tributary.model.Topic;
import tributary.model.TopicFilter;
import tributary.registry.RuleStore.Text;
import tributary.rules.Output;
import tributary.rules.Rule;
import tributary.rules.RuleRun;
import tributary.rules.StreamMessage;
import tributary.rules.Trace;

/// Runs a rule over messages that were recorded, and acts on nothing: what it would have said, and when.
///
/// The log is read past the engine; the rule runs as it does at work, from nothing remembered.
public final class TestBench {
    private static final int SHOWN_MAX = 100;
    private static final int FAILURES_MAX = 20;
    private static final int TOPICS_MAX = 3;
    private static final int LOOK_EVERY = 1024;
    private static final long ENOUGH = Long.MAX_VALUE;

    private final Log log;

    public TestBench(Log log) {
        this.log = log;
    }

    /// What to run over.
    ///
    /// @param warm  the rule sees messages from here on, so that it remembers what it would when the window begins
    /// @param from  the first moment of arrival that counts
    /// @param to    the first moment behind
    /// @param time  how long it may take
    /// @param shown how many outputs are shown
    public record Window(Instant warm, Instant from, Instant to, Duration time, int shown) {
        /// One of a rule that remembers nothing when it begins.
        public Window(Instant from, Instant to, Duration time) {
            this(from, from, to, time, SHOWN_MAX);
        }
    }

    /// Something that the rule would have said.
    ///
    /// @param payload its beginning where it is long
    public record Saying(Instant at, String device, String payload, String alert) {}

    /// Why a rule looked at nothing: no message's topic matched.
    ///
    /// @param filters of the statement
    /// @param topics  of the newest messages of its tenant; empty where there was none
    public record Unmatched(List<String> filters, List<String> topics) {}

    /// How often a step of the rule ended how.
    ///
    /// @param name    of the step: `where`, `window`, `alert` and so on
    /// @param passed  messages and rows that went on
    /// @param dropped those that ended there
    /// @param waits   those that wait for something
    /// @param said    outputs
    public record Tally(String name, long passed, long dropped, long waits, long said) {}

    /// What came of it.
    ///
    /// @param complete  whether all that the log has was looked at within the time
    /// @param upTo      what arrived before was looked at
    /// @param begins    what the log has of the window begins here, what came before is gone; null where nothing is
    /// @param read      messages of all tenants that were read past
    /// @param taken     messages that the rule looked at
    /// @param said      outputs
    /// @param failed    messages and moments that it failed at
    /// @param late      messages that came too late for their window
    /// @param skewed    messages whose own time was too far ahead of their arrival
    /// @param unstamped messages without a time of their own where TIMESTAMP BY asks for one
    /// @param unread    messages that are neither JSON nor CBOR
    /// @param nanos     of the whole run
    /// @param ruleNanos of it, in the rule
    /// @param steps     how often each step of the rule ended how
    /// @param sayings   the first outputs
    /// @param failures  the first failures
    /// @param unmatched where the rule looked at nothing
    public record Report(
            boolean complete,
            Instant upTo,
            @Nullable Instant begins,
            long read,
            long taken,
            long said,
            long failed,
            long late,
            long skewed,
            long unstamped,
            long unread,
            long nanos,
            long ruleNanos,
            List<Tally> steps,
            List<Saying> sayings,
            List<RuleFigures.Failure> failures,
            @Nullable Unmatched unmatched) {}

    /// Runs the rule; blocks as long as it takes.
    ///
    /// @throws IllegalArgumentException where the rule cannot run
    public Report run(TenantId tenant, Text text, Window window) {
        return run(tenant, text, window, RuleFunctions.NONE);
    }

    /// The same, of a rule that calls functions of its tenant.
    public Report run(TenantId tenant, Text text, Window window, RuleFunctions functions) {
        RuleCheck.flaw(text, functions).ifPresent(flaw -> {
            throw new IllegalArgumentException(flaw.sentence());
        });
        if (!(RuleCheck.compile(text, "test", functions.lookups()) instanceof Rule.Compiled.Ready(Rule rule))) {
            throw new IllegalArgumentException("the rule cannot run");
        }
        return new Run(tenant, rule, window).over(log);
    }

    /// One run, with what came of it so far.
    private static final class Run implements Merge.Taker {
        private final TenantId tenant;
        private final List<TopicFilter> filters;
        private final RuleRun run;
        private final Window window;
        private final Trace counts = Trace.counting();
        private final long fromMicros;
        private final long toMicros;
        private final long begin = System.nanoTime();
        private final List<Saying> sayings = new ArrayList<>();
        private final List<RuleFigures.Failure> failures = new ArrayList<>();
        private final SequencedSet<String> passedBy = new LinkedHashSet<>();
        private long read;
        private long taken;
        private long said;
        private long failed;
        private long lastMicros;
        private long ruleNanos;
        private boolean inside;

        Run(TenantId tenant, Rule rule, Window window) {
            this.tenant = tenant;
            this.filters = rule.filters();
            this.window = window;
            this.run = rule.start(this::say);
            this.fromMicros = Micros.of(window.from());
            this.toMicros = Micros.of(window.to());
            this.lastMicros = Micros.of(window.warm());
        }

        Report over(Log log) {
            long[] from = new long[log.partitions()];
            Arrays.setAll(from, partition -> log.positionAt(partition, window.warm()));
            Instant begins = Merge.begins(log, window.from());
            boolean complete;
            try (Merge merge = new Merge(log)) {
                merge.seek(from);
                complete = merge.take(merge.ends(), this) || lastMicros >= toMicros;
            }
            Instant upTo = complete ? window.to() : Micros.instant(lastMicros);
            enter();
            note(run.advance(upTo.toEpochMilli()), new RuleAtWork.Seen("", "", new byte[0]), upTo.toEpochMilli());
            return new Report(
                    complete,
                    upTo,
                    begins,
                    read,
                    taken,
                    said,
                    failed,
                    run.late(),
                    run.skewed(),
                    run.unstamped(),
                    run.unread(),
                    System.nanoTime() - begin,
                    ruleNanos,
                    counts.tallies().stream()
                            .map(step ->
                                    new Tally(step.name(), step.passed(), step.dropped(), step.waits(), step.said()))
                            .toList(),
                    sayings,
                    failures,
                    taken == 0 ? unmatched() : null);
        }

        private Unmatched unmatched() {
            return new Unmatched(filters.stream().map(TopicFilter::value).toList(), List.copyOf(passedBy.reversed()));
        }

        @Override
        public boolean take(Batch batch, int index, long arrivalMicros) {
            if (arrivalMicros >= toMicros) {
                lastMicros = ENOUGH;
                return false;
            }
            lastMicros = Math.max(lastMicros, arrivalMicros);
            if (arrivalMicros >= fromMicros) {
                enter();
            }
            read++;
            if (batch.tenant(index).equals(tenant) && listens(batch, index)) {
                taken += inside ? 1 : 0;
                Message message = batch.message(index);
                StreamMessage streamed = StreamMessage.of(message, batch.partition() + "-" + (batch.first() + index));
                long began = System.nanoTime();
                RuleRun.Taken outcome = run.heard(streamed);
                ruleNanos += inside ? System.nanoTime() - began : 0;
                note(outcome, Workforce.seen(message), streamed.arrivalMillis());
            } else if (inside && taken == 0 && batch.tenant(index).equals(tenant)) {
                passBy(StreamMessage.seen(batch.topic(index)));
            }
            return read % LOOK_EVERY != 0
                    || System.nanoTime() - begin < window.time().toNanos();
        }

        /// The window begins.
        private void enter() {
            if (!inside) {
                run.advance(window.from().toEpochMilli());
                inside = true;
                run.tell(counts);
            }
        }

        private boolean listens(Batch batch, int index) {
            Topic topic = StreamMessage.seen(batch.topic(index));
            for (TopicFilter filter : filters) {
                if (filter.matches(topic)) {
                    return true;
                }
            }
            return false;
        }

        private void passBy(Topic topic) {
            passedBy.addLast(topic.value());
            if (passedBy.size() > TOPICS_MAX) {
                passedBy.removeFirst();
            }
        }

        private void say(Output output) {
            if (!inside) {
                return;
            }
            said++;
            if (sayings.size() < window.shown()) {
                Output.AlertChange alert = output.alert();
                sayings.add(new Saying(
                        Instant.ofEpochMilli(output.atMillis()),
                        output.device(),
                        RuleFigures.excerpt(Rule.bytes(output)),
                        alert == null ? "" : alert.state()));
            }
        }

        private void note(RuleRun.Taken outcome, RuleAtWork.Seen seen, long atMillis) {
            if (inside && outcome instanceof RuleRun.Taken.Failed(String what)) {
                failed++;
                if (failures.size() < FAILURES_MAX) {
                    failures.add(new RuleFigures.Failure(
                            atMillis, what, seen.topic(), seen.device(), RuleFigures.excerpt(seen.payload())));
                }
            }
        }
    }
}
