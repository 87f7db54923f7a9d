package tributary.rules.function;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalQueries;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tributary.rules.value.Convert;
import tributary.rules.value.Missing;
import tributary.rules.value.Numbers;

/// Moments as milliseconds since 1970 UTC, and their texts. Where a moment is asked for, ISO 8601 is read too.
final class TimeFunctions {
    private static final int KEPT = 256;
    private static final int PATTERN_MAX = 200;
    private static final Map<String, DateTimeFormatter> FORMATS = new ConcurrentHashMap<>();
    private static final Map<String, ZoneId> ZONES = new ConcurrentHashMap<>();

    private TimeFunctions() {}

    static void register(Functions all) {
        all.add("parse_time", 2, 3, TimeFunctions::formatted);
        all.alias("format_time", "parse_time");
        all.alias("format_date", "parse_time");
        all.add("time_to_epoch", 1, 2, TimeFunctions::epoch);
        all.add("date_diff", 2, 3, TimeFunctions::difference);
        all.add("date_add", 2, 3, TimeFunctions::added);
        all.add("convert_tz", 2, 2, a -> {
            Long at = moment(a[0]);
            ZoneId zone = a[1] instanceof String name ? zone(name) : null;
            return at == null || zone == null ? Missing.UNDEFINED : iso(at, zone);
        });
        all.add("from_unixtime", 1, 1, a -> {
            Long seconds = Convert.whole(a[0]);
            return seconds == null || Math.abs(seconds) > 1L << 40
                    ? Missing.UNDEFINED
                    : iso(seconds * 1000, ZoneOffset.UTC);
        });
    }

    /// @return the milliseconds of a number or an ISO 8601 text, or null
    static @Nullable Long moment(Object value) {
        if (value instanceof Number number) {
            long at = Numbers.floor(number);
            return Math.abs(at) > Moments.MAX ? null : (Long) at;
        }
        return value instanceof String text ? Moments.parse(text) : null;
    }

    static @Nullable ZoneId zone(String name) {
        ZoneId known = ZONES.get(name);
        if (known != null) {
            return known;
        }
        try {
            ZoneId zone = ZoneId.of(name);
            if (ZONES.size() < 1000) {
                ZONES.put(name, zone);
            }
            return zone;
        } catch (DateTimeException e) {
            return null;
        }
    }

    private static String iso(long at, ZoneId zone) {
        return DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(
                Instant.ofEpochMilli(at).atZone(zone));
    }

