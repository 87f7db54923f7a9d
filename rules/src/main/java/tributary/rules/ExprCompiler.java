package tributary.rules;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tributary.rules.function.Access;
import tributary.rules.function.Casts;
import tributary.rules.function.Fn;
import tributary.rules.syntax.Expr;
import tributary.rules.syntax.Select;
import tributary.rules.syntax.Suggest;
import tributary.rules.syntax.SyntaxProblem;
import tributary.rules.syntax.Text;
import tributary.rules.syntax.Tree;
import tributary.rules.value.Compare;
import tributary.rules.value.Convert;
import tributary.rules.value.Missing;
import tributary.rules.value.Numbers;

/// Expressions to closures. One compiles for messages; another, for rows of windows, takes from each message
/// only what a row needs and builds the rest on aggregates.
final class ExprCompiler {
    private final Names names;
    private final RuleOptions options;
    private final Calls calls;
    private final @Nullable ExprCompiler messages;
    private final Collected<Eval> captured;

    /// @param messages for rows: what compiles the parts that are of messages; null for messages themselves
    private ExprCompiler(
            Names names, RuleOptions options, Calls calls, @Nullable ExprCompiler messages, Collected<Eval> captured) {
        this.names = names;
        this.options = options;
        this.calls = calls;
        this.messages = messages;
        this.captured = captured;
    }

    static ExprCompiler forMessages(Names names, RuleOptions options, Collected<AnalyticRun.Plan> analytics) {
        return new ExprCompiler(names, options, Calls.forMessages(options, analytics), null, new Collected<>());
    }

    /// The compiler of a window's rows.
    ExprCompiler forRows(
            Collected<AggregatePlan> aggregates, Collected<AnalyticRun.Plan> analytics, Collected<Eval> captures) {
        return new ExprCompiler(names, options, Calls.forRows(options, aggregates, analytics, this), this, captures);
    }

    /// The compiler inside a nested select or FOREACH.
    ExprCompiler with(Names inner) {
        return new ExprCompiler(inner, options, calls.inside(), messages, captured);
    }

    Names names() {
        return names;
    }

    RuleOptions options() {
        return options;
    }

    Eval[] compile(List<Expr> exprs) {
        Eval[] all = new Eval[exprs.size()];
        for (int i = 0; i < all.length; i++) {
            all[i] = compile(exprs.get(i));
        }
        return all;
    }

    Eval compile(Expr expr) {
        if (messages != null && captures(expr)) {
            int place = captured.place(Text.of(expr), () -> messages.compile(expr));
            return f -> f.captured[place];
        }
        return switch (expr) {
            case Expr.Literal e -> {
                Object value = e.value();
                yield _ -> value;
            }
            case Expr.Name e -> names.name(e.name());
            case Expr.Field e -> field(e);
            case Expr.Index e -> {
                Eval base = compile(e.base());
                Eval index = compile(e.index());
                yield f -> Access.index(base.on(f), index.on(f));
            }
            case Expr.Slice e -> slice(e);
            case Expr.Star _ -> whole();
            case Expr.Root _ -> f -> f.payload;
            case Expr.Variable e -> variable(e);
            case Expr.Call e -> calls.compile(e, this);
            case Expr.Negate e -> negate(compile(e.operand()));
            case Expr.Not e -> Operators.not(compile(e.operand()));
            case Expr.Binary e -> binary(e);
            case Expr.Logic e -> {
                Eval[] operands = compile(e.operands());
                yield options.aws() ? Operators.strictLogic(e.and(), operands) : Operators.logic(e.and(), operands);
            }
            case Expr.In e -> {
                Eval operand = compile(e.operand());
                Eval list = compile(e.list());
                yield negated(f -> Operators.in(operand.on(f), list.on(f)), e.negated());
            }
            case Expr.Like e -> like(e);
            case Expr.Between e -> between(e);
            case Expr.Is e -> is(e);
            case Expr.Case e -> cases(e);
            case Expr.ArrayOf e -> array(compile(e.items()));
            case Expr.ObjectOf e -> object(e.keys().toArray(new String[0]), compile(e.values()));
            case Expr.Cast e -> {
                Fn.Body to = Casts.to(e.type().name());
                Eval operand = compile(e.operand());
                yield f -> to.of(new Object[] {operand.on(f)});
            }
            case Expr.Nested e -> nested(e.select());
            case Expr.Exists e -> {
                Eval rows = nested(e.select());
                yield f -> rows.on(f) instanceof List<?> list ? (Object) !list.isEmpty() : false;
            }
            case Expr.Quantified e -> {
                Operators.Comparison comparison = Operators.comparison(e.op());
                Eval left = compile(e.left());
                Eval list = compile(e.list());
                yield f -> Operators.quantified(comparison, left.on(f), list.on(f), e.all());
            }
        };
    }

