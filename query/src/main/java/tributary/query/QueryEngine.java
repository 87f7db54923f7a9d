package tributary.query;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tributary.model.DeviceId;
import tributary.model.TenantId;

/// SQL and series reads over one tenant's tables, live rows included.
///
/// Tenant SQL runs in a worker process behind an allow-list; nothing it does reaches the doors, the log or another
/// tenant. Methods block; call them on a virtual thread and interrupt it to cancel.
public interface QueryEngine extends AutoCloseable {
    /// Runs one SELECT over `readings`, `devices`, `sensors`, `messages`, `rejected`, `events` and the views of device
    /// types.
    ///
    /// @throws QueryException where the statement is refused, wrong, too long or too large
    Rows sql(TenantId tenant, Statement statement, QueryLimits limits);

    /// The same without parameters.
    default Rows sql(TenantId tenant, String statement, QueryLimits limits) {
        return sql(tenant, Statement.of(statement), limits);
    }

    /// @return the statements of the tenant that run now, the oldest first
    List<Running> running(TenantId tenant);

    /// Cancels a statement of the tenant; whoever waits for it gets a [QueryException].
    ///
    /// @return whether it ran
    boolean cancel(TenantId tenant, String id);

    /// @return what statements of the tenant may name
    Known known(TenantId tenant);

    /// Reads series, raw or down-sampled: columns device, sensor, ts, value (and text for raw).
    ///
    /// @throws QueryException where the range is too large or a limit is passed
    Rows series(TenantId tenant, SeriesRequest request, QueryLimits limits);

    /// @return what the system keeps statements from, as the newest worker said, or empty before the first one
    default Optional<Walls> walls() {
        return Optional.empty();
    }

    @Override
    void close();

    /// Walls of a worker by their names.
    ///
    /// @param standing what the system keeps it from
    /// @param missing  what only the checks of statements keep it from, because the system cannot
    record Walls(List<String> standing, List<String> missing) {
        public Walls {
            standing = List.copyOf(standing);
            missing = List.copyOf(missing);
        }
    }

    /// A statement under way.
    ///
    /// @param percent how far it is, or less than 0 where that is not known
    /// @param rows    rows that its reader has
    record Running(String id, String text, Instant since, double percent, long rows) {}

    /// @param tables    their names
    /// @param views     one a device type
    /// @param functions the names of all functions that are allowed
    record Known(List<String> tables, List<View> views, Set<String> functions) {
        public Known {
            tables = List.copyOf(tables);
            views = List.copyOf(views);
            functions = Set.copyOf(functions);
        }
    }

    /// The view of a device type.
    ///
    /// @param types   the types that it shows; several where their names differ only in case or signs
    /// @param columns behind `device` and `ts`, the sensors
    record View(String name, List<String> types, List<ViewColumn> columns) {
        public View {
            types = List.copyOf(types);
            columns = List.copyOf(columns);
        }
    }

    /// @param type the SQL name of its type
    record ViewColumn(String name, String type, String sensor) {}

    /// @param timeout how long the statement may run
    /// @param rowsMax how many rows it may give; one more fails
    record QueryLimits(Duration timeout, long rowsMax) {
        public static final QueryLimits DEFAULTS = new QueryLimits(Duration.ofSeconds(30), Long.MAX_VALUE);
    }

    /// @param series  which; 1 to 1,000
    /// @param from    first moment, inclusive
    /// @param to      last moment, exclusive
    /// @param sampling what to do with the points
    record SeriesRequest(List<SeriesName> series, Instant from, Instant to, Sampling sampling) {
        public SeriesRequest {
            series = List.copyOf(series);
            if (series.isEmpty() || series.size() > 1000) {
                throw new IllegalArgumentException("1 to 1000 series in one call, was " + series.size());
            }
            if (!from.isBefore(to)) {
                throw new IllegalArgumentException("the range begins at " + from + ", not before its end " + to);
            }
        }
    }

    record SeriesName(DeviceId device, String sensor) {}

    /// What becomes of the points of a range.
    sealed interface Sampling {
        /// Every point.
        record Raw() implements Sampling {}

        /// First, min, max and last point of each of `columns` equal slices: charts lose no spike.
        record M4(int columns) implements Sampling {}

        /// One value a bucket of `width`, aligned to 1970 UTC.
        record Bucket(Duration width, Aggregate aggregate) implements Sampling {}
    }

    enum Aggregate {
        AVG,
        MIN,
        MAX,
        SUM,
        COUNT,
        FIRST,
        LAST
    }
}
