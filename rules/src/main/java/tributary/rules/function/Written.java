package tributary.rules.function;

import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What can be said of an argument that is written down: whether the function will ever do anything with it.
public final class Written {
    private static final Set<String> PATHS =
            Set.of("path", "json_path_query", "json_path_query_first", "json_path_exists");
    private static final Set<String> OF_DATE = Set.of(
            "hour",
            "minute",
            "second",
            "day_of_week",
            "day_of_month",
            "day_of_year",
            "month",
            "year",
            "hour_of_week",
            "is_workday");
    private static final Set<String> ENCODE =
            Set.of("base64", "base64url", "hex", "utf-8", "utf8", "utf-16", "utf16", "gzip");
    private static final Set<String> HASHES = Set.of("md5", "sha1", "sha256", "sha512");

    private Written() {}

    /// @param function its name in small letters
    /// @param place    of the argument, from 0
    /// @param count    of all arguments
    /// @return what is wrong with it, or null where nothing is
    public static @Nullable String fault(String function, int place, int count, String text) {
        if (PATHS.contains(function) && place == 1) {
            return JsonPath.readable(text)
                    ? null
                    : "is no path that can be followed; there are names, [0], [-1], [0:2], ['a', 'b'], [*] and ..name,"
                            + " and no filters";
        }
        boolean zone = switch (function) {
            case "convert_tz" -> place == 1;
            case "parse_time", "format_time", "format_date", "bucket" -> place == 2;
            default -> OF_DATE.contains(function) && place == 1;
        };
        if (zone) {
            return Moments.zone(text) == null ? "is no time zone; write one such as UTC or Europe/Budapest" : null;
        }
        String small = text.toLowerCase(Locale.ROOT);
        return switch (function) {
            case "encode" -> place == 1 ? of(small, ENCODE) : null;
            case "decode" -> place == 1 && !small.equals("cbor") ? of(small, ENCODE) : null;
            case "hmac" -> place == 2 ? of(text, HASHES) : null;
            case "date_add" -> place == 2 ? unit(text) : null;
            case "date_diff" -> place == 0 && count == 3 ? unit(text) : null;
            default -> null;
        };
    }

    private static @Nullable String of(String text, Set<String> all) {
        return all.contains(text)
                ? null
                : "is none of " + String.join(", ", all.stream().sorted().toList());
    }

    private static @Nullable String unit(String text) {
        return Moments.unit(text) == null ? "is no unit; write one such as second, day or month" : null;
    }
}
