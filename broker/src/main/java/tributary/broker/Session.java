package tributary.broker;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tributary.broker.Outflow.Answer;
import tributary.broker.Outflow.Back;
import tributary.broker.Outflow.Fetch;
import tributary.broker.Subscription.Key;
import tributary.model.DeviceId;
import tributary.model.TenantId;
import tributary.model.Topic;

/// What the broker remembers of one client of one tenant: its subscriptions, what it was told and has not acknowledged,
/// what waits for it, its will. It lives as long as its connection, or longer where the client asked for that.
///
/// Guarded by its own lock: the thread of the client, the broker's and the journal's meet here, each for a moment.
/// Nothing that takes the lock of another session or of a group is called under it.
final class Session implements Hearer {

    private final Broker broker;
    private final Commons commons;
    private final int number;
    private final TenantId tenant;
    private final String clientId;
    private final long[] born;
    private final Interests interests = new Interests(this);
    private final Outflow outflow;
    private final Inflow inflow;
    private String subject;
    private @Nullable DeviceId device;
    private long expirySeconds;
    private int connection;
    private final Farewell farewell;
    private @Nullable Attachment attachment;
    private long detachedAt;
    private boolean ended;

    /// Whether the journal may have this session, or one that it replaced: what becomes of it has to be noted.
    private boolean known;

    /// @param born the log's ends when the session began
    Session(Broker broker, Commons commons, int number, TenantId tenant, String clientId, String subject, long[] born) {
        this.born = born;
        this.broker = broker;
        this.commons = commons;
        this.number = number;
        this.tenant = tenant;
        this.clientId = clientId;
        this.subject = subject;
        this.outflow = new Outflow(this, commons);
        this.inflow = new Inflow(this, commons);
        this.farewell = new Farewell(this, broker, commons);
    }

    Broker broker() {
        return broker;
    }

    int number() {
        return number;
    }

    TenantId tenant() {
        return tenant;
    }

    String clientId() {
        return clientId;
    }

    synchronized String subject() {
        return subject;
    }

    synchronized @Nullable DeviceId device() {
        return device;
    }

    /// @return whether the session outlives its connection; under the lock
    boolean durable() {
        return expirySeconds > 0;
    }

    synchronized boolean resumable() {
        return !ended && durable();
    }

    /// Whether the journal knows of the session: it outlives its connection, or has a last word to say after a crash.
    private boolean noted() {
        return known || durable() || farewell.will() != null;
    }

    /// It takes the place of another: only when the journal has both is the other one gone for good.
    synchronized void replaces() {
        known = true;
    }

    /// A client takes the session; one that had it before is told.
    ///
    /// @param done hears when a crash would not undo it; at once where nothing has to be remembered
    /// @return the connection's hold on it, or null where it has ended meanwhile
    @Nullable
    Attachment attach(Arrival arrival, long expires, Journal.Done done) {
        Attachment before;
        Attachment now;
        List<Back> backs;
        synchronized (this) {
            if (ended) {
                return null;
            }
            before = attachment;
            backs = before == null ? List.of() : leave();
            subject = arrival.principal().subject();
            device = arrival.principal().device();
            expirySeconds = expires;
            connection++;
            farewell.begin(before != null, arrival.will(), connection);
            now = new Attachment(this, commons.ages(), arrival.outlet(), arrival.client());
            attachment = now;
            detachedAt = 0;
            outflow.begin(arrival.receiveMax(), arrival.outlet().waitingBytesMax());
            if (noted()) {
                known = true;
                commons.journal()
                        .note(
                                new Change.Attached(
                                        number,
                                        tenant,
                                        clientId,
                                        subject,
                                        device == null ? "" : device.value(),
                                        expirySeconds,
                                        connection,
                                        farewell.will(),
                                        born),
                                done);
            } else {
                done.done(null, "");
            }
        }
        broker.giveBack(this, backs);
        if (before != null) {
            before.client().detached(Client.Why.TAKEN_OVER);
        }
        return now;
    }

    /// The client is gone.
    ///
    /// @param expires how long the session lives on, or -1 for as long as it was to
    /// @param willing whether its will is to be published
    void detach(Attachment who, long expires, boolean willing) {
        List<Back> backs;
        boolean over;
        synchronized (this) {
            if (attachment != who) {
                return;
            }
            backs = leave();
            boolean known = noted();
            if (expires >= 0) {
                expirySeconds = expires;
            }
            if (!willing) {
                farewell.settle();
            }
            detachedAt = commons.nowMicros();
            if (known) {
                note(new Change.Detached(number, detachedAt, expirySeconds, farewell.will() != null));
            }
            over = !durable();
            if (!over) {
                farewell.plan(expirySeconds, 0);
            }
        }
        broker.giveBack(this, backs);
        if (over) {
            end(null);
        } else {
            broker.groups(this, shares()).forEach(Group::wakeMembers);
        }
    }

