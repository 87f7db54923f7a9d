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
import tributary.registry.Devices;
import tributary.registry.RuleStore.Text;
import tributary.rules.Output;
import tributary.rules.Rule;
import tributary.rules.RuleRun;
import tributary.rules.StreamMessage;

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
    private final Devices devices;

    public TestBench(Log log, Devices devices) {
        this.log = log;
        this.devices = devices;
    }

    /// What to run over.
    ///
    /// @param from the first moment of arrival
    /// @param to   the first moment behind
    /// @param time how long it may take
    public record Window(Instant from, Instant to, Duration time) {}

    /// Something that the rule would have said.
    ///
    /// @param payload its beginning where it is long
    public record Saying(Instant at, String device, String payload, String alert) {}

    /// Why a rule looked at nothing: no message's topic matched.
    ///
    /// @param filters of the statement
    /// @param topics  of the newest messages of its tenant; empty where there was none
    public record Unmatched(List<String> filters, List<String> topics) {}

    /// What came of it; `unmatched` where the rule looked at nothing.
    ///
    /// @param complete whether all was looked at within the time
    /// @param upTo     what arrived before was looked at
    /// @param read     messages of all tenants that were read past
    /// @param taken    messages that the rule looked at
    /// @param said     outputs
    /// @param failed   messages and moments that it failed at
    /// @param late     messages that came too late for their window
    /// @param nanos    of the whole run
    /// @param sayings  the first outputs
    /// @param failures the first failures
    public record Report(
            boolean complete,
            Instant upTo,
            long read,
            long taken,
            long said,
            long failed,
            long late,
            long nanos,
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
        if (!(RuleCheck.compile(text, "test", functions.beside(new RegistryLookups(devices, tenant)))
                instanceof Rule.Compiled.Ready(Rule rule))) {
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

        Run(TenantId tenant, Rule rule, Window window) {
            this.tenant = tenant;
            this.filters = rule.filters();
            this.window = window;
            this.run = rule.start(this::say);
            this.toMicros = Micros.of(window.to());
            this.lastMicros = Micros.of(window.from());
        }

        Report over(Log log) {
            long[] from = new long[log.partitions()];
            Arrays.setAll(from, partition -> log.positionAt(partition, window.from()));
            boolean complete;
            try (Merge merge = new Merge(log)) {
                merge.seek(from);
                complete = merge.take(merge.ends(), this) || lastMicros >= toMicros;
            }
            Instant upTo = complete ? window.to() : Micros.instant(lastMicros);
            note(run.advance(upTo.toEpochMilli()), new RuleAtWork.Seen("", "", new byte[0]), upTo.toEpochMilli());
            return new Report(
                    complete,
                    upTo,
                    read,
                    taken,
                    said,
                    failed,
                    run.late(),
                    System.nanoTime() - begin,
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
            read++;
            if (batch.tenant(index).equals(tenant) && listens(batch, index)) {
                taken++;
                Message message = batch.message(index);
                RuleAtWork.Seen seen =
                        new RuleAtWork.Seen(message.topic().value(), message.publisher(), message.payload());
                StreamMessage streamed = StreamMessage.of(message, batch.partition() + "-" + (batch.first() + index));
                note(run.heard(streamed), seen, streamed.arrivalMillis());
            } else if (taken == 0 && batch.tenant(index).equals(tenant)) {
                passBy(StreamMessage.seen(batch.topic(index)));
            }
            return read % LOOK_EVERY != 0
                    || System.nanoTime() - begin < window.time().toNanos();
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
            said++;
            if (sayings.size() < SHOWN_MAX) {
                Output.AlertChange alert = output.alert();
                sayings.add(new Saying(
                        Instant.ofEpochMilli(output.atMillis()),
                        output.device(),
                        RuleFigures.excerpt(Rule.bytes(output)),
                        alert == null ? "" : alert.state()));
            }
        }

        private void note(RuleRun.Taken outcome, RuleAtWork.Seen seen, long atMillis) {
            if (outcome instanceof RuleRun.Taken.Failed(String what)) {
                failed++;
                if (failures.size() < FAILURES_MAX) {
                    failures.add(new RuleFigures.Failure(
                            atMillis, what, seen.topic(), seen.device(), RuleFigures.excerpt(seen.payload())));
                }
            }
        }
    }
}
