package tributary.rules;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tributary.rules.syntax.Expr;
import tributary.rules.syntax.Select.Item;
import tributary.rules.syntax.Statement;
import tributary.rules.syntax.Statement.Alert;
import tributary.rules.syntax.Statement.Condition;
import tributary.rules.syntax.Text;
import tributary.rules.syntax.Tree;

/// Finds columns that hide what the conditions of an alert most likely mean: with `vibration.x AS vibration` the path
/// `vibration.y` in WHEN is a key of that column, which has none, and not of the message.
final class Shadows {
    private final Map<String, Expr> columns = new HashMap<>();
    private final List<Mistake> found = new ArrayList<>();

    private Shadows() {}

    static List<Mistake> in(Statement statement) {
        Alert alert = statement.alert();
        if (alert == null) {
            return List.of();
        }
        Shadows shadows = new Shadows();
        for (Item item : statement.select().items()) {
            if (item instanceof Item.Column column
                    && column.named()
                    && column.name().size() == 1) {
                shadows.columns.put(column.name().getFirst(), column.expr());
            }
        }
        shadows.look(alert.severity());
        shadows.look(alert.per());
        shadows.look(alert.raise());
        shadows.look(alert.clear());
        return List.copyOf(shadows.found);
    }

    private void look(@Nullable Condition condition) {
        if (condition != null) {
            look(condition.when());
        }
    }

    private void look(@Nullable Expr expr) {
        if (expr != null) {
            Tree.each(expr, false, inner -> {
                if (inner instanceof Expr.Field field && field.base() instanceof Expr.Name name) {
                    look(field, name);
                }
            });
        }
    }

    /// A column that is an object as a whole, or is made here, may well have that key.
    private void look(Expr.Field field, Expr.Name name) {
        Expr column = columns.get(name.name());
        if (column == null) {
            return;
        }
        if (column instanceof Expr.Field || column instanceof Expr.Index) {
            found.add(new Mistake(
                    name.pos().line(),
                    name.pos().column(),
                    "%s is read as a key of the column '%s', which is %s, and not of the message; give the column another name"
                            .formatted(Text.of(field), name.name(), Text.of(column))));
        }
    }
}
