package tributary.query;

import java.time.Duration;
import java.time.InstantSource;

/// How long a query may still let its reader wait. Time that the reader itself takes does not count; one thread.
final class Patience {
    private final InstantSource clock;
    private long leftMillis;
    private long sinceMillis;

    Patience(InstantSource clock, Duration timeout) {
        this.clock = clock;
        this.leftMillis = Math.max(1, timeout.toMillis());
        this.sinceMillis = clock.millis();
    }

    /// @return what is left, 0 where nothing is
    long leftMillis() {
        return Math.max(0, leftMillis);
    }

    /// From now on the query lets its reader wait.
    void begin() {
        sinceMillis = clock.millis();
    }

    /// Counts the time since [#begin] or the last count.
    void spent() {
        long now = clock.millis();
        leftMillis -= Math.max(0, now - sinceMillis);
        sinceMillis = now;
    }
}
