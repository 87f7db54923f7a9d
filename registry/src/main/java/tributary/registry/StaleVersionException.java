package tributary.registry;

/// Somebody else changed it in between.
public final class StaleVersionException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public StaleVersionException(String detail) {
        super(detail);
    }
}
