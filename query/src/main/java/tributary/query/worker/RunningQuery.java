package tributary.query.worker;

import java.util.concurrent.Semaphore;
import tributary.query.wire.Failure;

/// A query at work: its connection, and how many batches its reader still takes.
final class RunningQuery {
    /// Batches under way at once; both ends know it, and it is what a slow reader costs main.
    static final int WINDOW = 8;

    private final Engine.Session session;
    private final Semaphore credits = new Semaphore(WINDOW);
    private boolean cancelled;
    private boolean closed;

    RunningQuery(Engine.Session session) {
        this.session = session;
    }

    Engine.Session session() {
        return session;
    }

    /// Its reader took a batch.
    void credit() {
        credits.release();
    }

    /// Waits until its reader takes another batch.
    void awaitCredit() throws EngineException {
        credits.acquireUninterruptibly();
        checkCancelled();
    }

    /// Asks it to stop; a statement that hears it fails soon, others are ended with the process.
    synchronized void cancel() {
        cancelled = true;
        if (!closed) {
            session.interrupt();
        }
        credits.release();
    }

    synchronized void checkCancelled() throws EngineException {
        if (cancelled) {
            throw new EngineException(Failure.CANCELLED, "the query was cancelled");
        }
    }

    /// Its own thread: ends the connection; nobody interrupts it any more.
    synchronized void close() {
        closed = true;
        session.close();
    }
}
