package tributary.broker;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tributary.broker.Outflow.Back;
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
    private final Directory directory;
    private final Commons commons;
    private final int number;
    private final TenantId tenant;
    private final String clientId;
    private final Interests interests;
    private final Outflow outflow;
    private final Inflow inflow;
    private final Membership membership;
    private final Tenure tenure;
    private final Farewell farewell;
    private final Chronicle chronicle;
    private @Nullable Attachment attachment;
    private boolean ended;

    /// Whether the session is counted among those of its tenant that outlive their connection.
    private boolean counted;

    /// The device among whose sessions it is counted, or null.
    private @Nullable DeviceId countedFor;

    /// @param born the log's ends when the session began
    Session(Broker broker, Commons commons, int number, TenantId tenant, String clientId, String subject, long[] born) {
        this.broker = broker;
        this.directory = broker.directory();
        this.commons = commons;
        this.number = number;
        this.tenant = tenant;
        this.clientId = clientId;
        this.tenure = new Tenure(subject);
        this.interests = new Interests(this, directory, commons);
        this.outflow = new Outflow(this, commons);
        this.inflow = new Inflow(this, commons);
        this.membership = new Membership(this, interests, outflow);
        this.farewell = new Farewell(this, broker, commons);
        this.chronicle = new Chronicle(this, commons, born);
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
        return tenure.subject();
    }

    synchronized @Nullable DeviceId device() {
        return tenure.device();
    }

    /// @return whether the session outlives its connection; under the lock
    boolean durable() {
        return tenure.expirySeconds() > 0;
    }

    synchronized boolean resumable() {
        return !ended && durable();
    }

    /// Counts the session among those that outlive their connection and among its device's, or no longer; under the
    /// lock.
    void count() {
        DeviceId device = ended ? null : tenure.device();
        if (!Objects.equals(device, countedFor)) {
            directory.count(tenant, countedFor, -1);
            directory.count(tenant, device, 1);
            countedFor = device;
        }
        boolean lasting = !ended && durable();
        if (lasting != counted) {
            counted = lasting;
            commons.tally().of(tenant).lasting.add(lasting ? 1 : -1);
        }
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
            farewell.begin(before != null, tenure, arrival.will());
            tenure.begin(arrival, expires, before == null ? tenure.leftAt() : commons.nowMicros());
            count();
            now = new Attachment(this, commons.ages(), arrival.outlet(), arrival.client());
            attachment = now;
            outflow.begin(arrival.receiveMax(), arrival.outlet().waitingBytesMax());
            chronicle.attached(done);
        }
        directory.giveBack(this, backs);
        if (before != null) {
            before.client().detached(Client.Why.TAKEN_OVER);
        }
        return now;
    }

    /// The client is let in.
    synchronized void admit(Attachment who) {
        if (attachment == who) {
            tenure.admit();
        }
    }

    /// The client cannot be let in: a session that was there before goes on as if it had not come.
    void refuse(Attachment who, boolean resumed) {
        long left = commons.nowMicros();
        synchronized (this) {
            if (attachment != who) {
                return;
            }
            if (resumed) {
                left = tenure.takeBack();
                count();
                farewell.takeBack();
                chronicle.attached();
            }
        }
        detach(who, resumed ? -1 : 0, resumed, left);
    }

    /// The client is gone.
    ///
    /// @param expires how long the session lives on, or -1 for as long as it was to
    /// @param willing whether its will is to be published
    void detach(Attachment who, long expires, boolean willing) {
        detach(who, expires, willing, commons.nowMicros());
    }

    private void detach(Attachment who, long expires, boolean willing, long at) {
        List<Back> backs;
        boolean over;
        synchronized (this) {
            if (attachment != who) {
                return;
            }
            backs = leave();
            boolean toNote = chronicle.isKept();
            tenure.end(expires, at);
            count();
            if (!willing) {
                farewell.drop();
            }
            if (toNote) {
                note(new Change.Detached(number, at, tenure.expirySeconds(), farewell.will() != null));
            }
            over = !durable();
            if (!over) {
                farewell.plan(tenure.expirySeconds(), Math.max(0, commons.nowMicros() - at));
            }
        }
        directory.giveBack(this, backs);
        if (over) {
            end(null);
        } else {
            directory.groups(tenant, membership.shares()).forEach(Group::wakeMembers);
        }
    }

    /// The session goes to nobody; under the lock.
    private List<Back> leave() {
        attachment = null;
        return membership.hold(outflow.end());
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
            count();
            before = attachment;
            backs = before == null ? List.of() : leave();
            keys = interests.keys();
            interests.clear();
            last = farewell.will();
            if (last != null && why == Client.Why.REVOKED) {
                farewell.drop();
                last = null;
            }
            if (last != null) {
                farewell.come(last);
            }
            if (!farewell.silent()) {
                note(new Change.Detached(number, commons.nowMicros(), 0, false)); // it is over but for what is due
            }
            if (chronicle.isKept() || !farewell.silent()) {
                outflow.underWay().spend();
                directory.parts(this);
                chronicle.saidAll();
            }
        }
        directory.giveBack(this, backs);
        directory.forget(this, keys);
        if (before != null && why != null) {
            before.client().detached(why);
        }
        if (last != null) {
            farewell.say(last);
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
            farewell.drop();
        }
    }

    synchronized List<Subscription> subscriptions() {
        return interests.subscriptions();
    }

    /// @return the subscription with that key, or null where there is none
    synchronized @Nullable Subscription subscription(Key key) {
        Listener listener = interests.get(key);
        return listener == null ? null : listener.subscription();
    }

    synchronized int subscriptionCount() {
        return interests.count();
    }

    /// @return characters of the filters of all subscriptions
    synchronized int filterCharacters() {
        return interests.characters();
    }

    /// @return what the session does as a member of groups
    Membership membership() {
        return membership;
    }

    /// @return the client that is there, or null; under the lock
    @Nullable
    Attachment attachment() {
        return attachment;
    }

    /// @return what the session wants to hear
    Interests interests() {
        return interests;
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

    /// @return whether the client was to hear the message and may not any more: it lost the right to, the message's
    ///     device was removed, or the message was erased; under the lock
    boolean withheld(Delivery delivery, @Nullable Key share) {
        return commons.standing().isLost(delivery)
                || interests.withheld(delivery.message().topic(), share);
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
        directory.giveBack(this, backs);
    }

    /// @return what the client is to be sent next of what the session has, or null where nothing can be sent now
    synchronized @Nullable Outgoing poll(Attachment who) {
        return attachment == who ? outflow.poll() : null;
    }

    synchronized Answer answered(Attachment who, int packetId, Window.State what, boolean refused) {
        return attachment == who ? outflow.underWay().answered(packetId, what, refused) : Answer.TAKEN;
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

    /// @return whether what the journal could not take is still worth to be noted for that connection
    synchronized boolean repeatsFor(Attachment who) {
        return isOf(who) && !commons.has(Flaw.RELEASE_ONCE);
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

    /// @return what the client is told
    Outflow outflow() {
        return outflow;
    }

    Tenure tenure() {
        return tenure;
    }

    /// @return what the journal has of the session
    Chronicle chronicle() {
        return chronicle;
    }

    /// @return how the session ends
    Farewell farewell() {
        return farewell;
    }

    /// @return how many messages the session lost to limits since the last call
    synchronized long takeLosses() {
        return outflow.waiting().takeLosses();
    }

    /// @return what is to be seen of the session from outside
    synchronized SessionView view() {
        return new SessionView(
                tenant,
                clientId,
                tenure.subject(),
                tenure.device(),
                attachment != null,
                tenure.expirySeconds(),
                tenure.leftAt(),
                subscriptions(),
                outflow.underWay().used(),
                outflow.waiting().count(),
                outflow.waiting().bytes(),
                outflow.waiting().dropped());
    }

    /// @return what became of a message for this session, or null where it did not listen when the message came, or
    ///     does not any more; what a limit took away counts as acknowledged
    synchronized @Nullable Heard heard(Topic topic, int partition, long position) {
        Match match = ended ? null : interests.match(topic, null);
        boolean there = attachment != null;
        if (match == null || !match.wants(partition, position) || match.qos() == 0 && !there) {
            return null;
        }
        Heard.State state = Heard.State.ACKNOWLEDGED;
        if (!broker.hasRead(partition, position) || outflow.waiting().holds(partition, position)) {
            state = Heard.State.WAITING;
        } else if (outflow.underWay().holds(partition, position)) {
            state = Heard.State.UNDER_WAY;
        } else if (match.qos() == 0) {
            state = Heard.State.SENT;
        }
        return new Heard(clientId, tenure.device(), there, state);
    }

    @Override
    public String toString() {
        return "Session[%s %s]".formatted(tenant, clientId);
    }
}
