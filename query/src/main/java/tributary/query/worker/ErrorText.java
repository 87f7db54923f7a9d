package tributary.query.worker;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tributary.model.Settings;
import tributary.query.wire.Failure;

/// The engine's errors in words that help, without what is nobody's business: paths, names of our own tables.
final class ErrorText {
    private static final int LENGTH_MAX = 2000;
    private static final int NAMES_MAX = 30;
    /// `LINE 1: select x ...` and below it the caret; from the whole statement, so `...` only cuts it.
    private static final Pattern PLACE = Pattern.compile("\\n+LINE (\\d+): ([^\\n]*)\\n( *)\\^+\\s*$");
    private static final Pattern PATH = Pattern.compile("(?:[a-zA-Z]:)?(?:[/\\\\][^\\s'\"`,;:()\\[\\]]+)+");
    private static final Pattern INTERNAL_NAME =
            Pattern.compile("(?:\"?(?:memory|feed)\"?\\.)+\"?\\w+\"?|\\bhot_\\d+\\b");
    private static final Pattern PREFIX = Pattern.compile("^([A-Za-z ]{3,30}) Error: ");

    private ErrorText() {}

    /// @param raw the engine's own text
    static EngineException of(String raw) {
        Matcher prefix = PREFIX.matcher(raw);
        String kind = prefix.find() ? prefix.group(1) : "";
        return switch (kind) {
            case "Out of Memory" ->
                new EngineException(
                        Failure.MEMORY,
                        "the query needs more memory than it may have; narrow the time range, select fewer columns, or"
                                + " aggregate before sorting and joining");
            case "INTERRUPT" -> new EngineException(Failure.CANCELLED, "the query was cancelled");
            case "IO", "HTTP", "Permission" ->
                new EngineException(Failure.WRONG, "a data file could not be read; run the query again");
            case "INTERNAL", "FATAL" ->
                new EngineException(Failure.CRASHED, "the SQL engine failed on this query; write it in another way");
            default -> new EngineException(Failure.WRONG, raw);
        };
    }

    private static final Pattern NO_COLUMN = Pattern.compile(
            "Referenced column \"([^\"]+)\" (?:was )?not found|" + "does not have a column named \"([^\"]+)\"");
    private static final Pattern CANDIDATES = Pattern.compile("Candidate bindings: (.*)");
    private static final Pattern QUOTED = Pattern.compile("\"([^\"]+)\"");

    /// @param statement what the user wrote
    /// @param columns   names that may have been meant, beside those that the engine knows
    /// @return the failure for people: where it is, and what may have been meant
    static Failure told(Failure failure, String statement, List<String> columns) {
        Place place = failure.line() > 0
                ? new Place(failure.line(), failure.column())
                : place(PLACE.matcher(failure.detail()), statement);
        String hint = failure.hint();
        String detail = clean(failure.detail(), statement);
        Matcher missing = NO_COLUMN.matcher(failure.detail());
        if (missing.find()) {
            String typed = missing.group(1) == null ? missing.group(2) : missing.group(1);
            Set<String> there = new TreeSet<>(columns);
            Matcher candidates = CANDIDATES.matcher(failure.detail());
            if (candidates.find()) {
                QUOTED.matcher(candidates.group(1)).results().forEach(found -> there.add(found.group(1)));
            }
            String near = nearest(typed, there);
            String wrong = "there is no column \"" + typed + "\"" + place;
            hint = near == null ? "" : near.matches("[a-z_][a-z0-9_]*") ? near : '"' + near + '"';
            detail = wrong
                    + (hint.isEmpty() ? "" : "; did you mean " + hint + "?")
                    + (there.isEmpty() ? "" : "; there are " + some(there));
        }
        return new Failure(failure.reason(), detail, place.line(), place.column(), hint);
    }

    /// A nested sensor is often meant where only its last name, or its first, was written.
    private static @Nullable String nearest(String typed, Set<String> there) {
        String lower = typed.toLowerCase(Locale.ROOT);
        for (String name : there) {
            String other = name.toLowerCase(Locale.ROOT);
            if (other.endsWith("." + lower) || other.startsWith(lower + ".")) {
                return name;
            }
        }
        return Settings.nearest(typed, there);
    }

    private static String some(Set<String> names) {
        return names.stream().limit(NAMES_MAX).collect(Collectors.joining(", "))
                + (names.size() > NAMES_MAX ? ", ..." : "");
    }

    /// @param statement what the user wrote; a place inside anything else is not shown
    /// @return `detail` for people
    static String clean(String detail, String statement) {
        String text = detail;
        Matcher matcher = PLACE.matcher(text);
        Place place = place(matcher, statement);
        if (place.line() > 0 || matcher.reset().find()) {
            text = text.substring(0, matcher.start());
        }
        text = PREFIX.matcher(text).replaceFirst("");
        text = INTERNAL_NAME.matcher(PATH.matcher(text).replaceAll("a file")).replaceAll("a table");
        text = text.replaceAll("\\s*\\n+\\s*", "; ").strip();
        if (text.length() > LENGTH_MAX) {
            text = text.substring(0, LENGTH_MAX) + "...";
        }
        return text + place;
    }

    private static Place place(Matcher matcher, String statement) {
        if (!matcher.find()) {
            return Place.NONE;
        }
        int line = Integer.parseInt(matcher.group(1));
        String shown = matcher.group(2);
        boolean cut = shown.startsWith("...");
        String snippet = shown.replaceAll("^\\.\\.\\.|\\.\\.\\.$", "");
        List<String> lines = statement.lines().toList();
        int start = line <= lines.size() ? lines.get(line - 1).indexOf(snippet) : -1;
        if (start < 0) {
            return Place.NONE;
        }
        int caret = matcher.group(3).length() - ("LINE " + line + ": ").length() - (cut ? 3 : 0);
        return new Place(line, start + caret + 1);
    }
}
