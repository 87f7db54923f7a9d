package tributary.decode;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Reads the time of a reading: epoch milliseconds or ISO 8601 with an offset.
///
/// Times from 1970 to before 2200 are taken, also such in the future: a wrong clock is the owner's to correct, and
/// refusing would lose the values. What looks like seconds, micro- or nanoseconds is refused with that guess.
final class Timestamps {
    /// What an unreadable time gives.
    static final long NONE = Long.MIN_VALUE;

    private static final long YEAR_2200_MICROS = 7_258_118_400_000_000L;
    private static final long SECONDS_LIKE_MIN = 1_000_000_000L;
    private static final long SECONDS_LIKE_MAX = 7_258_118_400L;
    private static final int[] POWER = {1, 10, 100, 1_000, 10_000, 100_000, 1_000_000};

    private Timestamps() {}

    /// @return whether the time is one that readings may have
    static boolean plausible(long micros) {
        return micros >= 0 && micros < YEAR_2200_MICROS;
    }

    /// @return microseconds since 1970, or [#NONE]
    static long ofMillis(double millis) {
        if (!(millis >= 0 && millis * 1000 < YEAR_2200_MICROS)
                || millis >= SECONDS_LIKE_MIN && millis < SECONDS_LIKE_MAX) {
            return NONE;
        }
        long whole = (long) millis;
        return whole == millis ? whole * 1000 : Math.round(millis * 1000);
    }

    /// @return why [#ofMillis] refused
    static String millisFault(double millis) {
        String guess = "";
        if (millis >= SECONDS_LIKE_MIN && millis < SECONDS_LIKE_MAX) {
            guess = "; that looks like seconds, multiply by 1000";
        } else if (millis >= 1e15 && millis < 1e16) {
            guess = "; that looks like microseconds, divide by 1000";
        } else if (millis >= 1e18 && millis < 1e19) {
            guess = "; that looks like nanoseconds, divide by 1000000";
        }
        String shown = millis == Math.rint(millis) && Math.abs(millis) < 1e18
                ? Long.toString((long) millis)
                : Double.toString(millis);
        return "ts " + shown + " is not a time in milliseconds since 1970 and before 2200" + guess;
    }

    static String isoFault() {
        return "ts is neither epoch milliseconds nor ISO 8601 with an offset, such as 2026-01-31T12:00:00Z";
    }

    /// @return microseconds since 1970, or [#NONE]
    static long ofIso(@Nullable String text) {
        if (text == null) {
            return NONE;
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return ofIso(bytes, 0, bytes.length);
    }

    /// Reads `2026-01-31T12:00:00.123456Z`; seconds and fraction may be missing, the offset may not.
    ///
    /// @return microseconds since 1970, or [#NONE]
    static long ofIso(byte[] text, int from, int to) {
        if (to - from < 17 || to - from > 35 || text[from + 4] != '-' || text[from + 7] != '-') {
            return NONE;
        }
        int year = digits(text, from, 4);
        int month = digits(text, from + 5, 2);
        int day = digits(text, from + 8, 2);
        int hour = digits(text, from + 11, 2);
        int minute = digits(text, from + 14, 2);
        boolean parted = (text[from + 10] | 0x20) == 't' && text[from + 13] == ':';
        if (!parted || year < 0 || month < 1 || month > 12 || day < 1 || day > days(year, month)) {
            return NONE;
        }
        if (hour < 0 || hour > 23 || minute < 0 || minute > 59) {
            return NONE;
        }
        int at = from + 16;
        int second = 0;
        int micros = 0;
        if (text[at] == ':') {
            second = at + 3 < to ? digits(text, at + 1, 2) : -1;
            if (second < 0 || second > 59) {
                return NONE;
            }
            at += 3;
            if (text[at] == '.' || text[at] == ',') {
                int end = fractionEnd(text, at + 1, to);
                if (end == at + 1 || end == to) {
                    return NONE;
                }
                micros = fraction(text, at + 1, end);
                at = end;
            }
        }
        long offsetSeconds = offset(text, at, to);
        if (offsetSeconds == NONE) {
            return NONE;
        }
        long seconds = epochDay(year, month, day) * 86_400 + hour * 3600L + minute * 60L + second - offsetSeconds;
        long result = seconds * 1_000_000 + micros;
        return plausible(result) ? result : NONE;
    }

    private static int fractionEnd(byte[] text, int from, int to) {
        int end = from;
        while (end < to && text[end] >= '0' && text[end] <= '9' && end - from <= 9) {
            end++;
        }
        return end - from > 9 ? from : end;
    }

    private static int fraction(byte[] text, int from, int end) {
        int count = Math.min(6, end - from);
        return digits(text, from, count) * POWER[6 - count];
    }

    private static long offset(byte[] text, int at, int to) {
        int length = to - at;
        if (length == 1 && (text[at] | 0x20) == 'z') {
            return 0;
        }
        if (length != 3 && length != 5 && length != 6 || text[at] != '+' && text[at] != '-') {
            return NONE;
        }
        if (length == 6 && text[at + 3] != ':') {
            return NONE;
        }
        int hours = digits(text, at + 1, 2);
        int minutes = length == 3 ? 0 : digits(text, to - 2, 2);
        if (hours < 0 || hours > 18 || minutes < 0 || minutes > 59) {
            return NONE;
        }
        return (text[at] == '-' ? -1 : 1) * (hours * 3600L + minutes * 60L);
    }

    private static int digits(byte[] text, int from, int count) {
        int value = 0;
        for (int i = from; i < from + count; i++) {
            int digit = text[i] - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            value = value * 10 + digit;
        }
        return value;
    }

    private static int days(int year, int month) {
        return switch (month) {
            case 2 -> year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
            case 4, 6, 9, 11 -> 30;
            default -> 31;
        };
    }

    /// Days since 1970-01-01 of the Gregorian calendar; years begin in March so that the leap day is their last.
    private static long epochDay(int year, int month, int day) {
        int y = month <= 2 ? year - 1 : year;
        int era = Math.floorDiv(y, 400);
        int yearOfEra = y - era * 400;
        int dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
        int dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
        return era * 146_097L + dayOfEra - 719_468;
    }
}
