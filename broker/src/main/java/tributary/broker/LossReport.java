package tributary.broker;

import java.util.HashMap;
import java.util.Map;
import tributary.model.TenantId;

/// Tells every ten seconds what sessions lost to limits, so that somebody can write it down: the counts of the process
/// end with it. On the broker's thread.
final class LossReport {
    private static final long EVERY_NANOS = 10_000_000_000L;

    /// Sessions of a tenant that are named each time; what others lost is told in sum.
    private static final int NAMED_MAX = 20;

    private final Commons commons;
    private final Directory directory;

    /// What was told of each tenant.
    private final Map<TenantId, Long> told = new HashMap<>();

    private volatile Losses listener = (_, _, _) -> {};
    private long toldAt;

    LossReport(Commons commons, Directory directory) {
        this.commons = commons;
        this.directory = directory;
    }

    void to(Losses losses) {
        listener = losses;
    }

    void turn(long nanos) {
        if (nanos - toldAt < EVERY_NANOS) {
            return;
        }
        toldAt = nanos;
        for (TenantId tenant : directory.tenants()) {
            long before = told.getOrDefault(tenant, 0L);
            long lost = commons.tally().of(tenant).dropped.sum() - before;
            if (lost > 0) {
                told.put(tenant, before + tell(tenant, lost));
            }
        }
    }

    /// @return how many were told: more than were counted where more were lost meanwhile
    private long tell(TenantId tenant, long lost) {
        long left = lost;
        int named = 0;
        for (Session session : directory.sessions()) {
            long own = session.tenant().equals(tenant) ? session.takeLosses() : 0;
            if (own > 0 && named < NAMED_MAX) {
                named++;
                left -= own;
                listener.lost(tenant, session.clientId(), own);
            }
        }
        if (left > 0) {
            listener.lost(tenant, "", left);
        }
        return lost + Math.max(0, -left);
    }
}
