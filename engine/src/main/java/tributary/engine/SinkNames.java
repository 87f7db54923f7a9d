package tributary.engine;

import java.util.Set;
import java.util.stream.Collectors;
import tributary.model.PlatformException;
import tributary.model.TenantId;
import tributary.registry.SinkDefinitions;

/// The names of all tenants' sinks, in memory until one is saved or removed: each output to a sink is compared with
/// them.
final class SinkNames {
    private final SinkDefinitions sinks;
    private volatile Held held = new Held(-1, Set.of());

    private record Name(TenantId tenant, String sink) {}

    /// @param seen the count of changes when they were read
    private record Held(long seen, Set<Name> names) {}

    SinkNames(SinkDefinitions sinks) {
        this.sinks = sinks;
    }

    /// @return whether the tenant has a sink of the name; while the registry does not answer nothing is missing, since
    ///         it is about a warning
    boolean has(TenantId tenant, String sink) {
        long now = sinks.changes();
        if (held.seen() != now) {
            try {
                held = new Held(
                        now,
                        sinks.all().stream()
                                .map(one -> new Name(one.tenant(), one.name()))
                                .collect(Collectors.toUnmodifiableSet()));
            } catch (PlatformException e) {
                return true;
            }
        }
        return held.names().contains(new Name(tenant, sink));
    }
}
