package tributary.query.worker;

import tributary.query.wire.Failure;

/// A statement that fails, with what its writer may know of it.
final class EngineException extends Exception {
    private static final long serialVersionUID = 1;

    private final String reason;

    /// @param reason a constant of [Failure]
    EngineException(String reason, String detail) {
        super(detail);
        this.reason = reason;
    }

    static EngineException refused(String detail) {
        return new EngineException(Failure.REFUSED, detail);
    }

    Failure failure() {
        String detail = getMessage();
        return new Failure(reason, detail == null ? "the query failed" : detail);
    }
}
