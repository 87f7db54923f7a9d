package tributary.app.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jline.reader.Candidate;
import org.jline.reader.Completer;
import org.jline.reader.LineReader;
import org.jline.reader.ParsedLine;
import tools.jackson.databind.JsonNode;

/// Completes names in the SQL shell: tables and views behind FROM and JOIN, else columns, functions and keywords too.
final class SqlNames implements Completer {
    private static final String KEYWORDS =
            "SELECT,FROM,WHERE,GROUP BY,ORDER BY,HAVING,LIMIT,OFFSET,DISTINCT,AS,AND,OR,NOT,IN,IS,NULL,LIKE,ILIKE,"
                    + "BETWEEN,CASE,WHEN,THEN,ELSE,END,JOIN,LEFT,INNER,ON,USING,UNION ALL,WITH,RECURSIVE,OVER,"
                    + "PARTITION BY,QUALIFY,FILTER,INTERVAL,TIMESTAMP,CAST,DESC,ASC,EXPLAIN,DESCRIBE,SUMMARIZE";
    private static final Set<String> BEFORE_TABLES =
            Set.of("from", "join", "describe", "summarize", ".schema", "\\d", ",");

    private final Map<String, List<String>> columns = new LinkedHashMap<>();
    private final Set<String> functions = new TreeSet<>();

    /// @param schema as `/api/v1/sql/schema` gives it
    SqlNames(JsonNode schema) {
        for (JsonNode table : schema.path("tables")) {
            List<String> names = new ArrayList<>();
            table.path("columns")
                    .forEach(column -> names.add(quoted(column.path("name").asString(""))));
            columns.put(table.path("name").asString(""), names);
        }
        schema.path("functions").forEach(function -> {
            if (function.asString("").matches("[a-z_][a-z0-9_]*")) {
                functions.add(function.asString(""));
            }
        });
    }

    @Override
    public void complete(LineReader reader, ParsedLine line, List<Candidate> candidates) {
        String before = line.wordIndex() == 0 ? "" : line.words().get(line.wordIndex() - 1);
        for (String[] found : found(before, line.line(), line.word())) {
            candidates.add(new Candidate(found[0], found[0], found[1], null, null, null, true));
        }
    }

    /// @param before    the word before
    /// @param statement what was typed so far; columns of the tables in it come first
    /// @param word      what is being typed
    /// @return what may stand there, each with its group
    List<String[]> found(String before, String statement, String word) {
        List<String[]> all = new ArrayList<>();
        String lower = before.toLowerCase(Locale.ROOT);
        String typed = word.toLowerCase(Locale.ROOT);
        columns.keySet().forEach(table -> add(all, table, "tables", typed));
        if (BEFORE_TABLES.contains(lower) || lower.endsWith(",") && columns.containsKey(strip(lower))) {
            return all;
        }
        Set<String> named = new TreeSet<>();
        String text = statement.toLowerCase(Locale.ROOT);
        columns.forEach((table, names) -> {
            if (text.contains(table)) {
                named.addAll(names);
            }
        });
        if (named.isEmpty()) {
            columns.values().forEach(named::addAll);
        }
        named.forEach(name -> add(all, name, "columns", typed));
        functions.forEach(name -> add(all, name, "functions", typed));
        List.of(KEYWORDS.split(",", -1)).forEach(name -> add(all, name, "keywords", typed));
        return all;
    }

    /// @return the names of tables and views
    Set<String> tables() {
        return columns.keySet();
    }

    private static String strip(String word) {
        return word.replaceAll(",$", "");
    }

    private static void add(List<String[]> all, String name, String group, String typed) {
        if (name.toLowerCase(Locale.ROOT).replace("\"", "").startsWith(typed.replace("\"", ""))) {
            all.add(new String[] {name, group});
        }
    }

    private static String quoted(String name) {
        return name.matches("[a-z_][a-z0-9_]*") ? name : '"' + name.replace("\"", "\"\"") + '"';
    }
}