    /// The session goes to nobody; under the lock.
    private List<Back> leave() {
        attachment = null;
        return outflow.end();
    }

    /// Ends the session for good: nothing of it is left, its will is published.
    ///
    /// @param why for a client that is still there, or null where there is none
    void end(Client.@Nullable Why why) {
        Attachment before;
        List<Back> backs;
        List<Key> keys;
        Will last;
        synchronized (this) {
            if (ended) {
                return;
            }
            ended = true;
            before = attachment;
            backs = before == null ? List.of() : leave();
            keys = interests.keys();
            interests.clear();
            last = why == Client.Why.REVOKED ? null : farewell.will();
            if (noted() && last == null) {
                note(new Change.Ended(number));
            }
        }
        broker.forget(this, keys);
        broker.giveBack(this, backs);
        if (before != null && why != null) {
            before.client().detached(why);
        }
        if (last != null) {
            farewell.speak(last);
        }
    }

    /// @return whether the session waits for its client to come back; under the lock
    boolean away() {
        return attachment == null && !ended;
    }

    boolean ended() {
        return ended;
    }

    /// Forgets the will: whoever lost the right has no last word.
    synchronized void dropWill(Attachment who) {
        if (attachment == who) {
            farewell.settle();
        }
    }

    synchronized List<Subscription> subscriptions() {
        return interests.subscriptions();
    }

    /// Adds a subscription or replaces the one with the same key.
    ///
    /// @param done hears when a crash would not undo it
    /// @return the positions from which it counts, or null where the session is not the caller's any more
    synchronized long @Nullable [] subscribe(Attachment who, Subscription subscription, Journal.Done done) {
        if (attachment != who) {
            return null;
        }
        Listener before = interests.get(subscription.key());
        long[] ends = broker.ends();
        long[] from = before == null ? ends : before.from();
        interests.put(subscription, from);
        broker.listen(this, subscription, from);
        if (durable() && !commons.has(Flaw.CONFIRM_BEFORE_NOTE)) {
            commons.journal().note(new Change.Subscribed(number, new Change.Listening(subscription, from)), done);
        } else {
            done.done(null, "");
        }
        return ends;
    }

    /// @param done hears when a crash would not undo it
    /// @return whether there was such a subscription
    boolean unsubscribe(Attachment who, Key key, Journal.Done done) {
        synchronized (this) {
            if (attachment != who || !interests.remove(key)) {
                done.done(null, "");
                return false;
            }
            if (durable()) {
                commons.journal().note(new Change.Unsubscribed(number, key), done);
            } else {
                done.done(null, "");
            }
        }
        broker.deafen(this, key);
        return true;
    }

    /// Shows the client the retained messages of a subscription.
    void showRetained(Attachment who, Subscription subscription, long[] before) {
        synchronized (this) {
            if (attachment != who) {
                return;
            }
            Listener listener = interests.get(subscription.key());
            if (listener != null) {
                Match match = new Match(this, List.of(listener));
                outflow.walk(broker.walk(tenant, subscription.filter(), before, match));
            }
        }
        wakeSoon();
    }

    /// @return what the session wants with a topic, or null where no subscription matches; under the lock
    @Nullable
    Match match(Topic topic, @Nullable Key share) {
        return interests.match(topic, share);
    }

    @Override
    public void offer(Delivery delivery, Match match) {
        List<Back> backs = new ArrayList<>(0);
        synchronized (this) {
            Attachment to = attachment;
            boolean unwanted = ended || !match.wants(delivery) || Outflow.own(delivery.message(), match, clientId);
            if (unwanted || to == null && !durable()) {
                return;
            }
            int bytes = outflow.waiting().offer(delivery, match, to != null, backs);
            if (to != null && bytes >= 0) {
                broker.touch(to, bytes); // one that is behind looks again by itself, when it can take more
            }
        }
        broker.giveBack(this, backs);
    }

    /// @return whether the message went to this member of the group
    boolean offerShared(Delivery delivery, Key share) {
        synchronized (this) {
            Attachment to = attachment;
            Listener listener = interests.get(share);
            if (to == null
                    || listener == null
                    || !outflow.hungry()
                    || !outflow.waiting().takes(delivery)) {
                return false;
            }
            int bytes = outflow.waiting().offer(delivery, new Match(this, List.of(listener)), true, new ArrayList<>(0));
            if (bytes >= 0) {
                broker.touch(to, bytes);
            }
            return bytes >= 0;
        }
    }

