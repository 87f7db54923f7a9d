package tributary.model;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads configuration keys into records and collects every mistake, so that all are reported together.
///
/// Each feature's `*Settings` record asks for its own keys with its own defaults; after the last has asked,
/// [#problems] also names the keys that nobody asked for, with the nearest one that exists. One instance serves one
/// start; not thread-safe.
public final class Settings {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");
    private static final Pattern SIZE = Pattern.compile("(\\d{1,12})(B|KB|MB|GB|TB)?", Pattern.CASE_INSENSITIVE);
    private static final Map<String, Long> UNIT =
            Map.of("B", 1L, "KB", 1L << 10, "MB", 1L << 20, "GB", 1L << 30, "TB", 1L << 40);

    private final Map<String, String> values;
    private final Map<String, String> asked = new TreeMap<>();
    private final List<String> problems = new ArrayList<>();

    /// @param values key to text, from file, environment and flags, already merged
    public Settings(Map<String, String> values) {
        this.values = Map.copyOf(values);
    }

    /// @return the whole number at `key`, or `fallback`; outside `min` to `max` is a problem
    public int number(String key, int fallback, int min, int max) {
        String text = ask(key, Integer.toString(fallback));
        if (text == null) {
            return fallback;
        }
        try {
            int value = Integer.parseInt(text.strip().replace("_", ""));
            if (min <= value && value <= max) {
                return value;
            }
        } catch (NumberFormatException e) {
            // reported below with the same words
        }
        problems.add("%s must be a whole number from %d to %d, was '%s'".formatted(key, min, max, Quote.shorten(text)));
        return fallback;
    }

    /// @return the length of time at `key`, written as `250ms`, `30s`, `5m`, `12h` or `7d`, or `fallback`
    public Duration duration(String key, Duration fallback, Duration min, Duration max) {
        String text = ask(key, show(fallback));
        if (text == null) {
            return fallback;
        }
        Matcher matcher = DURATION.matcher(text.strip());
        if (matcher.matches()) {
            long count = Long.parseLong(matcher.group(1));
            Duration value = switch (matcher.group(2)) {
                case "ms" -> Duration.ofMillis(count);
                case "s" -> Duration.ofSeconds(count);
                case "m" -> Duration.ofMinutes(count);
                case "h" -> Duration.ofHours(count);
                default -> Duration.ofDays(count);
            };
            if (min.compareTo(value) <= 0 && value.compareTo(max) <= 0) {
                return value;
            }
        }
        problems.add("%s must be a time from %s to %s, such as 250ms, 30s, 5m, 12h or 7d, was '%s'"
                .formatted(key, show(min), show(max), Quote.shorten(text)));
        return fallback;
    }

    /// @return the number of bytes at `key`, written as `4096`, `64KB`, `512MB` or `2GB` (powers of 1,024), or
    ///         `fallback`
    public long bytes(String key, long fallback, long min, long max) {
        String text = ask(key, showBytes(fallback));
        if (text == null) {
            return fallback;
        }
        Matcher matcher = SIZE.matcher(text.strip());
        if (matcher.matches()) {
            String unit = matcher.group(2) == null ? "B" : matcher.group(2).toUpperCase(Locale.ROOT);
            long count = Long.parseLong(matcher.group(1));
            long size = UNIT.getOrDefault(unit, 1L);
            if (count <= max / size && min <= count * size) {
                return count * size;
            }
        }
        problems.add("%s must be a size from %s to %s, such as 4096, 64KB, 512MB or 2GB, was '%s'"
                .formatted(key, showBytes(min), showBytes(max), Quote.shorten(text)));
        return fallback;
    }

    /// @return true or false at `key`, or `fallback`
    public boolean flag(String key, boolean fallback) {
        String text = ask(key, Boolean.toString(fallback));
        if (text == null) {
            return fallback;
        }
        switch (text.strip()) {
            case "true", "yes", "on" -> {
                return true;
            }
            case "false", "no", "off" -> {
                return false;
            }
            default -> problems.add("%s must be true or false, was '%s'".formatted(key, Quote.shorten(text)));
        }
        return fallback;
    }

    /// @return the text at `key`, or `fallback`
    public String text(String key, String fallback) {
        String text = ask(key, fallback);
        return text == null ? fallback : text;
    }

    /// @return the path at `key`, or `fallback`
    public Path path(String key, Path fallback) {
        return Path.of(text(key, fallback.toString()));
    }

    /// @return the constant at `key`, written in lower case with `-` for `_`, or `fallback`
    public <E extends Enum<E>> E choice(String key, E fallback) {
        String text = ask(key, show(fallback));
        if (text == null) {
            return fallback;
        }
        List<String> allowed = new ArrayList<>();
        for (E constant : fallback.getDeclaringClass().getEnumConstants()) {
            if (show(constant).equals(text.strip())) {
                return constant;
            }
            allowed.add(show(constant));
        }
        problems.add("%s must be one of %s, was '%s'".formatted(key, String.join(", ", allowed), Quote.shorten(text)));
        return fallback;
    }

    /// @return whether somebody set `key`, be it to its default
    public boolean given(String key) {
        return values.containsKey(key);
    }

    /// Adds a mistake that only a feature's own record can see, such as two keys that contradict each other.
    public void problem(String text) {
        problems.add(text);
    }

    /// @return every mistake found, unknown keys last; empty where the configuration is good
    public List<String> problems() {
        List<String> all = new ArrayList<>(problems);
        for (String key : new TreeMap<>(values).keySet()) {
            if (!asked.containsKey(key)) {
                String near = nearest(key, asked.keySet());
                all.add("%s is not a setting%s"
                        .formatted(Quote.shorten(key), near == null ? "" : "; did you mean " + near + "?"));
            }
        }
        return List.copyOf(all);
    }

    /// @return every key that was asked for with its default as text, sorted; `docs/config.md` is held against it
    public Map<String, String> known() {
        return Collections.unmodifiableMap(asked);
    }

    /// @return the one of `words` that `typed` most likely meant, or null where none is near
    public static @Nullable String nearest(String typed, Collection<String> words) {
        String best = null;
        int bestDistance = Math.max(2, typed.length() / 3) + 1;
        for (String word : words) {
            int distance = distance(typed, word);
            if (distance < bestDistance) {
                best = word;
                bestDistance = distance;
            }
        }
        return best;
    }

    private @Nullable String ask(String key, String fallback) {
        asked.put(key, fallback);
        return values.get(key);
    }

    private static String show(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static String show(Duration duration) {
        long millis = duration.toMillis();
        if (millis % 1000 != 0 || millis == 0) {
            return millis + "ms";
        }
        long seconds = millis / 1000;
        if (seconds % 86_400 == 0) {
            return seconds / 86_400 + "d";
        }
        if (seconds % 3600 == 0) {
            return seconds / 3600 + "h";
        }
        return seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
    }

    private static String showBytes(long bytes) {
        for (String unit : List.of("TB", "GB", "MB", "KB")) {
            long size = UNIT.getOrDefault(unit, 1L);
            if (bytes >= size && bytes % size == 0) {
                return bytes / size + unit;
            }
        }
        return Long.toString(bytes);
    }

    /// Edits (insert, delete, replace) from one word to the other; words here are short.
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replace = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replace, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
