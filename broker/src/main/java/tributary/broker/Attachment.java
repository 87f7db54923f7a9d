package tributary.broker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tributary.broker.Subscription.Key;
import tributary.model.Fault;
import tributary.model.Message;
import tributary.model.TenantId;

/// One connection's hold on a session. When another connection takes the session, this one's calls do nothing any more.
///
/// Called on the client's thread. Answers that have to wait for the disk come there, too, through the outlet.
public final class Attachment {
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final Session session;
    private final Ages ages;
    private final Outlet outlet;
    private final Client client;
    private final AtomicBoolean signalled = new AtomicBoolean();
    private boolean started;

    /// A subscription that a client asks for.
    ///
    /// @param showRetained what to do with the retained messages that match
    public record Request(Subscription subscription, ShowRetained showRetained) {}

    /// Whether a new subscription gets the retained messages that match it.
    public enum ShowRetained {
        ALWAYS,
        IF_NEW,
        NEVER
    }

    /// Why the broker could not do as asked.
    public record Failure(Fault fault, String detail) {}

    /// What became of a publish of QoS 2 that was sent before.
    public enum Taken {
        /// There is none of that identifier.
        NO,
        /// It is on the disk.
        YES,
        /// It is on its way there.
        SOON
    }

    Attachment(Session session, Ages ages, Outlet outlet, Client client) {
        this.session = session;
        this.ages = ages;
        this.outlet = outlet;
        this.client = client;
    }

    public TenantId tenant() {
        return session.tenant();
    }

    public String clientId() {
        return session.clientId();
    }

    /// The client has been told that it is connected: messages may come.
    public void start() {
        started = true;
        session.wakeSoon();
    }

    /// @return what the client is to be sent next, or null where nothing can be sent now; [Client#wake] says when to
    ///         look again
    public @Nullable Outgoing poll() {
        Outgoing out = null;
        while (started && out == null) {
            out = session.poll(this);
            if (out == null && !takeShared()) {
                break;
            }
        }
        return out;
    }

    /// Asks the groups for messages, where the client could take more.
    private boolean takeShared() {
        List<Key> shares = session.membership().shares();
        int room = shares.isEmpty() ? 0 : session.membership().room(this);
        int left = room;
        for (Group group : session.broker().directory().groups(session.tenant(), shares)) {
            left -= group.handOver(session, this, left);
        }
        return left < room;
    }

    /// Adds subscriptions. What becomes durable from now on is heard; retained messages follow after `done`.
    ///
    /// @param done hears that a crash would not undo it, or why it cannot be done
    public void subscribe(List<Request> requests, Consumer<@Nullable Failure> done) {
        Map<Key, Subscription> before = before(requests);
        Collected collected = new Collected(requests.size(), failure -> {
            if (failure != null) {
                requests.forEach(request -> undo(request.subscription(), before));
            }
            done.accept(failure);
        });
        for (Request request : requests) {
            Subscription subscription = request.subscription();
            boolean known = subscribed(subscription.key());
            long[] from = session.interests().subscribe(this, subscription, collected);
            boolean show = request.showRetained() == ShowRetained.ALWAYS
                    || request.showRetained() == ShowRetained.IF_NEW && !known;
            if (from != null && show && !subscription.shared()) {
                collected.afterwards(() -> session.broker()
                        .whenRead(from, () -> outlet.execute(() -> session.showRetained(this, subscription, from))));
            }
        }
        collected.all();
    }

    /// A subscription could not be noted: what the client had before it has still. One that it asked for since stands
    /// for itself.
    private void undo(Subscription failed, Map<Key, Subscription> before) {
        if (!session.interests().holds(failed)) {
            return;
        }
        Subscription former = before.get(failed.key());
        if (former == null) {
            unsubscribe(List.of(failed.key()), _ -> {});
        } else {
            session.interests().subscribe(this, former, (_, _) -> {});
        }
    }

