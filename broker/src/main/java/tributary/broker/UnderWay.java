package tributary.broker;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tributary.broker.Outflow.Back;
import tributary.broker.Subscription.Key;
import tributary.broker.Window.InFlight;
import tributary.broker.Window.Place;
import tributary.broker.Window.State;

/// What is under way to a client at QoS 1 and 2, from its packet identifier to the client's last answer, and
/// what the journal has to know of that before a packet goes out. Guarded by the session's lock.
final class UnderWay {
    private final Session session;
    private final Commons commons;
    private final Window window = new Window();

    /// Messages whose identifiers the journal is about to have, or that they are given up: those of QoS 2, and what
    /// comes behind some that were passed over. Nothing overtakes them.
    private final Deque<InFlight> noting = new ArrayDeque<>(0);

    private final Deque<Outgoing.Release> releases = new ArrayDeque<>(0);

    /// Messages that this connection may have under way, and how many it has.
    private int receiveMax;

    private int counted;

    UnderWay(Session session, Commons commons) {
        this.session = session;
        this.commons = commons;
    }

    /// @return messages that have an identifier, whether written to this connection or not
    int used() {
        return window.used();
    }

    /// @return whether the client takes one more
    boolean room() {
        return counted < receiveMax && !window.full();
    }

    /// @return how many more the client takes
    int left() {
        return Math.min(receiveMax, Window.SIZE_MAX) - counted;
    }

    /// @return whether nothing of a lower QoS may be sent now, because it would overtake what is being noted
    boolean holdsBack() {
        return !noting.isEmpty();
    }

    /// A client is there.
    ///
    /// @return what it was told before, in order
    List<InFlight> begin(int receives) {
        receiveMax = receives;
        counted = 0;
        List<InFlight> all = window.inOrder();
        for (InFlight one : all) {
            one.counted = false;
            one.delivery = null;
        }
        return all;
    }

    /// The client is gone.
    ///
    /// @return what other members of groups can have
    List<Back> end() {
        noting.forEach(one -> one.noted = true); // the journal has it before it has that the next client came
        noting.clear();
        releases.clear();
        window.inOrder().forEach(one -> one.delivery = null);
        return giveBack();
    }

    /// @return whether [#next] has something to go on with
    boolean hasNext() {
        return !releases.isEmpty() || !noting.isEmpty() && noting.element().noted;
    }

    /// @return what is sent next of what waited for the journal, or null where it was given up
    @Nullable
    Outgoing next() {
        if (!releases.isEmpty()) {
            return releases.remove();
        }
        InFlight one = noting.remove();
        Delivery delivery = one.delivery;
        if (delivery == null || !has(one)) {
            return null;
        }
        if (!one.written && session.withheld(delivery, one.share)) {
            abandon(one);
            return null;
        }
        return write(one, delivery, null);
    }

    /// The client was sent the message and may not have it once more. One that has it at QoS 2 keeps its identifier
    /// until it hears PUBREL, which ends the exchange also for one that has nothing of it.
    void withhold(InFlight one) {
        if (one.state == State.PUBREC) {
            count(one);
            received(one);
        } else {
            complete(one);
        }
    }

    /// Gives a message an identifier.
    InFlight open(Place place, int qos) {
        return window.open(place, qos);
    }

    /// @return whether the message is still under way
    boolean has(InFlight one) {
        return window.get(one.packetId) == one;
    }

    /// @return whether the client takes no more, so that this one has to wait
    boolean waits(InFlight one) {
        return !one.counted && counted >= receiveMax;
    }

    /// Sends PUBREL once more.
    Outgoing releaseAgain(InFlight one) {
        count(one);
        return new Outgoing.Release(one.packetId);
    }

    /// Sends a message, or has its identifier noted before.
    ///
    /// @param match what the session wants with it, or null where that has to be looked at
    /// @return the packet, or null where it has to wait for the journal
    @Nullable
    Outgoing send(InFlight one, Delivery delivery, @Nullable Match match) {
        count(one);
        boolean spends = one.qos == 2 && one.share != null && !commons.has(Flaw.FORGET_SPENT);
        if (!one.noted && (session.durable() || spends)) {
            boolean ofWaiting = one.share == null && !one.retained;
            if (ofWaiting && session.outflow().waiting().sendsBehindGap(one.partition) || one.qos == 2) {
                one.delivery = delivery;
                noting.add(one);
                one.noted = commons.has(Flaw.SEND_BEFORE_NOTE);
                session.note(session.durable() ? sent(one) : spent(one, one.share, false), () -> one.noted = true);
                return null;
            }
            one.noted = true;
            session.note(sent(one));
        }
        return write(one, delivery, match);
    }

    private void count(InFlight one) {
        if (!one.counted) {
            one.counted = true;
            counted++;
        }
    }