    /// @return whether a row takes the expression as a whole from its last message
    boolean captures(Expr expr) {
        return messages != null && !(expr instanceof Expr.Literal) && !ofRows(expr);
    }

    /// Whether an expression is of a window's row: an aggregate, a bound of the window, and what is made of
    /// them.
    private boolean ofRows(Expr expr) {
        boolean[] found = new boolean[1];
        Tree.each(expr, false, inner -> found[0] |= inner instanceof Expr.Call call && Calls.ofRows(call));
        return found[0];
    }

    /// `*` in an expression: the element in a nested select, else the payload.
    private Eval whole() {
        int local = names.localIndex();
        return names.nested() ? f -> f.locals[local] : f -> f.payload;
    }

    private Eval field(Expr.Field e) {
        String key = e.key();
        if (e.base() instanceof Expr.Root) {
            return new Names.Key(key);
        }
        Eval base = compile(e.base());
        return f -> Access.key(base.on(f), key);
    }

    private Eval slice(Expr.Slice e) {
        Eval base = compile(e.base());
        Eval from = e.from() == null ? _ -> 0L : compile(e.from());
        Eval to = e.to() == null ? _ -> Long.MAX_VALUE : compile(e.to());
        return f -> {
            Long begin = Convert.whole(from.on(f));
            Long end = Convert.whole(to.on(f));
            return begin == null || end == null ? Missing.UNDEFINED : Access.slice(base.on(f), begin, end);
        };
    }

    private Eval variable(Expr.Variable e) {
        int place = names.variable(e.name());
        if (place < 0) {
            throw new SyntaxProblem(
                    e.pos(),
                    "'@" + e.name() + "' is not set; write SET @" + e.name() + " = ... before SELECT"
                            + Suggest.near(e.name(), names.variableNames()));
        }
        return f -> f.variables[place];
    }

    private static Eval negate(Eval operand) {
        return f -> {
            Number x = Convert.number(operand.on(f));
            return x == null ? Missing.UNDEFINED : Numbers.negate(x);
        };
    }

    private static Eval negated(Eval test, boolean negated) {
        return negated ? Operators.not(test) : test;
    }

    /// A comparison with a number that is written down is what most rules filter by: it has a way of its own.
    private Eval binary(Expr.Binary e) {
        Eval left = compile(e.left());
        if (e.right() instanceof Expr.Literal literal && literal.value() instanceof Number limit) {
            switch (e.op()) {
                case LESS -> {
                    return new Threshold(left, limit, -1, false);
                }
                case LESS_EQUAL -> {
                    return new Threshold(left, limit, -1, true);
                }
                case GREATER -> {
                    return new Threshold(left, limit, 1, false);
                }
                case GREATER_EQUAL -> {
                    return new Threshold(left, limit, 1, true);
                }
                default -> {
                    // the general way below
                }
            }
        }
        return Operators.binary(e.op(), left, compile(e.right()));
    }

    /// `x > 5`
    private record Threshold(Eval left, Number limit, int sign, boolean orEqual) implements Eval {
        @Override
        public Object on(Frame f) {
            Object value = left.on(f);
            Number x = value instanceof Number number ? number : Convert.number(value);
            if (x == null) {
                return Missing.UNDEFINED;
            }
            int order = Numbers.compare(x, limit);
            return order == 0 ? orEqual : order > 0 == sign > 0;
        }
    }

