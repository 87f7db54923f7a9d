package tributary.broker;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What was sent to a client at QoS 1 and 2 and is not through yet, by packet identifier.
///
/// Identifiers go round, so that one is used again late. Small for a client that gets little: the slots double when
/// they are full. For one thread at a time.
final class Window {
    /// However much a client says that it takes, so many are under way to it at most.
    static final int SIZE_MAX = 1_024;

    private @Nullable InFlight[] slots = {};
    private int next = 1;
    private int used;
    private long sequence;

    /// What the client has to send next. The order is on disk: new ones go at the end.
    enum State {
        PUBACK,
        PUBREC,
        PUBCOMP
    }

    /// One message under way. All fields belong to the session that it is of.
    static final class InFlight {
        final int packetId;
        final int partition;
        final long position;
        final boolean retained;
        final Subscription.@Nullable Key share;
        final long order;
        int qos;
        State state;

        /// Whether it was written to any connection, so that the next time it is a duplicate.
        boolean written;

        /// Whether it counts against what this connection takes.
        boolean counted;

        /// The message, while it waits to be written.
        @Nullable
        Delivery delivery;

        /// Whether the journal has it: a message of QoS 2 is not sent before.
        boolean noted;

        private InFlight(int packetId, long order, Place place, int qos, State state) {
            this.packetId = packetId;
            this.order = order;
            this.partition = place.partition();
            this.position = place.position();
            this.retained = place.retained();
            this.share = place.share();
            this.qos = qos;
            this.state = state;
        }
    }

    /// Where a message comes from.
    ///
    /// @param share the group that it came from, or null
    record Place(int partition, long position, boolean retained, Subscription.@Nullable Key share) {}

    int used() {
        return used;
    }

    boolean full() {
        return used >= SIZE_MAX;
    }

    /// Gives a message an identifier.
    InFlight open(Place place, int qos) {
        if (used + 1 >= slots.length) {
            grow(Math.max(8, Math.min(SIZE_MAX + 1, slots.length * 2)));
        }
        while (next >= slots.length || next == 0 || slots[next] != null) {
            next = next + 1 >= slots.length ? 1 : next + 1;
        }
        return put(next++, place, qos, qos == 2 ? State.PUBREC : State.PUBACK);
    }

    /// Puts back one that a former connection, or a former process, had under way.
    InFlight restore(int packetId, Place place, int qos, State state) {
        if (packetId >= slots.length) {
            grow(Integer.highestOneBit(packetId) * 2);
        }
        if (slots[packetId] != null) {
            used--;
        }
        return put(packetId, place, qos, state);
    }

    private InFlight put(int packetId, Place place, int qos, State state) {
        InFlight one = new InFlight(packetId, sequence++, place, qos, state);
        slots[packetId] = one;
        used++;
        return one;
    }

    private void grow(int size) {
        if (size > slots.length) {
            slots = Arrays.copyOf(slots, size);
        }
    }

    @Nullable
    InFlight get(int packetId) {
        return packetId < slots.length ? slots[packetId] : null;
    }

    void free(InFlight one) {
        if (slots[one.packetId] == one) {
            slots[one.packetId] = null;
            used--;
        }
    }

    /// @return all, in the order in which they got their identifiers
    List<InFlight> inOrder() {
        List<InFlight> all = new ArrayList<>(used);
        for (InFlight one : slots) {
            if (one != null) {
                all.add(one);
            }
        }
        all.sort(Comparator.comparingLong(one -> one.order));
        return all;
    }
}
