package tributary.engine;

import tributary.model.TenantId;

/// The engine itself failed at a message, which no rule is to blame for.
final class Stumble extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient Spot spot;
    private final transient TenantId tenant;

    /// A place in the log.
    record Spot(int partition, long position) {}

    Stumble(Spot spot, TenantId tenant, Throwable cause) {
        super(
                "rules failed at the message at position %d of partition %d: %s"
                        .formatted(spot.position(), spot.partition(), cause),
                cause);
        this.spot = spot;
        this.tenant = tenant;
    }

    Spot spot() {
        return spot;
    }

    TenantId tenant() {
        return tenant;
    }
}
