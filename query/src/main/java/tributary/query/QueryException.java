package tributary.query;

import java.util.Objects;

/// A query that cannot be answered, with a text for the person who wrote it.
public final class QueryException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final Reason reason;

    public QueryException(Reason reason, String detail) {
        super(detail);
        this.reason = Objects.requireNonNull(reason, "reason");
    }

    /// @return why, countable
    public Reason reason() {
        return reason;
    }

    /// @return the text for people; never null
    public String detail() {
        return Objects.requireNonNull(getMessage());
    }

    /// Why a query is not answered.
    public enum Reason {
        /// Not SQL, or names what does not exist.
        WRONG,
        /// Uses what tenants may not use.
        REFUSED,
        /// Ran longer than allowed.
        TIMEOUT,
        /// Needed more memory or gave more rows than allowed.
        TOO_LARGE,
        /// Cancelled by its reader.
        CANCELLED,
        /// The worker died of it.
        CRASHED,
        /// Too many queries at once.
        BUSY
    }
}
