package tributary.broker;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tributary.model.Message;

/// The QoS 2 publishes of a client that were taken and not released yet, so that one which is sent again is not taken
/// again. Guarded by the session's lock, which it takes itself.
///
/// A publish is in the log together with its packet identifier: after a crash the log tells what was taken, the
/// journal what was released.
final class Inflow {
    private static final int NUMBER_MASK = 0x1FFF;

    private final Session lock;
    private final Commons commons;
    private @Nullable Map<Integer, Taking> taken;

    /// Released since the last [Change.Progress]: reading the log from there must not bring them back.
    private List<Change.Taken> released = new ArrayList<>(0);

    /// Whether what the journal has of this does not tell all any more.
    private boolean dirty;

    /// A publish on its way to the disk or on it. Its fields belong to the session.
    static final class Taking {
        private final int packetId;
        private final int partition;
        private long position;
        private boolean durable;
        private @Nullable Consumer<Boolean> whenSettled;

        /// @param from at this position or later it will be in the log
        private Taking(int packetId, int partition, long from) {
            this.packetId = packetId;
            this.partition = partition;
            this.position = from;
        }

        int packetId() {
            return packetId;
        }
    }

    /// How a publish is named in the log: its packet identifier, and what tells its session from others before
    /// and after it under the same client id, whose publishes may come to the disk when this one is there
    /// already.
    ///
    /// @param number of the session
    static int publishId(int number, int packetId) {
        return Message.EXACTLY_ONCE | (number & NUMBER_MASK) << 16 | packetId;
    }

    /// @return the packet identifier of a publish of that session, or 0 where it is of another one
    static int packetId(int number, int publishId) {
        boolean own = publishId < Message.WILL || publishId == publishId(number, publishId & 0xFFFF);
        return own ? publishId & 0xFFFF : 0; // before there were sessions' numbers the packet identifier was all
    }

    /// @param session whose lock it is
    Inflow(Session session, Commons commons) {
        this.lock = session;
        this.commons = commons;
    }

    @Nullable
    Taking get(int packetId) {
        synchronized (lock) {
            return taken == null ? null : taken.get(packetId);
        }
    }

    int count() {
        synchronized (lock) {
            return taken == null ? 0 : taken.size();
        }
    }

    Taking begin(int packetId, int partition, long from) {
        synchronized (lock) {
            Taking taking = new Taking(packetId, partition, from);
            put(taking);
            return taking;
        }
    }

    private void put(Taking taking) {
        if (taken == null) {
            taken = new HashMap<>();
        }
        taken.put(taking.packetId, taking);
    }

    void durable(Taking taking, long position) {
        synchronized (lock) {
            taking.position = position;
            taking.durable = true;
            dirty = true;
            settle(taking, true);
        }
    }

    private static void settle(Taking taking, boolean stored) {
        Consumer<Boolean> waiting = taking.whenSettled;
        taking.whenSettled = null;
        if (waiting != null) {
            waiting.accept(stored);
        }
    }

    boolean dirty() {
        synchronized (lock) {
            return dirty;
        }
    }

    /// All of it is being noted.
    void clean() {
        synchronized (lock) {
            dirty = false;
        }
    }

    /// The log refused it: it was never taken.
    void refused(Taking taking) {
        synchronized (lock) {
            if (taken != null) {
                taken.remove(taking.packetId, taking);
            }
            settle(taking, false);
        }
    }

    /// @param action hears under the session's lock whether the log took the publish; at once where that is known
    void whenSettled(Taking taking, Consumer<Boolean> action) {
        synchronized (lock) {
            if (taking.durable) {
                action.accept(true);
            } else {
                taking.whenSettled = action;
            }
        }
    }

    /// PUBREL came.
    ///
    /// @param then hears, when a crash would not undo it, that the publish is over
    /// @param known gets whether there was such a publish
    void release(int packetId, Journal.Done then, boolean[] known) {
        synchronized (lock) {
            Change.Taken place = release(packetId);
            known[0] = place != null;
            if (place != null && lock.durable()) {
                boolean waits = !commons.has(Flaw.COMPLETE_BEFORE_NOTE);
                commons.journal().note(new Change.Released(lock.number(), place), waits ? then : (_, _) -> {});
                if (waits) {
                    return;
                }
            }
            if (place == null && lock.durable()) {
                commons.journal().whenNoted(lock.number(), then); // it may have been released just now
                return;
            }
        }
        then.done(null, "");
    }

    /// @return what was released, or null where there was no publish of that identifier
    private Change.@Nullable Taken release(int packetId) {
        synchronized (lock) {
            Taking taking = taken == null ? null : taken.remove(packetId);
            if (taking == null) {
                return null;
            }
            Change.Taken place = new Change.Taken(packetId, taking.partition, taking.position);
            released.add(place);
            return place;
        }
    }

    /// @return whether a publish of that identifier is not durable yet
    boolean pending(int packetId) {
        synchronized (lock) {
            Taking taking = get(packetId);
            return taking != null && !taking.durable;
        }
    }

    /// Puts back what a former process had taken.
    void restore(Change.Taken place) {
        synchronized (lock) {
            if (released.contains(place)) {
                return;
            }
            Taking taking = new Taking(place.packetId(), place.partition(), place.position());
            taking.durable = true;
            put(taking);
        }
    }

    /// Puts back what a former process had released.
    void restoreReleased(Change.Taken place) {
        synchronized (lock) {
            if (commons.has(Flaw.FORGET_RELEASED)) {
                return;
            }
            released.add(place);
            Taking taking = get(place.packetId());
            if (taking != null && taking.partition == place.partition() && taking.position == place.position()) {
                refused(taking);
            }
        }
    }

    /// Lowers `to` to where the log has to be read from to find what is not known to be durable yet.
    void lowest(long[] to) {
        synchronized (lock) {
            if (taken != null) {
                for (Taking taking : taken.values()) {
                    if (!taking.durable) {
                        to[taking.partition] = Math.min(to[taking.partition], taking.position);
                    }
                }
            }
        }
    }

    /// Forgets what was released before these positions: the log is not read from there again.
    void forget(long[] before) {
        synchronized (lock) {
            if (!released.isEmpty()) {
                List<Change.Taken> kept = new ArrayList<>(0);
                for (Change.Taken place : released) {
                    if (place.position() >= before[place.partition()]) {
                        kept.add(place);
                    }
                }
                released = kept;
            }
        }
    }

    List<Change.Taken> taken() {
        synchronized (lock) {
            List<Change.Taken> places = new ArrayList<>();
            if (taken != null) {
                for (Taking taking : taken.values()) {
                    if (taking.durable) {
                        places.add(new Change.Taken(taking.packetId, taking.partition, taking.position));
                    }
                }
            }
            return places;
        }
    }

    List<Change.Taken> released() {
        synchronized (lock) {
            return List.copyOf(released);
        }
    }
}
