package tributary.broker;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How a session ends when its client does not come back: when, and with which last word. Guarded by the session's
/// lock; times are of the monotonic clock.
final class Farewell {
    private static final long SECOND = 1_000_000_000;
    private static final int NUMBER_MAX = 0xFFF_FFFF;
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final Session session;
    private final Broker broker;
    private final Commons commons;
    private @Nullable Will will;

    /// That of the last connection that was let in, should those that came after it not be.
    private @Nullable Will before;

    /// Wills whose time has come and that are not known to be in the log yet, by number.
    private final Map<Integer, Due> due = new LinkedHashMap<>(0);

    private long expiresAt;
    private long speaksAt;

    /// When the next look at these is planned.
    private long plannedAt;

    private boolean planned;

    /// A will on its way to the log.
    ///
    /// @param from the log's ends before
    private record Due(Will will, long[] from) {}

    Farewell(Session session, Broker broker, Commons commons) {
        this.session = session;
        this.broker = broker;
        this.commons = commons;
    }

    /// @return what is to be published when the client does not come back, or null
    @Nullable
    Will will() {
        return will;
    }

    /// @return whether there is nothing left to say
    boolean silent() {
        return will == null && due.isEmpty();
    }

    /// A client came.
    ///
    /// @param tookOver whether it took the session from another, whose connection is closed without a goodbye
    /// @param former   terms of that one, or of who was there last
    void begin(boolean tookOver, Tenure former, @Nullable Will of) {
        Will last = will;
        if (former.admitted()) {
            before = last;
        }
        if (former.admitted()
                && last != null
                && (tookOver ? last.delaySeconds() == 0 : broker.nanos() - speaksAt >= 0)) {
            before = null;
            come(last);
            say(last);
        }
        // Different for each will of a client id: a session may end before its will is in the log.
        will = of == null ? null : of.of((session.number() * 0x9E37_79B1 + former.connection() + 1) & NUMBER_MAX);
    }

    /// The client that came last is not let in: its will is none, and that of the one before counts again.
    void takeBack() {
        drop();
        will = before;
    }

    void restore(@Nullable Will remembered, Iterable<Will> thoseDue) {
        will = remembered;
        thoseDue.forEach(one -> due.put(one.number(), new Due(one, broker.ends())));
    }

    /// The will of the connection will never be published.
    void drop() {
        Will last = will;
        will = null;
        if (last != null) {
            commons.journal().note(new Change.WillSettled(session.number(), last.number()));
        }
    }

    /// Lowers `to` to where the log has to be read from to find a will that is on its way there.
    void lowest(long[] to) {
        for (Due one : due.values()) {
            for (int p = 0; p < to.length; p++) {
                to[p] = Math.min(to[p], one.from()[p]);
            }
        }
    }

    /// The log has the will of that number: a former process spoke it.
    void found(int number) {
        synchronized (session) {
            Will last = will;
            if (last != null && last.number() == number) {
                drop();
            } else if (due.remove(number) != null) {
                commons.journal().note(new Change.WillSettled(session.number(), number));
            }
        }
    }

    /// The client is gone: plans the end of the session and the will.
    ///
    /// @param expirySeconds of the session
    /// @param awayMicros    how long the client has been gone
    void plan(long expirySeconds, long awayMicros) {
        Will last = will;
        long now = broker.nanos();
        long awayNanos = awayMicros * 1000;
        expiresAt = now + Math.max(0, expirySeconds * SECOND - awayNanos);
        speaksAt = now + (last == null ? 0 : Math.max(0, last.delaySeconds() * SECOND - awayNanos));
        look(now);
    }

    /// Plans the next look, unless an earlier one is planned.
    private void look(long now) {
        long next = will == null ? expiresAt : Math.min(expiresAt, speaksAt);
        if (!planned || next - plannedAt < 0) {
            planned = true;
            plannedAt = next;
            broker.after(Duration.ofNanos(Math.max(0, next - now)), this::look);
        }
    }

    /// The time for the end of the session, or for its will, may have come. Without the lock.
    private void look() {
        Will last = null;
        synchronized (session) {
            planned = false;
            if (!session.away()) {
                return; // whoever came back plans anew when it goes
            }
            long now = broker.nanos();
            boolean over = now - expiresAt >= 0;
            if (!over && will != null && now - speaksAt >= 0) {
                last = will;
                come(will);
            }
            if (!over) {
                look(now);
            }
            if (!over && last == null) {
                return;
            }
        }
        if (last == null) {
            session.end(null);
        } else {
            say(last);
        }
    }

    /// The time of a will has come: from now on it is published whatever happens. Under the lock.
    void come(Will last) {
        will = null;
        due.put(last.number(), new Due(last, broker.ends()));
        if (!commons.has(Flaw.FORGET_DUE)) {
            commons.journal().note(new Change.WillDue(session.number(), last));
        }
    }

    /// @return wills whose time has come
    List<Will> due() {
        return due.values().stream().map(Due::will).toList();
    }

    /// Publishes a will whose time has come, again and again until the log has it.
    void say(Will last) {
        broker.lastWords().publish(last, settled -> {
            if (!settled && !commons.has(Flaw.SPEAK_ONCE)) {
                broker.after(RETRY, () -> say(last));
            }
            if (!settled) {
                return;
            }
            commons.tally().wills.increment();
            synchronized (session) {
                if (due.remove(last.number()) != null) {
                    commons.journal().note(new Change.WillSettled(session.number(), last.number()));
                    session.chronicle().saidAll();
                }
            }
        });
    }
}
