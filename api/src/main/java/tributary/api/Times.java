package tributary.api;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Moments and lengths of time as people write them in parameters.
final class Times {
    static final String MOMENT_DOC =
            "a time: now, -1h (before now), 2026-11-21T12:00:00Z, 2026-11-21, or milliseconds since 1970";
    static final String LENGTH_DOC = "a length of time such as 500ms, 30s, 5m, 12h, 7d";

    private static final Instant EARLIEST = Instant.parse("1677-09-22T00:00:00Z");
    private static final Instant LATEST = Instant.parse("2262-04-11T00:00:00Z");

    private static final Pattern LENGTH = Pattern.compile("(\\d{1,9})(ms|s|m|h|d|w)");
    private static final Pattern EPOCH_MILLIS = Pattern.compile("-?\\d{1,15}");

    private Times() {}

    /// @return the moment that `text` means, or empty where it means none
    static Optional<Instant> moment(String text, Instant now) {
        return anyMoment(text, now).filter(moment -> !moment.isBefore(EARLIEST) && moment.isBefore(LATEST));
    }

    private static Optional<Instant> anyMoment(String text, Instant now) {
        String plain = text.strip();
        if (plain.equals("now")) {
            return Optional.of(now);
        }
        if (plain.startsWith("-") && length(plain.substring(1)).isPresent()) {
            return length(plain.substring(1)).map(now::minus);
        }
        try {
            if (EPOCH_MILLIS.matcher(plain).matches()) {
                return Optional.of(Instant.ofEpochMilli(Long.parseLong(plain)));
            }
            if (plain.length() == 10) {
                return Optional.of(LocalDate.parse(plain).atStartOfDay().toInstant(ZoneOffset.UTC));
            }
            // A '+' in a query means a space; nobody who writes an offset expects that.
            return Optional.of(OffsetDateTime.parse(plain.replace(' ', '+')).toInstant());
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /// @return the length of time that `text` means, positive, or empty where it means none
    static Optional<Duration> length(String text) {
        Matcher matcher = LENGTH.matcher(text.strip());
        if (!matcher.matches()) {
            return Optional.empty();
        }
        long count = Long.parseLong(matcher.group(1));
        ChronoUnit unit = switch (matcher.group(2)) {
            case "ms" -> ChronoUnit.MILLIS;
            case "s" -> ChronoUnit.SECONDS;
            case "m" -> ChronoUnit.MINUTES;
            case "h" -> ChronoUnit.HOURS;
            case "d" -> ChronoUnit.DAYS;
            default -> ChronoUnit.WEEKS;
        };
        Duration length = unit == ChronoUnit.WEEKS ? Duration.ofDays(count * 7) : Duration.of(count, unit);
        return length.isZero() ? Optional.empty() : Optional.of(length);
    }

    /// @throws ProblemException naming the parameter where the text means no moment
    static Instant moment(String parameter, String text, Instant now) {
        return moment(text, now).orElseThrow(() -> Flaws.parameter(parameter, "must be " + MOMENT_DOC, text));
    }

    /// @throws ProblemException naming the parameter where the text means no length of time
    static Duration length(String parameter, String text) {
        return length(text).orElseThrow(() -> Flaws.parameter(parameter, "must be " + LENGTH_DOC, text));
    }
}
