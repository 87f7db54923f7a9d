package tributary.broker;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tributary.broker.Subscription.Key;

/// A shared subscription as the journal tells it, change by change. Only used while the broker opens.
///
/// A group is noted while its members go on: what they were sent meanwhile, and what they gave back, counts for
/// more than what the note says.
final class RememberedGroup {
    private final int partitions;

    /// What waits, by place.
    private final Map<Long, Backlog.Entry> waiting = new LinkedHashMap<>();

    /// Given back by members: older than what waits.
    private final Map<Long, Backlog.Entry> returned = new LinkedHashMap<>();

    /// Given back since the last progress: a note that does not have it may have been begun before.
    private final Set<Long> returnedLately = new HashSet<>();

    /// Sent since the last progress, and not given back.
    private final Set<Long> sent = new HashSet<>();

    /// Whether the group was noted anew since the last progress, with what members have under way.
    private boolean anew;

    /// Who was the last to have a message under way, by place.
    private final Map<Long, Remembered> holders = new HashMap<>();

    private final long[] offeredTo;

    /// @param partitions of the log of messages
    RememberedGroup(int partitions) {
        this.partitions = partitions;
        this.offeredTo = new long[partitions];
    }

    long place(int partition, long position) {
        return position * partitions + partition;
    }

    void apply(Change.GroupState state) {
        anew |= state.anew();
        if (state.anew()) {
            sent.clear();
            returnedLately.clear();
        }
        waiting.clear();
        for (Backlog.Entry entry : state.waiting()) {
            long place = place(entry.partition(), entry.position());
            if (!sent.contains(place)) {
                waiting.put(place, entry);
            }
        }
        returned.keySet().retainAll(returnedLately);
        System.arraycopy(state.offeredTo(), 0, offeredTo, 0, partitions);
    }

    /// The state of a member has a message under way that the group, noted anew before, has among what waits.
    void underWay(int partition, long position) {
        if (anew) {
            sent(partition, position);
        }
    }

    /// A member has a message under way. Whoever had it before has given it back, also where the journal had no room
    /// for that.
    ///
    /// @param member whose session outlives a crash, or null where it does not
    void heldBy(@Nullable Remembered member, Key share, int partition, long position) {
        long place = place(partition, position);
        Remembered before = member == null ? holders.remove(place) : holders.put(place, member);
        if (before != null && before != member) {
            before.lost(share, partition, position);
        }
    }

    void sent(int partition, long position) {
        long place = place(partition, position);
        sent.add(place);
        waiting.remove(place);
        returned.remove(place);
        returnedLately.remove(place);
    }

    void returned(int partition, long position) {
        long place = place(partition, position);
        sent.remove(place);
        returned.put(place, new Backlog.Entry(partition, position, 0));
        returnedLately.add(place);
    }

    /// Everything before these positions was offered, and is noted.
    void offered(long[] to) {
        anew = false;
        returnedLately.clear();
        sent.removeIf(place -> place / partitions < to[(int) (place % partitions)]);
        for (int p = 0; p < partitions; p++) {
            offeredTo[p] = Math.max(offeredTo[p], to[p]);
        }
    }

    /// @return whether the message at that place is still to be offered
    boolean wants(int partition, long position) {
        return position >= offeredTo[partition] && !sent.contains(place(partition, position));
    }

    /// @return what waits and will not be offered anew, by place, the oldest first; the caller's
    Map<Long, Backlog.Entry> waiting() {
        Map<Long, Backlog.Entry> all = new LinkedHashMap<>();
        for (Map<Long, Backlog.Entry> some : List.of(returned, waiting)) {
            some.forEach((place, entry) -> {
                if (!wants(entry.partition(), entry.position())) {
                    all.putIfAbsent(place, entry);
                }
            });
        }
        return all;
    }
}
