package tributary.app.server;

import tributary.engine.Outbox;
import tributary.registry.Silences;
import tributary.sinks.SharedParcels;

/// What rules said as sinks read it, without the thread that wakes them: for a simulation in another package.
public final class SinkLine implements AutoCloseable {
    private final OutboxParcels parcels;

    public SinkLine(Outbox outbox, Silences silences) {
        parcels = new OutboxParcels(outbox, silences, false);
    }

    public SharedParcels parcels() {
        return parcels;
    }

    @Override
    public void close() {
        parcels.close();
    }
}
