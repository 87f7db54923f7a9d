package tributary.broker;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tributary.broker.Subscription.Key;
import tributary.broker.Window.InFlight;
import tributary.broker.Window.Place;
import tributary.broker.Window.State;
import tributary.model.Message;

/// What a session has to tell its client, in order: what it was told before and did not acknowledge, retained
/// messages of new subscriptions, what waits in the log, what has just been published.
///
/// Messages stay in memory only while the client keeps up (`fresh`); beyond that, and while nobody is connected, what
/// waits is places in the log (`backlog`), read again when the client takes more. Guarded by the session's lock.
final class Outflow {
    /// Places that are read from the log at once.
    private static final int FETCH_MAX = 256;

    /// Messages that a group hands to one member before the next gets one.
    private static final int SHARED_MAX = 32;

    /// What a message weighs beside its payload.
    private static final int OVERHEAD_BYTES = 64;

    private final Session session;
    private final Commons commons;
    private final Window window = new Window();
    private final Backlog backlog;

    /// Read from the log for the first entries of the backlog; null where the log does not have one any more.
    private final List<@Nullable Delivery> loaded = new ArrayList<>(0);

    private int loadedFrom;
    private final Deque<Fresh> fresh = new ArrayDeque<>(0);
    private long freshBytes;

    /// Under way when the client left, and what a group handed to this session: to be written first.
    private final Deque<InFlight> again = new ArrayDeque<>(0);

    /// QoS 2 messages whose identifiers the journal is about to have; nothing overtakes them.
    private final Deque<InFlight> noting = new ArrayDeque<>(0);

    private final Deque<Outgoing.Release> releases = new ArrayDeque<>(0);
    private final Deque<RetainedWalk> retained = new ArrayDeque<>(0);

    /// Messages that this connection may have under way, and how many it has.
    private int receiveMax;

    private int underWay;
    private long freshBytesMax;
    private @Nullable Fetch fetching;
    private long dropped;

    /// Whether what the journal has of this does not tell all any more.
    private boolean dirty;

    /// Whether nothing can be sent before something else happens; valid inside [#poll].
    private boolean blocked;

    private record Fresh(Delivery delivery, Match match, int qos) {
        int bytes() {
            return delivery.message().payload().length + OVERHEAD_BYTES;
        }
    }

    /// A message of a group that another member is to have.
    record Back(Key share, Backlog.Entry entry) {}

    /// One reading of places of the log.
    static final class Fetch {
        private final List<Place> places;
        private final boolean ofBacklog;

        /// Entries that left the backlog while they were read.
        private int gone;

        private Fetch(List<Place> places, boolean ofBacklog) {
            this.places = places;
            this.ofBacklog = ofBacklog;
        }

        List<Place> places() {
            return places;
        }
    }

    Outflow(Session session, Commons commons) {
        this.session = session;
        this.commons = commons;
        this.backlog = new Backlog(commons.log().partitions());
    }

    int waiting() {
        return backlog.count() + fresh.size();
    }

    long waitingBytes() {
        return backlog.payloadBytes() + freshBytes;
    }

    long dropped() {
        return dropped;
    }

    Window window() {
        return window;
    }

    /// @return whether a group may hand a message to this session
    boolean hungry() {
        return fresh.size() < SHARED_MAX && backlog.isEmpty() && again.isEmpty() && room();
    }

    private boolean room() {
        return underWay < receiveMax && !window.full();
    }

    /// A client is there: what it was told before comes first.
    void begin(int receives, long memoryBytesMax) {
        receiveMax = receives;
        freshBytesMax = memoryBytesMax;
        underWay = 0;
        for (InFlight one : window.inOrder()) {
            one.counted = false;
            one.delivery = null;
            again.add(one);
        }
    }

    /// The client is gone: messages in memory become places, QoS 0 is forgotten.
    ///
    /// @return what other members of groups can have
    List<Back> end() {
        again.clear();
        noting.clear();
        releases.clear();
        retained.clear();
        loaded.clear();
        loadedFrom = 0;
        fetching = null;
        List<Back> backs = new ArrayList<>(0);
        for (InFlight one : window.inOrder()) {
            one.delivery = null;
            Key share = one.share;
            if (share != null && (one.qos == 1 || !one.written)) {
                complete(one);
                backs.add(new Back(share, new Backlog.Entry(one.partition, one.position, 0)));
            }
        }
        spill(backs);
        return backs;
    }

