package tributary.api;

import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import tributary.model.TenantId;

/// Who may have a live stream, and which of them are stuck. Counts are kept under one lock, held for moments.
final class LiveStreams {
    private final ApiSettings settings;
    private final InstantSource clock;
    private final Map<TenantId, Integer> perTenant = new ConcurrentHashMap<>();
    private final Set<Permit> open = ConcurrentHashMap.newKeySet();
    private final Object lock = new Object();
    private volatile boolean stopping;

    LiveStreams(ApiSettings settings, InstantSource clock) {
        this.settings = settings;
        this.clock = clock;
    }

    /// @throws ProblemException where the tenant or the server has as many as allowed
    Permit admit(TenantId tenant) {
        synchronized (lock) {
            int has = perTenant.getOrDefault(tenant, 0);
            if (has >= settings.streamsPerTenantMax() || open.size() >= settings.streamsMax()) {
                throw new ProblemException(
                        ProblemCode.TOO_MANY_STREAMS,
                        "There may be " + settings.streamsPerTenantMax()
                                + " live streams a tenant (setting api.streams-per-tenant-max) and "
                                + settings.streamsMax() + " in all. Close one, or share one between tabs.");
            }
            perTenant.put(tenant, has + 1);
            Permit permit = new Permit(tenant);
            open.add(permit);
            return permit;
        }
    }

    /// @return how many are open
    int count() {
        return open.size();
    }

    /// Tells every stream to end.
    void stop() {
        stopping = true;
    }

    /// Breaks off writes that block for too long: the interrupt closes the virtual thread's socket.
    void breakStuck() {
        long now = clock.millis();
        for (Permit permit : open) {
            long since = permit.writingSinceMillis;
            if (since != 0 && now - since > settings.streamStuck().toMillis()) {
                permit.thread.interrupt();
            }
        }
    }

    /// One open stream.
    final class Permit implements AutoCloseable {
        private final TenantId tenant;
        private final Thread thread = Thread.currentThread();

        /// When the write that is going on began, or 0. Written by the stream's thread, read by the watch.
        private volatile long writingSinceMillis;

        private Permit(TenantId tenant) {
            this.tenant = tenant;
        }

        boolean stopping() {
            return stopping;
        }

        long nowMillis() {
            return clock.millis();
        }

        long heartbeatMillis() {
            return settings.heartbeat().toMillis();
        }

        int lagMax() {
            return settings.streamLagMax();
        }

        void writing(boolean now) {
            writingSinceMillis = now ? clock.millis() : 0;
        }

        @Override
        public void close() {
            synchronized (lock) {
                if (open.remove(this)) {
                    perTenant.merge(tenant, -1, Integer::sum);
                    perTenant.remove(tenant, 0);
                }
            }
        }
    }
}
