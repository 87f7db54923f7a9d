package tributary.broker;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import tributary.log.Log;
import tributary.log.Receipt;
import tributary.model.Fault;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.TenantId;
import tributary.model.Topic;

/// What sessions have to remember over a crash: changes, in order, in a log of their own beside that of the
/// messages.
///
/// Changes gather while the ones before them are on their way to the disk, so that one record and one flush
/// serve many. One record is under way at a time, and one that is refused stays the first: what is in the log
/// is always a beginning of what happened, without holes. Called from any thread, under the locks of sessions;
/// what waits for a change hears it on a thread of the log's and must not block.
final class Journal {
    /// A record of the log holds about so many bytes of changes.
    private static final int RECORD_BYTES = 256 * 1024;

    static final int NO_SESSION = 0;

    private static final Topic TOPIC = new Topic("sessions");

    private final Log log;
    private final Executor aside;
    private final long unwrittenBytesMax;
    private final Object lock = new Object();
    private final ChangeWriter writer;

    /// Full records, the oldest first; the first of them is under way while `writing`.
    private final Deque<Sheet> sheets = new ArrayDeque<>();

    private long sheetBytes;

    /// The largest change since nothing waited: the state of one session may be larger than all that may wait.
    private long largestBytes;

    private List<Done> waiting = new ArrayList<>();
    private boolean writing;

    /// Whether the first record was refused: it is tried again when somebody waits, and from time to time.
    private boolean stuck;

    /// Whether changes were dropped and are being dropped still.
    private boolean gap;

    private int gaps;

    /// Sessions of which changes were dropped, until their state is noted: what becomes of them makes no sense
    /// before.
    private final Set<Integer> unknown = new HashSet<>();

    /// How much the journal holds.
    ///
    /// @param unwrittenBytesMax while the disk does not answer, changes are dropped beyond this; the state of all
    ///                          sessions is noted anew when half of it is written
    /// @param pieceBytesMax     what is larger, such as the state of a session for which very much waits, goes to
    ///                          the log as several records
    record Room(long unwrittenBytesMax, int pieceBytesMax) {
        static final Room DEFAULT = new Room(16 << 20, RECORD_BYTES);
    }

    /// Hears what became of a change.
    interface Done {
        /// @param fault  null where the change is durable; else it may become durable later all the same
        /// @param detail why it is not, in words for people, or ""
        void done(@Nullable Fault fault, String detail);
    }

    /// @param aside runs tasks on a thread that holds no locks
    Journal(Log log, Executor aside, Room room) {
        this.log = Objects.requireNonNull(log, "log");
        this.aside = Objects.requireNonNull(aside, "aside");
        this.unwrittenBytesMax = room.unwrittenBytesMax();
        this.writer = new ChangeWriter(room.pieceBytesMax());
    }

    Log log() {
        return log;
    }

    /// Notes a change that nobody waits for.
    void note(Change change) {
        synchronized (lock) {
            if (takes(change)) {
                write(change);
                if (!stuck) {
                    send();
                }
            }
        }
    }

    /// What follows a change that was dropped makes no sense without it.
    private boolean takes(Change change) {
        gap |= sheetBytes + writer.size() > unwrittenBytesMax + largestBytes;
        if (gap) {
            return false;
        }
        return switch (change) {
            case Change.State state -> {
                unknown.remove(state.number());
                yield true;
            }
            case Change.Ended _ -> true;
            case Change.OfSession of -> !unknown.contains(of.number());
            case Change.Progress _ -> {
                unknown.clear();
                yield true;
            }
            case Change.GroupState _, Change.Spent _, Change.Kept _, Change.Erased _ -> true;
        };
    }

    /// Notes a change; `done` hears when it is durable.
    void note(Change change, Done done) {
        synchronized (lock) {
            if (takes(change)) {
                write(change);
                waiting.add(done);
                send();
            } else {
                refuse(done);
            }
        }
    }

    private void refuse(Done done) {
        aside.execute(() -> done.done(Fault.LOG_FULL, "too much waits for the journal's disk"));
    }

