package tributary.simulator;

/// A server that devices or a test talk to did not answer, or refused: the text says what and what to do next.
public final class ServerException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /// What happened, so that a command can choose its exit code.
    public enum Kind {
        UNREACHABLE,
        NOT_ALLOWED,
        REFUSED
    }

    private final Kind kind;

    public ServerException(Kind kind, String detail) {
        super(detail);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
