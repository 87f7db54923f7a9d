package tributary.gateway.http;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import tributary.gateway.DoorProblem;

/// Ends waits for the disk that take too long. One thread looks at all of them now and then: a timed park for each
/// request would cost a fifth of what a request costs.
final class Patience implements AutoCloseable {
    private static final long LOOK_MILLIS = 100;

    private final InstantSource clock;
    private final Duration limit;
    private final Map<DurableWait, Long> begunMillis = new ConcurrentHashMap<>();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("http-clock").daemon().factory());

    Patience(InstantSource clock, Duration limit) {
        this.clock = clock;
        this.limit = limit;
        timer.scheduleWithFixedDelay(this::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    void begin(DurableWait wait) {
        begunMillis.put(wait, clock.millis());
    }

    void end(DurableWait wait) {
        begunMillis.remove(wait);
    }

    private void look() {
        long dueMillis = clock.millis() - limit.toMillis();
        begunMillis.forEach((wait, begun) -> {
            if (begun < dueMillis) {
                wait.overdue();
            }
        });
    }

    /// @return what to tell whoever waited in vain
    Problem lost() {
        return Problem.of(
                        DoorProblem.DISK_SLOW,
                        "The disk did not confirm within " + limit.toSeconds() + " s, so the data may or may not be"
                                + " stored. Send it again with the same ts: a reading sent twice is one row.")
                .retryAfter(Duration.ofSeconds(5));
    }

    @Override
    public void close() {
        timer.shutdown();
    }
}