    /// Waits for what was noted of a session until now.
    ///
    /// @param session its number, or [#NO_SESSION] for what is of none
    /// @param done hears when all of it is durable; at once where it is
    void whenNoted(int session, Done done) {
        synchronized (lock) {
            if (gap || unknown.contains(session)) {
                refuse(done);
                return;
            }
            if (!writer.isEmpty()) {
                waiting.add(done);
                return;
            }
            if (!sheets.isEmpty()) {
                sheets.getLast().wait(done);
                return;
            }
        }
        done.done(null, "");
    }

    /// Tries again what was refused.
    void retry() {
        synchronized (lock) {
            if (stuck) {
                send();
            }
        }
    }

    /// @return whether changes were dropped and there is room again: [#mend] follows
    boolean isBroken() {
        synchronized (lock) {
            return gap && sheetBytes + writer.size() <= unwrittenBytesMax / 2;
        }
    }

    /// From now on changes are taken again, of a session in `sessions` when its state has been noted.
    void mend(Collection<Integer> sessions) {
        synchronized (lock) {
            gap = false;
            gaps++;
            unknown.addAll(sessions);
        }
    }

    /// @return how often changes were dropped
    int gaps() {
        synchronized (lock) {
            return gaps;
        }
    }

    /// How everything stands may be far more than memory should hold: it is noted part by part, so that there
    /// is always room for changes.
    ///
    /// @return whether another part can be noted now; else when some of what waits is written
    boolean hasRoom() {
        synchronized (lock) {
            return sheetBytes + writer.size() < unwrittenBytesMax / 4;
        }
    }

    /// @return whether all that happened is durable
    boolean quiet() {
        synchronized (lock) {
            return sheets.isEmpty() && writer.isEmpty() && !gap && unknown.isEmpty();
        }
    }

    private void write(Change change) {
        if (writer.size() >= RECORD_BYTES) {
            turnOver();
        }
        int before = writer.size();
        writer.write(change);
        largestBytes = Math.max(largestBytes, writer.size() - before);
    }

    private void turnOver() {
        List<byte[]> pieces = writer.take();
        for (byte[] piece : pieces) {
            sheets.add(new Sheet(piece, piece == pieces.getLast() ? waiting : List.of()));
            sheetBytes += piece.length;
        }
        waiting = new ArrayList<>();
    }

    private void send() {
        if (writing) {
            return;
        }
        if (sheets.isEmpty() && !writer.isEmpty()) {
            turnOver();
        }
        Sheet first = sheets.peek();
        if (first == null) {
            largestBytes = 0;
            return;
        }
        writing = true;
        stuck = false;
        log.append(
                new Message(
                        TenantId.MAIN,
                        null,
                        TOPIC,
                        first.bytes,
                        0,
                        Message.Origin.PLATFORM,
                        "",
                        0,
                        false,
                        MessageProperties.NONE),
                first);
    }

    /// One record, or a piece of one, and who waits for it.
    private final class Sheet implements Receipt {
        private final byte[] bytes;
        private List<Done> heard;

        Sheet(byte[] bytes, List<Done> heard) {
            this.bytes = bytes;
            this.heard = heard;
        }

        void wait(Done done) {
            List<Done> more = new ArrayList<>(heard);
            more.add(done);
            heard = more;
        }

        @Override
        public void durable(int partition, long position) {
            List<Done> told;
            synchronized (lock) {
                sheets.remove();
                sheetBytes -= bytes.length;
                told = heard;
            }
            try {
                told.forEach(done -> done.done(null, ""));
            } finally {
                synchronized (lock) {
                    writing = false;
                    send();
                }
            }
        }

        @Override
        public void refused(Fault why, String words) {
            if (Thread.holdsLock(lock)) {
                aside.execute(() -> giveUp(why, words)); // below the locks of whoever noted the change
            } else {
                giveUp(why, words);
            }
        }

        /// Whoever waits hears that it failed, all that wait behind it too; the record itself stays.
        private void giveUp(Fault why, String words) {
            List<Done> told = new ArrayList<>();
            synchronized (lock) {
                writing = false;
                stuck = true;
                for (Sheet sheet : sheets) {
                    told.addAll(sheet.heard);
                    sheet.heard = List.of();
                }
                told.addAll(waiting);
                waiting = new ArrayList<>();
            }
            told.forEach(done -> done.done(why, words));
        }
    }
}