    /// Takes one message in. On the broker's thread.
    ///
    /// @param backs gets what other members of groups can have
    /// @return how many bytes it keeps in memory, or -1 where it is not to be told now
    int offer(Delivery delivery, Match match, boolean connected, List<Back> backs) {
        int qos = Math.min(match.qos(), delivery.message().qos());
        boolean keepsUp = connected && backlog.isEmpty();
        Fresh one = new Fresh(delivery, match, qos);
        if (keepsUp && freshBytes + one.bytes() <= freshBytesMax) {
            fresh.add(one);
            freshBytes += one.bytes();
            dirty |= qos > 0;
            return one.bytes();
        }
        if (qos == 0) {
            if (connected) {
                drop();
            }
            return -1;
        }
        if (keepsUp) {
            commons.tally().spilled.increment();
            spill(backs);
        }
        wait(entry(delivery));
        return -1;
    }

    private static Backlog.Entry entry(Delivery delivery) {
        return new Backlog.Entry(
                delivery.partition(), delivery.position(), delivery.message().payload().length);
    }

    private void drop() {
        dropped++;
        commons.tally().dropped.increment();
    }

    /// Messages in memory become places in the log; those of groups wait there and not here.
    private void spill(List<Back> backs) {
        while (!fresh.isEmpty()) {
            Fresh one = fresh.remove();
            Key share = one.match().share();
            if (one.qos() == 0) {
                drop();
            } else if (share != null) {
                backs.add(new Back(share, entry(one.delivery())));
            } else {
                wait(entry(one.delivery()));
            }
        }
        freshBytes = 0;
    }

    /// Adds a place behind all that waits; the oldest go where there are too many.
    void wait(Backlog.Entry entry) {
        dirty = true;
        BrokerSettings settings = commons.settings();
        backlog.add(entry.partition(), entry.position(), entry.bytes());
        while (backlog.count() > settings.sessionMessagesMax() || backlog.payloadBytes() > settings.sessionBytesMax()) {
            backlog.poll();
            if (loadedFrom < loaded.size()) {
                takeLoaded();
            } else if (fetching != null) {
                fetching.gone++;
            }
            drop();
        }
    }

    private @Nullable Delivery takeLoaded() {
        Delivery delivery = loaded.set(loadedFrom++, null);
        if (loadedFrom == loaded.size()) {
            loaded.clear();
            loadedFrom = 0;
        }
        return delivery;
    }

    void walk(RetainedWalk walk) {
        retained.add(walk);
    }

    /// @return how many messages a group may hand over now
    int roomForShared() {
        int room = Math.min(SHARED_MAX, Math.min(receiveMax, Window.SIZE_MAX) - underWay);
        return backlog.isEmpty() && fresh.isEmpty() ? Math.max(0, room - again.size()) : 0;
    }

    /// Takes messages that a group hands over; they are read from the log when their turn comes.
    void assign(Key share, List<Backlog.Entry> entries) {
        for (Backlog.Entry entry : entries) {
            again.add(window.open(new Place(entry.partition(), entry.position(), false, share), 1));
        }
    }

    /// @return what the client is to be sent next, or null where nothing can be sent now
    @Nullable
    Outgoing poll() {
        blocked = false;
        Outgoing out = null;
        while (out == null && !blocked) {
            out = step();
        }
        return out;
    }

    /// Goes one step: a packet comes of it, or something was put aside, or nothing can be sent (`blocked`).
    private @Nullable Outgoing step() {
        if (!releases.isEmpty()) {
            return releases.remove();
        }
        if (!noting.isEmpty() && noting.element().noted) {
            return write(noting.remove());
        }
        if (!again.isEmpty()) {
            return sendAgain(again.element());
        }
        RetainedWalk walk = retained.peek();
        if (walk != null) {
            return sendRetained(walk);
        }
        return backlog.isEmpty() ? sendFresh() : sendWaiting();
    }

    private @Nullable Outgoing block() {
        blocked = true;
        return null;
    }

