package tributary.broker;

import java.util.AbstractCollection;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tributary.broker.Outflow.Back;
import tributary.broker.Subscription.Key;
import tributary.broker.Window.Place;

/// The messages that wait for a client, oldest first.
///
/// They stay in memory only while the client keeps up (`fresh`). Beyond that, and while nobody is connected, what waits
/// is places in the log (`backlog`), read again when the client takes more (`loaded`). Guarded by the session's lock.
final class Waiting {
    /// What a message weighs beside its payload.
    private static final int OVERHEAD_BYTES = 64;

    private final Commons commons;
    private final TenantTally tally;
    private final Backlog backlog;

    /// Read from the log for the first entries of the backlog; empty places hold null.
    private final Deque<Head> loaded = new ArrayDeque<>(0);

    private final Deque<Fresh> fresh = new ArrayDeque<>(0);
    private long freshBytes;
    private long freshBytesMax;
    private long dropped;
    private long droppedBefore;

    /// By partition, whether messages were passed over that a crash could bring back, and none behind them was
    /// sent since.
    private final boolean[] passed;

    /// Whether what the journal has of this does not tell all any more.
    private boolean dirty;

    private record Fresh(Delivery delivery, Match match, int qos) {
        int bytes() {
            return delivery.message().payload().length + OVERHEAD_BYTES;
        }
    }

    /// The oldest.
    ///
    /// @param delivery or null where the log does not have it any more
    /// @param match    what was found when it was offered; null where that has to be looked at anew
    record Head(@Nullable Delivery delivery, @Nullable Match match) {}

    Waiting(Commons commons, TenantTally tally) {
        this.commons = commons;
        this.tally = tally;
        this.passed = new boolean[commons.log().partitions()];
        this.backlog = new Backlog(passed.length);
    }

    boolean isEmpty() {
        return backlog.isEmpty() && fresh.isEmpty();
    }

    int count() {
        return backlog.count() + fresh.size();
    }

    /// @return bytes of their payloads
    long bytes() {
        return backlog.payloadBytes() + freshBytes - (long) OVERHEAD_BYTES * fresh.size();
    }

    long dropped() {
        return dropped;
    }

    /// @return how many were dropped since the last call
    long takeLosses() {
        long more = dropped - droppedBefore;
        droppedBefore = dropped;
        return more;
    }

    /// @return how many wait in memory
    int fresh() {
        return fresh.size();
    }

    /// @return whether all that waits is in memory
    boolean keepsUp() {
        return backlog.isEmpty();
    }

    /// @return whether the message can wait in memory
    boolean takes(Delivery delivery) {
        // A client for which nothing waits is not looking: it has to be woken, however large the message is.
        return fresh.isEmpty() || freshBytes + delivery.message().payload().length + OVERHEAD_BYTES <= freshBytesMax;
    }

    /// A client is there.
    ///
    /// @param memoryBytesMax of messages that may wait in memory
    void begin(long memoryBytesMax) {
        freshBytesMax = memoryBytesMax;
    }

    /// The client is gone: messages in memory become places, QoS 0 is forgotten.
    ///
    /// @param backs gets what other members of groups can have
    void end(List<Back> backs) {
        loaded.clear();
        if (commons.has(Flaw.LOSE_FRESH)) {
            fresh.clear();
        }
        spill(backs);
    }

    /// Takes one message in. On the broker's thread.
    ///
    /// @param backs gets what other members of groups can have
    /// @return how many bytes it keeps in memory, or -1 where it is not to be told now
    int offer(Delivery delivery, Match match, boolean connected, List<Back> backs) {
        int qos = Math.min(match.qosThen(delivery), delivery.message().qos());
        boolean inMemory = connected && !inLog();
        Fresh one = new Fresh(delivery, match, qos);
        if (inMemory && takes(delivery)) {
            fresh.add(one);
            freshBytes += one.bytes();
            dirty |= qos > 0;
            return one.bytes();
        }
        if (qos == 0) {
            if (connected && !delivery.fleeting()) {
                drop();
            }
            return -1;
        }
        if (inMemory) {
            commons.tally().spilled.increment();
            spill(backs);
        }
        if (match.share() == null) {
            add(entry(delivery));
        } else {
            backs.add(new Back(match.share(), entry(delivery)));
        }
        return -1;
    }

    /// @return whether the oldest is in the log, and what comes behind it too
    private boolean inLog() {
        return !backlog.isEmpty() && !commons.has(Flaw.OVERTAKE);
    }

    private static Backlog.Entry entry(Delivery delivery) {
        return new Backlog.Entry(
                delivery.partition(), delivery.position(), delivery.message().payload().length);
    }

