package tributary.rules;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tributary.rules.function.RuleFailure;
import tributary.rules.syntax.Expr;
import tributary.rules.syntax.Text;
import tributary.rules.syntax.Tree;
import tributary.rules.value.Missing;

/// The parts of a condition that are worth knowing where one asks why it was not met. Nobody looks at them while rules
/// run: only a [Trace] does.
///
/// @param text  the condition
/// @param parts what it is made of, by text
record Probes(String text, Map<String, Eval> parts) {
    static final Probes NONE = new Probes("", Map.of());

    /// So many parts are shown.
    private static final int PARTS_MAX = 12;

    /// What changes something, or is something else each time.
    private static final Set<String> NEVER = Set.of("rand", "newuuid", "ulid", "kv_put");

    Probes {
        parts = new LinkedHashMap<>(parts);
    }

    static Probes of(@Nullable Expr condition, ExprCompiler compiler) {
        if (condition == null) {
            return NONE;
        }
        Map<String, Eval> parts = new LinkedHashMap<>();
        Deque<Expr> open = new ArrayDeque<>();
        open.push(condition);
        while (!open.isEmpty() && parts.size() < PARTS_MAX) {
            Expr next = open.pop();
            if (worthKnowing(next, compiler)) {
                parts.computeIfAbsent(Text.of(next), _ -> compiler.compile(next));
            } else if (!(next instanceof Expr.Nested) && !(next instanceof Expr.Exists)) {
                List<Expr> children = Tree.children(next);
                for (int i = children.size() - 1; i >= 0; i--) {
                    open.push(children.get(i));
                }
            }
        }
        return new Probes(Text.of(condition), parts);
    }

    /// Of a window's rows what a row takes of its messages is one whole: its parts are not there any more.
    private static boolean worthKnowing(Expr expr, ExprCompiler compiler) {
        return switch (expr) {
            case Expr.Literal _, Expr.Nested _, Expr.Exists _ -> false;
            case Expr.Call call when NEVER.contains(call.name()) -> false;
            case Expr.Name _, Expr.Field _, Expr.Index _, Expr.Slice _, Expr.Variable _, Expr.Call _ -> true;
            default -> compiler.captures(expr);
        };
    }

    /// @return what the parts are now
    List<Trace.Value> on(Frame frame) {
        List<Trace.Value> values = new ArrayList<>();
        parts.forEach((part, eval) -> values.add(new Trace.Value(part, value(eval, frame))));
        return values;
    }

    private static String value(Eval eval, Frame frame) {
        try {
            Object value = eval.on(frame);
            return value == Missing.UNDEFINED ? "undefined" : Trace.json(value);
        } catch (RuleFailure e) {
            return "failed: " + e.what();
        }
    }
}
