package tributary.sinks;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Counts, and what went wrong last. Written by the delivery's thread, read by all.
final class Tally {
    /// Read by the delivery alone.
    private @Nullable Instant nextTry;

    private volatile SinkStatus last =
            new SinkStatus(SinkStatus.State.RUNNING, 0, 0, 0, 0, null, null, "", null, null, 0, 0, null, "");

    void delivered(int count, Instant now) {
        nextTry = null;
        last = new SinkStatus(
                SinkStatus.State.RUNNING,
                last.delivered() + count,
                last.failures(),
                last.putAside(),
                0,
                null,
                null,
                last.lastError(),
                last.lastErrorAt(),
                now,
                0,
                0,
                null,
                "");
    }

    void failed(String reason, Instant now) {
        last = error(last.state(), reason, now, last.nextTry(), 0);
    }

    void putAside(String reason, Instant now) {
        nextTry = null;
        last = error(SinkStatus.State.RUNNING, reason, now, null, 1);
    }

    void retrying(String reason, Instant now, Duration pause) {
        nextTry = now.plus(pause);
        last = error(SinkStatus.State.RETRYING, reason, now, now.plus(pause), 0);
    }

    void blocked(String reason, Instant now, Duration pause) {
        nextTry = now.plus(pause);
        last = error(SinkStatus.State.BLOCKED, reason, now, now.plus(pause), 0);
    }

    private SinkStatus error(SinkStatus.State state, String reason, Instant now, @Nullable Instant due, int aside) {
        boolean failing = state != SinkStatus.State.RUNNING;
        Instant since = last.retryingSince() == null ? now : last.retryingSince();
        return new SinkStatus(
                state,
                last.delivered(),
                last.failures() + 1,
                last.putAside() + aside,
                0,
                failing ? since : null,
                due,
                reason,
                now,
                last.lastDelivered(),
                0,
                0,
                null,
                "");
    }

    /// @return how long to wait before the next attempt, or zero
    Duration pause(Instant now) {
        Instant due = nextTry;
        return due != null && now.isBefore(due) ? Duration.between(now, due) : Duration.ZERO;
    }

    /// What was wrong is over, and nothing is waiting.
    void recovered() {
        if (last.state() != SinkStatus.State.RUNNING) {
            nextTry = null;
            last = new SinkStatus(
                    SinkStatus.State.RUNNING,
                    last.delivered(),
                    last.failures(),
                    last.putAside(),
                    0,
                    null,
                    null,
                    last.lastError(),
                    last.lastErrorAt(),
                    last.lastDelivered(),
                    0,
                    0,
                    null,
                    "");
        }
    }

    SinkStatus status(long behind) {
        SinkStatus s = last;
        return new SinkStatus(
                s.state(),
                s.delivered(),
                s.failures(),
                s.putAside(),
                behind,
                s.retryingSince(),
                s.nextTry(),
                s.lastError(),
                s.lastErrorAt(),
                s.lastDelivered(),
                0,
                0,
                null,
                "");
    }
}
