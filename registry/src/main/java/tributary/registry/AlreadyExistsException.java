package tributary.registry;

/// What was to be made exists already; nothing was changed.
public final class AlreadyExistsException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public AlreadyExistsException(String detail) {
        super(detail);
    }
}
