package tributary.gateway.ws;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// What became of the frames of one connection, and what its client has to be told.
///
/// Three threads meet here: the reader takes frames and waits while too many are open, the log settles them, the
/// writer waits for something to tell. Neither waits for another longer than a few instructions under the lock.
final class Ledger {
    /// Refusals that wait to be told; with more, the reader waits.
    private static final int REFUSALS_MAX = 256;

    private static final long LINGER_NANOS = 1_000_000;

    /// A refused frame.
    record Refused(long frame, String reason, String detail) {}

    /// What the writer has to say now.
    ///
    /// @param ack     all frames up to it are settled, or -1 where that is already told
    /// @param pong    what a ping carried, or null
    /// @param ping    whether to ask the client for a sign of life
    /// @param closing why to end, or null
    record Telling(
            List<Refused> refusals,
            long ack,
            byte @Nullable [] pong,
            boolean ping,
            @Nullable Closing closing) {}

    private final ReentrantLock lock = new ReentrantLock();
    private final int framesMax;
    private final int bytesMax;

    /// One flag a frame that may be open, for frames settled before earlier ones.
    private final boolean[] settled;

    private long taken;
    private long done;
    private long told;
    private int openBytes;
    private final Deque<Refused> refusals = new ArrayDeque<>();
    private byte @Nullable [] pong;
    private boolean ping;
    private @Nullable Closing closing;
    private boolean over;

    private @Nullable Thread waitingReader;
    private @Nullable Thread waitingWriter;

    /// Whether the writer waits only for an acknowledgement to grow.
    private boolean lingering;

    Ledger(int framesMax, int bytesMax) {
        this.framesMax = framesMax;
        this.bytesMax = bytesMax;
        this.settled = new boolean[framesMax];
    }

    /// Takes the next frame, waiting until there is room for it.
    ///
    /// @return its number, from 1 on, or -1 where the connection is closing
    long take(int bytes) {
        while (true) {
            lock.lock();
            try {
                if (closing != null || over) {
                    return -1;
                }
                long open = taken - done;
                boolean room = open == 0 || open < framesMax && openBytes + bytes <= bytesMax;
                if (room && refusals.size() < REFUSALS_MAX) {
                    waitingReader = null;
                    openBytes += bytes;
                    return ++taken;
                }
                waitingReader = Thread.currentThread();
            } finally {
                lock.unlock();
            }
            LockSupport.park(this);
        }
    }

    /// The frame is durable.
    void durable(long frame, int bytes) {
        settle(frame, bytes, null);
    }

    /// The frame is not stored and never will be.
    void refused(long frame, int bytes, String reason, String detail) {
        settle(frame, bytes, new Refused(frame, reason, detail));
    }

    private void settle(long frame, int bytes, @Nullable Refused refusal) {
        Thread reader;
        Thread writer;
        lock.lock();
        try {
            openBytes -= bytes;
            if (refusal != null) {
                refusals.add(refusal);
            }
            if (frame == done + 1) {
                done = frame;
                while (done < taken && settled[(int) ((done + 1) % framesMax)]) {
                    done++;
                    settled[(int) (done % framesMax)] = false;
                }
            } else {
                settled[(int) (frame % framesMax)] = true;
            }
            reader = waitingReader;
            waitingReader = null;
            writer = lingering && refusal == null && !worthTelling() ? null : takeWriter();
        } finally {
            lock.unlock();
        }
        LockSupport.unpark(reader);
        LockSupport.unpark(writer);
    }

    private @Nullable Thread takeWriter() {
        Thread writer = waitingWriter;
        waitingWriter = null;
        lingering = false;
        return writer;
    }

    /// A ping came: the writer answers the latest.
    void pinged(byte[] payload) {
        change(() -> pong = payload);
    }

    /// The client should be asked for a sign of life.
    void askForLife() {
        change(() -> ping = true);
    }

    /// The connection shall end; the first reason stands.
    void close(Closing why) {
        change(() -> closing = closing == null ? why : closing);
    }

    /// The socket is gone: nobody needs to wait any more.
    void over() {
        change(() -> over = true);
    }

    /// @return why it ends, or null where nobody said
    @Nullable
    Closing closing() {
        lock.lock();
        try {
            return closing;
        } finally {
            lock.unlock();
        }
    }

    boolean isOver() {
        lock.lock();
        try {
            return over;
        } finally {
            lock.unlock();
        }
    }

    private void change(Runnable change) {
        Thread reader;
        Thread writer;
        lock.lock();
        try {
            change.run();
            reader = waitingReader;
            waitingReader = null;
            writer = takeWriter();
        } finally {
            lock.unlock();
        }
        LockSupport.unpark(reader);
        LockSupport.unpark(writer);
    }

    /// Waits until there is something to tell.
    ///
    /// The log settles the frames of a flush one by one. While some are still open, an acknowledgement lingers
    /// for a moment so that it covers more of them; when none is open it leaves at once.
    ///
    /// A connection that closes after draining tells what is settled first, and the close when no frame is left.
    ///
    /// @return what, or null where the connection is over
    @Nullable
    Telling await() {
        boolean lingered = false;
        while (true) {
            boolean linger;
            lock.lock();
            try {
                if (over) {
                    return null;
                }
                boolean closeNow = closing != null && (!closing.drain() || done == taken);
                boolean urgent = !refusals.isEmpty() || pong != null || ping || closeNow;
                if (urgent || done > told && (lingered || worthTelling())) {
                    return tell(closeNow ? closing : null);
                }
                waitingWriter = Thread.currentThread();
                linger = done > told;
                lingering = linger;
            } finally {
                lock.unlock();
            }
            if (linger) {
                LockSupport.parkNanos(this, LINGER_NANOS);
                lingered = true;
            } else {
                LockSupport.park(this);
            }
        }
    }

    /// Whether an acknowledgement should not wait for more.
    private boolean worthTelling() {
        return done == taken || done - told >= framesMax / 4;
    }

    private Telling tell(@Nullable Closing close) {
        // an acknowledgement covers its refused frames, so a refusal never comes behind it
        Telling telling = new Telling(new ArrayList<>(refusals), done > told ? done : -1, pong, ping, close);
        refusals.clear();
        told = done;
        pong = null;
        ping = false;
        Thread reader = waitingReader;
        waitingReader = null;
        LockSupport.unpark(reader);
        return telling;
    }
}
