package tributary.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import tributary.lake.Lake;
import tributary.model.PlatformException;
import tributary.model.TenantId;
import tributary.registry.Registry;

/// What the server still waits for before it is ready for work.
final class Readiness {
    private final Registry registry;
    private final Lake lake;
    private final Map<String, String> waiting = new ConcurrentSkipListMap<>();

    Readiness(Registry registry, Lake lake) {
        this.registry = registry;
        this.lake = lake;
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
        if (!lake.ready()) {
            reasons.add("lake: " + lake.trouble().orElse("the tables are still being read"));
        }
        return reasons;
    }
}
