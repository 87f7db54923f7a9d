package tributary.rules;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tributary.rules.value.Missing;

/// `lookup('table', key)`: the first row of a table that has the key in its first column, or in the one that a third
/// argument names. The first column is that of the first row.
///
/// An index of the rows is kept as long as the table is what it was: a table may have ten thousand of them.
final class TableLookup implements Eval {
    private final Lookups lookups;
    private final Eval[] args;
    private volatile Index index = new Index(List.of(), "", Map.of());

    /// @param rows  of which it is one
    /// @param byKey the first row of each key
    private record Index(List<Map<String, Object>> rows, String column, Map<Object, Map<String, Object>> byKey) {
        static Index of(List<Map<String, Object>> rows, String column) {
            Map<Object, Map<String, Object>> byKey = HashMap.newHashMap(rows.size());
            for (Map<String, Object> row : rows) {
                Object key = row.get(column);
                if (key != null && Missing.present(key)) {
                    byKey.putIfAbsent(key, row);
                }
            }
            return new Index(rows, column, byKey);
        }
    }

    TableLookup(Lookups lookups, Eval[] args) {
        this.lookups = lookups;
        this.args = args;
    }

    @Override
    public Object on(Frame f) {
        Object key = args[1].on(f);
        List<Map<String, Object>> rows = args[0].on(f) instanceof String table ? lookups.table(table) : null;
        if (rows == null || rows.isEmpty() || !Missing.present(key)) {
            return Missing.UNDEFINED;
        }
        Object named = args.length > 2 ? args[2].on(f) : Missing.UNDEFINED;
        String column = named instanceof String name
                ? name
                : rows.getFirst().keySet().stream().findFirst().orElse("");
        Index known = index;
        if (known.rows() != rows || !known.column().equals(column)) {
            known = Index.of(rows, column);
            index = known;
        }
        Map<String, Object> row = known.byKey().get(key);
        return row == null ? Missing.UNDEFINED : row;
    }
}