    /// Counts one that the client will not get.
    void drop() {
        dropped++;
        commons.tally().dropped.increment();
        tally.dropped.increment();
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
                add(entry(one.delivery()));
            }
        }
        freshBytes = 0;
    }

    /// Adds a place behind all that waits; the oldest go where there are too many.
    void add(Backlog.Entry entry) {
        dirty = true;
        BrokerSettings settings = commons.settings();
        backlog.add(entry.partition(), entry.position(), entry.bytes());
        while (backlog.count() > settings.sessionMessagesMax() || backlog.payloadBytes() > settings.sessionBytesMax()) {
            passed[backlog.poll().partition()] = true;
            loaded.poll();
            drop();
        }
    }

    /// Messages are passed over, wherever they are, because less is subscribed to.
    void passesOver() {
        Arrays.fill(passed, true);
    }

    /// A message is sent.
    ///
    /// @return whether it is the first behind some that were passed over. A crash could bring those back: they must
    ///     not come behind it
    boolean sendsBehindGap(int partition) {
        boolean first = passed[partition];
        passed[partition] = false;
        return first;
    }

    /// @return the oldest, or null where it has to be read first
    @Nullable
    Head head() {
        if (inLog() || fresh.isEmpty()) {
            return loaded.peek();
        }
        Fresh one = fresh.element();
        return new Head(one.delivery(), one.match());
    }

    /// Takes what [#head] told.
    void take() {
        if (!inLog() && !fresh.isEmpty()) {
            freshBytes -= fresh.remove().bytes();
        } else {
            loaded.remove();
            backlog.poll();
            dirty = true;
        }
    }

    /// @return whether more of the backlog should be read
    boolean wantsMore() {
        return loaded.size() < Outflow.FETCH_MAX / 2 && loaded.size() < backlog.count();
    }

    /// @return the next places to read
    List<Place> toFetch() {
        List<Place> places = new ArrayList<>();
        Backlog.Cursor cursor = backlog.cursor();
        for (int i = 0; cursor.hasNext() && places.size() < Outflow.FETCH_MAX; i++) {
            Backlog.Entry entry = cursor.next();
            if (i >= loaded.size()) {
                places.add(new Place(entry.partition(), entry.position(), false, null));
            }
        }
        return places;
    }

    /// What was read. Entries that left the backlog meanwhile are passed over: the rest follows what is loaded.
    void fetched(List<Place> places, List<@Nullable Delivery> found) {
        Backlog.Cursor cursor = backlog.cursor();
        for (int i = 0; i < loaded.size() && cursor.hasNext(); i++) {
            cursor.next();
        }
        if (!cursor.hasNext()) {
            return;
        }
        Backlog.Entry next = cursor.next();
        for (int i = 0; i < found.size(); i++) {
            Place place = places.get(i);
            if (place.partition() == next.partition() && place.position() == next.position()) {
                loaded.add(new Head(found.get(i), null));
                if (!cursor.hasNext()) {
                    return;
                }
                next = cursor.next();
            }
        }
    }

    boolean dirty() {
        return dirty;
    }

    void dirty(boolean is) {
        dirty = is;
    }

    /// Gives back what waits in memory and belongs to a group.
    void giveUp(Key share, List<Back> backs) {
        fresh.removeIf(one -> {
            boolean ofGroup = share.equals(one.match().share());
            if (ofGroup) {
                freshBytes -= one.bytes();
                if (one.qos() > 0) {
                    backs.add(new Back(share, entry(one.delivery())));
                } else {
                    drop();
                }
            }
            return ofGroup;
        });
    }

    /// Adds what waits in memory and belongs to a group.
    void held(Key share, List<Backlog.Entry> to) {
        for (Fresh one : fresh) {
            if (one.qos() > 0 && share.equals(one.match().share())) {
                to.add(entry(one.delivery()));
            }
        }
    }

    /// @return whether the message at that place waits, and is not a group's
    boolean holds(int partition, long position) {
        Backlog.Cursor cursor = backlog.cursor();
        while (cursor.hasNext()) {
            Backlog.Entry entry = cursor.next();
            if (entry.partition() == partition && entry.position() == position) {
                return true;
            }
        }
        return fresh.stream()
                .map(Fresh::delivery)
                .anyMatch(waits -> waits.partition() == partition && waits.position() == position);
    }

    /// @return all that waits, places only; what groups gave apart. No copy: only good until something changes
    Collection<Backlog.Entry> places() {
        List<Backlog.Entry> inMemory = fresh.stream()
                .filter(one -> one.qos() > 0 && one.match().share() == null)
                .map(one -> entry(one.delivery()))
                .toList();
        return new AbstractCollection<>() {
            @Override
            public Iterator<Backlog.Entry> iterator() {
                Backlog.Cursor first = backlog.cursor();
                Iterator<Backlog.Entry> then = inMemory.iterator();
                return new Iterator<>() {
                    @Override
                    public boolean hasNext() {
                        return first.hasNext() || then.hasNext();
                    }

                    @Override
                    public Backlog.Entry next() {
                        return first.hasNext() ? first.next() : then.next();
                    }
                };
            }

            @Override
            public int size() {
                return backlog.count() + inMemory.size();
            }
        };
    }
}
