package tributary.model;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/// Microseconds since 1970 UTC, the form in which logs, tables and the registry keep times.
public final class Micros {
    private static final long DAY = 86_400_000_000L;
    private static final long YEAR_0 = LocalDate.of(0, 1, 1).toEpochDay();
    private static final long YEAR_9999 = LocalDate.of(9999, 12, 31).toEpochDay();
    private static final int LONGEST = "2026-11-28T11:02:03.123456Z".length();

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

    /// @return ISO 8601 in UTC, as [Instant#toString] writes it, in a fraction of its time: answers are full of times
    public static String text(long micros) {
        long day = Math.floorDiv(micros, DAY);
        if (day < YEAR_0 || day > YEAR_9999) {
            return instant(micros).toString();
        }
        byte[] text = new byte[LONGEST];
        LocalDate date = LocalDate.ofEpochDay(day);
        digits(text, 0, 4, date.getYear());
        digits(text, 5, 2, date.getMonthValue());
        digits(text, 8, 2, date.getDayOfMonth());
        text[4] = '-';
        text[7] = '-';
        text[10] = 'T';
        long rest = micros - day * DAY;
        int second = (int) (rest / 1_000_000);
        int fraction = (int) (rest % 1_000_000);
        digits(text, 11, 2, second / 3600);
        digits(text, 14, 2, second / 60 % 60);
        digits(text, 17, 2, second % 60);
        text[13] = ':';
        text[16] = ':';
        int length = 19;
        if (fraction != 0) {
            boolean millis = fraction % 1000 == 0;
            text[length++] = '.';
            digits(text, length, millis ? 3 : 6, millis ? fraction / 1000 : fraction);
            length += millis ? 3 : 6;
        }
        text[length++] = 'Z';
        return new String(text, 0, length, StandardCharsets.ISO_8859_1);
    }

    private static void digits(byte[] text, int from, int count, int number) {
        int rest = number;
        for (int i = from + count - 1; i >= from; i--) {
            text[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
    }

    /// @return `instant` as it is after it was kept
    public static Instant rounded(Instant instant) {
        return instant.truncatedTo(ChronoUnit.MICROS);
    }
}
