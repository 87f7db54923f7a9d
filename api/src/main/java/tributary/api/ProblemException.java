package tributary.api;

import java.util.Objects;

/// Ends the handling of a request with a problem. The gate catches it, nobody else does.
final class ProblemException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient Problem problem;

    ProblemException(Problem problem) {
        super(problem.detail(), null, false, false);
        this.problem = Objects.requireNonNull(problem, "problem");
    }

    ProblemException(ProblemCode code, String detail) {
        this(Problem.of(code, detail));
    }

    Problem problem() {
        return problem;
    }
}
