package tributary.lake;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tributary.model.DeviceId;
import tributary.model.TenantId;

/// History: every reading of a tenant, in open Parquet and Iceberg files plus the hot tail that is not sealed yet.
///
/// A reader of the log of its own. What it shows at any moment is exactly the readings of a prefix of each partition:
/// none missing, none twice, a reading that was sent again replaced.
public interface Lake extends AutoCloseable {
    /// @return the tenant's tables now; stays readable for at least ten minutes
    Snapshot snapshot(TenantId tenant);

    /// In memory: the last value of each sensor of the device, by sensor path.
    List<LatestValue> latest(TenantId tenant, DeviceId device);

    /// @return the position of `partition` before which everything is visible in snapshots
    long visibleUpTo(int partition);

    /// @return whether the tables that a start found have been read; until then [#snapshot] waits for them
    default boolean ready() {
        return true;
    }

    /// @return what keeps the lake from its work and what is being done about it, for people; empty where all is well
    default Optional<String> trouble() {
        return Optional.empty();
    }

    /// @return figures for metrics and `status`
    LakeStats stats();

    /// Seals and commits what is hot, then releases everything.
    @Override
    void close();

    /// The newest reading of a sensor, by measuring time.
    ///
    /// @param text the value as text, or null where it is a number
    record LatestValue(
            DeviceId device,
            String sensor,
            long tsMicros,
            double value,
            @Nullable String text,
            long receivedMicros) {}

    /// @param readings  readings decoded since start
    /// @param rejected  parts of payloads rejected since start
    /// @param hotRows   rows not sealed yet
    /// @param files     data files of all tenants
    /// @param bytes     bytes in them
    /// @param rows      rows in them
    /// @param commits   commits since start
    /// @param lagRecords log records not visible yet
    record LakeStats(
            long readings,
            long rejected,
            long hotRows,
            long files,
            long bytes,
            long rows,
            long commits,
            long lagRecords) {}
}
