package tributary.broker;

import java.time.Duration;
import java.util.List;
import tributary.broker.Outflow.Back;

/// What the journal has of a session: how it stands, that a client came, that it is over; and the way back after a
/// start. Guarded by the session's lock, which it takes itself where it does not say otherwise.
final class Chronicle {
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final Session session;
    private final Commons commons;
    private final long[] born;

    /// Whether the journal may have this session, or one that it replaced: what becomes of it has to be noted.
    private boolean known;

    /// @param born the log's ends when the session began
    Chronicle(Session session, Commons commons, long[] born) {
        this.session = session;
        this.commons = commons;
        this.born = born;
    }

    /// @return whether the journal knows of the session: it outlives its connection, or has a last word to say after
    ///     a crash; under the lock
    boolean isKept() {
        return known || session.durable() || session.farewell().will() != null;
    }

    /// It takes the place of another: only when the journal has both is the other one gone for good.
    void replaces() {
        synchronized (session) {
            known = true;
        }
    }

    /// A client came; under the lock.
    ///
    /// @param done hears when a crash would not undo it; at once where nothing has to be remembered
    void attached(Journal.Done done) {
        if (isKept()) {
            known = true;
            commons.journal().note(arrival(), done);
        } else {
            done.done(null, "");
        }
    }

    /// A client that came before counts again; under the lock.
    void attached() {
        session.note(arrival());
    }

    private Change arrival() {
        Tenure tenure = session.tenure();
        return new Change.Attached(
                session.number(),
                session.tenant(),
                session.clientId(),
                tenure.subject(),
                tenure.deviceName(),
                tenure.expirySeconds(),
                tenure.connection(),
                session.farewell().will(),
                born);
    }

    /// There may be nothing left to be said; under the lock.
    void saidAll() {
        if (session.ended() && session.farewell().silent()) {
            commons.journal().note(new Change.Ended(session.number()), (fault, _) -> {
                if (fault == null) {
                    session.broker().directory().gone(session);
                } else {
                    session.broker().after(RETRY, this::noteEnd);
                }
            });
        }
    }

    private void noteEnd() {
        synchronized (session) {
            saidAll();
        }
    }

    /// Notes how the session stands, where the journal does not tell it already. Under one lock, so that no change is
    /// noted in between.
    ///
    /// @param offeredTo up to where the log was searched for messages of sessions
    /// @param takenTo   lowered to where the log has to be read from to find what is on its way there
    /// @param whole     whether all is to be noted anew
    void note(long[] offeredTo, long[] takenTo, boolean whole) {
        synchronized (session) {
            Waiting waiting = session.outflow().waiting();
            // Also while its client asks for an expiry of 0: that one may not be let in.
            boolean changed =
                    !session.ended() && (waiting.dirty() || session.inflow().dirty());
            boolean gone = session.ended() && session.farewell().silent();
            if (gone && whole && !commons.has(Flaw.FORGET_ENDED)) {
                // Its end may be among what was dropped, and the log is not read again from where its will is.
                session.note(new Change.Ended(session.number()));
            } else if (isKept() && !gone && (whole || changed)) {
                waiting.dirty(false);
                session.inflow().clean();
                session.note(state(offeredTo));
            }
            if (!commons.has(Flaw.PASS_TAKING)) {
                session.inflow().lowest(takenTo);
            }
            session.farewell().lowest(takenTo);
        }
    }

    private Change state(long[] offeredTo) {
        Tenure tenure = session.tenure();
        Outflow outflow = session.outflow();
        Inflow inflow = session.inflow();
        return new Change.State(
                session.number(),
                session.tenant(),
                session.clientId(),
                tenure.subject(),
                tenure.deviceName(),
                session.ended() ? 0 : tenure.expirySeconds(), // a crash brings it back only to say its last word
                session.attachment() != null,
                tenure.leftAt(),
                tenure.connection(),
                session.farewell().will(),
                session.farewell().due(),
                born,
                session.interests().listenings(),
                outflow.underWay().noted(),
                inflow.taken(),
                inflow.released(),
                outflow.waiting().places(),
                offeredTo);
    }

    /// Puts back what the journal has of the session; before any client can come.
    void restore(Remembered remembered) {
        synchronized (session) {
            known = true;
            session.tenure().restore(remembered, commons.nowMicros());
            session.count();
            session.farewell().restore(remembered.will(), remembered.due());
            for (Change.Listening listening : remembered.subscriptions()) {
                Subscription subscription = listening.subscription();
                session.interests().put(subscription, listening.since());
                session.broker().directory().listen(session, subscription, listening.since(), commons);
            }
            session.outflow().restore(remembered);
            remembered.released().forEach(session.inflow()::restoreReleased);
            remembered.taken().forEach(session.inflow()::restore);
        }
    }

    /// Goes on where a former process ended, once all that it left has been read.
    ///
    /// @param replaced whether another session has its place
    void resume(boolean replaced) {
        boolean over;
        List<Will> due;
        List<Back> backs;
        Farewell farewell = session.farewell();
        synchronized (session) {
            Tenure tenure = session.tenure();
            backs = session.membership().hold(session.outflow().underWay().giveBack());
            due = farewell.due();
            over = replaced || !session.durable();
            if (!over) {
                farewell.plan(tenure.expirySeconds(), Math.max(0, commons.nowMicros() - tenure.leftAt()));
            }
        }
        session.broker().directory().giveBack(session, backs);
        due.forEach(farewell::say);
        if (over) {
            session.end(null);
        }
    }
}
