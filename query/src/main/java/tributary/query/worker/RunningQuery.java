package tributary.query.worker;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import tributary.query.wire.Failure;
import tributary.query.wire.TypeView;

/// A query at work: its connection, and how many batches its reader still takes.
final class RunningQuery {
    /// Batches under way at once; both ends know it, and it is what a slow reader costs main.
    static final int WINDOW = 8;

    private final Engine.Session session;
    private final Semaphore credits = new Semaphore(WINDOW);
    private final Semaphore files = new Semaphore(0);
    private final List<String> columns = new ArrayList<>();
    private boolean cancelled;
    private boolean closed;

    RunningQuery(Engine.Session session) {
        this.session = session;
    }

    Engine.Session session() {
        return session;
    }

    /// Its own thread: a view that the statement uses; its columns are what may have been meant by a wrong name.
    void shows(TypeView view) {
        view.columns().forEach(column -> columns.add(column.name()));
    }

    /// Its own thread.
    List<String> columns() {
        return columns;
    }

    /// @return how far it is, in percent, or less than 0
    synchronized double progress() {
        return closed ? -1 : session.progress();
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

    /// The files that it asked for are there.
    void have() {
        files.release();
    }

    /// Waits for the files that it asked for.
    void awaitFiles() throws EngineException {
        files.acquireUninterruptibly();
        checkCancelled();
    }

    /// Asks it to stop; a statement that hears it fails soon, others are ended with the process.
    synchronized void cancel() {
        cancelled = true;
        if (!closed) {
            session.interrupt();
        }
        credits.release();
        files.release();
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
