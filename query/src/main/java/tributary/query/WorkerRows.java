package tributary.query;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import tributary.model.Fault;
import tributary.model.PlatformException;
import tributary.query.format.ArrowRows;
import tributary.query.format.Spool;
import tributary.query.format.SpoolException;
import tributary.query.wire.Failure;
import tributary.query.wire.Frame;
import tributary.query.wire.Kind;
import tributary.query.wire.Needed;
import tributary.query.wire.Packer;

/// Rows as they come from a worker: an Arrow stream in frames. One thread reads; [#close] from any thread.
final class WorkerRows implements Rows {
    private static final long SLICE_MILLIS = 100;

    private final TenantQueries.Started query;
    private final Patience patience;
    private final Terms terms;
    private final Runnable leave;
    private List<Column> columns = List.of();
    private byte[] head = new byte[0];
    private final AtomicLong written = new AtomicLong();
    private volatile boolean cancelled;
    private boolean ended;
    private boolean left;

    /// What was agreed.
    ///
    /// @param stopWithinMillis how long it may take to stop
    /// @param spool            where a file may stand for a moment
    record Terms(QueryEngine.QueryLimits limits, long stopWithinMillis, Spool spool) {}

    /// @param leave gives the query's place back; called once, after [#awaitColumns] was successful
    WorkerRows(TenantQueries.Started query, Patience patience, Terms terms, Runnable leave) {
        this.query = query;
        this.patience = patience;
        this.terms = terms;
        this.leave = leave;
    }

    /// Waits for the head of the answer.
    void awaitColumns() {
        Frame frame = next();
        if (frame == null || frame.kind() != Kind.SCHEMA) {
            throw new IllegalStateException("an answer begins with " + frame);
        }
        ByteBuffer in = frame.read();
        List<Column> read = new ArrayList<>();
        for (int more = in.getInt(); more > 0; more--) {
            read.add(new Column(Packer.text(in), Packer.text(in)));
        }
        columns = List.copyOf(read);
        head = Packer.bytes(in);
    }

    @Override
    public List<Column> columns() {
        return columns;
    }

    @Override
    public void writeTo(RowFormat format, OutputStream out) throws IOException {
        boolean done = false;
        try {
            ArrowRows rows = new ArrowRows(
                    columns.stream().map(Column::name).toList(),
                    columns.stream().map(Column::type).toList(),
                    new Frames());
            switch (format) {
                case JSON -> rows.toJson(out);
                case NDJSON -> rows.toLines(out);
                case CSV -> rows.toCsv(out);
                case ARROW -> rows.toArrow(out);
                case PARQUET -> rows.toParquet(out, terms.spool);
            }
            out.flush();
            done = true;
        } catch (ClosedByInterruptException e) {
            Thread.currentThread().interrupt();
            throw new QueryException(QueryException.Reason.CANCELLED, "the query was cancelled");
        } catch (SpoolException e) {
            String detail = String.valueOf(e.getMessage());
            throw e.tooLarge()
                    ? new QueryException(QueryException.Reason.TOO_LARGE, detail)
                    : new PlatformException(Fault.DISK_FAILED, detail, e);
        } finally {
            if (done) {
                leave();
            } else {
                close();
            }
        }
    }

    @Override
    public long written() {
        return written.get();
    }

    /// Any thread: asks the worker to give the query up; its reader is told, and ends a worker that does not hear.
    void cancel() {
        cancelled = true;
        query.worker().send(Frame.bare(Kind.CANCEL, query.reply().id()));
    }

    private static QueryException cancelledByOther() {
        return new QueryException(QueryException.Reason.CANCELLED, "the query was cancelled by another call");
    }

    /// @return how far the query is, in percent, or less than 0 where that is not known
    double percent() {
        return query.reply().percent();
    }

    @Override
    public void close() {
        if (!ended) {
            stop();
        }
        leave();
    }

    private synchronized void leave() {
        if (!left) {
            left = true;
            leave.run();
        }
    }

