package tributary.sinks.postgres;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tributary.sinks.Template;

/// Which columns get what.
///
/// @param key what a row is known by; empty where every parcel is a row of its own
record Upsert(String table, Map<String, Template> columns, List<String> key) {
    Upsert {
        columns = Collections.unmodifiableMap(new LinkedHashMap<>(columns));
        key = List.copyOf(key);
    }

    /// @return the statement, with a place for each column in order
    String sql() {
        String names = columns.keySet().stream().map(Upsert::quoted).collect(Collectors.joining(", "));
        String places = columns.keySet().stream().map(_ -> "?").collect(Collectors.joining(", "));
        String where = Arrays.stream(table.split("\\.", 2)).map(Upsert::quoted).collect(Collectors.joining("."));
        return "INSERT INTO " + where + " (" + names + ") VALUES (" + places + ")" + conflict();
    }

    private String conflict() {
        if (key.isEmpty()) {
            return "";
        }
        String known = key.stream().map(Upsert::quoted).collect(Collectors.joining(", "));
        String changes = columns.keySet().stream()
                .filter(column -> !key.contains(column))
                .map(column -> quoted(column) + " = EXCLUDED." + quoted(column))
                .collect(Collectors.joining(", "));
        return " ON CONFLICT (" + known + ") DO " + (changes.isEmpty() ? "NOTHING" : "UPDATE SET " + changes);
    }

    /// A name is a name, whatever stands in it.
    private static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }
}
