package tributary.gateway.http;

import org.jspecify.annotations.Nullable;
import tributary.gateway.Cause;
import tributary.gateway.Grounds;
import tributary.registry.Principal;

/// Ends a request with a problem. Without a stack trace: what a client sent wrong is no fault of the code.
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient Problem problem;
    private final transient @Nullable Grounds grounds;
    private final @Nullable Cause cause;

    /// A refusal that the intake has noted already, or that is nothing for the attempts log.
    Refusal(Problem problem) {
        this(problem, null, null);
    }

    /// A refusal of somebody who signed in.
    Refusal(Problem problem, Cause cause) {
        this(problem, cause, null);
    }

    /// A refusal of somebody who did not.
    Refusal(Problem problem, Grounds grounds) {
        this(problem, null, grounds);
    }

    private Refusal(Problem problem, @Nullable Cause cause, @Nullable Grounds grounds) {
        super(problem.detail(), null, false, false);
        this.problem = problem;
        this.cause = cause;
        this.grounds = grounds;
    }

    Problem problem() {
        return problem;
    }

    /// @return what to note in the attempts log, or null for nothing
    @Nullable
    Grounds grounds(@Nullable Principal principal) {
        return cause == null || principal == null ? grounds : Grounds.of(principal, cause, problem.detail());
    }
}
