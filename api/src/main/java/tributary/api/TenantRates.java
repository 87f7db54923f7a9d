package tributary.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tributary.model.TenantId;

/// How many messages a second each tenant sends, over the last ten seconds. Sampled by the API's watch only; read by
/// anybody.
final class TenantRates {
    private static final int SAMPLES_MAX = 11;

    /// Immutable; replaced by the watch.
    private volatile List<Sample> samples = List.of();

    /// @param atMillis when
    /// @param received by tenant, since the start
    private record Sample(long atMillis, Map<TenantId, Long> received) {
        long of(TenantId tenant) {
            return received.getOrDefault(tenant, 0L);
        }
    }

    void sample(long atMillis, Map<TenantId, Long> received) {
        List<Sample> more = new ArrayList<>(samples);
        more.add(new Sample(atMillis, Map.copyOf(received)));
        samples = List.copyOf(more.subList(Math.max(0, more.size() - SAMPLES_MAX), more.size()));
    }

    long perSecond(TenantId tenant) {
        List<Sample> seen = samples;
        if (seen.size() < 2) {
            return 0;
        }
        long millis = seen.getLast().atMillis() - seen.getFirst().atMillis();
        long grown = seen.getLast().of(tenant) - seen.getFirst().of(tenant);
        return millis <= 0 ? 0 : Math.round(grown * 1000.0 / millis);
    }
}
