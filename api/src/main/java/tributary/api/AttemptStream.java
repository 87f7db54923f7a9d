package tributary.api;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import tributary.gateway.Attempt;
import tributary.gateway.Attempts;

/// One client's live stream of attempts, on its own virtual thread. An event's id is the line's sequence, so that
/// Last-Event-ID goes on behind it as long as the lines are kept.
final class AttemptStream {
    private static final long LOOK_NANOS = 200_000_000;
    private static final int LINES_MAX = 200;

    private final Attempts attempts;
    private final Attempts.Wanted wanted;
    private final LiveStreams.Permit permit;
    private final EventWriter events;

    AttemptStream(Attempts attempts, Attempts.Wanted wanted, LiveStreams.Permit permit, EventWriter events) {
        this.attempts = attempts;
        this.wanted = wanted;
        this.permit = permit;
        this.events = events;
    }

    /// Streams until the client leaves, loses its right, or the server stops.
    void run(long from, Identity identity) throws IOException {
        LiveStreams.Right right = permit.right(identity);
        long after = from;
        long heardMillis = permit.nowMillis();
        events.begin("attempt");
        while (!right.ended(events, Long.toString(after))) {
            long newest = attempts.newest();
            List<Attempt> lines = newest > after ? attempts.after(wanted, after, LINES_MAX) : List.of();
            for (Attempt line : lines) {
                after = line.sequence();
                events.event("attempt", Long.toString(after), AttemptRoutes.json(line));
            }
            if (lines.size() < LINES_MAX) {
                after = Math.max(after, newest);
            }
            long now = permit.nowMillis();
            if (events.size() > 0) {
                events.send();
                heardMillis = now;
            } else if (now - heardMillis >= permit.heartbeatMillis()) {
                events.heartbeat(Long.toString(after));
                heardMillis = now;
            }
            if (lines.size() < LINES_MAX) {
                LockSupport.parkNanos(this, LOOK_NANOS);
                if (Thread.currentThread().isInterrupted()) {
                    return;
                }
            }
        }
    }
}
