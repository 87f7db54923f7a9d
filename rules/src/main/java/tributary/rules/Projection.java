package tributary.rules;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tributary.rules.syntax.Expr;
import tributary.rules.syntax.Select;
import tributary.rules.syntax.Select.Item;
import tributary.rules.syntax.SyntaxProblem;
import tributary.rules.value.Missing;

/// The columns of a select, to the row that they make.
final class Projection {
    private Projection() {}

    /// Puts something into a row that is being made.
    private interface Step {
        void put(Frame frame, Map<String, Object> row);
    }

    /// @return what makes the row; undefined means that there is none
    static Eval compile(Select select, ExprCompiler compiler) {
        if (select.value() != null) {
            return compiler.compile(select.value());
        }
        if (select.items().size() == 1
                && select.items().getFirst() instanceof Item.All all
                && all.except().isEmpty()
                && all.replace().isEmpty()) {
            return compiler.compile(new Expr.Star(all.pos()));
        }
        Step[] steps = new Step[select.items().size()];
        for (int i = 0; i < steps.length; i++) {
            steps[i] = switch (select.items().get(i)) {
                case Item.All all -> all(all, compiler);
                case Item.Spread spread -> spread(compiler.compile(spread.base()));
                case Item.Column column -> column(column.name(), compiler.compile(column.expr()));
            };
        }
        return f -> {
            Map<String, Object> row = new LinkedHashMap<>();
            for (Step step : steps) {
                step.put(f, row);
            }
            return row;
        };
    }

    private static Step spread(Eval base) {
        return (f, row) -> {
            if (base.on(f) instanceof Map<?, ?> map) {
                map.forEach((key, value) -> row.put(key.toString(), value));
            }
        };
    }

    private static Step column(List<String> name, Eval value) {
        if (name.size() == 1) {
            String key = name.getFirst();
            return (f, row) -> {
                Object made = value.on(f);
                if (made != Missing.UNDEFINED) {
                    row.put(key, made);
                }
            };
        }
        return (f, row) -> {
            Object made = value.on(f);
            if (made != Missing.UNDEFINED) {
                place(row, name, made);
            }
        };
    }

    /// Puts a value below a path, making the objects on the way.
    private static void place(Map<String, Object> row, List<String> path, Object value) {
        Map<String, Object> at = row;
        for (String key : path.subList(0, path.size() - 1)) {
            Map<String, Object> below = new LinkedHashMap<>();
            if (at.get(key) instanceof Map<?, ?> known) {
                known.forEach((name, item) -> below.put(name.toString(), item));
            }
            at.put(key, below);
            at = below;
        }
        at.put(path.getLast(), value);
    }

    private static Step all(Item.All all, ExprCompiler compiler) {
        Eval whole = compiler.compile(new Expr.Star(all.pos()));
        List<List<String>> except = new ArrayList<>();
        all.except().forEach(path -> except.add(keys(path)));
        List<Step> replace = new ArrayList<>();
        all.replace().forEach(column -> replace.add(column(column.name(), compiler.compile(column.expr()))));
        return (f, row) -> {
            if (whole.on(f) instanceof Map<?, ?> map) {
                map.forEach((key, value) -> row.put(key.toString(), value));
                except.forEach(path -> remove(row, path));
                replace.forEach(step -> step.put(f, row));
            }
        };
    }

    private static List<String> keys(Expr path) {
        List<String> keys = new ArrayList<>();
        Expr at = path;
        while (at instanceof Expr.Field field) {
            keys.addFirst(field.key());
            at = field.base();
        }
        if (!(at instanceof Expr.Name name)) {
            throw new SyntaxProblem(path.pos(), "EXCEPT takes keys such as a or a.b");
        }
        keys.addFirst(name.name());
        return keys;
    }

    /// Takes a key out, copying the objects on the way: they belong to the message.
    private static void remove(Map<String, Object> row, List<String> path) {
        if (path.size() == 1) {
            row.remove(path.getFirst());
        } else if (row.get(path.getFirst()) instanceof Map<?, ?> known) {
            Map<String, Object> below = new LinkedHashMap<>();
            known.forEach((name, item) -> below.put(name.toString(), item));
            row.put(path.getFirst(), below);
            remove(below, path.subList(1, path.size()));
        }
    }
}
