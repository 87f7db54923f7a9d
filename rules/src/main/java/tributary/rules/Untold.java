package tributary.rules;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tributary.rules.syntax.Expr;
import tributary.rules.syntax.Statement;
import tributary.rules.syntax.Tree;

/// Finds calls of functions that ask for what is not kept with a message.
final class Untold {
    private static final String NO_ADDRESS =
            "%s() is undefined of every message here: the address of a publisher is not kept with what it publishes";
    private static final String NO_CREDENTIAL =
            "%s() is the client id here, as clientid() is: the credential of a publisher is not kept with what it"
                    + " publishes";

    private static final Map<String, String> WHAT = Map.of(
            "peerhost", NO_ADDRESS, "sourceip", NO_ADDRESS, "principal", NO_CREDENTIAL, "username", NO_CREDENTIAL);

    private Untold() {}

    static List<Mistake> in(Statement statement) {
        List<Mistake> found = new ArrayList<>();
        Tree.each(statement, expr -> {
            if (expr instanceof Expr.Call call) {
                String what = WHAT.get(call.name().toLowerCase(Locale.ROOT));
                if (what != null) {
                    found.add(new Mistake(call.pos().line(), call.pos().column(), what.formatted(call.name())));
                }
            }
        });
        return found;
    }
}