    /// @return the subscriptions that those of the requests would take the place of
    private Map<Key, Subscription> before(List<Request> requests) {
        Map<Key, Subscription> before = new HashMap<>();
        for (Request request : requests) {
            Key key = request.subscription().key();
            Subscription former = session.subscription(key);
            if (former != null) {
                before.put(key, former);
            }
        }
        return before;
    }

    /// Removes subscriptions.
    ///
    /// @param done hears, when a crash would not undo it, which of them there were
    public void unsubscribe(List<Key> keys, Consumer<boolean[]> done) {
        boolean[] existed = new boolean[keys.size()];
        // What cannot be noted is gone from memory all the same: at worst a crash brings the subscription back.
        Collected collected = new Collected(keys.size(), _ -> done.accept(existed));
        for (int i = 0; i < existed.length; i++) {
            existed[i] = session.interests().unsubscribe(this, keys.get(i), collected);
        }
        collected.all();
    }

    /// Ends subscriptions that the client has no right to any more: nothing of what they brought is told from now on,
    /// not even what waits in memory or was sent and not acknowledged.
    public void withdraw(List<Key> keys) {
        keys.forEach(key -> session.interests().withdraw(this, key));
    }

    /// @return how many subscriptions the session has
    public int subscriptionCount() {
        return session.subscriptionCount();
    }

    /// @return characters of the filters of all subscriptions, and of the names of groups that share them
    public int filterCharacters() {
        return session.filterCharacters();
    }

    /// @return whether the session has a subscription with that key
    public boolean subscribed(Key key) {
        return session.subscription(key) != null;
    }

    /// @return the subscriptions of the session
    public List<Subscription> subscriptions() {
        return session.subscriptions();
    }

    /// Waits for the answers to several changes.
    private final class Collected implements Journal.Done {
        private final AtomicInteger open;
        private final Consumer<@Nullable Failure> done;
        private final List<Runnable> afterwards = new ArrayList<>(0);
        private volatile @Nullable Failure failure;

        Collected(int count, Consumer<@Nullable Failure> done) {
            this.open = new AtomicInteger(count + 1);
            this.done = done;
        }

        /// Only on the client's thread, on which the end is told, too.
        void afterwards(Runnable action) {
            afterwards.add(action);
        }

        @Override
        public void done(@Nullable Fault fault, String detail) {
            if (fault != null) {
                failure = new Failure(fault, detail);
            }
            if (open.decrementAndGet() == 0) {
                outlet.execute(this::tell);
            }
        }

        /// All changes have been asked for: where none has to wait for the disk, the answer is here already.
        void all() {
            if (open.decrementAndGet() == 0) {
                tell();
            }
        }

        private void tell() {
            done.accept(failure);
            if (failure == null) {
                afterwards.forEach(Runnable::run);
            }
        }
    }

    /// PUBACK came.
    ///
    /// @return whether a message waited for just that answer, or was not known at all
    public boolean acknowledged(int packetId) {
        return session.answered(this, packetId, Window.State.PUBACK, false) != Answer.UNEXPECTED;
    }

    /// PUBREC came; what is to be answered follows from [#poll].
    ///
    /// @param refused whether the client does not want the message
    /// @return whether a message of that identifier waits for it
    public Known received(int packetId, boolean refused) {
        return Known.of(session.answered(this, packetId, Window.State.PUBREC, refused));
    }

    /// PUBCOMP came.
    ///
    /// @return whether a message waited for just that answer, or was not known at all
    public boolean completed(int packetId) {
        return session.answered(this, packetId, Window.State.PUBCOMP, false) != Answer.UNEXPECTED;
    }

    /// What the session knows of a packet identifier.
    public enum Known {
        YES,
        NO,
        /// It waits for another answer.
        OTHERWISE;

        private static Known of(Answer answer) {
            return switch (answer) {
                case TAKEN -> YES;
                case UNKNOWN -> NO;
                case UNEXPECTED -> OTHERWISE;
            };
        }
    }

