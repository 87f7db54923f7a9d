package tributary.gateway.mqtt;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/// Counts of the whole door, added to from all event loops.
final class Tally {
    final AtomicInteger connections = new AtomicInteger();
    final LongAdder accepted = new LongAdder();
    final LongAdder refused = new LongAdder();
    final LongAdder turnedAway = new LongAdder();
    final LongAdder overLimit = new LongAdder();
    final LongAdder malformed = new LongAdder();
    final LongAdder timedOut = new LongAdder();
    final LongAdder published = new LongAdder();
    final LongAdder lost = new LongAdder();
    final LongAdder delivered = new LongAdder();
    final LongAdder droppedTooLarge = new LongAdder();

    /// Exceptions that no client can be blamed for; each is in the log, too.
    final LongAdder mistakes = new LongAdder();

    MqttCounts counts() {
        return new MqttCounts(
                connections.get(),
                accepted.sum(),
                refused.sum(),
                turnedAway.sum(),
                overLimit.sum(),
                malformed.sum(),
                timedOut.sum(),
                published.sum(),
                lost.sum(),
                delivered.sum(),
                droppedTooLarge.sum());
    }
}
