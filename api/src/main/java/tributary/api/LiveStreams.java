package tributary.api;

import java.io.IOException;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import tributary.model.TenantId;
import tributary.registry.Principal;
import tributary.registry.TenantLimits;
import tributary.registry.TenantLimits.Limit;

/// Who may have a live stream, and which of them are stuck. Counts are kept under one lock, held for moments.
final class LiveStreams {
    private final ApiSettings settings;
    private final TenantLimits limits;
    private final InstantSource clock;
    private final Map<TenantId, Integer> perTenant = new ConcurrentHashMap<>();
    private final Set<Permit> open = ConcurrentHashMap.newKeySet();
    private final Object lock = new Object();
    private volatile boolean stopping;

    LiveStreams(ApiSettings settings, TenantLimits limits, InstantSource clock) {
        this.settings = settings;
        this.limits = limits;
        this.clock = clock;
    }

    /// @throws ProblemException where the tenant or the server has as many as allowed
    Permit admit(TenantId tenant) {
        synchronized (lock) {
            int has = perTenant.getOrDefault(tenant, 0);
            long most = limits.of(tenant, Limit.STREAMS, settings.streamsPerTenantMax());
            if (has >= most || open.size() >= settings.streamsMax()) {
                throw new ProblemException(
                        ProblemCode.TOO_MANY_STREAMS,
                        "There may be " + most + " live streams a tenant (" + limits.nameFor(tenant, Limit.STREAMS)
                                + ") and " + settings.streamsMax()
                                + " in all. Close one, or share one between tabs.");
            }
            perTenant.put(tenant, has + 1);
            Permit permit = new Permit(tenant);
            open.add(permit);
            return permit;
        }
    }

    /// @return how many the tenant has open
    int count(TenantId tenant) {
        return perTenant.getOrDefault(tenant, 0);
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

    /// What a stream lives on: a server that does not stop, and a credential that is as good as it was.
    static final class Right {
        private static final long RECHECK_MILLIS = 5_000;

        private final Permit permit;
        private final Identity identity;
        private long checkedMillis;

        private Right(Permit permit, Identity identity) {
            this.permit = permit;
            this.identity = identity;
            this.checkedMillis = permit.nowMillis();
        }

        /// @return whether the stream is over; then the client has been told why
        boolean ended(EventWriter events, String id) throws IOException {
            if (permit.stopping()) {
                events.end(id, "stopping", "The server is stopping; connect again with the last event id.");
                return true;
            }
            long now = permit.nowMillis();
            if (now - checkedMillis < RECHECK_MILLIS) {
                return false;
            }
            checkedMillis = now;
            Principal admitted = identity.principal();
            Principal again = identity.again().get();
            if (again == null
                    || !again.tenant().equals(admitted.tenant())
                    || !again.role().equals(admitted.role())) {
                events.end(
                        id,
                        "credential",
                        "The credential expired, was revoked or changed; connect again with a good one.");
                return true;
            }
            return false;
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

        /// @return the right that the stream began with, to be looked at now and then
        Right right(Identity identity) {
            return new Right(this, identity);
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
