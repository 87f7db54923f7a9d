package tributary.broker;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tributary.broker.Subscription.Key;
import tributary.broker.Window.InFlight;
import tributary.broker.Window.Place;
import tributary.broker.Window.State;
import tributary.model.Message;

/// What a session has to tell its client, in order: what it was told before and did not acknowledge, retained
/// messages of new subscriptions, what waits in the log, what has just been published.
///
/// What waits is kept by [Waiting]; this gives it packet identifiers and follows them to the end. Guarded by the
/// session's lock.
final class Outflow {
    /// Places that are read from the log at once.
    static final int FETCH_MAX = 256;

    /// Messages that a group hands to one member before the next gets one.
    private static final int SHARED_MAX = 32;

    private final Session session;
    private final Commons commons;
    private final TenantTally tally;
    private final Window window = new Window();
    private final Waiting waiting;

    /// Under way when the client left, and what a group handed to this session: to be written first.
    private final Deque<InFlight> again = new ArrayDeque<>(0);

    /// QoS 2 messages whose identifiers the journal is about to have; nothing overtakes them.
    private final Deque<InFlight> noting = new ArrayDeque<>(0);

    private final Deque<Outgoing.Release> releases = new ArrayDeque<>(0);
    private final Deque<RetainedWalk> retained = new ArrayDeque<>(0);

    /// Messages that this connection may have under way, and how many it has.
    private int receiveMax;

    private int underWay;
    private @Nullable Fetch fetching;

    /// Whether nothing can be sent before something else happens; valid inside [#poll].
    private boolean blocked;

    /// A message of a group that another member is to have.
    record Back(Key share, Backlog.Entry entry) {}

    Outflow(Session session, Commons commons) {
        this.session = session;
        this.commons = commons;
        this.tally = commons.tally().of(session.tenant());
        this.waiting = new Waiting(commons, tally);
    }

    /// @return what waits to be told
    Waiting waiting() {
        return waiting;
    }

    Window window() {
        return window;
    }

    /// @return whether a group may hand a message to this session
    boolean hungry() {
        return waiting.fresh() < SHARED_MAX && waiting.keepsUp() && again.isEmpty() && room();
    }

    private boolean room() {
        return underWay < receiveMax && !window.full();
    }

    /// A client is there: what it was told before comes first.
    void begin(int receives, long memoryBytesMax) {
        receiveMax = receives;
        waiting.begin(memoryBytesMax);
        underWay = 0;
        tally.connected.increment();
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
        tally.connected.decrement();
        again.clear();
        noting.clear();
        releases.clear();
        retained.clear();
        fetching = null;
        window.inOrder().forEach(one -> one.delivery = null);
        List<Back> backs = giveBack();
        waiting.end(backs);
        return backs;
    }

    /// Gives back to groups what nobody is here to get through; QoS 2 stays with who began it.
    List<Back> giveBack() {
        return giveBack(one -> one.qos == 1 || !one.written || commons.has(Flaw.GIVE_BACK_SENT));
    }

    private List<Back> giveBack(Predicate<InFlight> which) {
        List<Back> backs = new ArrayList<>(0);
        for (InFlight one : window.inOrder()) {
            Key share = one.share;
            if (share != null && which.test(one)) {
                giveBack(one, share);
                backs.add(new Back(share, new Backlog.Entry(one.partition, one.position, 0)));
            }
        }
        return backs;
    }

    void walk(RetainedWalk walk) {
        retained.add(walk);
    }

