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
/// What waits is kept by [Waiting]; what has a packet identifier by [UnderWay]; this says what comes next.
/// Guarded by the session's lock.
final class Outflow {
    /// Places that are read from the log at once.
    static final int FETCH_MAX = 256;

    /// Messages that a group hands to one member before the next gets one.
    private static final int SHARED_MAX = 32;

    private final Session session;
    private final Commons commons;
    private final TenantTally tally;
    private final UnderWay underWay;
    private final Waiting waiting;

    /// Under way when the client left, and what a group handed to this session: to be written first.
    private final Deque<InFlight> again = new ArrayDeque<>(0);

    private final Deque<RetainedWalk> retained = new ArrayDeque<>(0);
    private @Nullable Fetch fetching;

    /// Whether nothing can be sent before something else happens; valid inside [#poll].
    private boolean blocked;

    /// A message of a group that another member is to have.
    record Back(Key share, Backlog.Entry entry) {}

    Outflow(Session session, Commons commons) {
        this.session = session;
        this.commons = commons;
        this.tally = commons.tally().of(session.tenant());
        this.underWay = new UnderWay(session, commons);
        this.waiting = new Waiting(commons, tally);
    }

    /// @return what waits to be told
    Waiting waiting() {
        return waiting;
    }

    /// @return what was told and is not through
    UnderWay underWay() {
        return underWay;
    }

    /// @return whether a group may hand a message to this session
    boolean hungry() {
        return waiting.fresh() < SHARED_MAX && waiting.keepsUp() && again.isEmpty() && underWay.room();
    }

    /// A client is there: what it was told before comes first.
    void begin(int receives, long memoryBytesMax) {
        waiting.begin(memoryBytesMax);
        tally.connected.increment();
        again.addAll(underWay.begin(receives));
    }

    /// The client is gone: messages in memory become places, QoS 0 is forgotten.
    ///
    /// @return what other members of groups can have
    List<Back> end() {
        tally.connected.decrement();
        again.clear();
        retained.clear();
        fetching = null;
        List<Back> backs = underWay.end();
        waiting.end(backs);
        return backs;
    }

    void walk(RetainedWalk walk) {
        retained.add(walk);
    }

    /// There is no such subscription any more: the rest of its retained messages is not shown.
    void forget(Key key) {
        retained.removeIf(walk -> key.equals(walk.match().key()));
    }

    /// @return how many messages a group may hand over now
    int roomForShared() {
        int room = Math.min(SHARED_MAX, underWay.left());
        return waiting.isEmpty() ? Math.max(0, room - again.size()) : 0;
    }

    /// Takes messages that a group hands over; they are read from the log when their turn comes.
    void assign(Key share, List<Backlog.Entry> entries) {
        for (Backlog.Entry entry : entries) {
            again.add(underWay.open(new Place(entry.partition(), entry.position(), false, share), 1));
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
        if (underWay.hasNext()) {
            return underWay.next();
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
        if (!underWay.has(one)) {
            again.remove(); // acknowledged or dropped meanwhile
            return null;
        }
        if (underWay.waits(one)) {
            return block();
        }
        if (one.state == State.PUBCOMP) {
            again.remove();
            return underWay.releaseAgain(one);
        }
        Delivery delivery = one.delivery;
        if (delivery == null) {
            fetch();
            return block();
        }
        if (one.written) {
            again.remove();
            if (session.withheld(delivery, one.share)) {
                underWay.withhold(one);
                return null;
            }
            return underWay.send(one, delivery, null);
        }
        Match match = session.match(delivery.message().topic(), one.share);
        int qos = match == null ? 0 : Math.min(match.qos(), delivery.message().qos());
        if (underWay.holdsBack() && qos < 2) {
            return block();
        }
        again.remove();
        if (match == null || qos == 0 || commons.stale(delivery)) {
            underWay.abandon(one);
            return match == null || qos > 0 ? null : once(delivery, match, false);
        }
        one.noted &= qos == one.qos;
        one.qos = qos;
        one.state = qos == 2 ? State.PUBREC : State.PUBACK;
        return underWay.send(one, delivery, match);
    }

    /// Sends a message at QoS 0.
    private static Outgoing once(Delivery delivery, Match match, boolean ofStore) {
        boolean retain =
                ofStore || match.retainAsPublished() && delivery.message().retain();
        return new Outgoing.Publish(delivery, 0, retain, false, 0, match.identifiers());
    }

    private @Nullable Outgoing sendRetained(RetainedWalk walk) {
        if (!underWay.room() || underWay.holdsBack()) {
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
        return qos == 0 ? once(delivery, match, true) : open(delivery, match, qos, true);
    }

    private @Nullable Outgoing sendWaiting() {
        if (waiting.isEmpty() || !underWay.room()) {
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
        Key share = known == null ? null : known.share();
        boolean wanted = delivery != null && !commons.stale(delivery) && !lost(delivery, share);
        Match match = delivery == null || !wanted
                ? null
                : known == null ? session.match(delivery.message().topic(), null) : known;
        int qos = delivery == null || match == null
                ? 0
                : Math.min(
                        known == null ? match.qos() : match.qosThen(delivery),
                        delivery.message().qos());
        if (match != null && qos < 2 && underWay.holdsBack()) {
            return block();
        }
        waiting.take();
        if (delivery == null || known == null && commons.tooOld(delivery)) {
            waiting.drop();
            return null;
        }
        if (match == null) {
            return null; // unsubscribed since, expired, or its device or the right to it is gone
        }
        return qos == 0 ? once(delivery, match, false) : open(delivery, match, qos, false);
    }

    /// @return whether the client lost the right to hear the message while it waited
    private boolean lost(Delivery delivery, @Nullable Key share) {
        return session.interests().withheld(delivery.message().topic(), share);
    }

    /// Gives a message an identifier and sends it.
    private @Nullable Outgoing open(Delivery delivery, Match match, int qos, boolean ofStore) {
        Place place = new Place(delivery.partition(), delivery.position(), ofStore, match.share());
        return underWay.send(underWay.open(place, qos), delivery, match);
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
                    underWay.complete(one);
                }
                return;
            }
        }
    }

    /// The client does not share that subscription any more: what it was not sent goes back to the group.
    List<Back> giveUp(Key share) {
        List<Back> backs = underWay.giveUp(share);
        waiting.giveUp(share, backs);
        return backs;
    }

    /// @return what a group has handed over and the journal does not know to be this session's; the group notes it
    ///
    /// @param all also what the journal ought to know and may not
    List<Backlog.Entry> held(Key share, boolean all) {
        List<Backlog.Entry> held = new ArrayList<>(0);
        underWay.held(share, all, held);
        waiting.held(share, held);
        return held;
    }

    /// Puts back what a former process had under way and what waited.
    void restore(Remembered remembered) {
        underWay.restore(remembered.inFlight());
        remembered.waiting().forEach(waiting::add);
    }

    /// @return whether the publish was one of the session's own that it does not want to hear
    static boolean own(Message message, Match match, String clientId) {
        return match.noLocal()
                && message.origin() == Message.Origin.MQTT
                && message.publisher().equals(clientId);
    }
}
