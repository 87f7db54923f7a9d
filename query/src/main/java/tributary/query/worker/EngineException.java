package tributary.query.worker;

import tributary.query.wire.Failure;

/// A statement that fails, with what its writer may know of it.
final class EngineException extends Exception {
    private static final long serialVersionUID = 1;

    private final String reason;
    private final int line;
    private final int column;
    private final String hint;

    /// @param reason a constant of [Failure]
    EngineException(String reason, String detail) {
        this(reason, detail, Place.NONE, "");
    }

    /// @param place where in the statement
    /// @param hint  what was most likely meant, or ""
    EngineException(String reason, String detail, Place place, String hint) {
        super(detail);
        this.reason = reason;
        this.line = place.line();
        this.column = place.column();
        this.hint = hint;
    }

    static EngineException refused(String detail) {
        return new EngineException(Failure.REFUSED, detail);
    }

    static EngineException refused(String detail, Place place) {
        return new EngineException(Failure.REFUSED, detail, place, "");
    }

    /// @return whether the engine is not to be used any more
    boolean leavesTheEngineBroken() {
        return reason.equals(Failure.CRASHED);
    }

    Failure failure() {
        String detail = getMessage();
        return new Failure(reason, detail == null ? "the query failed" : detail, line, column, hint);
    }
}
