package tributary.app.server;

import java.time.Duration;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a start spends its time on: a line a station in the log, at level debug.
final class Phases {
    private static final Logger LOG = LoggerFactory.getLogger(Phases.class);

    private final InstantSource clock;
    private final long startMillis;
    private long lastMillis;

    /// @param startMillis when the process began
    Phases(InstantSource clock, long startMillis) {
        this.clock = clock;
        this.startMillis = startMillis;
        done("runtime and settings");
    }

    /// @return since the process began
    Duration done(String what) {
        long millis = clock.millis() - startMillis;
        LOG.debug("{} took {} ms, {} ms since the start", what, millis - lastMillis, millis);
        lastMillis = millis;
        return Duration.ofMillis(millis);
    }
}
