package tributary.gateway.http;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import tributary.gateway.Cause;
import tributary.log.Receipt;
import tributary.model.Fault;

/// The receipt of one message for one thread that waits: parked until the log says what became of it.
///
/// Made and awaited by the request's thread; completed by the log's.
final class DurableWait implements Receipt {
    private final Thread waiter = Thread.currentThread();
    private @Nullable Fault fault;
    private String detail = "";

    /// Written last by the log's thread, read first by the waiter.
    private volatile boolean done;

    private volatile boolean overdue;

    @Override
    public void durable(int partition, long position) {
        done = true;
        LockSupport.unpark(waiter);
    }

    @Override
    public void refused(Fault why, String words) {
        fault = why;
        detail = words;
        done = true;
        LockSupport.unpark(waiter);
    }

    /// Waits until the message is durable.
    ///
    /// @throws Refusal with 503 where the log refused it or is too slow
    void await(Patience patience) {
        if (!done) {
            patience.begin(this);
            try {
                while (!done) {
                    if (overdue) {
                        throw new Refusal(patience.lost());
                    }
                    LockSupport.park(this);
                }
            } finally {
                patience.end(this);
            }
        }
        if (fault != null) {
            throw new Refusal(Problem.of(fault, detail), Cause.NOT_STORED);
        }
    }

    /// The log had its time: the waiter gives up.
    void overdue() {
        overdue = true;
        LockSupport.unpark(waiter);
    }
}
