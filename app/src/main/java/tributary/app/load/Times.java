package tributary.app.load;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAccessor;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads times: numbers since 1970, or ISO 8601, also with a space for the `T` and without an offset.
///
/// @param unit what numbers count
/// @param zone of times without an offset, or null: then such are refused
public record Times(Unit unit, @Nullable ZoneId zone) {
    private static final Pattern NUMBER = Pattern.compile("-?\\d{1,19}(\\.\\d{1,9})?");
    private static final long YEAR_2200_MICROS = 7_258_118_400_000_000L;

    /// What a number counts.
    public enum Unit {
        S(1_000_000),
        MS(1_000),
        US(1),
        NS(0.001);

        private final double micros;

        Unit(double micros) {
            this.micros = micros;
        }
    }

    public Times {
        Objects.requireNonNull(unit, "unit");
    }

    /// @return microseconds since 1970
    /// @throws IllegalArgumentException with the reason where it is no time
    long micros(String text) {
        String time = text.strip();
        long micros = NUMBER.matcher(time).matches() ? ofNumber(time) : ofIso(time);
        if (micros < 0 || micros >= YEAR_2200_MICROS) {
            throw new IllegalArgumentException("the time " + time + " is not from 1970 to 2200" + guess(time));
        }
        return micros;
    }

    private long ofNumber(String time) {
        BigDecimal micros = new BigDecimal(time).multiply(BigDecimal.valueOf(unit.micros));
        if (micros.abs().compareTo(BigDecimal.valueOf(YEAR_2200_MICROS)) >= 0) {
            throw new IllegalArgumentException("the time " + time + " is not from 1970 to 2200" + guess(time));
        }
        long whole = micros.setScale(0, RoundingMode.HALF_EVEN).longValueExact();
        boolean coarser = unit != Unit.S && new BigDecimal(time).compareTo(BigDecimal.valueOf(1_000_000_000)) >= 0;
        if (coarser && whole < 10_000_000_000_000L) {
            // before May 1970: nobody has such readings, but many have seconds where milliseconds were said
            throw new IllegalArgumentException(
                    "the time " + time + " is in " + Instant.EPOCH.plus(whole, ChronoUnit.MICROS) + guess(time));
        }
        return whole;
    }

    private String guess(String time) {
        if (!NUMBER.matcher(time).matches() || time.startsWith("-")) {
            return "";
        }
        int digits = time.indexOf('.') < 0 ? time.length() : time.indexOf('.');
        String likely = digits <= 10 ? "s" : digits <= 13 ? "ms" : digits <= 16 ? "us" : "ns";
        return likely.equalsIgnoreCase(unit.name()) ? "" : "; that looks like --time-unit " + likely;
    }

    private long ofIso(String time) {
        boolean spaced = time.length() > 10 && time.charAt(10) == ' ';
        String text = spaced ? time.substring(0, 10) + 'T' + time.substring(11) : time;
        try {
            TemporalAccessor read = text.length() == 10
                    ? LocalDate.parse(text).atStartOfDay()
                    : DateTimeFormatter.ISO_DATE_TIME.parseBest(text, OffsetDateTime::from, LocalDateTime::from);
            if (read instanceof LocalDateTime local) {
                if (zone == null) {
                    throw new IllegalArgumentException(
                            "the time '" + time + "' has no offset; --zone UTC says that it is meant in UTC");
                }
                read = local.atZone(zone).toOffsetDateTime();
            }
            return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.from(read));
        } catch (DateTimeException | ArithmeticException e) {
            throw new IllegalArgumentException(
                    "'" + (time.length() > 40 ? time.substring(0, 40) : time)
                            + "' is no time such as 2026-01-31T12:00:00Z or 1769860800000",
                    e);
        }
    }
}
