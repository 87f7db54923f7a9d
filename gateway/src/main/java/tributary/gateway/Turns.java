package tributary.gateway;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// The allowance of one holder of a [RateLimit], and those who wait for it in the order in which they came.
///
/// The allowance is one number, the time at which it would be used up (the generic cell rate algorithm): taking from
/// it is one compare-and-set, and nothing has to be refilled. Who finds it used up gets a place: messages that are
/// taken from the allowance for it, and the time from which they are there. So each that waits has its turn, nobody
/// gets ahead by asking more often, and whoever comes later goes behind. A place that its owner does not use is
/// given to whoever asks.
final class Turns {
    static final long BURST_NANOS = 1_000_000_000;

    /// How many may have a place. Others wait without one and may be less lucky.
    static final int PLACES_MAX = 10_000;

    /// Turns in a second at most: with higher rates a place is for several messages, as timers are not that fine.
    private static final int TURNS_A_SECOND = 1_000;

    /// How long a place is kept beyond its time: a client of HTTP is told to come back in whole seconds.
    private static final long PATIENCE_NANOS = 2 * BURST_NANOS;

    /// The same for the rest of a place whose owner has begun.
    private static final long PAUSE_NANOS = 20_000_000;

    /// In place of a time: the holder was forgotten and has to be looked up again.
    private static final long FORGOTTEN = Long.MAX_VALUE;

    private final int perSecond;
    private final long intervalNanos;
    private final AtomicLong usedUpAtNanos = new AtomicLong();

    /// By who waits, the first first. Guarded by this.
    private final Map<Object, Place> places = new LinkedHashMap<>(0);

    /// Messages of places that were not used. Guarded by this.
    private int unclaimed;

    /// Guarded by this.
    private long latestNanos;

    /// Whether there are places. Written under the lock.
    private volatile boolean waitedFor;

    /// Messages that somebody may send from a time on.
    private static final class Place {
        final long fromNanos;
        int messages;
        long untilNanos;

        Place(long fromNanos, int messages, long untilNanos) {
            this.fromNanos = fromNanos;
            this.messages = messages;
            this.untilNanos = untilNanos;
        }
    }

    Turns(int perSecond) {
        this.perSecond = perSecond;
        this.intervalNanos = BURST_NANOS / perSecond;
    }

    /// Takes a message from the allowance where nobody waits for it.
    boolean take(long nowNanos) {
        while (!waitedFor) {
            long before = usedUpAtNanos.get();
            if (before == FORGOTTEN) {
                return false;
            }
            boolean clockWentBack = before > nowNanos + BURST_NANOS + intervalNanos;
            long after = (clockWentBack ? nowNanos : Math.max(before, nowNanos)) + intervalNanos;
            if (after > nowNanos + BURST_NANOS) {
                return false;
            }
            if (usedUpAtNanos.compareAndSet(before, after)) {
                return true;
            }
        }
        return false;
    }

    /// Takes a message in turn.
    ///
    /// @return 0 where it was the turn of `who`, else nanoseconds until it is, or -1 where the holder was forgotten
    synchronized long take(Object who, long nowNanos) {
        if (usedUpAtNanos.get() == FORGOTTEN) {
            return -1;
        }
        lapse(nowNanos);
        Place place = places.get(who);
        if (place != null && place.fromNanos <= nowNanos) {
            use(who, place, nowNanos);
            return 0;
        }
        if (unclaimed > 0) {
            unclaimed--;
            return 0;
        }
        return place == null ? queue(who, nowNanos) : place.fromNanos - nowNanos;
    }

    private void use(Object who, Place place, long nowNanos) {
        place.messages--;
        place.untilNanos = nowNanos + PAUSE_NANOS;
        if (place.messages == 0) {
            places.remove(who);
            thin();
        }
    }

    private long queue(Object who, long nowNanos) {
        boolean full = places.size() >= PLACES_MAX;
        int messages = full ? 1 : Math.max(1, perSecond / TURNS_A_SECOND);
        while (true) {
            long before = usedUpAtNanos.get();
            long next = Math.max(before, nowNanos) + intervalNanos;
            long after = next + (messages - 1) * intervalNanos;
            if (next <= nowNanos + BURST_NANOS) { // somebody gave it back meanwhile
                if (usedUpAtNanos.compareAndSet(before, next)) {
                    return 0;
                }
            } else if (full) {
                return next - BURST_NANOS - nowNanos;
            } else if (usedUpAtNanos.compareAndSet(before, after)) {
                long from = after - BURST_NANOS;
                places.put(who, new Place(from, messages, from + PATIENCE_NANOS));
                waitedFor = true;
                return from - nowNanos;
            }
        }
    }

    /// Keeps for `who` the message that was taken: another limit refused it.
    ///
    /// @param againNanos when it may come again
    synchronized void keep(Object who, long againNanos) {
        Place place = places.get(who);
        if (place != null) {
            place.messages++;
            place.untilNanos = Math.max(place.untilNanos, againNanos + PATIENCE_NANOS);
        } else if (places.size() < PLACES_MAX) {
            places.put(who, new Place(0, 1, againNanos + PATIENCE_NANOS));
            waitedFor = true;
        } else {
            unclaimed = Math.min(perSecond, unclaimed + 1);
        }
    }

    /// @return whether nothing is left of what it knew, because a fresh one would say the same
    synchronized boolean forget(long nowNanos) {
        lapse(nowNanos);
        long usedUpAt = usedUpAtNanos.get();
        return !waitedFor && usedUpAt <= nowNanos && usedUpAtNanos.compareAndSet(usedUpAt, FORGOTTEN);
    }

    /// Ends the places that nobody came for. With a clock that was set back all times are wrong, and all begin anew.
    private void lapse(long nowNanos) {
        if (nowNanos < latestNanos - BURST_NANOS) {
            places.clear();
            unclaimed = 0;
            usedUpAtNanos.set(nowNanos);
        }
        latestNanos = nowNanos;
        Iterator<Place> oldest = places.values().iterator();
        for (Place place = next(oldest); place != null && place.untilNanos < nowNanos; place = next(oldest)) {
            unclaimed = Math.min(perSecond, unclaimed + place.messages);
            oldest.remove();
        }
        thin();
    }

    private static @Nullable Place next(Iterator<Place> places) {
        return places.hasNext() ? places.next() : null;
    }

    /// Where nobody waits any more, what was not used goes back to the allowance.
    private void thin() {
        if (places.isEmpty()) {
            if (unclaimed > 0) {
                usedUpAtNanos.addAndGet(-unclaimed * intervalNanos);
                unclaimed = 0;
            }
            waitedFor = false;
        }
    }
}
