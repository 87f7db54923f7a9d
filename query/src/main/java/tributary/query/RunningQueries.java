package tributary.query;

import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tributary.model.TenantId;

/// The statements that run now, so that others than who waits for them can look and cancel.
final class RunningQueries {
    private static final int SHOWN_MAX = 1000;
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,64}");

    private final Map<TenantId, Map<String, Run>> tenants = new ConcurrentHashMap<>();
    private final SecureRandom random = new SecureRandom();
    private final InstantSource clock;

    RunningQueries(InstantSource clock) {
        this.clock = clock;
    }

    /// One statement; its own thread writes, others read and cancel.
    final class Run {
        private final TenantId tenant;
        private final String id;
        private final String text;
        private final Instant since;
        private volatile @Nullable WorkerRows rows;
        private volatile boolean cancelled;

        private Run(TenantId tenant, String id, String text) {
            this.tenant = tenant;
            this.id = id;
            this.text = text;
            this.since = clock.instant();
        }

        /// It is with a worker.
        ///
        /// @throws QueryException where it was cancelled before
        void runs(WorkerRows started) {
            rows = started;
            if (cancelled) {
                started.cancel();
            }
        }

        void ended() {
            Map<String, Run> all = tenants.get(tenant);
            if (all != null) {
                all.remove(id, this);
            }
        }

        private void cancel() {
            cancelled = true;
            WorkerRows started = rows;
            if (started != null) {
                started.cancel();
            }
        }

        private QueryEngine.Running shown() {
            WorkerRows started = rows;
            return new QueryEngine.Running(
                    id,
                    text.length() > SHOWN_MAX ? text.substring(0, SHOWN_MAX) : text,
                    since,
                    started == null ? -1 : started.percent(),
                    started == null ? 0 : started.written());
        }
    }

    /// @param statement whose id, if it has one, no other statement of the tenant has now
    Run enter(TenantId tenant, Statement statement) {
        String id = statement.id().isEmpty() ? fresh() : statement.id();
        if (!ID.matcher(id).matches()) {
            throw new QueryException(
                    QueryException.Reason.WRONG, "a query's id is 1 to 64 letters, digits, '_' and '-'");
        }
        Run run = new Run(tenant, id, statement.text());
        if (tenants.computeIfAbsent(tenant, _ -> new ConcurrentHashMap<>()).putIfAbsent(id, run) != null) {
            throw new QueryException(
                    QueryException.Reason.WRONG, "a query with the id '" + id + "' runs already; choose another");
        }
        return run;
    }

    /// @return the oldest first
    List<QueryEngine.Running> of(TenantId tenant) {
        return tenants.getOrDefault(tenant, Map.of()).values().stream()
                .map(Run::shown)
                .sorted(Comparator.comparing(QueryEngine.Running::since))
                .toList();
    }

    /// @return whether there was one
    boolean cancel(TenantId tenant, String id) {
        Run run = tenants.getOrDefault(tenant, Map.of()).get(id);
        if (run == null) {
            return false;
        }
        run.cancel();
        return true;
    }

    private String fresh() {
        byte[] bytes = new byte[8];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
