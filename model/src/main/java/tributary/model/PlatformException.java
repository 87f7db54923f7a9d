package tributary.model;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The world failed: the one exception for it, with a code that can be counted and a text for people.
///
/// The text says what happened, why, and what to do next.
public final class PlatformException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final Fault fault;

    public PlatformException(Fault fault, String detail) {
        this(fault, detail, null);
    }

    public PlatformException(Fault fault, String detail, @Nullable Throwable cause) {
        super(detail, cause);
        this.fault = Objects.requireNonNull(fault, "fault");
    }

    /// @return what kind of failure it is
    public Fault fault() {
        return fault;
    }

    /// @return the text for people; never null
    public String detail() {
        return Objects.requireNonNull(getMessage());
    }
}
