package tributary.query;

import java.util.Objects;

/// A query that cannot be answered, with a text for the person who wrote it.
public final class QueryException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final Reason reason;
    private final int line;
    private final int column;
    private final String hint;

    public QueryException(Reason reason, String detail) {
        this(reason, detail, 0, 0, "");
    }

    /// @param line   the line of the statement, from 1; 0 where no place is known
    /// @param column the character in it, from 1
    /// @param hint   what was most likely meant, or ""
    public QueryException(Reason reason, String detail, int line, int column, String hint) {
        super(detail);
        this.reason = Objects.requireNonNull(reason, "reason");
        this.line = line;
        this.column = column;
        this.hint = Objects.requireNonNull(hint, "hint");
    }

    /// @return the line of the statement, from 1; 0 where no place is known
    public int line() {
        return line;
    }

    /// @return the character in the line, from 1
    public int column() {
        return column;
    }

    /// @return what was most likely meant, or ""
    public String hint() {
        return hint;
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
