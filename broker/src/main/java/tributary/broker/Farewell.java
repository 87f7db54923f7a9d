package tributary.broker;

import java.time.Duration;
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

    /// Whether the will is on its way to the log, and the log's ends before.
    private boolean speaking;

    private long[] spokenFrom = {};

    private long expiresAt;
    private long speaksAt;

    /// When the next look at these is planned.
    private long plannedAt;

    private boolean planned;

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

    /// A client came.
    ///
    /// @param tookOver whether it took the session from another, whose connection is closed without a goodbye
    void begin(boolean tookOver, @Nullable Will of, int connection) {
        Will before = will;
        if (tookOver && before != null && before.delaySeconds() == 0 && !speaking) {
            // What comes after replaces this will in the journal; the log tells that it was spoken.
            commons.tally().wills.increment();
            broker.lastWords().publish(before, _ -> {});
        }
        // Different for each will of a client id: a session may end before its will is in the log.
        will = of == null ? null : of.of((session.number() * 0x9E37_79B1 + connection) & NUMBER_MAX);
        speaking = false;
    }

    void restore(@Nullable Will remembered) {
        will = remembered;
    }

    /// The will has been published, or never will be.
    void settle() {
        Will last = will;
        will = null;
        speaking = false;
        if (last != null) {
            commons.journal().note(new Change.WillSettled(session.number(), last.number()));
        }
    }

    /// Lowers `to` to where the log has to be read from to find a will that is on its way there.
    void lowest(long[] to) {
        synchronized (session) {
            for (int p = 0; speaking && p < to.length; p++) {
                to[p] = Math.min(to[p], spokenFrom[p]);
            }
        }
    }

    /// The log has the will of that connection: it was spoken by a former process.
    void found(int connection) {
        synchronized (session) {
            Will last = will;
            if (last != null && last.number() == connection) {
                settle();
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
        boolean toSpeak = will != null && !speaking;
        long next = toSpeak ? Math.min(expiresAt, speaksAt) : expiresAt;
        if (!planned || next - plannedAt < 0) {
            planned = true;
            plannedAt = next;
            broker.after(Duration.ofNanos(Math.max(0, next - now)), this::due);
        }
    }

    /// The time for the end of the session, or for its will, may have come. Without the lock.
    private void due() {
        Will last = null;
        synchronized (session) {
            planned = false;
            if (!session.away()) {
                return; // whoever came back plans anew when it goes
            }
            long now = broker.nanos();
            boolean over = now - expiresAt >= 0;
            if (!over && will != null && !speaking && now - speaksAt >= 0) {
                last = will;
            }
            if (!over && last == null) {
                look(now);
                return;
            }
        }
        if (last == null) {
            session.end(null);
        } else {
            speak(last);
        }
    }

    /// Publishes a will, once. Without the lock.
    void speak(Will last) {
        synchronized (session) {
            if (will != last || speaking || !session.away() && !session.ended()) {
                return;
            }
            speaking = true;
            spokenFrom = broker.ends();
            if (session.ended()) {
                broker.parting().add(session);
            }
            if (session.away()) {
                look(broker.nanos()); // the session ends in time even where the log is slow
            }
        }
        commons.tally().wills.increment();
        broker.lastWords().publish(last, settled -> {
            synchronized (session) {
                if (will != last) {
                    return; // somebody came back meanwhile
                }
                speaking = false;
                if (settled) {
                    settle();
                    if (session.ended()) {
                        session.note(new Change.Ended(session.number()));
                        broker.parting().remove(session);
                        return;
                    }
                }
                long now = broker.nanos();
                if (!settled) {
                    speaksAt = now + RETRY.toNanos();
                }
                if (session.away()) {
                    look(now);
                } else if (!settled && session.ended()) {
                    broker.after(RETRY, () -> speak(last));
                }
            }
        });
    }
}