    /// @return the next frame, or null after the last
    private @Nullable Frame next() {
        if (ended) {
            return null;
        }
        patience.begin();
        @Nullable Frame frame = null;
        long stopsMillis = 0;
        try {
            while (frame == null && patience.leftMillis() > 0) {
                long slice = Math.min(patience.leftMillis(), SLICE_MILLIS);
                frame = query.reply().take(slice);
                patience.spent();
                stopsMillis += cancelled ? slice : 0;
                if (frame == null && stopsMillis > terms.stopWithinMillis) {
                    stop();
                    throw cancelledByOther();
                }
            }
        } catch (InterruptedException e) {
            stop();
            Thread.currentThread().interrupt();
            throw new QueryException(QueryException.Reason.CANCELLED, "the query was cancelled");
        }
        if (frame == null) {
            stop();
            throw new QueryException(
                    QueryException.Reason.TIMEOUT,
                    "the query ran longer than the allowed "
                            + terms.limits.timeout().toMillis() + " ms; narrow its time range or aggregate more");
        }
        return switch (frame.kind()) {
            case SCHEMA, BATCH -> frame;
            case NEED -> {
                fetch(Needed.of(frame));
                yield next();
            }
            case END -> {
                end();
                yield null;
            }
            default -> {
                end();
                Failure failure = Failure.of(frame);
                if (cancelled && failure.reason().equals(Failure.CANCELLED)) {
                    throw cancelledByOther();
                }
                if (failure.reason().equals(Failure.MEMORY)) {
                    query.worker().spend();
                    throw new QueryException(QueryException.Reason.TOO_LARGE, failure.detail());
                }
                throw new QueryException(
                        QueryException.Reason.valueOf(failure.reason()),
                        failure.detail(),
                        failure.line(),
                        failure.column(),
                        failure.hint());
            }
        };
    }

    private void fetch(Needed needed) {
        boolean fetched = false;
        try {
            query.files().fetch(needed);
            fetched = true;
        } finally {
            if (!fetched) {
                stop();
            }
        }
        query.worker().send(Frame.bare(Kind.HAVE, query.reply().id()));
    }

    private void end() {
        ended = true;
        query.files().release();
        query.worker().forget(query.reply());
    }

    /// Cancels; a worker that does not answer soon is killed.
    private void stop() {
        query.worker().send(Frame.bare(Kind.CANCEL, query.reply().id()));
        // Whoever was interrupted still waits for the worker's word: without it the worker had to die.
        boolean interrupted = Thread.interrupted();
        boolean stopped = false;
        try {
            stopped = awaitEnd();
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (!stopped) {
            query.worker().die("another query of this tenant did not stop and ended the worker; run yours again");
        }
        end();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean awaitEnd() throws InterruptedException {
        while (true) {
            Frame frame = query.reply().take(terms.stopWithinMillis);
            if (frame == null) {
                return false;
            }
            if (frame.kind() == Kind.END || frame.kind() == Kind.FAILED) {
                return true;
            }
        }
    }

    /// The bytes of the Arrow stream, as frames bring them.
    private final class Frames extends InputStream {
        private ByteBuffer current = ByteBuffer.wrap(head);

        @Override
        public int read() {
            return fill() ? current.get() & 0xff : -1;
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            if (length == 0) {
                return 0;
            }
            if (!fill()) {
                return -1;
            }
            int count = Math.min(length, current.remaining());
            current.get(target, offset, count);
            return count;
        }

        private boolean fill() {
            while (!current.hasRemaining()) {
                Frame frame = next();
                if (frame == null) {
                    return false;
                }
                query.worker().send(Frame.bare(Kind.CREDIT, query.reply().id()));
                ByteBuffer body = frame.read();
                written.addAndGet(body.getInt());
                current = ByteBuffer.wrap(frame.body(), body.position() + 4, body.remaining() - 4);
            }
            return true;
        }
    }
}
