package tributary.rules;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import tributary.model.Fault;
import tributary.model.PlatformException;
import tributary.rules.function.RuleFailure;
import tributary.rules.value.StateIn;
import tributary.rules.value.StateOut;

/// A rule at work on one stream, and all that it remembers.
///
/// The only clock is the one that messages and [#advance] bring: equal input gives equal output. For one
/// thread.
public final class RuleRun {
    private static final int FORMAT = 3;

    private final Rule rule;
    private final RunState state;
    private final SelectRun select;
    private final Consumer<Output> out;
    private long clock = Long.MIN_VALUE;

    RuleRun(Rule rule, Consumer<Output> out) {
        this.rule = rule;
        this.out = out;
        this.state = new RunState(rule.options().limits());
        this.select = new SelectRun(rule.plan(), state, (row, at, about, topic, change) -> {
            if (topic == null) {
                state.hits++;
                state.lastHitMillis = at;
            }
            out.accept(new Output(row, at, topic, about.device(), change));
        });
    }

    /// What came of a message.
    public sealed interface Taken {
        /// The rule looked at it.
        record Fine() implements Taken {}

        /// The rule could not take it; it goes on with the next.
        record Failed(String what) implements Taken {}
    }

    /// A function that ran away.
    ///
    /// @param function    its name
    /// @param untilMillis it is not called before
    /// @param times       how often it did so in a row, from 0
    public record Runaway(String function, long untilMillis, int times) {}

    private static final Taken FINE = new Taken.Fine();

    /// A message. What is due by its time leaves first. A message that is older than the clock does not turn it
    /// back.
    public Taken message(StreamMessage message) {
        return take(message, false);
    }

    /// A message of which it is known that one of [Rule#filters] matches its topic. Nothing else is different.
    public Taken heard(StreamMessage message) {
        return take(message, true);
    }

    private Taken take(StreamMessage message, boolean matched) {
        Taken timers = advance(message.arrivalMillis());
        try {
            select.message(message, clock, matched);
            state.unread += message.unread() ? 1 : 0;
            return timers;
        } catch (RuleFailure e) {
            return new Taken.Failed(e.what());
        }
    }

    /// The same, and tells a trace how it fared: of what was due before the trace hears nothing.
    public Taken traced(StreamMessage message, Trace trace) {
        Taken timers = advance(message.arrivalMillis());
        state.trace = trace;
        trace.begin();
        try {
            Taken taken = message(message);
            return taken instanceof Taken.Failed ? taken : timers;
        } finally {
            trace.end();
        }
    }

    /// Tells a trace that counts of all that comes.
    public void tell(Trace counting) {
        state.trace = counting;
        counting.begin();
    }

    /// Time passes.
    public Taken advance(long nowMillis) {
        Taken taken = FINE;
        while (true) {
            long due = select.due();
            if (due > nowMillis || due == DueQueue.NEVER) {
                break;
            }
            clock = Math.max(clock, due);
            try {
                select.fire(due);
            } catch (RuleFailure e) {
                taken = new Taken.Failed(e.what());
            }
        }
        clock = Math.max(clock, nowMillis);
        return taken;
    }

    /// @return whether it may remember more; of this run alone where the rule was compiled for it
    public Room room() {
        return rule.options().limits().room();
    }

    /// @return functions that ran away here since this was asked last
    public List<Runaway> runaways() {
        return state.runaways();
    }

    /// A function ran away elsewhere, and rests here as well.
    public void rests(Runaway runaway) {
        state.rests(runaway);
    }

    /// @param key          what the alert is of, as JSON
    /// @param raisedMillis when it was raised; one that was raised at another time is another
    /// @return whether the alert is still to escalate or to be repeated
    public boolean nags(String name, String key, long raisedMillis) {
        return select.nags(name, key, raisedMillis);
    }

    /// Somebody knows of an alert: until it is raised again it neither escalates nor is it repeated. Where it does
    /// neither anyhow, nothing changes.
    public void acknowledged(String name, String key, long raisedMillis) {
        select.acknowledged(name, key, raisedMillis);
    }

    /// @return when time next brings something about, milliseconds since 1970; the greatest number where
    ///         nothing will
    public long due() {
        return select.due();
    }

    /// @return messages that came too late for their window
    public long late() {
        return state.late;
    }

    /// @return messages whose stamp was too far ahead of arrival
    public long skewed() {
        return state.skewed;
    }

    /// @return messages without a stamp where TIMESTAMP BY asks for one
    public long unstamped() {
        return state.unstamped;
    }

    /// @return messages that are neither JSON nor CBOR: every path into them is undefined
    public long unread() {
        return state.unread;
    }

    /// @return how many outputs there were
    public long hits() {
        return state.hits;
    }

    /// @return all that is remembered, for [Rule#resume]
    public byte[] checkpoint() {
        StateOut bytes = new StateOut();
        bytes.number(FORMAT).number(fingerprint()).number(clock);
        state.write(bytes);
        select.write(bytes);
        return bytes.bytes();
    }

    void restore(byte[] checkpoint) {
        StateIn bytes = new StateIn(checkpoint);
        long format = bytes.number();
        if (format < 1 || format > FORMAT) {
            throw new PlatformException(
                    Fault.DATA_DAMAGED,
                    "the state of a rule has format %d, this version reads %d: start the rule afresh"
                            .formatted(format, FORMAT));
        }
        if (bytes.number() != fingerprint()) {
            throw new PlatformException(
                    Fault.DATA_DAMAGED, "the state is of another statement than the rule's: start the rule afresh");
        }
        clock = bytes.number();
        state.read(bytes, format);
        select.read(bytes, format);
        if (!bytes.ended()) {
            throw new PlatformException(
                    Fault.DATA_DAMAGED, "the state of a rule has bytes behind its end: start the rule afresh");
        }
    }

    /// Tells statements apart: state fits the statement that made it and no other.
    private long fingerprint() {
        CRC32C crc = new CRC32C();
        crc.update((rule.options().sqlVersion() + "\n" + rule.options().zone() + "\n" + rule.sql())
                .getBytes(StandardCharsets.UTF_8));
        return crc.getValue();
    }
}
