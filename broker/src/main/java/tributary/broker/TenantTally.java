package tributary.broker;

import java.util.concurrent.atomic.LongAdder;

/// What there is of one tenant now, and what was counted of it since start. Added to from all threads.
final class TenantTally {
    final LongAdder sessions = new LongAdder();

    /// Of these, what outlives its connection.
    final LongAdder lasting = new LongAdder();
    final LongAdder connected = new LongAdder();
    final LongAdder subscriptions = new LongAdder();

    /// Messages that became durable, from all doors.
    final LongAdder received = new LongAdder();

    /// PUBLISH packets for its clients.
    final LongAdder sent = new LongAdder();

    /// Copies that a limit cost.
    final LongAdder dropped = new LongAdder();
}
