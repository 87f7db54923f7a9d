package tributary.query;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tributary.query.wire.Argument;
import tributary.query.wire.SqlAsk;

/// What a person or a program asks.
///
/// `:name` in the text stands for a parameter; its value is bound and never becomes text of the statement. `EXPLAIN` in
/// front asks what the statement costs.
///
/// @param text       one SELECT
/// @param parameters values by name: texts, `Long`, `Double`, `Boolean`, or [Nothing]
/// @param id         what the query is called while it runs, so that others can cancel it; "" for any
public record Statement(String text, Map<String, Object> parameters, String id) {
    private static final int PARAMETERS_MAX = 100;
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,63}");
    private static final Pattern EXPLAIN = Pattern.compile("\\s*(EXPLAIN(\\s+ANALYZE)?)\\s", Pattern.CASE_INSENSITIVE);

    public Statement {
        parameters = Collections.unmodifiableMap(new TreeMap<>(parameters));
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(id, "id");
        if (parameters.size() > PARAMETERS_MAX) {
            throw new QueryException(
                    QueryException.Reason.REFUSED, "at most " + PARAMETERS_MAX + " parameters are allowed");
        }
        for (String name : parameters.keySet()) {
            if (!NAME.matcher(name).matches()) {
                throw new QueryException(
                        QueryException.Reason.WRONG,
                        "a parameter's name is a letter or _, then letters, digits and _, at most 64 in all");
            }
        }
    }

    /// The value of a parameter that is NULL.
    public enum Nothing {
        NULL
    }

    public static Statement of(String text) {
        return new Statement(text, Map.of(), "");
    }

    /// @return the names that stand behind a colon in `text`, each once
    public static List<String> parameters(String text) {
        return Parameters.of(text).stream()
                .map(Parameters.Found::name)
                .distinct()
                .toList();
    }

    /// Places in it are those in the text.
    SqlAsk ask(long rowsMax) {
        Matcher explain = EXPLAIN.matcher(text);
        boolean explained = explain.lookingAt();
        StringBuilder sql = new StringBuilder(text);
        for (int i = explained ? explain.start(1) : 0; explained && i < explain.end(1); i++) {
            sql.setCharAt(i, ' ');
        }
        Parameters.of(text).forEach(found -> sql.setCharAt(found.colon(), '$'));
        List<Argument> arguments = new ArrayList<>();
        parameters.forEach((name, value) -> arguments.add(new Argument(name, value == Nothing.NULL ? null : value)));
        return new SqlAsk(sql.toString(), rowsMax, explained, arguments);
    }
}
