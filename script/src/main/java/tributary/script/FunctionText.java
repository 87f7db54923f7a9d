package tributary.script;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The text of a function, as far as it can be told without running anything: `function name(a, b) { ... }`, and
/// nothing beside it but comments before it.
///
/// @param name       in small letters
/// @param parameters their names
/// @param body       the text from `function` on
/// @param line       where that begins, from 1
public record FunctionText(String name, List<String> parameters, String body, int line) {
    /// Bytes of a text.
    public static final int BYTES_MAX = 64 << 10;

    private static final int PARAMETERS_MAX = 20;
    private static final Pattern BEFORE = Pattern.compile("(?:\\s|//[^\\n]*(?:\\n|$)|/\\*(?:[^*]|\\*(?!/))*+\\*/)*+");
    private static final Pattern NAME = Pattern.compile("[a-z_][a-z0-9_]{0,62}");
    private static final Pattern HEAD =
            Pattern.compile("function\\s+([A-Za-z0-9_$]+)\\s*\\(([A-Za-z0-9_$,\\s]*)\\)\\s*\\{.*", Pattern.DOTALL);

    public FunctionText {
        parameters = List.copyOf(parameters);
    }

    /// What became of a text.
    public sealed interface Read {
        /// A function.
        record Good(FunctionText text) implements Read {}

        /// None, and why.
        ///
        /// @param line   from 1
        /// @param column from 1
        record Bad(int line, int column, String what) implements Read {
            /// @return all of it in one line
            public String sentence() {
                return "line %d, column %d: %s".formatted(line, column, what);
            }
        }
    }

    /// Reads the head of a text.
    public static Read read(String text) {
        Matcher before = BEFORE.matcher(text);
        int begin = before.lookingAt() ? before.end() : 0;
        String body = text.substring(begin).stripTrailing();
        int line = 1
                + (int) text.substring(0, begin).chars().filter(c -> c == '\n').count();
        int column = begin - text.lastIndexOf('\n', begin - 1);
        Matcher head = HEAD.matcher(body);
        if (!head.matches()) {
            return new Read.Bad(
                    line, column, "expected function name(a, b) { ... }, with plain names between the brackets");
        }
        String name = head.group(1);
        if (!NAME.matcher(name).matches()) {
            return new Read.Bad(
                    line,
                    column,
                    "a function's name is 1 to 63 small letters, digits and '_', no digit first; was '" + name + "'");
        }
        List<String> parameters = new ArrayList<>();
        for (String parameter :
                head.group(2).isBlank() ? new String[0] : head.group(2).split(",", -1)) {
            parameters.add(parameter.strip());
        }
        if (parameters.size() > PARAMETERS_MAX) {
            return new Read.Bad(line, column, "a function takes at most %d values".formatted(PARAMETERS_MAX));
        }
        return new Read.Good(new FunctionText(name, parameters, body, line));
    }
}
