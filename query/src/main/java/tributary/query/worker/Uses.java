package tributary.query.worker;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import tributary.query.wire.TypeView;

/// What a statement that passed the gate makes use of.
///
/// Columns are every name that the statement says anywhere, which is more than it reads of one view; it is never less,
/// so a column that is left out of a view is one that nobody asked for.
final class Uses {
    private final Map<String, TypeView> known;
    private final Set<TypeView> views = new HashSet<>();
    private final Set<String> names = new HashSet<>();
    private final Set<String> alone = new HashSet<>();
    private final Set<String> whole = new HashSet<>();
    private final Set<String> parameters = new HashSet<>();
    private final Set<String> tables = new HashSet<>();
    private boolean everything;

    /// @param known the views that there are, by name in lower case
    Uses(Map<String, TypeView> known) {
        this.known = known;
    }

    /// @return whether there is such a view
    boolean table(String name, Map<?, ?> node) {
        TypeView view = known.get(name);
        if (view == null) {
            return false;
        }
        views.add(view);
        whole.add(name);
        if (node.get("alias") instanceof String alias) {
            whole.add(alias.toLowerCase(Locale.ROOT));
        }
        // New names for columns are given by their place among all of them.
        everything |= node.containsKey("column_name_alias");
        return true;
    }

    /// A table that is always there.
    void base(String name) {
        tables.add(name);
    }

    /// @return whether rows of the table may be read; views of device types are made of readings
    boolean reads(String table) {
        return tables.contains(table) || table.equals("readings") && !views.isEmpty();
    }

    /// @param path the name of a column, with that of its table before it where the statement says so
    void column(List<?> path) {
        path.forEach(name -> names.add(lower(name)));
        if (path.size() == 1) {
            alone.add(lower(path.getFirst()));
        }
    }

    private static String lower(Object name) {
        return name.toString().toLowerCase(Locale.ROOT);
    }

    void parameter(String name) {
        parameters.add(name);
    }

    /// A star, a natural join: whatever there is.
    void everything() {
        everything = true;
    }

    Set<TypeView> views() {
        return views;
    }

    Set<String> parameters() {
        return parameters;
    }

    /// @return whether the column of a view is asked for
    boolean asks(TypeView.Column column) {
        return names.contains(column.name().toLowerCase(Locale.ROOT));
    }

    /// @return whether all columns of views are asked for; the name of a table as a value is its whole row
    boolean asksAll() {
        return everything || whole.stream().anyMatch(alone::contains);
    }
}