    private static @Nullable DateTimeFormatter format(String pattern) {
        DateTimeFormatter known = FORMATS.get(pattern);
        if (known != null) {
            return known;
        }
        if (pattern.length() > PATTERN_MAX) {
            return null;
        }
        try {
            DateTimeFormatter made = new DateTimeFormatterBuilder()
                    .parseCaseInsensitive()
                    .appendPattern(joda(pattern))
                    .toFormatter(Locale.ENGLISH);
            if (FORMATS.size() < KEPT) {
                FORMATS.put(pattern, made);
            }
            return made;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /// What differs between Joda's patterns, which AWS documents, and Java's: the year of era and zones of two
    /// letters.
    private static String joda(String pattern) {
        StringBuilder out = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            quoted ^= c == '\'';
            if (!quoted && c == 'Y') {
                out.append('u');
            } else if (!quoted && pattern.startsWith("ZZZ", i)) {
                out.append("VV");
                i += 2;
            } else if (!quoted && pattern.startsWith("ZZ", i)) {
                out.append("xxx");
                i++;
            } else if (!quoted && c == 'y' && pattern.indexOf('G') < 0) {
                out.append('u');
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }

    /// `parse_time(pattern, moment[, zone])`, as AWS names it; pattern and moment in either order.
    private static Object formatted(Object[] a) {
        boolean first = a[0] instanceof String && (Convert.number(a[0]) == null || !(a[1] instanceof String));
        Object pattern = first ? a[0] : a[1];
        Object when = first ? a[1] : a[0];
        if (first
                && a[1] instanceof String
                && Moments.parse((String) a[0]) != null
                && Moments.parse((String) a[1]) == null) {
            pattern = a[1];
            when = a[0];
        }
        Long at = when instanceof String text && Convert.number(text) != null ? Convert.whole(when) : moment(when);
        DateTimeFormatter format = pattern instanceof String text ? format(text) : null;
        ZoneId zone = Functions.argument(a, 2, "UTC") instanceof String name ? zone(name) : null;
        if (at == null || format == null || zone == null || Math.abs(at) > Moments.MAX) {
            return Missing.UNDEFINED;
        }
        try {
            return format.format(Instant.ofEpochMilli(at).atZone(zone));
        } catch (DateTimeException e) {
            return Missing.UNDEFINED;
        }
    }

    /// `time_to_epoch(text, pattern)`; what the pattern lacks is midnight, January, the first, UTC.
    private static Object epoch(Object[] a) {
        if (!(a[0] instanceof String text)) {
            return Missing.UNDEFINED;
        }
        if (a.length == 1) {
            return Functions.orUndefined(Moments.parse(text));
        }
        DateTimeFormatter format = a[1] instanceof String pattern ? format(pattern) : null;
        if (format == null || text.length() > PATTERN_MAX) {
            return Missing.UNDEFINED;
        }
        try {
            TemporalAccessor parsed = format.parse(text);
            LocalDate date = parsed.query(TemporalQueries.localDate());
            LocalTime time = parsed.query(TemporalQueries.localTime());
            ZoneId zone = parsed.query(TemporalQueries.zone());
            if (date == null) {
                return Missing.UNDEFINED;
            }
            return ZonedDateTime.of(
                            LocalDateTime.of(date, time == null ? LocalTime.MIDNIGHT : time),
                            zone == null ? ZoneOffset.UTC : zone)
                    .toInstant()
                    .toEpochMilli();
        } catch (DateTimeException | ArithmeticException e) {
            return Missing.UNDEFINED;
        }
    }

    /// `date_diff(a, b)` is a - b in milliseconds; `date_diff(unit, from, to)` is how many whole units lie
    /// between.
    private static Object difference(Object[] a) {
        boolean unit = a.length == 3;
        Long x = moment(a[unit ? 2 : 0]);
        Long y = moment(a[1]);
        if (x == null || y == null) {
            return Missing.UNDEFINED;
        }
        if (!unit) {
            return x - y;
        }
        ChronoUnit chrono = a[0] instanceof String name ? Moments.unit(name) : null;
        return chrono == null
                ? Missing.UNDEFINED
                : (Object) chrono.between(
                        Instant.ofEpochMilli(y).atOffset(ZoneOffset.UTC),
                        Instant.ofEpochMilli(x).atOffset(ZoneOffset.UTC));
    }

    /// `date_add(moment, 5m)`, `date_add(moment, 2, 'month')` or `date_add('month', 2, moment)`.
    private static Object added(Object[] a) {
        boolean unitFirst = a.length == 3 && a[2] instanceof Number;
        Long at = moment(unitFirst ? a[2] : a[0]);
        Long amount = Convert.whole(a[1]);
        if (at == null || amount == null || Math.abs(amount) > Moments.MAX) {
            return Missing.UNDEFINED;
        }
        if (a.length == 2) {
            return at + amount;
        }
        ChronoUnit chrono = (unitFirst ? a[0] : a[2]) instanceof String name ? Moments.unit(name) : null;
        if (chrono == null) {
            return Missing.UNDEFINED;
        }
        try {
            return Instant.ofEpochMilli(at)
                    .atOffset(ZoneOffset.UTC)
                    .plus(amount, chrono)
                    .toInstant()
                    .toEpochMilli();
        } catch (DateTimeException | ArithmeticException e) {
            return Missing.UNDEFINED;
        }
    }
}
