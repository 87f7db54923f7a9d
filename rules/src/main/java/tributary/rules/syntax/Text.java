package tributary.rules.syntax;

import java.util.List;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import tributary.rules.value.Json;
import tributary.rules.value.Missing;

/// Expressions as text again: the same for all that mean the same, whatever blanks and brackets were written.
public final class Text {
    private Text() {}

    /// @return the column's name that an expression without AS gives
    static String columnName(Expr expr) {
        return switch (expr) {
            case Expr.Name name -> name.name();
            case Expr.Field field -> field.key();
            case Expr.Call call -> call.name();
            case Expr.Variable variable -> variable.name();
            case Expr.Index index -> columnName(index.base());
            case Expr.Slice slice -> columnName(slice.base());
            default -> of(expr);
        };
    }

    /// @return `expr` as text
    public static String of(Expr expr) {
        return switch (expr) {
            case Expr.Literal e -> literal(e.value());
            case Expr.Name e -> name(e.name());
            case Expr.Field e -> of(e.base()) + "." + name(e.key());
            case Expr.Index e -> of(e.base()) + "[" + of(e.index()) + "]";
            case Expr.Slice e -> of(e.base()) + "[" + maybe(e.from()) + ":" + maybe(e.to()) + "]";
            case Expr.Star _ -> "*";
            case Expr.Root _ -> "$";
            case Expr.Variable e -> "@" + e.name();
            case Expr.Call e -> e.name() + "(" + list(e.args()) + ")" + over(e.over());
            case Expr.Negate e -> "-" + wrapped(e.operand());
            case Expr.Not e -> "NOT " + wrapped(e.operand());
            case Expr.Binary e -> wrapped(e.left()) + " " + e.op().sign() + " " + wrapped(e.right());
            case Expr.Logic e -> {
                StringJoiner all = new StringJoiner(e.and() ? " AND " : " OR ");
                e.operands().forEach(operand -> all.add(wrapped(operand)));
                yield all.toString();
            }
            case Expr.In e -> wrapped(e.operand()) + not(e.negated()) + " IN " + wrapped(e.list());
            case Expr.Like e ->
                wrapped(e.operand()) + not(e.negated()) + " LIKE " + wrapped(e.pattern())
                        + (e.escape() == null ? "" : " ESCAPE " + wrapped(e.escape()));
            case Expr.Between e ->
                wrapped(e.operand()) + not(e.negated()) + " BETWEEN " + wrapped(e.low()) + " AND " + wrapped(e.high());
            case Expr.Is e -> wrapped(e.operand()) + " IS" + not(e.negated()) + " " + e.test();
            case Expr.Case e -> cases(e);
            case Expr.ArrayOf e -> "[" + list(e.items()) + "]";
            case Expr.ObjectOf e -> {
                StringJoiner all = new StringJoiner(", ", "{", "}");
                for (int i = 0; i < e.keys().size(); i++) {
                    all.add(Json.write(e.keys().get(i)) + ": " + of(e.values().get(i)));
                }
                yield all.toString();
            }
            case Expr.Cast e -> "CAST(" + of(e.operand()) + " AS " + e.type() + ")";
            case Expr.Nested e -> "(" + select(e.select()) + ")";
            case Expr.Exists e -> "EXISTS (" + select(e.select()) + ")";
            case Expr.Quantified e ->
                wrapped(e.left()) + " " + e.op().sign() + (e.all() ? " ALL " : " ANY ") + wrapped(e.list());
        };
    }

    private static String literal(Object value) {
        return value instanceof String text
                ? "'" + text.replace("'", "''") + "'"
                : value == Missing.NULL ? "NULL" : Json.write(value);
    }

    private static String name(String name) {
        return name.matches("[A-Za-z_]\\w*") ? name : "`" + name.replace("`", "``") + "`";
    }

    private static String maybe(@Nullable Expr expr) {
        return expr == null ? "" : of(expr);
    }

    private static String not(boolean negated) {
        return negated ? " NOT" : "";
    }

    private static String wrapped(Expr expr) {
        boolean simple = switch (expr) {
            case Expr.Negate _, Expr.Not _, Expr.Binary _, Expr.Logic _, Expr.In _, Expr.Like _ -> false;
            case Expr.Between _, Expr.Is _, Expr.Quantified _ -> false;
            default -> true;
        };
        return simple ? of(expr) : "(" + of(expr) + ")";
    }

    private static String list(List<Expr> exprs) {
        StringJoiner all = new StringJoiner(", ");
        exprs.forEach(expr -> all.add(of(expr)));
        return all.toString();
    }

    private static String over(Expr.@Nullable Over over) {
        return over == null
                ? ""
                : " OVER (" + list(over.partition()) + (over.when() == null ? "" : " WHEN " + of(over.when())) + ")";
    }

    private static String cases(Expr.Case e) {
        StringBuilder all = new StringBuilder("CASE ").append(maybe(e.subject()));
        e.whens()
                .forEach(when -> all.append(" WHEN ")
                        .append(of(when.condition()))
                        .append(" THEN ")
                        .append(of(when.result())));
        return all.append(e.otherwise() == null ? "" : " ELSE " + of(e.otherwise()))
                .append(" END")
                .toString();
    }

    private static String select(Select select) {
        StringJoiner items = new StringJoiner(", ");
        if (select.value() != null) {
            items.add("VALUE " + of(select.value()));
        }
        for (Select.Item item : select.items()) {
            switch (item) {
                case Select.Item.Column column ->
                    items.add(of(column.expr()) + " AS " + String.join(".", column.name()));
                case Select.Item.Spread spread -> items.add(of(spread.base()) + ".*");
                case Select.Item.All all -> {
                    StringJoiner replace = new StringJoiner(", ");
                    all.replace().forEach(column -> replace.add(of(column.expr()) + " AS " + column.name()));
                    items.add("* EXCEPT (" + list(all.except()) + ") REPLACE (" + replace + ")");
                }
            }
        }
        Select.Source.Array array = (Select.Source.Array) select.sources().getFirst();
        return "SELECT " + items + " FROM " + of(array.array()) + (array.name() == null ? "" : " AS " + array.name())
                + (select.where() == null ? "" : " WHERE " + of(select.where()));
    }
}