    private Outgoing write(InFlight one, Delivery delivery, @Nullable Match known) {
        Match now = known == null ? session.match(delivery.message().topic(), one.share) : known;
        Match match = now == null ? Match.without(session, one.qos, one.share) : now;
        boolean retain =
                one.retained || match.retainAsPublished() && delivery.message().retain();
        boolean duplicate = one.written;
        one.delivery = null;
        one.written = true;
        return new Outgoing.Publish(delivery, one.qos, retain, duplicate, one.packetId, match.identifiers());
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

    private void free(InFlight one) {
        window.free(one);
        one.delivery = null;
        if (one.counted) {
            one.counted = false;
            counted--;
        }
    }

    /// The message is through, or nobody can have it any more.
    void complete(InFlight one) {
        free(one);
        if (session.durable()) {
            session.note(completed(one));
        }
    }

    /// The message was not written and nobody wants it any more. Where the journal has its identifier, what
    /// follows waits until it has this too: a crash would bring the message back as one that may have been
    /// written, after the others.
    void abandon(InFlight one) {
        if (!one.noted || !session.durable()) {
            complete(one);
            return;
        }
        free(one);
        one.noted = false;
        noting.add(one);
        session.note(completed(one), () -> one.noted = true);
    }

    private Change.Completed completed(InFlight one) {
        return new Change.Completed(session.number(), one.packetId, one.partition, one.position);
    }

    private Change.Spent spent(InFlight one, @Nullable Key share, boolean back) {
        return new Change.Spent(
                session.tenant(), Objects.requireNonNull(share, "share"), one.partition, one.position, back);
    }

    /// The session is over: what it began to get at QoS 2 no other member is to have.
    void spend() {
        for (InFlight one : window.inOrder()) {
            if (one.share != null) {
                session.note(spent(one, one.share, false));
            }
        }
    }

    /// Gives back to groups what nobody is here to get through; QoS 2 stays with who began it.
    List<Back> giveBack() {
        return giveBack(one -> one.qos == 1 || !one.written || commons.has(Flaw.GIVE_BACK_SENT));
    }

    /// The client does not share that subscription any more.
    ///
    /// @return what it was not sent, for the group
    List<Back> giveUp(Key share) {
        return giveBack(one -> unsent(one, share));
    }

    /// For the journal giving back is one step, so that a crash neither loses nor doubles the message.
    private List<Back> giveBack(Predicate<InFlight> which) {
        List<Back> backs = new ArrayList<>(0);
        for (InFlight one : window.inOrder()) {
            Key share = one.share;
            if (share != null && which.test(one)) {
                free(one);
                if (session.durable()) {
                    session.note(
                            new Change.Returned(session.number(), one.packetId, one.partition, one.position, share));
                } else if (one.qos == 2 && one.noted) {
                    session.note(spent(one, share, true));
                }
                backs.add(new Back(share, new Backlog.Entry(one.partition, one.position, 0)));
            }
        }
        return backs;
    }

    /// @return whether a group handed the message to this session, which did not begin to send it
    private boolean unsent(InFlight one, Key share) {
        return share.equals(one.share) && !one.written && !noting.contains(one);
    }

    /// Adds what a group has handed over and the journal does not know to be this session's; the group notes
    /// it.
    ///
    /// @param all also what the journal ought to know and may not; never QoS 2 that was written, or that a crash
    ///     ends
    void held(Key share, boolean all, List<Backlog.Entry> to) {
        for (InFlight one : window.inOrder()) {
            boolean unsure = all && session.durable() && !one.written;
            boolean unknown = one.qos == 1 ? all || !session.durable() : unsure;
            if (unsent(one, share) || unknown && share.equals(one.share)) {
                to.add(new Backlog.Entry(one.partition, one.position, 0));
            }
        }
    }

    /// @return whether the message at that place was sent and is not through
    boolean holds(int partition, long position) {
        return window.inOrder().stream()
                .anyMatch(one -> !one.retained && one.partition == partition && one.position == position);
    }

    /// @return for the journal, what is this session's and not a group's
    List<Change.Sent> noted() {
        return window.inOrder().stream()
                .filter(one -> one.share == null || !unsent(one, one.share))
                .map(this::sent)
                .toList();
    }

    /// Puts back what a former process had under way. It may have been written or not: the client may hold its
    /// identifier, so that it is sent to the end whatever has become of the message.
    void restore(List<Change.Sent> noted) {
        for (Change.Sent sent : noted) {
            Place place = new Place(sent.partition(), sent.position(), sent.retained(), sent.share());
            InFlight one = window.restore(sent.packetId(), place, sent.qos(), sent.state());
            one.written = true;
            one.noted = true;
        }
    }
}
