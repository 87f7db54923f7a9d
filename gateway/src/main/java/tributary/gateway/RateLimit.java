package tributary.gateway;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/// So many messages a second for each holder, with one second's worth of burst.
///
/// Kept as one number a holder: the time at which its allowance would be used up (the generic cell rate algorithm),
/// so that a decision is one compare-and-set and nothing has to be refilled.
final class RateLimit {
    private static final long SECOND_MICROS = 1_000_000;

    /// Holders remembered at once; full allowances are forgotten beyond it, because a fresh one says the same.
    private static final int HOLDERS_MAX = 100_000;

    private final long intervalNanos;
    private final ConcurrentHashMap<Object, AtomicLong> usedUpAtNanos = new ConcurrentHashMap<>();

    /// @param perSecond messages a second, at least 1
    RateLimit(int perSecond) {
        this.intervalNanos = 1_000_000_000L / perSecond;
    }

    /// Takes one message from the allowance.
    ///
    /// @return 0 where it was there, else microseconds until it is
    long take(Object holder, long nowMicros) {
        AtomicLong usedUpAt = usedUpAtNanos.get(holder);
        if (usedUpAt == null) {
            if (usedUpAtNanos.size() >= HOLDERS_MAX) {
                usedUpAtNanos.values().removeIf(at -> at.get() <= nowMicros * 1000);
            }
            usedUpAt = usedUpAtNanos.computeIfAbsent(holder, _ -> new AtomicLong());
        }
        long nowNanos = nowMicros * 1000;
        long burstNanos = SECOND_MICROS * 1000;
        while (true) {
            long before = usedUpAt.get();
            boolean clockWentBack = before > nowNanos + burstNanos + intervalNanos;
            long from = clockWentBack ? nowNanos : Math.max(before, nowNanos);
            long after = from + intervalNanos;
            if (after > nowNanos + burstNanos) {
                return Math.max(1, (after - nowNanos - burstNanos) / 1000);
            }
            if (usedUpAt.compareAndSet(before, after)) {
                return 0;
            }
        }
    }

    /// Puts back what was taken for a message that another limit refused.
    void giveBack(Object holder) {
        AtomicLong usedUpAt = usedUpAtNanos.get(holder);
        if (usedUpAt != null) {
            usedUpAt.addAndGet(-intervalNanos);
        }
    }
}