    /// @return how many messages a group may hand over now
    int roomForShared() {
        int room = Math.min(SHARED_MAX, Math.min(receiveMax, Window.SIZE_MAX) - underWay);
        return waiting.isEmpty() ? Math.max(0, room - again.size()) : 0;
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
        if (out instanceof Outgoing.Publish) {
            tally.sent.increment();
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
        return sendWaiting();
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
        if (!one.noted && session.durable()) {
            if (one.qos == 2) {
                note(one);
                return null;
            }
            one.noted = true;
            session.note(sent(one));
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
        one.noted = commons.has(Flaw.SEND_BEFORE_NOTE);
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
        if (waiting.isEmpty() || !room()) {
            return block();
        }
        if (waiting.wantsMore()) {
            fetch();
        }
        Waiting.Head head = waiting.head();
        if (head == null) {
            return block(); // it is being read
        }
        Delivery delivery = head.delivery();
        Match known = head.match();
        boolean wanted = delivery != null && !commons.stale(delivery);
        Match match = delivery == null || !wanted
                ? null
                : known == null ? session.match(delivery.message().topic(), null) : known;
        int qos = delivery == null || match == null
                ? 0
                : Math.min(match.qos(), delivery.message().qos());
        if (match != null && qos < 2 && !noting.isEmpty()) {
            return block();
        }
        waiting.take();
        if (delivery == null || known == null && commons.tooOld(delivery)) {
            waiting.drop();
            return null;
        }
        if (match == null) {
            return null; // unsubscribed since, expired, or its device is gone
        }
        return qos == 0 ? publish(delivery, match, 0, false, null) : open(delivery, match, qos, false);
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
            one.noted = true;
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
        if (session.durable() && !commons.has(Flaw.RELEASE_BEFORE_NOTE)) {
            session.note(new Change.Received(session.number(), one.packetId), () -> releases.add(release));
        } else {
            releases.add(release);
        }
    }

    /// Another member of the group is to have the message: for the journal in one step, so that a crash neither loses
    /// nor doubles it.
    private void giveBack(InFlight one, Key share) {
        free(one);
        if (session.durable()) {
            session.note(new Change.Returned(session.number(), one.packetId, one.partition, one.position, share));
        }
    }

    private void free(InFlight one) {
        window.free(one);
        one.delivery = null;
        if (one.counted) {
            one.counted = false;
            underWay--;
        }
    }

    /// The message is through, or nobody wants it any more.
    private void complete(InFlight one) {
        free(one);
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
                places = waiting.toFetch();
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
        if (fetch.ofBacklog()) {
            waiting.fetched(fetch.places(), found);
            return;
        }
        for (int i = 0; i < found.size(); i++) {
            arrived(fetch.places().get(i), found.get(i));
        }
    }

    private void arrived(Place place, @Nullable Delivery delivery) {
        for (InFlight one : again) {
            boolean same = one.partition == place.partition() && one.position == place.position();
            if (same && one.delivery == null) {
                one.delivery = delivery;
                if (delivery == null) {
                    waiting.drop();
                    complete(one);
                }
                return;
            }
        }
    }

    /// The client does not share that subscription any more: what it was not sent goes back to the group.
    List<Back> giveUp(Key share) {
        List<Back> backs = giveBack(one -> unsent(one, share));
        waiting.giveUp(share, backs);
        return backs;
    }

    /// @return whether a group handed the message to this session, which did not begin to send it
    private boolean unsent(InFlight one, Key share) {
        return share.equals(one.share) && !one.written && !noting.contains(one);
    }

    List<Change.Sent> inFlight() {
        return window.inOrder().stream()
                .filter(one -> one.share == null || !unsent(one, one.share))
                .map(this::sent)
                .toList();
    }

    /// @return what a group has handed over and the journal does not know to be this session's; the group notes it
    List<Backlog.Entry> held(Key share) {
        List<Backlog.Entry> held = new ArrayList<>(0);
        for (InFlight one : window.inOrder()) {
            boolean lostWithSession = !session.durable() && one.qos == 1 && share.equals(one.share);
            if (unsent(one, share) || lostWithSession) {
                held.add(new Backlog.Entry(one.partition, one.position, 0));
            }
        }
        waiting.held(share, held);
        return held;
    }

    /// Puts back what a former process had under way and what waited.
    void restore(Remembered remembered) {
        for (Change.Sent sent : remembered.inFlight()) {
            Place place = new Place(sent.partition(), sent.position(), sent.retained(), sent.share());
            InFlight one = window.restore(sent.packetId(), place, sent.qos(), sent.state());
            one.written = true;
            one.noted = true;
        }
        remembered.waiting().forEach(waiting::add);
    }

    /// @return whether the publish was one of the session's own that it does not want to hear
    static boolean own(Message message, Match match, String clientId) {
        return match.noLocal()
                && message.origin() == Message.Origin.MQTT
                && message.publisher().equals(clientId);
    }
}
