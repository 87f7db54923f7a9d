package tributary.gateway.http;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
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
    void await(InstantSource clock, Duration limit) {
        if (!done) {
            long deadlineMillis = clock.millis() + limit.toMillis();
            while (!done) {
                long leftMillis = deadlineMillis - clock.millis();
                if (leftMillis <= 0) {
                    throw new Refusal(Problem.of(
                                    503,
                                    "disk-slow",
                                    "Not confirmed in time",
                                    "The disk did not confirm within " + limit.toSeconds()
                                            + " s, so the data may or may"
                                            + " not be stored. Send it again with the same ts: a reading sent twice is"
                                            + " one row.")
                            .retryAfter(Duration.ofSeconds(5)));
                }
                LockSupport.parkNanos(this, leftMillis * 1_000_000);
            }
        }
        if (fault != null) {
            throw new Refusal(Problem.of(fault, detail));
        }
    }
}
