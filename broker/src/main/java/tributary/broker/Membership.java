package tributary.broker;

import java.util.ArrayList;
import java.util.List;
import tributary.broker.Outflow.Back;
import tributary.broker.Subscription.Key;

/// What a session does as a member of groups that share a subscription: it takes their messages, and gives back
/// what it did not get through. Guarded by the session's lock, which it takes itself; a group calls it under
/// its own lock.
final class Membership {
    private final Session session;
    private final Interests interests;
    private final Outflow outflow;

    /// Left by a client that is gone, on its way to the groups that it came from.
    private final List<Back> returning = new ArrayList<>(0);

    Membership(Session session, Interests interests, Outflow outflow) {
        this.session = session;
        this.interests = interests;
        this.outflow = outflow;
    }

    /// @return the subscriptions that the session shares with others
    List<Key> shares() {
        synchronized (session) {
            return interests.shared();
        }
    }

    /// @param hungry whether it may have it only where it keeps up
    /// @return whether the message went to this member of the group
    boolean offer(Delivery delivery, Key share, boolean hungry) {
        synchronized (session) {
            Attachment to = session.attachment();
            Listener listener = interests.get(share);
            if (to == null
                    || listener == null
                    || hungry && !outflow.hungry()
                    || !outflow.waiting().takes(delivery)) {
                return false;
            }
            Match match = new Match(session, List.of(listener));
            int bytes = outflow.waiting().offer(delivery, match, true, new ArrayList<>(0));
            if (bytes >= 0) {
                session.broker().touch(to, bytes);
            }
            return bytes >= 0;
        }
    }

    /// @return how many messages groups may hand over now
    int room(Attachment who) {
        synchronized (session) {
            return session.isOf(who) ? outflow.roomForShared() : 0;
        }
    }

    /// @return whether the session took what a group handed over
    boolean assign(Attachment who, Key share, List<Backlog.Entry> entries) {
        synchronized (session) {
            if (session.isOf(who)) {
                outflow.assign(share, entries);
            }
            return session.isOf(who);
        }
    }

    /// The client does not share that subscription any more; under the lock.
    ///
    /// @return what it was not sent, for the group
    List<Back> giveUp(Key share) {
        return hold(outflow.giveUp(share));
    }

    /// Keeps in sight what no group has yet; under the lock.
    List<Back> hold(List<Back> backs) {
        returning.addAll(backs);
        return backs;
    }

    /// A group has what the session gave back.
    void returned(Key share) {
        synchronized (session) {
            returning.removeIf(back -> back.share().equals(share));
        }
    }

    /// @param all also what the journal ought to know to be the session's, and may not: changes were dropped
    /// @return what a group has handed to this session and the journal does not know to be the session's
    List<Backlog.Entry> held(Key share, boolean all) {
        synchronized (session) {
            List<Backlog.Entry> held = outflow.held(share, all);
            returning.stream().filter(back -> back.share().equals(share)).forEach(back -> held.add(back.entry()));
            return held;
        }
    }
}
