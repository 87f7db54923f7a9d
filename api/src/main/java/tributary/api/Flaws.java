package tributary.api;

import java.util.List;
import java.util.function.Supplier;
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

    /// Runs a change that the registry may refuse because of what the caller sent: its mistake, not a bug of ours.
    static <T> T kept(Supplier<T> change) {
        try {
            return change.get();
        } catch (IllegalArgumentException e) {
            throw new ProblemException(
                    ProblemCode.INVALID_BODY, String.valueOf(e.getMessage()) + ". Nothing was changed.");
        }
    }
}
