package tributary.broker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
    private static final int REMEMBERED_TOPICS_MAX = 64;
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final long SECOND = 1_000_000_000;

    private final Broker broker;
    private final Commons commons;
    private final int number;
    private final TenantId tenant;
    private final String clientId;
    private final long[] born;
    private final Map<Key, Listener> subscriptions = new HashMap<>(2);
    private final Map<Topic, Match> matches = new HashMap<>(2);
    private final Outflow outflow;
    private final Inflow inflow = new Inflow();
    private String subject;
    private @Nullable DeviceId device;
    private long expirySeconds;
    private int connection;
    private @Nullable Will will;
    private @Nullable Attachment attachment;
    private long detachedAt;
    private boolean ended;

    /// When the session ends and its will is published, by the monotonic clock; while nobody is connected.
    private long expiresAt;

    private long speaksAt;

    /// When the next look at these is planned.
    private long plannedAt;

    private boolean planned;

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
        return durable() || will != null;
    }

    /// A client takes the session; one that had it before is told.
    ///
    /// @param done hears when a crash would not undo it; at once where nothing has to be remembered
    /// @return the connection's hold on the session, or null where it has ended meanwhile
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
            if (before != null && will != null && will.delaySeconds() == 0) {
                // Its connection is closed without a goodbye; what comes after replaces the will in the journal.
                broker.lastWords().publish(will, _ -> {});
            }
            Will last = arrival.will();
            will = last == null ? null : last.of(connection & 0xFFF_FFFF);
            now = new Attachment(this, arrival.outlet(), arrival.client());
            attachment = now;
            detachedAt = 0;
            outflow.begin(arrival.receiveMax(), arrival.outlet().waitingBytesMax());
            if (noted()) {
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
                                        will,
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
                settleWill();
            }
            detachedAt = commons.nowMicros();
            if (known) {
                note(new Change.Detached(number, detachedAt, expirySeconds, will != null));
            }
            over = !durable();
            if (!over) {
                plan(expirySeconds * SECOND, will == null ? 0 : will.delaySeconds() * SECOND);
            }
        }
        broker.giveBack(this, backs);
        if (over) {
            end(null);
        } else {
            wakeGroups();
        }
    }

    /// The session goes to nobody; under the lock.
    private List<Back> leave() {
        attachment = null;
        return outflow.end();
    }

    /// Plans the end of the session and the will; under the lock.
    ///
    /// @param expiryNanos from now
    /// @param willNanos   from now; means nothing without a will
    private void plan(long expiryNanos, long willNanos) {
        long now = broker.nanos();
        expiresAt = now + expiryNanos;
        speaksAt = now + willNanos;
        look(now);
    }

    /// Plans the next look, unless an earlier one is planned; under the lock.
    private void look(long now) {
        long next = will == null ? expiresAt : Math.min(expiresAt, speaksAt);
        if (!planned || next - plannedAt < 0) {
            planned = true;
            plannedAt = next;
            broker.after(Duration.ofNanos(Math.max(0, next - now)), this::due);
        }
    }

    /// The time for the end of the session, or for its will, may have come.
    private void due() {
        Will last = null;
        synchronized (this) {
            planned = false;
            if (attachment != null || ended) {
                return; // whoever came back plans anew when it goes
            }
            long now = broker.nanos();
            if (now - expiresAt < 0) {
                if (will != null && now - speaksAt >= 0) {
                    last = will;
                }
                if (will == null || last == null) {
                    look(now);
                }
            }
            if (now - expiresAt < 0 && last == null) {
                return;
            }
        }
        if (last == null) {
            end(null);
        } else {
            speak(last);
        }
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
            keys = List.copyOf(subscriptions.keySet());
            subscriptions.clear();
            matches.clear();
            last = why == Client.Why.REVOKED ? null : will;
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
            speak(last);
        }
    }

    /// Publishes a will, once.
    private void speak(Will last) {
        synchronized (this) {
            if (will != last || attachment != null) {
                return;
            }
        }
        commons.tally().wills.increment();
        broker.lastWords().publish(last, settled -> {
            synchronized (this) {
                if (will == last && settled) {
                    settleWill();
                    if (ended) {
                        note(new Change.Ended(number));
                    } else if (attachment == null) {
                        look(broker.nanos());
                    }
                    return;
                }
            }
            if (!settled) {
                broker.after(RETRY, () -> speak(last));
            }
        });
    }

    /// The will has been published or never will be; under the lock.
    private void settleWill() {
        Will last = will;
        will = null;
        if (last != null) {
            commons.journal().note(new Change.WillSettled(number, last.number()));
        }
    }

    /// Forgets the will: whoever lost the right has no last word.
    synchronized void dropWill(Attachment who) {
        if (attachment == who) {
            settleWill();
        }
    }

    synchronized int subscriptionCount() {
        return subscriptions.size();
    }

    synchronized List<Subscription> subscriptions() {
        return subscriptions.values().stream().map(Listener::subscription).toList();
    }

    /// Adds a subscription or replaces the one with the same key.
    ///
    /// @param done hears when a crash would not undo it
    /// @return the positions from which it counts, or null where the session is not the caller's any more
    long @Nullable [] subscribe(Attachment who, Subscription subscription, Journal.Done done) {
        synchronized (this) {
            if (attachment != who) {
                return null;
            }
            Listener before = subscriptions.get(subscription.key());
            long[] ends = broker.ends();
            long[] from = before == null ? ends : before.from();
            subscriptions.put(subscription.key(), new Listener(this, subscription, from));
            matches.clear();
            broker.listen(this, subscription, from);
            if (durable()) {
                commons.journal().note(new Change.Subscribed(number, new Change.Listening(subscription, from)), done);
            } else {
                done.done(null, "");
            }
            return ends;
        }
    }

    /// @param done hears when a crash would not undo it
    /// @return whether there was such a subscription
    boolean unsubscribe(Attachment who, Key key, Journal.Done done) {
        synchronized (this) {
            if (attachment != who || subscriptions.remove(key) == null) {
                done.done(null, "");
                return false;
            }
            matches.clear();
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
            Listener listener = subscriptions.get(subscription.key());
            if (listener != null) {
                Match match = new Match(this, List.of(listener));
                outflow.walk(commons.retained().walk(tenant, subscription.filter(), before, match));
            }
        }
        wakeSoon();
    }

    /// @return what the session wants with a topic, or null where no subscription matches; under the lock
    @Nullable
    Match match(Topic topic, @Nullable Key share) {
        if (share != null) {
            Listener listener = subscriptions.get(share);
            return listener == null ? null : new Match(this, List.of(listener));
        }
        Match known = matches.get(topic);
        if (known != null) {
            return known;
        }
        List<Listener> listeners = new ArrayList<>(1);
        for (Listener listener : subscriptions.values()) {
            Subscription subscription = listener.subscription();
            if (!subscription.shared() && subscription.filter().matches(topic)) {
                listeners.add(listener);
            }
        }
        if (listeners.isEmpty()) {
            return null;
        }
        Match match = new Match(this, listeners);
        if (matches.size() >= REMEMBERED_TOPICS_MAX) {
            matches.clear();
        }
        matches.put(topic, match);
        return match;
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
            int bytes = outflow.offer(delivery, match, to != null, backs);
            if (to != null && bytes >= 0) {
                broker.touch(to, bytes);
            } else if (to != null) {
                wakeSoon();
            }
        }
        broker.giveBack(this, backs);
    }

    /// @return whether the message went to this member of the group
    boolean offerShared(Delivery delivery, Key share) {
        synchronized (this) {
            Attachment to = attachment;
            Listener listener = subscriptions.get(share);
            if (to == null || listener == null || !outflow.hungry()) {
                return false;
            }
            int bytes = outflow.offer(delivery, new Match(this, List.of(listener)), true, new ArrayList<>(0));
            if (bytes >= 0) {
                broker.touch(to, bytes);
            }
            return bytes >= 0;
        }
    }

    @Nullable
    Outgoing poll(Attachment who) {
        while (true) {
            List<Key> shares;
            int room;
            synchronized (this) {
                if (attachment != who) {
                    return null;
                }
                Outgoing out = outflow.poll();
                if (out != null) {
                    return out;
                }
                room = outflow.roomForShared();
                shares = room == 0
                        ? List.of()
                        : subscriptions.keySet().stream()
                                .filter(key -> !key.share().isEmpty())
                                .toList();
            }
            if (!takeShared(who, shares, room)) {
                return null;
            }
        }
    }

    private boolean takeShared(Attachment who, List<Key> shares, int room) {
        int left = room;
        for (Group group : broker.groups(this, shares)) {
            List<Backlog.Entry> entries = group.take(left);
            synchronized (this) {
                if (attachment == who) {
                    outflow.assign(group.key(), entries);
                    left -= entries.size();
                    continue;
                }
            }
            group.giveBack(entries);
        }
        return left < room;
    }

    synchronized Answer answered(Attachment who, int packetId, Window.State what, boolean refused) {
        return attachment == who ? outflow.answered(packetId, what, refused) : Answer.TAKEN;
    }

    synchronized Inflow.@Nullable Taking taking(int packetId) {
        return inflow.get(packetId);
    }

    synchronized int takenCount() {
        return inflow.count();
    }

    synchronized Inflow.Taking begin(int packetId, int partition, long from) {
        return inflow.begin(packetId, partition, from);
    }

    synchronized void taken(Inflow.Taking taking, long position) {
        inflow.durable(taking, position);
        outflow.dirty(true);
    }

    synchronized void notTaken(Inflow.Taking taking) {
        inflow.refused(taking);
    }

    synchronized void whenTaken(Inflow.Taking taking, Runnable action) {
        inflow.whenDurable(taking, action);
    }

    /// @param then hears whether there was such a publish, when a crash would not undo the release
    void release(int packetId, Journal.Done then, boolean[] known) {
        synchronized (this) {
            Change.Taken place = inflow.release(packetId);
            known[0] = place != null;
            if (place != null && durable()) {
                commons.journal().note(new Change.Released(number, place), then);
                return;
            }
        }
        then.done(null, "");
    }

    synchronized boolean pending(int packetId) {
        return inflow.pending(packetId);
    }

    synchronized void fetched(Fetch fetch, List<@Nullable Delivery> found) {
        outflow.fetched(fetch, found);
        wakeSoon();
    }

    /// Notes a change of this session; under the lock.
    void note(Change change) {
        commons.journal().note(change);
    }

    /// Notes a change; when it is durable `action` runs under the lock and the client is woken. While the journal
    /// cannot take it, it is tried again.
    void note(Change change, Runnable action) {
        Attachment of = attachment;
        commons.journal().note(change, (fault, _) -> {
            if (fault != null) {
                broker.after(RETRY, () -> {
                    synchronized (this) {
                        if (attachment == of && !ended) {
                            note(change, action);
                        }
                    }
                });
                return;
            }
            synchronized (this) {
                if (attachment == of) {
                    action.run();
                    wakeSoon();
                }
            }
        });
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

    private void wakeGroups() {
        List<Key> keys;
        synchronized (this) {
            keys = List.copyOf(subscriptions.keySet());
        }
        broker.groups(this, keys).forEach(Group::wakeMembers);
    }

    /// @param offeredTo up to where the log was searched for messages of sessions
    /// @return all that has to be remembered, or null where the journal tells it already
    synchronized Change.@Nullable State state(long[] offeredTo, boolean whole) {
        if (ended || !noted() || !whole && !(durable() && outflow.dirty())) {
            return null;
        }
        outflow.dirty(false);
        return new Change.State(
                number,
                tenant,
                clientId,
                subject,
                device == null ? "" : device.value(),
                expirySeconds,
                attachment != null,
                detachedAt,
                connection,
                will,
                born,
                subscriptions.values().stream()
                        .map(listener -> new Change.Listening(listener.subscription(), listener.from()))
                        .toList(),
                outflow.inFlight(),
                inflow.taken(),
                inflow.released(),
                outflow.places(),
                offeredTo);
    }

    synchronized void lowest(long[] takenTo) {
        inflow.lowest(takenTo);
    }

    synchronized void forgetReleased(long[] before) {
        inflow.forget(before);
    }

    /// Puts back what the journal has of the session; before any client can come.
    synchronized void restore(Remembered remembered) {
        subject = remembered.subject();
        device = remembered.device();
        expirySeconds = remembered.expirySeconds();
        connection = remembered.connection();
        will = remembered.will();
        detachedAt = remembered.connected() ? commons.nowMicros() : remembered.detachedAt();
        for (Change.Listening listening : remembered.subscriptions()) {
            Subscription subscription = listening.subscription();
            subscriptions.put(subscription.key(), new Listener(this, subscription, listening.from()));
            broker.listen(this, subscription, listening.from());
        }
        for (Change.Sent sent : remembered.inFlight()) {
            Window.Place place = new Window.Place(sent.partition(), sent.position(), sent.retained(), sent.share());
            Window.InFlight one = outflow.window().restore(sent.packetId(), place, sent.qos(), sent.state());
            one.written = true;
            one.noted = true;
        }
        remembered.waiting().forEach(outflow::wait);
        remembered.released().forEach(inflow::restoreReleased);
        remembered.taken().forEach(inflow::restore);
    }

    /// Goes on where a former process ended, once all that it left has been read.
    void resume() {
        boolean over;
        synchronized (this) {
            over = !durable();
            long awayNanos = Math.max(0, (commons.nowMicros() - detachedAt) * 1000);
            long willNanos = will == null ? 0 : will.delaySeconds() * SECOND - awayNanos;
            plan(Math.max(0, expirySeconds * SECOND - awayNanos), Math.max(0, willNanos));
        }
        if (over) {
            end(null);
        }
    }

    /// The log has a publish of QoS 2 of this client.
    synchronized void foundTaken(Change.Taken place) {
        inflow.restore(place);
    }

    /// The log has the will of that connection.
    synchronized void foundWill(int ofConnection) {
        Will last = will;
        if (last != null && last.number() == ofConnection) {
            settleWill();
        }
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
                outflow.waiting(),
                outflow.waitingBytes(),
                outflow.dropped());
    }

    @Override
    public String toString() {
        return "Session[%s %s]".formatted(tenant, clientId);
    }
}
