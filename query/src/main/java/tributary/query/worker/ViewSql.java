package tributary.query.worker;

import java.util.List;
import java.util.stream.Collectors;
import tributary.query.wire.TypeView;

/// Writes the view of a device type for one statement: only the sensors that it asks for are in it, and so only
/// they are read.
///
/// A row is there for each device and time at which one of these sensors has a reading; where a statement asks for none
/// by name, all count.
final class ViewSql {
    private ViewSql() {}

    /// @param readings the relation that it is made of
    static String of(TypeView view, Uses uses, String readings) {
        List<TypeView.Column> asked = uses.asksAll()
                ? view.columns()
                : view.columns().stream().filter(uses::asks).toList();
        return "CREATE OR REPLACE TEMP VIEW " + name(view.name()) + " AS "
                + select(view, asked.isEmpty() ? view.columns() : asked, readings);
    }

    private static String select(TypeView view, List<TypeView.Column> columns, String readings) {
        if (columns.isEmpty()) {
            return "SELECT device, ts FROM " + readings + " WHERE false";
        }
        String rows = " FROM " + readings + " WHERE sensor IN ("
                + columns.stream()
                        .map(column -> Quoting.literal(column.sensor()))
                        .collect(Collectors.joining(", "))
                + ") AND " + devices(view);
        if (columns.size() == 1) {
            TypeView.Column only = columns.getFirst();
            return "SELECT device, ts, " + value(only) + " AS " + name(only.name()) + rows;
        }
        return "SELECT device, ts, "
                + columns.stream()
                        .map(column -> "any_value(" + value(column) + ") FILTER (WHERE sensor = "
                                + Quoting.literal(column.sensor()) + ") AS " + name(column.name()))
                        .collect(Collectors.joining(", "))
                + rows + " GROUP BY device, ts";
    }

    /// What is of another kind than the column is null, if it does not read as one of its kind.
    private static String value(TypeView.Column column) {
        return switch (column.shape()) {
            case NUMBER -> "coalesce(value, TRY_CAST(text AS DOUBLE))";
            case TEXT -> "coalesce(text, CAST(value AS VARCHAR))";
            case BOOLEAN -> "coalesce(value <> 0, TRY_CAST(text AS BOOLEAN))";
        };
    }

    private static String devices(TypeView view) {
        if (!view.devices().isEmpty()) {
            return "device IN (" + view.devices().stream().map(Quoting::literal).collect(Collectors.joining(", "))
                    + ")";
        }
        return "device IN (SELECT id FROM main.devices WHERE type IN ("
                + view.types().stream().map(Quoting::literal).collect(Collectors.joining(", ")) + "))";
    }

    private static String name(String text) {
        return '"' + text.replace("\"", "\"\"") + '"';
    }
}
