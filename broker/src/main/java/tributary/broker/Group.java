package tributary.broker;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tributary.broker.Notes.Extent;
import tributary.broker.Subscription.Key;
import tributary.model.TenantId;

/// The sessions that share a subscription: each message goes to one of them, in turn, to one that keeps up.
/// What nobody can take now waits here, as places in the log, and goes to whoever asks first.
///
/// Guarded by its own lock, under which it may look at a session, never the other way round.
final class Group implements Hearer {
    private final Commons commons;
    private final TenantId tenant;
    private final Key key;
    private final List<Session> members = new ArrayList<>(2);

    /// Given back by members that left: older than what waits.
    private final Deque<Backlog.Entry> returned = new ArrayDeque<>(0);

    private final Backlog backlog;
    private long @Nullable [] from;
    private int turn;
    private boolean dirty;
    private boolean restored;

    /// @param partitions of the log of messages
    Group(Commons commons, TenantId tenant, Key key, int partitions) {
        this.commons = commons;
        this.tenant = tenant;
        this.key = key;
        this.backlog = new Backlog(partitions);
    }

    Key key() {
        return key;
    }

    TenantId tenant() {
        return tenant;
    }

    /// A member subscribes; what the ones before it were to hear they hear all the same.
    ///
    /// @param ofMember positions from which its subscription counts
    /// @return positions from which the group hears
    synchronized long[] from(long[] ofMember) {
        long[] first = from == null ? ofMember.clone() : from;
        for (int p = 0; p < first.length; p++) {
            first[p] = Math.min(first[p], ofMember[p]);
        }
        from = first;
        return first.clone();
    }

    /// @return whether the session was no member before
    synchronized boolean add(Session member) {
        return !members.contains(member) && members.add(member);
    }

    /// @return whether the session was a member
    synchronized boolean remove(Session member) {
        return members.remove(member);
    }

    /// @return whether nobody is left
    synchronized boolean isEmpty() {
        return members.isEmpty();
    }

    @Override
    public void offer(Delivery delivery, Match match) {
        if (!match.wants(delivery)) {
            return;
        }
        synchronized (this) {
            boolean waits = delivery.message().qos() > 0;
            if (backlog.isEmpty() && returned.isEmpty()) {
                // QoS 0 cannot wait here: where nobody keeps up, a member that has room in memory gets it.
                if (given(delivery, true) || !waits && given(delivery, false)) {
                    return;
                }
            }
            if (waits) {
                wait(new Backlog.Entry(
                        delivery.partition(),
                        delivery.position(),
                        delivery.message().payload().length));
            } else {
                drop();
            }
        }
        wakeMembers();
    }

    /// @param hungry whether only a member that keeps up may have it
    /// @return whether a member took it; under the lock
    private boolean given(Delivery delivery, boolean hungry) {
        for (int i = 0; i < members.size(); i++) {
            turn = (turn + 1) % members.size();
            if (members.get(turn).membership().offer(delivery, key, hungry)) {
                return true;
            }
        }
        return false;
    }

    /// Adds a place behind all that waits; the oldest go where there are too many. Under the lock.
    private void wait(Backlog.Entry entry) {
        dirty = true;
        BrokerSettings settings = commons.settings();
        backlog.add(entry.partition(), entry.position(), entry.bytes());
        while (backlog.count() > settings.sessionMessagesMax() || backlog.payloadBytes() > settings.sessionBytesMax()) {
            backlog.poll();
            drop();
        }
    }

    private void drop() {
        commons.tally().dropped.increment();
        commons.tally().of(tenant).dropped.increment();
    }

    /// Hands the oldest that wait to a member. In one step: what is not with the member is here.
    ///
    /// @param who   the member's connection, which may have lost the session
    /// @param count so many at most
    /// @return how many the member took
    synchronized int handOver(Session member, Attachment who, int count) {
        List<Backlog.Entry> taken = new ArrayList<>(0);
        while (taken.size() < count) {
            Backlog.Entry entry = returned.poll();
            if (entry == null && backlog.isEmpty()) {
                break;
            }
            taken.add(entry == null ? backlog.poll() : entry);
        }
        if (taken.isEmpty()) {
            return 0;
        }
        dirty = true;
        if (member.membership().assign(who, key, taken)) {
            return taken.size();
        }
        putBack(taken);
        return 0;
    }

    /// Takes back what a member did not get through, or is not to get any more.
    void giveBack(Session member, List<Backlog.Entry> entries) {
        synchronized (this) {
            putBack(entries);
            member.membership().returned(key);
            dirty = true;
        }
        wakeMembers();
    }

    private void putBack(List<Backlog.Entry> entries) {
        for (int i = entries.size() - 1; i >= 0; i--) {
            returned.addFirst(entries.get(i));
        }
    }

    void wakeMembers() {
        List<Session> all;
        synchronized (this) {
            all = backlog.isEmpty() && returned.isEmpty() ? List.of() : List.copyOf(members);
        }
        all.forEach(Session::wakeSoon);
    }

    /// Notes what waits for the group, where the journal does not tell it already. Under the lock, so that
    /// nothing is on its way to or from a member.
    ///
    /// @param offeredTo up to where the log was searched for messages of the group
    synchronized void note(long[] offeredTo, Extent extent) {
        Set<Backlog.Entry> waiting = new LinkedHashSet<>();
        boolean anew = extent == Extent.ANEW;
        // What a member was handed and has not been sent is nowhere else.
        if (!commons.has(Flaw.FORGET_HELD)) {
            members.forEach(member -> waiting.addAll(member.membership().held(key, anew)));
        }
        boolean known = extent == Extent.CHANGED && !dirty && waiting.isEmpty();
        if (known || members.stream().noneMatch(Session::resumable)) {
            return;
        }
        dirty = !waiting.isEmpty();
        waiting.addAll(returned);
        Backlog.Cursor cursor = backlog.cursor();
        while (cursor.hasNext()) {
            waiting.add(cursor.next());
        }
        commons.journal().note(new Change.GroupState(tenant, key, List.copyOf(waiting), offeredTo, anew));
    }

    /// @return whether nothing was put back yet
    synchronized boolean isNew() {
        return !restored;
    }

    /// Puts back what the journal has.
    synchronized void restore(List<Backlog.Entry> waiting) {
        restored = true;
        returned.addAll(waiting);
    }

    @Override
    public String toString() {
        return "Group[%s %s]".formatted(tenant, key);
    }
}
