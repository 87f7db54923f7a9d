package tributary.rules;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tributary.model.Topic;
import tributary.model.TopicFilter;
import tributary.rules.function.Like;
import tributary.rules.syntax.Expr.Op;
import tributary.rules.value.Compare;
import tributary.rules.value.Convert;
import tributary.rules.value.Missing;
import tributary.rules.value.Numbers;

/// What operators do, as closures over their operands.
final class Operators {
    private Operators() {}

    static Eval binary(Op op, Eval left, Eval right) {
        return switch (op) {
            case ADD -> f -> add(left.on(f), right.on(f));
            case SUBTRACT -> arithmetic(left, right, Numbers::subtract);
            case MULTIPLY -> arithmetic(left, right, Numbers::multiply);
            case DIVIDE -> arithmetic(left, right, Numbers::divide);
            case REMAINDER -> arithmetic(left, right, Numbers::remainder);
            case CONCAT -> f -> joined(left.on(f), right.on(f));
            case EQUAL, UNEQUAL, LESS, LESS_EQUAL, GREATER, GREATER_EQUAL -> {
                Comparison comparison = comparison(op);
                yield f -> comparison.of(left.on(f), right.on(f));
            }
            case MATCHES -> f -> matches(left.on(f), right.on(f));
        };
    }

    interface Comparison {
        Object of(Object left, Object right);
    }

    static Comparison comparison(Op op) {
        return switch (op) {
            case EQUAL -> Compare::equal;
            case UNEQUAL ->
                (a, b) -> a == Missing.UNDEFINED || b == Missing.UNDEFINED
                        ? Missing.UNDEFINED
                        : (Object) !Compare.same(a, b);
            case LESS -> (a, b) -> ordered(Compare.order(a, b), true, false, false);
            case LESS_EQUAL -> (a, b) -> ordered(Compare.order(a, b), true, true, false);
            case GREATER -> (a, b) -> ordered(Compare.order(a, b), false, false, true);
            case GREATER_EQUAL -> (a, b) -> ordered(Compare.order(a, b), false, true, true);
            default -> throw new IllegalArgumentException("no comparison: " + op);
        };
    }

    private static Object ordered(int order, boolean less, boolean equal, boolean greater) {
        return order == Compare.NONE ? Missing.UNDEFINED : (Object) (order < 0 ? less : order == 0 ? equal : greater);
    }

    private interface Arithmetic {
        Object of(Number a, Number b);
    }

    private static Eval arithmetic(Eval left, Eval right, Arithmetic body) {
        return f -> {
            Number a = Convert.number(left.on(f));
            Number b = a == null ? null : Convert.number(right.on(f));
            return a == null || b == null ? Missing.UNDEFINED : body.of(a, b);
        };
    }

    /// Numbers add; a text on either side makes both texts.
    private static Object add(Object a, Object b) {
        if (a instanceof Number x && b instanceof Number y) {
            return Numbers.add(x, y);
        }
        return a instanceof String || b instanceof String ? joined(a, b) : Missing.UNDEFINED;
    }

    private static Object joined(Object a, Object b) {
        String x = Convert.text(a);
        String y = Convert.text(b);
        if (x == null || y == null) {
            return Missing.UNDEFINED;
        }
        Limits.text((long) x.length() + y.length());
        return x + y;
    }

    private static Object matches(Object topic, Object filter) {
        if (!(topic instanceof String name) || !(filter instanceof String pattern)) {
            return Missing.UNDEFINED;
        }
        return Topic.valid(name) && TopicFilter.fault(pattern) == null
                ? (Object) new TopicFilter(pattern).matches(new Topic(name))
                : Missing.UNDEFINED;
    }

    /// AND and OR of three values: what is not known decides nothing, and what decides need not be known.
    static Eval logic(boolean and, Eval[] operands) {
        Boolean decides = !and;
        return f -> {
            boolean unknown = false;
            for (Eval operand : operands) {
                Boolean value = Convert.bool(operand.on(f));
                if (decides.equals(value)) {
                    return decides;
                }
                unknown |= value == null;
            }
            return unknown ? Missing.UNDEFINED : (Object) !decides;
        };
    }

    /// AND and OR of AWS: any operand that is no boolean makes the whole undefined.
    static Eval strictLogic(boolean and, Eval[] operands) {
        return f -> {
            boolean result = and;
            for (Eval operand : operands) {
                Boolean value = Convert.bool(operand.on(f));
                if (value == null) {
                    return Missing.UNDEFINED;
                }
                result = and ? result & value : result | value;
            }
            return result;
        };
    }

    /// AND of two values.
    ///
    /// @param strict whether it is that of AWS
    static Object both(Object a, Object b, boolean strict) {
        Boolean x = Convert.bool(a);
        Boolean y = Convert.bool(b);
        if (x == null || y == null) {
            boolean decided = !strict && (Boolean.FALSE.equals(x) || Boolean.FALSE.equals(y));
            return decided ? (Object) false : Missing.UNDEFINED;
        }
        return x && y;
    }

    static Eval not(Eval operand) {
        return f -> {
            Boolean value = Convert.bool(operand.on(f));
            return value == null ? Missing.UNDEFINED : (Object) !value;
        };
    }

    /// `x IN list`: true where it is there; undefined where either is.
    static Object in(Object value, Object list) {
        if (value == Missing.UNDEFINED || list == Missing.UNDEFINED) {
            return Missing.UNDEFINED;
        }
        if (list instanceof Map<?, ?> map) {
            return value instanceof String key ? (Object) map.containsKey(key) : false;
        }
        if (!(list instanceof List<?> items)) {
            return Compare.same(value, list);
        }
        for (Object item : items) {
            if (Compare.same(value, item)) {
                return true;
            }
        }
        return false;
    }

    static Object like(Object text, Object pattern, Object escape) {
        return text instanceof String value && pattern instanceof String like
                ? (Object) Like.matches(value, like, escape instanceof String e && !e.isEmpty() ? e.charAt(0) : '\\')
                : Missing.UNDEFINED;
    }

    /// ANY is true where one comparison is, ALL where every one is.
    static Object quantified(Comparison comparison, Object left, Object list, boolean all) {
        if (!(list instanceof List<?> items)) {
            return list == Missing.UNDEFINED ? list : comparison.of(left, list);
        }
        boolean unknown = false;
        for (Object item : items) {
            Object value = comparison.of(left, item);
            if (value instanceof Boolean decided && decided != all) {
                return decided;
            }
            unknown |= value == Missing.UNDEFINED;
        }
        return unknown ? Missing.UNDEFINED : (Object) all;
    }

    /// A copy with every undefined as null: arrays keep their places.
    static Object array(Object[] items) {
        List<Object> list = new ArrayList<>(items.length);
        for (Object item : items) {
            list.add(item == Missing.UNDEFINED ? Missing.NULL : item);
        }
        return list;
    }
}
