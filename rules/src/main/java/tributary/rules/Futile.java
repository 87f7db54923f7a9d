package tributary.rules;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tributary.model.Quote;
import tributary.rules.function.Written;
import tributary.rules.syntax.Expr;
import tributary.rules.syntax.Statement;
import tributary.rules.syntax.Tree;

/// Finds calls whose arguments are written down such that they are undefined of every message: a path, a zone or an
/// encoding that there is not.
final class Futile {
    private Futile() {}

    static List<Mistake> in(Statement statement) {
        List<Mistake> found = new ArrayList<>();
        Tree.each(statement, expr -> {
            if (expr instanceof Expr.Call call) {
                for (int i = 0; i < call.args().size(); i++) {
                    look(call, i, found);
                }
            }
        });
        return found;
    }

    private static void look(Expr.Call call, int place, List<Mistake> found) {
        if (call.args().get(place) instanceof Expr.Literal literal && literal.value() instanceof String text) {
            String name = call.name().toLowerCase(Locale.ROOT);
            String fault = Written.fault(name, place, call.args().size(), text);
            if (fault != null) {
                found.add(new Mistake(
                        literal.pos().line(),
                        literal.pos().column(),
                        "'%s' %s: %s() gives nothing".formatted(Quote.shorten(text), fault, name)));
            }
        }
    }
}
