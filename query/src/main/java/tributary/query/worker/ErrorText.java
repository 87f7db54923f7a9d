package tributary.query.worker;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tributary.query.wire.Failure;

/// The engine's errors in words that help, without what is nobody's business: paths, names of our own tables.
final class ErrorText {
    private static final int LENGTH_MAX = 2000;
    /// `LINE 1: select x ...` and below it the caret; from the whole statement, so `...` only cuts it.
    private static final Pattern PLACE = Pattern.compile("\\n+LINE (\\d+): ([^\\n]*)\\n( *)\\^\\s*$");
    private static final Pattern PATH = Pattern.compile("(?:[a-zA-Z]:)?(?:[/\\\\][^\\s'\"`,;:()\\[\\]]+)+");
    private static final Pattern INTERNAL_NAME =
            Pattern.compile("(?:\"?(?:memory|feed)\"?\\.)+\"?\\w+\"?|\\bhot_\\d+\\b");
    private static final Pattern PREFIX = Pattern.compile("^([A-Za-z ]{3,30}) Error: ");
    private static final List<String> BROKEN = List.of("INTERNAL", "FATAL");

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

    /// @return whether the engine is not to be used any more after `raw`
    static boolean broken(String raw) {
        Matcher prefix = PREFIX.matcher(raw);
        return prefix.find() && BROKEN.contains(prefix.group(1));
    }

    /// @param statement what the user wrote; a place inside anything else is not shown
    /// @return `detail` for people
    static String clean(String detail, String statement) {
        String text = detail;
        String place = "";
        Matcher matcher = PLACE.matcher(text);
        if (matcher.find()) {
            place = place(matcher, statement);
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

    private static String place(Matcher matcher, String statement) {
        int line = Integer.parseInt(matcher.group(1));
        String shown = matcher.group(2);
        boolean cut = shown.startsWith("...");
        String snippet = shown.replaceAll("^\\.\\.\\.|\\.\\.\\.$", "");
        List<String> lines = statement.lines().toList();
        int start = line <= lines.size() ? lines.get(line - 1).indexOf(snippet) : -1;
        if (start < 0) {
            return "";
        }
        int caret = matcher.group(3).length() - ("LINE " + line + ": ").length() - (cut ? 3 : 0);
        return " (line " + line + ", column " + (start + caret + 1) + ")";
    }
}
