package tributary.lake;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tributary.model.TenantId;

/// A tenant's tables at one moment: sealed files, and the hot rows that came after them.
///
/// A row is superseded where a row flagged late of the same (device, sensor, ts) stands at a later log position of
/// the same device's partition; whoever reads applies that rule to files and hot rows alike. The rule costs nothing
/// while nothing is late.
///
/// @param readings sealed files of the table `readings`: device, sensor, ts (timestamp, UTC), value, text, received
///                 (timestamp, UTC), part (int), position (long), late (boolean)
/// @param rejected sealed files of the table `rejected`: device, topic, received, payload (blob), reason, part,
///                 position
/// @param hot      readings not sealed yet, oldest segment first
/// @param hotRejected rejected parts not sealed yet
public record Snapshot(
        TenantId tenant,
        List<DataFile> readings,
        List<DataFile> rejected,
        List<HotSegment> hot,
        List<Rejected> hotRejected) {
    public Snapshot {
        readings = List.copyOf(readings);
        rejected = List.copyOf(rejected);
        hot = List.copyOf(hot);
        hotRejected = List.copyOf(hotRejected);
    }

    /// One Parquet file.
    ///
    /// @param hasLate whether any row of it is flagged late
    /// @param minTsMicros least measuring time in it
    /// @param maxTsMicros greatest measuring time in it
    public record DataFile(
            Path path,
            long rows,
            long bytes,
            boolean hasLate,
            long minTsMicros,
            long maxTsMicros,
            String minDevice,
            String maxDevice) {}

    /// Readings in memory, append-only: rows `0` to `rows() - 1` never change, so a copy only ever fetches new ones.
    public interface HotSegment {
        /// @return unique while the process lives
        long id();

        /// @return how many rows this snapshot sees
        int rows();

        /// @return whether any of them is flagged late
        boolean hasLate();

        String device(int row);

        String sensor(int row);

        long tsMicros(int row);

        /// @return the number; 1 or 0 for a boolean; NaN where there is only text
        double value(int row);

        /// @return the text; `true` or `false` for a boolean; null for a number
        @Nullable
        String text(int row);

        long receivedMicros(int row);

        int partition(int row);

        long position(int row);

        boolean late(int row);
    }

    /// A part of a message that is no reading.
    public record Rejected(
            String device,
            String topic,
            long receivedMicros,
            byte[] payload,
            String reason,
            int partition,
            long position) {}
}