    private Eval like(Expr.Like e) {
        Eval operand = compile(e.operand());
        Eval pattern = compile(e.pattern());
        Eval escape = e.escape() == null ? _ -> Missing.UNDEFINED : compile(e.escape());
        return negated(f -> Operators.like(operand.on(f), pattern.on(f), escape.on(f)), e.negated());
    }

    private Eval between(Expr.Between e) {
        Eval operand = compile(e.operand());
        Operators.Comparison atLeast = Operators.comparison(Expr.Op.GREATER_EQUAL);
        Operators.Comparison atMost = Operators.comparison(Expr.Op.LESS_EQUAL);
        Eval low = compile(e.low());
        Eval high = compile(e.high());
        boolean strict = options.aws();
        Eval both = f -> {
            Object value = operand.on(f);
            return Operators.both(atLeast.of(value, low.on(f)), atMost.of(value, high.on(f)), strict);
        };
        return negated(both, e.negated());
    }

    /// IS NULL is true of null alone. IS NOT NULL asks for a value: it is false of what is not there, too.
    private Eval is(Expr.Is e) {
        Eval operand = compile(e.operand());
        boolean wanted = !e.negated();
        return switch (e.test()) {
            case NULL -> wanted ? f -> operand.on(f) == Missing.NULL : f -> Missing.present(operand.on(f));
            case UNDEFINED -> f -> (operand.on(f) == Missing.UNDEFINED) == wanted;
            case TRUE -> f -> (operand.on(f) == Boolean.TRUE) == wanted;
            case FALSE -> f -> (operand.on(f) == Boolean.FALSE) == wanted;
        };
    }

    private Eval cases(Expr.Case e) {
        int count = e.whens().size();
        Eval[] conditions = new Eval[count];
        Eval[] results = new Eval[count];
        for (int i = 0; i < count; i++) {
            conditions[i] = compile(e.whens().get(i).condition());
            results[i] = compile(e.whens().get(i).result());
        }
        Eval otherwise = e.otherwise() == null ? _ -> Missing.UNDEFINED : compile(e.otherwise());
        if (e.subject() == null) {
            return f -> {
                for (int i = 0; i < count; i++) {
                    if (Boolean.TRUE.equals(Convert.bool(conditions[i].on(f)))) {
                        return results[i].on(f);
                    }
                }
                return otherwise.on(f);
            };
        }
        Eval subject = compile(e.subject());
        return f -> {
            Object value = subject.on(f);
            for (int i = 0; i < count; i++) {
                if (value != Missing.UNDEFINED && Compare.same(value, conditions[i].on(f))) {
                    return results[i].on(f);
                }
            }
            return otherwise.on(f);
        };
    }

    private static Eval array(Eval[] items) {
        return f -> {
            Object[] values = new Object[items.length];
            for (int i = 0; i < values.length; i++) {
                values[i] = items[i].on(f);
            }
            return Operators.array(values);
        };
    }

    private static Eval object(String[] keys, Eval[] values) {
        return f -> {
            Map<String, Object> map = new LinkedHashMap<>();
            for (int i = 0; i < keys.length; i++) {
                Object value = values[i].on(f);
                if (value != Missing.UNDEFINED) {
                    map.put(keys[i], value);
                }
            }
            return map;
        };
    }

    /// `(SELECT ... FROM array WHERE ...)`: an array of rows. Anything else than an array is its only element.
    private Eval nested(Select select) {
        Select.Source.Array source = (Select.Source.Array) select.sources().getFirst();
        Eval array = compile(source.array());
        Names inner = names.inside(source.name(), true);
        int local = inner.localIndex();
        ExprCompiler inside = with(inner);
        Eval where = select.where() == null ? _ -> true : inside.compile(select.where());
        Eval row = Projection.compile(select, inside);
        return f -> {
            Object value = array.on(f);
            if (!Missing.present(value)) {
                return value;
            }
            List<?> elements = value instanceof List<?> list ? list : List.of(value);
            List<Object> rows = new ArrayList<>();
            Object outer = f.locals[local];
            for (Object element : elements) {
                f.locals[local] = element;
                if (where.isTrue(f)) {
                    Object made = row.on(f);
                    if (made != Missing.UNDEFINED) {
                        rows.add(made);
                    }
                }
            }
            f.locals[local] = outer;
            return rows;
        };
    }
}
