package tributary.broker;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import tributary.log.Log;
import tributary.log.Receipt;
import tributary.model.Fault;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.TenantId;
import tributary.model.Topic;

/// What sessions have to remember over a crash: changes, in order, in a log of their own beside that of the messages.
///
/// Changes gather while the ones before them are on their way to the disk, so that one record and one flush serve
/// many. Called from any thread, under the locks of sessions; what waits for a change hears it on a thread of the log's
/// and must not block.
final class Journal {
    /// A record of the log holds about so many bytes of changes.
    private static final int RECORD_BYTES = 256 * 1024;

    /// While the disk does not answer, changes that nobody waits for are dropped beyond this; the state of the sessions
    /// is noted as a whole later.
    private static final long UNWRITTEN_BYTES_MAX = 16 << 20;

    private static final Topic TOPIC = new Topic("sessions");

    private final Log log;
    private final Executor aside;
    private final Object lock = new Object();
    private final ChangeWriter writer = new ChangeWriter();
    private final Deque<byte[]> full = new ArrayDeque<>();
    private long fullBytes;
    private List<Done> waiting = new ArrayList<>();
    private boolean writing;
    private volatile boolean gap;

    /// Hears what became of a change.
    interface Done {
        /// @param fault  null where the change is durable
        /// @param detail why it is not, in words for people, or ""
        void done(@Nullable Fault fault, String detail);
    }

    /// @param aside runs tasks on a thread that holds no locks
    Journal(Log log, Executor aside) {
        this.log = Objects.requireNonNull(log, "log");
        this.aside = Objects.requireNonNull(aside, "aside");
    }

    Log log() {
        return log;
    }

    /// Notes a change that nobody waits for.
    void note(Change change) {
        synchronized (lock) {
            if (fullBytes > UNWRITTEN_BYTES_MAX) {
                gap = true;
                return;
            }
            write(change);
            send();
        }
    }

    /// Notes a change; `done` hears when it is durable.
    void note(Change change, Done done) {
        synchronized (lock) {
            write(change);
            waiting.add(done);
            send();
        }
    }

    /// @return whether changes were lost since the last call, so that the states of all sessions have to be noted
    boolean hadGap() {
        boolean had = gap;
        gap = false;
        return had;
    }

    private void write(Change change) {
        writer.write(change);
        if (writer.size() >= RECORD_BYTES) {
            byte[] record = writer.take();
            full.add(record);
            fullBytes += record.length;
        }
    }

    private void send() {
        if (writing) {
            return;
        }
        if (!writer.isEmpty()) {
            full.add(writer.take());
        }
        if (full.isEmpty()) {
            return;
        }
        writing = true;
        fullBytes = 0;
        List<byte[]> records = List.copyOf(full);
        full.clear();
        List<Done> heard = waiting;
        waiting = new ArrayList<>();
        Round round = new Round(records.size(), heard);
        for (byte[] record : records) {
            log.append(
                    new Message(
                            TenantId.MAIN,
                            null,
                            TOPIC,
                            record,
                            0,
                            Message.Origin.PLATFORM,
                            "",
                            0,
                            false,
                            MessageProperties.NONE),
                    round);
        }
    }

    /// The records that were appended together.
    private final class Round implements Receipt {
        private final List<Done> heard;
        private int open;
        private @Nullable Fault fault;
        private String detail = "";

        Round(int open, List<Done> heard) {
            this.open = open;
            this.heard = heard;
        }

        @Override
        public void durable(int partition, long position) {
            settled(null, "");
        }

        @Override
        public void refused(Fault why, String words) {
            settled(why, words);
        }

        private void settled(@Nullable Fault why, String words) {
            synchronized (lock) {
                if (why != null) {
                    fault = why;
                    detail = words;
                    gap = true;
                }
                if (--open > 0) {
                    return;
                }
            }
            if (Thread.holdsLock(lock)) {
                aside.execute(this::tell); // refused at once, below the locks of whoever noted the change
            } else {
                tell();
            }
        }

        private void tell() {
            for (Done done : heard) {
                done.done(fault, detail);
            }
            synchronized (lock) {
                writing = false;
                send();
            }
        }
    }
}
