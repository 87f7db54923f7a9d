package tributary.query;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tributary.model.DeviceId;
import tributary.model.TenantId;
import tributary.registry.Alerts;

/// A table of alerts in which none ever is.
final class NoAlerts implements Alerts {
    @Override
    public void apply(List<Change> changes, long position) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Optional<Long> position() {
        return Optional.empty();
    }

    @Override
    public List<Alert> list(TenantId tenant, Optional<State> state, String rule) {
        return List.of();
    }

    @Override
    public List<Alert> list(Storm storm, State state) {
        return List.of();
    }

    @Override
    public List<Line> grouped(TenantId tenant, Optional<State> state, String rule) {
        return List.of();
    }

    @Override
    public List<Alert> page(TenantId tenant, @Nullable Key after, int limit) {
        return List.of();
    }

    @Override
    public List<Event> before(TenantId tenant, Wanted wanted, long before, int limit) {
        return List.of();
    }

    @Override
    public List<Event> after(TenantId tenant, Wanted wanted, long after, int limit) {
        return List.of();
    }

    @Override
    public long newest(TenantId tenant) {
        return 0;
    }

    @Override
    public long changes() {
        return 0;
    }

    @Override
    public void erase(TenantId tenant, @Nullable DeviceId device) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Optional<Alert> acknowledge(Key key, String by, Instant at) {
        return Optional.empty();
    }

    @Override
    public int acknowledge(Storm storm, String by, Instant at) {
        return 0;
    }

    @Override
    public List<Known> acknowledged() {
        return List.of();
    }

    @Override
    public long acknowledgements() {
        return 0;
    }

    @Override
    public int forget(Instant clearedBefore) {
        return 0;
    }
}
