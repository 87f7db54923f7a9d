package tributary.gateway.http;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import tributary.gateway.Cause;
import tributary.gateway.DoorProblem;
import tributary.gateway.Intake;

/// Lets requests wait while the log has more to write than it likes, so that a slow disk slows senders and no queue
/// grows.
final class Congestion {
    private final Intake intake;
    private final InstantSource clock;
    private final Duration limit;

    Congestion(Intake intake, InstantSource clock, Duration limit) {
        this.intake = intake;
        this.clock = clock;
        this.limit = limit;
    }

    /// Returns when the log takes more.
    ///
    /// @throws Refusal with 503 where that takes too long
    void pass() {
        if (!intake.congested()) {
            return;
        }
        AtomicBoolean relieved = new AtomicBoolean();
        Thread waiter = Thread.currentThread();
        intake.whenRelieved(() -> {
            relieved.set(true);
            LockSupport.unpark(waiter);
        });
        long deadlineMillis = clock.millis() + limit.toMillis();
        while (!relieved.get()) {
            long leftMillis = deadlineMillis - clock.millis();
            if (leftMillis <= 0) {
                throw new Refusal(
                        Problem.of(
                                        DoorProblem.LOG_BUSY,
                                        "More data came than the disk takes, and nothing of this request was stored."
                                                + " Send it again as Retry-After says.")
                                .retryAfter(Duration.ofSeconds(2)),
                        Cause.NOT_STORED);
            }
            LockSupport.parkNanos(this, leftMillis * 1_000_000);
        }
    }
}