    /// @return whether a publish of QoS 2 with that identifier was taken before
    public Taken taken(int packetId) {
        if (session.inflow().get(packetId) == null) {
            return Taken.NO;
        }
        return session.inflow().pending(packetId) ? Taken.SOON : Taken.YES;
    }

    /// @param settled hears on the client's thread whether the publish of QoS 2 with that identifier is on the disk; it
    ///     is not where the log refused it, and was never taken then
    public void whenTaken(int packetId, Consumer<Boolean> settled) {
        Inflow.Taking taking = session.inflow().get(packetId);
        if (taking != null) {
            session.inflow().whenSettled(taking, stored -> outlet.execute(() -> settled.accept(stored)));
        }
    }

    /// @return publishes of QoS 2 that were taken and not released
    public int takenCount() {
        return session.inflow().count();
    }

    /// A publish of QoS 2 is about to be appended to the log.
    ///
    /// @param partition that it goes to
    /// @return what to tell how it ends
    public Taking take(int packetId, int partition) {
        return new Taking(
                session,
                session.inflow().begin(packetId, partition, session.broker().end(partition)));
    }

    /// A publish of QoS 2 on its way to the log; it outlives the connection.
    public static final class Taking {
        private final Session session;
        private final Inflow.Taking taking;

        private Taking(Session session, Inflow.Taking taking) {
            this.session = session;
            this.taking = taking;
        }

        /// @return the name that the publish has in the log
        public int publishId() {
            return Inflow.publishId(session.number(), taking.packetId());
        }

        public void durable(long position) {
            session.inflow().durable(taking, position);
        }

        public void refused() {
            session.inflow().refused(taking);
        }
    }

    /// PUBREL came.
    ///
    /// @param then hears, when a crash would not undo it, whether there was such a publish
    public void release(int packetId, Consumer<Boolean> then) {
        boolean[] known = new boolean[1];
        session.inflow().release(packetId, (fault, _) -> released(fault, () -> then.accept(known[0])), known);
    }

    /// While the journal cannot have it, it is asked again: a client sends PUBREL once on a connection, and its packet
    /// identifier is taken until it is answered.
    private void released(@Nullable Fault fault, Runnable answer) {
        if (fault == null) {
            outlet.execute(answer);
            return;
        }
        session.broker().after(RETRY, () -> {
            if (session.repeatsFor(this)) {
                session.broker().journal().whenNoted(session.number(), (again, _) -> released(again, answer));
            }
        });
    }

    /// @return microseconds since the message was received, whatever the wall clock jumped meanwhile
    public long ageMicros(Message message) {
        return ages.of(message.receivedMicros());
    }

    /// The client is gone.
    ///
    /// @param expirySeconds how long the session lives on, or -1 for as long as it was to
    /// @param willing       whether the will is to be published
    public void detach(long expirySeconds, boolean willing) {
        session.detach(this, expirySeconds, willing);
    }

    /// The client is let in.
    void admit() {
        session.admit(this);
    }

    /// The client cannot be let in.
    ///
    /// @param resumed whether the session had been there before
    void refuse(boolean resumed) {
        session.refuse(this, resumed);
    }

    /// Whoever lost the right has no last word.
    public void dropWill() {
        session.dropWill(this);
    }

    /// Notes a change; when it is durable, `action` runs under the session's lock and the client is woken, unless the
    /// session has left this connection. While the journal cannot take it, it is tried again.
    void note(Change change, Runnable action) {
        session.broker().journal().note(change, (fault, _) -> {
            if (fault != null) {
                session.broker().after(RETRY, () -> {
                    synchronized (session) {
                        if (session.isOf(this)) {
                            note(change, action);
                        }
                    }
                });
                return;
            }
            synchronized (session) {
                if (session.isOf(this)) {
                    action.run();
                    outlet.wake(this);
                }
            }
        });
    }

    Client client() {
        return client;
    }

    Outlet outlet() {
        return outlet;
    }

    /// @return whether the client was not signalled before
    boolean signal() {
        return signalled.compareAndSet(false, true);
    }

    void wake() {
        signalled.set(false);
        client.wake();
    }
}
