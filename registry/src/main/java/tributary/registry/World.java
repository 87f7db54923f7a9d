package tributary.registry;

import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;

/// Where time and chance come from.
record World(InstantSource clock, SecureRandom random) {
    World {
        Objects.requireNonNull(clock, "clock");
        Objects.requireNonNull(random, "random");
    }

    /// @return the time, as exact as the database keeps it
    Instant now() {
        return Micros.rounded(clock.instant());
    }

    long nowMicros() {
        return Micros.of(clock.instant());
    }
}
