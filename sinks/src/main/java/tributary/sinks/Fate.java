package tributary.sinks;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What became of one output of a rule that was meant for a sink, as far as what is on the disk can tell.
public sealed interface Fate {
    /// Which output.
    ///
    /// @param payload as the rule said it, or its beginning
    record Wanted(String rule, String device, long atMillis, String payload) {}

    /// There is no sink of that name.
    record NoSink() implements Fate {}

    /// It waits: in the outbox, or in files of the sink's own.
    ///
    /// @param position names it
    /// @param why      what went wrong last, or ""
    record Waiting(long position, String why) implements Fate {}

    /// It could not be delivered and is a dead letter.
    record Dead(long position, String reason, int attempts, Instant at) implements Fate {}

    /// It neither waits nor is it a dead letter: where the rule said it, the receiver has it, or it was among those
    /// that the sink lost or somebody dropped.
    ///
    /// @param lost   how many outputs the sink lost since it was added, because too many waited
    /// @param lostAt when the last of them went, or null
    record Through(long lost, @Nullable Instant lostAt) implements Fate {}

    /// The rule said it before the sink was added, by the clock of the stream: a sink gets what is said from then on.
    ///
    /// @param added when it was
    record Earlier(Instant added) implements Fate {}

    /// It neither waits nor is it a dead letter, and somebody dropped dead letters of its time.
    ///
    /// @param newest the time of the newest output among them
    record MaybeDropped(Instant newest) implements Fate {}

    /// There are more outputs waiting than are looked through.
    ///
    /// @param looked how many were
    record Unknown(long looked) implements Fate {}
}
