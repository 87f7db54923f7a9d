package tributary.lake;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tributary.model.Event;
import tributary.model.TenantId;

/// A tenant's tables at one moment: sealed files, and the hot rows that came after them.
///
/// A row is superseded where a row flagged late of the same (device, sensor, ts) stands at a later log position of
/// the same device's partition; whoever reads applies that rule to files and hot rows alike. The rule costs nothing
/// while nothing is late.
///
/// @param readings sealed files of the table `readings`: device, sensor, ts (timestamp, UTC), value, text, received
///                 (timestamp, UTC), part (int), position (long), late (boolean)
/// @param hot      readings not sealed yet, oldest segment first
/// @param rejected the table `rejected`: device, topic, received, payload (blob), reason, part, position
/// @param events   the table `events`: device, kind, ts (timestamp, UTC), door, through, client, address, subject,
///                 cause, reason, count (long), part, position; texts that are not known are null
public record Snapshot(
        TenantId tenant,
        List<DataFile> readings,
        List<HotSegment> hot,
        Beside<Rejected> rejected,
        Beside<Happened> events) {
    public Snapshot {
        readings = List.copyOf(readings);
        hot = List.copyOf(hot);
    }

    /// @return of a tenant that has nothing
    public static Snapshot empty(TenantId tenant) {
        return new Snapshot(tenant, List.of(), List.of(), Beside.nothing(), Beside.nothing());
    }

    /// A table beside the readings.
    ///
    /// @param files sealed
    /// @param hot   rows not sealed yet
    public record Beside<R extends SideRow>(List<DataFile> files, List<R> hot) {
        public Beside {
            files = List.copyOf(files);
            hot = List.copyOf(hot);
        }

        /// @return one without rows
        public static <R extends SideRow> Beside<R> nothing() {
            return new Beside<>(List.of(), List.of());
        }
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

    /// A row of a table beside the readings.
    public sealed interface SideRow {
        /// @return what decides about its day
        long timeMicros();

        int partition();

        long position();

        /// @return about so many in memory
        long bytes();
    }

    /// A part of a message that is no reading.
    public record Rejected(
            String device,
            String topic,
            long receivedMicros,
            byte[] payload,
            String reason,
            int partition,
            long position)
            implements SideRow {
        @Override
        public long timeMicros() {
            return receivedMicros;
        }

        @Override
        public long bytes() {
            return payload.length + 200;
        }
    }

    /// An event.
    public record Happened(Event event, int partition, long position) implements SideRow {
        @Override
        public long timeMicros() {
            return event.atMicros();
        }

        @Override
        public long bytes() {
            return 300L + event.reason().length() + event.client().length();
        }
    }
}
