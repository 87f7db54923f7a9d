package tributary.model;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/// Microseconds since 1970 UTC, the form in which logs, tables and the registry keep times.
public final class Micros {
    private Micros() {}

    public static long of(Instant instant) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
    }

    public static @Nullable Long orNull(@Nullable Instant instant) {
        return instant == null ? null : of(instant);
    }

    public static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    /// @return `instant` as it is after it was kept
    public static Instant rounded(Instant instant) {
        return instant.truncatedTo(ChronoUnit.MICROS);
    }
}
