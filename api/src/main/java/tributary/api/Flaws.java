package tributary.api;

import java.util.List;
import tributary.model.Quote;

/// Problems about one parameter or one field that only a handler can see.
final class Flaws {
    private Flaws() {}

    static ProblemException parameter(String name, String right, String was) {
        return new ProblemException(Problem.flawed(
                ProblemCode.INVALID_PARAMETER,
                List.of(new Problem.Flaw(name, right + ", was '" + Quote.shorten(was) + "'"))));
    }

    static ProblemException field(String name, String what) {
        return new ProblemException(
                Problem.flawed(ProblemCode.INVALID_BODY, List.of(new Problem.Flaw("/" + name, what))));
    }
}
