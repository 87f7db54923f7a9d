package tributary.lake;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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
/// @param hot      readings not sealed yet, oldest segment first
/// @param sides    the tables beside readings
/// @param rolled   roll-ups of days whose readings they give as a whole
/// @param parts    roll-ups of single files of readings, of days that no roll-up gives as a whole
public record Snapshot(
        TenantId tenant,
        List<DataFile> readings,
        List<HotSegment> hot,
        Map<Side, SideTable> sides,
        List<Rolled> rolled,
        List<RolledPart> parts) {
    public Snapshot {
        readings = List.copyOf(readings);
        hot = List.copyOf(hot);
        sides = Map.copyOf(sides);
        rolled = List.copyOf(rolled);
        parts = List.copyOf(parts);
    }

    /// Takes tables of which no single file is rolled up.
    public Snapshot(
            TenantId tenant,
            List<DataFile> readings,
            List<HotSegment> hot,
            Map<Side, SideTable> sides,
            List<Rolled> rolled) {
        this(tenant, readings, hot, sides, rolled, List.of());
    }

    /// @return one without a row
    public static Snapshot empty(TenantId tenant) {
        return new Snapshot(tenant, List.of(), List.of(), Map.of(), List.of());
    }

    /// @return a table beside readings, without rows where it has none
    public SideTable side(Side side) {
        return sides.getOrDefault(side, SideTable.EMPTY);
    }

    /// A table beside readings.
    ///
    /// @param files sealed rows, with the columns that [Side] says
    /// @param hot   rows not sealed yet, oldest segment first
    public record SideTable(List<DataFile> files, List<SideSegment> hot) {
        static final SideTable EMPTY = new SideTable(List.of(), List.of());

        public SideTable {
            files = List.copyOf(files);
            hot = List.copyOf(hot);
        }
    }

    /// Rows of a side table that are not sealed yet; more may come behind those that were seen.
    public interface SideSegment {
        /// @return names it among all segments of this process
        long id();

        Side side();

        int rows();

        /// @return the row before which rows from `from` on have at most so many bytes; at least one row further
        int upTo(int from, int bytesMax);

        /// @return the rows `from` to `to - 1`, encoded as [Side] says
        byte[] cells(int from, int to);
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

    /// A file of a roll-up, and the days that may be read from it in the place of their readings.
    ///
    /// It has the columns device, sensor, ts (where the slot begins), count, numbers (of readings that have
    /// one), sum, min, min_ts, max, max_ts, first, first_ts, last and last_ts. A day is in one file of a step only.
    ///
    /// @param slotMicros how wide its slots are
    /// @param days       days since 1970, in order; rows of other days count for nothing
    public record Rolled(Path path, long slotMicros, String minDevice, String maxDevice, List<Integer> days) {
        public Rolled {
            days = List.copyOf(days);
        }
    }

    /// A roll-up of the rows of one file of readings that count, with the columns that [Rolled] has. Slots of
    /// other files and of rows in memory have to be added to its slots.
    ///
    /// @param slotMicros how wide its slots are
    /// @param of         the file, which is among those of the snapshot
    public record RolledPart(Path path, long slotMicros, DataFile of) {}

    /// Readings in memory, append-only: rows `0` to `rows() - 1` never change, so a copy only ever fetches new ones.
    public interface HotSegment {
        /// @return unique while the process lives
        long id();

        /// @return how many rows this snapshot sees
        int rows();

        /// @return whether any of them is flagged late
        boolean hasLate();

        /// @return whether any of them may be of the day, in days since 1970
        default boolean mayHold(int day) {
            for (int row = 0; row < rows(); row++) {
                if (Math.floorDiv(tsMicros(row), SegmentOrder.DAY_MICROS) == day) {
                    return true;
                }
            }
            return false;
        }

        /// @return whether any of them that is flagged late may have a measuring time from one moment to
        /// another, both included
        default boolean mayReplace(long fromMicros, long toMicros) {
            return hasLate();
        }

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
}