    private @Nullable Outgoing sendAgain(InFlight one) {
        if (window.get(one.packetId) != one) {
            again.remove(); // acknowledged or dropped meanwhile
            return null;
        }
        if (!one.counted && underWay >= receiveMax) {
            return block();
        }
        if (one.state == State.PUBCOMP) {
            again.remove();
            count(one);
            return new Outgoing.Release(one.packetId);
        }
        Delivery delivery = one.delivery;
        if (delivery == null) {
            fetch();
            return block();
        }
        if (!one.written) {
            Match match = session.match(delivery.message().topic(), one.share);
            int qos =
                    match == null ? 0 : Math.min(match.qos(), delivery.message().qos());
            if (!noting.isEmpty() && qos < 2) {
                return block();
            }
            again.remove();
            if (match == null || qos == 0 || commons.stale(delivery)) {
                complete(one);
                return match == null || qos > 0 ? null : publish(delivery, match, 0, false, null);
            }
            one.qos = qos;
            one.state = qos == 2 ? State.PUBREC : State.PUBACK;
        } else {
            again.remove();
        }
        count(one);
        if (one.qos == 2 && !one.noted && session.durable()) {
            note(one);
            return null;
        }
        return write(one);
    }

    private void count(InFlight one) {
        if (!one.counted) {
            one.counted = true;
            underWay++;
        }
    }

    private void note(InFlight one) {
        noting.add(one);
        session.note(sent(one), () -> one.noted = true);
    }

    private @Nullable Outgoing write(InFlight one) {
        Delivery delivery = one.delivery;
        if (delivery == null || window.get(one.packetId) != one) {
            return null;
        }
        Match now = session.match(delivery.message().topic(), one.share);
        Match match = now == null ? Match.without(session, one.qos, one.share) : now;
        one.delivery = null;
        boolean duplicate = one.written;
        one.written = true;
        return publish(delivery, match, one.qos, duplicate, one);
    }

    private static Outgoing publish(
            Delivery delivery, Match match, int qos, boolean duplicate, @Nullable InFlight under) {
        boolean ofStore = under != null && under.retained;
        boolean retain =
                ofStore || match.retainAsPublished() && delivery.message().retain();
        return new Outgoing.Publish(
                delivery, qos, retain, duplicate, under == null ? 0 : under.packetId, match.identifiers());
    }

    private @Nullable Outgoing sendRetained(RetainedWalk walk) {
        if (!room() || !noting.isEmpty()) {
            return block();
        }
        Delivery delivery = walk.next();
        if (delivery == null) {
            if (walk.isOver()) {
                retained.remove();
                return null;
            }
            session.wakeSoon();
            return block();
        }
        if (commons.stale(delivery)) {
            return null;
        }
        Match match = walk.match();
        int qos = Math.min(match.qos(), delivery.message().qos());
        return qos == 0
                ? new Outgoing.Publish(delivery, 0, true, false, 0, match.identifiers())
                : open(delivery, match, qos, true);
    }

    private @Nullable Outgoing sendWaiting() {
        if (!room()) {
            return block();
        }
        if (loaded.size() - loadedFrom < FETCH_MAX / 2 && loaded.size() - loadedFrom < backlog.count()) {
            fetch();
        }
        if (loadedFrom == loaded.size()) {
            return block();
        }
        Delivery delivery = loaded.get(loadedFrom);
        Match match = delivery == null || commons.stale(delivery)
                ? null
                : session.match(delivery.message().topic(), null);
        int qos = delivery == null || match == null
                ? 0
                : Math.min(match.qos(), delivery.message().qos());
        if (match != null && qos < 2 && !noting.isEmpty()) {
            return block();
        }
        takeLoaded();
        backlog.poll();
        dirty = true;
        if (delivery == null || commons.tooOld(delivery)) {
            drop();
            return null;
        }
        if (match == null) {
            return null; // unsubscribed since, expired, or its device is gone
        }
        return qos == 0 ? publish(delivery, match, 0, false, null) : open(delivery, match, qos, false);
    }

    private @Nullable Outgoing sendFresh() {
        Fresh one = fresh.peek();
        if (one == null || one.qos() > 0 && !room() || one.qos() < 2 && !noting.isEmpty()) {
            return block();
        }
        fresh.remove();
        freshBytes -= one.bytes();
        Delivery delivery = one.delivery();
        if (commons.stale(delivery)) {
            return null;
        }
        return one.qos() == 0
                ? publish(delivery, one.match(), 0, false, null)
                : open(delivery, one.match(), one.qos(), false);
    }

    /// Gives a message an identifier and writes it, or has it noted before.
    private @Nullable Outgoing open(Delivery delivery, Match match, int qos, boolean ofStore) {
        InFlight one = window.open(new Place(delivery.partition(), delivery.position(), ofStore, match.share()), qos);
        count(one);
        if (session.durable()) {
            if (qos == 2) {
                one.delivery = delivery;
                note(one);
                return null;
            }
            session.note(sent(one));
        }
        one.written = true;
        return publish(delivery, match, qos, false, one);
    }

