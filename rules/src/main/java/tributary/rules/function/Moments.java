package tributary.rules.function;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Moments as rules have them: milliseconds since 1970 UTC.
public final class Moments {
    /// Farthest moment either way, some 8000 years from 1970.
    static final long MAX = 253_402_300_799_999L;

    private Moments() {}

    /// @return the moment of a number of milliseconds or an ISO 8601 text, or null
    public static @Nullable Long of(Object value) {
        return TimeFunctions.moment(value);
    }

    /// @return the zone of that name, or null
    public static @Nullable ZoneId zone(String name) {
        return TimeFunctions.zone(name);
    }

    static @Nullable Long parse(String text) {
        if (text.length() < 8 || text.length() > 64 || !Character.isDigit(text.charAt(0))) {
            return null;
        }
        String iso =
                text.length() > 10 && text.charAt(10) == ' ' ? text.substring(0, 10) + 'T' + text.substring(11) : text;
        try {
            if (iso.indexOf('T') < 0) {
                return LocalDate.parse(iso)
                        .atStartOfDay()
                        .toInstant(ZoneOffset.UTC)
                        .toEpochMilli();
            }
            boolean zoned =
                    iso.endsWith("Z") || iso.endsWith("z") || iso.indexOf('+', 11) > 0 || iso.indexOf('-', 11) > 0;
            Instant instant = zoned
                    ? OffsetDateTime.parse(iso).toInstant()
                    : LocalDateTime.parse(iso).toInstant(ZoneOffset.UTC);
            return instant.toEpochMilli();
        } catch (DateTimeException | ArithmeticException e) {
            return null;
        }
    }

    static @Nullable ChronoUnit unit(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "ms", "millisecond", "milliseconds" -> ChronoUnit.MILLIS;
            case "s", "ss", "second", "seconds" -> ChronoUnit.SECONDS;
            case "m", "mi", "minute", "minutes" -> ChronoUnit.MINUTES;
            case "h", "hh", "hour", "hours" -> ChronoUnit.HOURS;
            case "d", "dd", "day", "days" -> ChronoUnit.DAYS;
            case "w", "week", "weeks" -> ChronoUnit.WEEKS;
            case "month", "months" -> ChronoUnit.MONTHS;
            case "y", "year", "years" -> ChronoUnit.YEARS;
            default -> null;
        };
    }
}
