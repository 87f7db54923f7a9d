package tributary.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import tributary.model.PlatformException;
import tributary.model.TenantId;
import tributary.registry.Registry;

/// What the server still waits for before it is ready for work.
final class Readiness {
    private final Registry registry;
    private final Map<String, String> waiting = new ConcurrentSkipListMap<>();

    Readiness(Registry registry) {
        this.registry = registry;
    }

    void waitFor(String station, String reason) {
        waiting.put(station, reason);
    }

    void ready(String station) {
        waiting.remove(station);
    }

    /// @return one sentence for each thing that is not ready; empty where all is
    List<String> reasons() {
        List<String> reasons = new ArrayList<>();
        waiting.forEach((station, reason) -> reasons.add(station + ": " + reason));
        try {
            registry.tenants().find(TenantId.MAIN);
        } catch (PlatformException e) {
            reasons.add("registry: " + e.detail());
        }
        return reasons;
    }
}