    private Change.Sent sent(InFlight one) {
        return new Change.Sent(
                session.number(),
                one.packetId,
                one.qos,
                one.state,
                one.retained,
                one.partition,
                one.position,
                one.share);
    }

    /// The client answered with PUBACK, PUBREC or PUBCOMP.
    ///
    /// @param refused whether its reason code says that it does not want the message
    Answer answered(int packetId, State what, boolean refused) {
        InFlight one = window.get(packetId);
        if (one == null) {
            return Answer.UNKNOWN;
        }
        boolean repeated = one.state == State.PUBCOMP && what == State.PUBREC;
        if (one.state != what && !repeated || !one.written) {
            return Answer.UNEXPECTED;
        }
        if (what == State.PUBREC && !refused) {
            received(one);
        } else {
            complete(one);
        }
        return Answer.TAKEN;
    }

    private void received(InFlight one) {
        one.state = State.PUBCOMP;
        Outgoing.Release release = new Outgoing.Release(one.packetId);
        if (session.durable()) {
            session.note(new Change.Received(session.number(), one.packetId), () -> releases.add(release));
        } else {
            releases.add(release);
        }
    }

    /// The message is through, or nobody wants it any more.
    private void complete(InFlight one) {
        window.free(one);
        one.delivery = null;
        if (one.counted) {
            one.counted = false;
            underWay--;
        }
        if (session.durable()) {
            session.note(new Change.Completed(session.number(), one.packetId, one.partition, one.position));
        }
    }

    private void fetch() {
        if (fetching == null) {
            List<Place> places = new ArrayList<>();
            for (InFlight one : again) {
                if (one.delivery == null && one.state != State.PUBCOMP && places.size() < FETCH_MAX) {
                    places.add(new Place(one.partition, one.position, one.retained, one.share));
                }
            }
            boolean ofBacklog = places.isEmpty();
            if (ofBacklog) {
                int known = loaded.size() - loadedFrom;
                Backlog.Cursor cursor = backlog.cursor();
                for (int i = 0; cursor.hasNext() && places.size() < FETCH_MAX; i++) {
                    Backlog.Entry entry = cursor.next();
                    if (i >= known) {
                        places.add(new Place(entry.partition(), entry.position(), false, null));
                    }
                }
            }
            fetching = new Fetch(places, ofBacklog);
            commons.fetcher().add(session, fetching);
        }
    }

    /// What was read, in the order in which it was wanted; null for what the log does not have any more.
    void fetched(Fetch fetch, List<@Nullable Delivery> found) {
        if (fetching != fetch) {
            return; // the client left meanwhile
        }
        fetching = null;
        if (fetch.ofBacklog) {
            loaded.addAll(found.subList(Math.min(found.size(), fetch.gone), found.size()));
            return;
        }
        for (int i = 0; i < found.size(); i++) {
            arrived(fetch.places.get(i), found.get(i));
        }
    }

    private void arrived(Place place, @Nullable Delivery delivery) {
        for (InFlight one : again) {
            boolean same = one.partition == place.partition() && one.position == place.position();
            if (same && one.delivery == null) {
                one.delivery = delivery;
                if (delivery == null) {
                    drop();
                    complete(one);
                }
                return;
            }
        }
    }

    boolean dirty() {
        return dirty;
    }

    void dirty(boolean is) {
        dirty = is;
    }

    /// @return all that has still to be told, places only; what groups gave apart
    List<Backlog.Entry> places() {
        List<Backlog.Entry> places = new ArrayList<>(waiting());
        Backlog.Cursor cursor = backlog.cursor();
        while (cursor.hasNext()) {
            places.add(cursor.next());
        }
        for (Fresh one : fresh) {
            if (one.qos() > 0 && one.match().share() == null) {
                places.add(entry(one.delivery()));
            }
        }
        return places;
    }

    List<Change.Sent> inFlight() {
        return window.inOrder().stream().map(this::sent).toList();
    }

    /// @return whether the publish was one of the session's own that it does not want to hear
    static boolean own(Message message, Match match, String clientId) {
        return match.noLocal()
                && message.origin() == Message.Origin.MQTT
                && message.publisher().equals(clientId);
    }

    /// What became of an answer of the client.
    enum Answer {
        TAKEN,
        UNKNOWN,
        UNEXPECTED
    }
}