    /// @return what the client is to be sent next of what the session has, or null where nothing can be sent now
    synchronized @Nullable Outgoing poll(Attachment who) {
        return attachment == who ? outflow.poll() : null;
    }

    /// @return how many messages groups may hand over now
    synchronized int roomForShared(Attachment who) {
        return attachment == who ? outflow.roomForShared() : 0;
    }

    /// @return the subscriptions that it shares with others
    synchronized List<Key> shares() {
        return interests.shared();
    }

    /// @return whether the session took what a group handed over
    synchronized boolean assign(Attachment who, Key share, List<Backlog.Entry> entries) {
        if (attachment == who) {
            outflow.assign(share, entries);
        }
        return attachment == who;
    }

    synchronized Answer answered(Attachment who, int packetId, Window.State what, boolean refused) {
        return attachment == who ? outflow.answered(packetId, what, refused) : Answer.TAKEN;
    }

    /// @return the publishes of QoS 2 that the client has under way
    Inflow inflow() {
        return inflow;
    }

    synchronized void fetched(Fetch fetch, List<@Nullable Delivery> found) {
        outflow.fetched(fetch, found);
        wakeSoon();
    }

    /// Notes a change of this session; under the lock.
    void note(Change change) {
        commons.journal().note(change);
    }

    /// Notes a change for the client that is there; when it is durable `action` runs under the lock.
    void note(Change change, Runnable action) {
        Attachment to = attachment;
        if (to != null) {
            to.note(change, action);
        }
    }

    /// @return whether it still is that connection's; under the lock
    boolean isOf(Attachment who) {
        return attachment == who;
    }

    /// Wakes the client, if there is one.
    void wakeSoon() {
        Attachment to;
        synchronized (this) {
            to = attachment;
        }
        if (to != null) {
            to.outlet().wake(to);
        }
    }

    /// @param offeredTo up to where the log was searched for messages of sessions
    /// @return all that has to be remembered, or null where the journal tells it already
    synchronized Change.@Nullable State state(long[] offeredTo, boolean whole) {
        boolean changed = durable() && !ended && (outflow.waiting().dirty() || inflow.dirty());
        if (ended && farewell.will() == null || !noted() || !whole && !changed) {
            return null;
        }
        outflow.waiting().dirty(false);
        inflow.clean();
        return new Change.State(
                number,
                tenant,
                clientId,
                subject,
                device == null ? "" : device.value(),
                ended ? 0 : expirySeconds, // where a crash brings an ended one back, only to say its last word
                attachment != null,
                detachedAt,
                connection,
                farewell.will(),
                born,
                interests.listenings(),
                outflow.inFlight(),
                inflow.taken(),
                inflow.released(),
                outflow.waiting().places(),
                offeredTo);
    }

    /// @return what a group has handed to this session and what was not sent yet
    synchronized List<Backlog.Entry> held(Key share) {
        return outflow.held(share);
    }

    /// Puts back what the journal has of the session; before any client can come.
    synchronized void restore(Remembered remembered) {
        subject = remembered.subject();
        device = remembered.device();
        expirySeconds = remembered.expirySeconds();
        connection = remembered.connection();
        known = true;
        farewell.restore(remembered.will());
        detachedAt = remembered.connected() ? commons.nowMicros() : remembered.detachedAt();
        for (Change.Listening listening : remembered.subscriptions()) {
            Subscription subscription = listening.subscription();
            interests.put(subscription, listening.from());
            broker.listen(this, subscription, listening.from());
        }
        outflow.restore(remembered);
        remembered.released().forEach(inflow::restoreReleased);
        remembered.taken().forEach(inflow::restore);
    }

    /// Goes on where a former process ended, once all that it left has been read.
    void resume() {
        boolean over;
        synchronized (this) {
            over = !durable();
            if (!over) {
                farewell.plan(expirySeconds, Math.max(0, commons.nowMicros() - detachedAt));
            }
        }
        if (over) {
            end(null);
        }
    }

    /// @return how the session ends
    Farewell farewell() {
        return farewell;
    }

    /// @return what is to be seen of the session from outside
    synchronized SessionView view() {
        return new SessionView(
                tenant,
                clientId,
                subject,
                device,
                attachment != null,
                expirySeconds,
                detachedAt,
                subscriptions(),
                outflow.window().used(),
                outflow.waiting().count(),
                outflow.waiting().bytes(),
                outflow.waiting().dropped());
    }

    @Override
    public String toString() {
        return "Session[%s %s]".formatted(tenant, clientId);
    }
}
