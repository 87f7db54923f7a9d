package tributary.lake;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Conversions;
import org.jspecify.annotations.Nullable;

/// What a table holds at one moment.
///
/// @param positions by partition: rows before are in the table
/// @param files     its files as snapshots show them
/// @param sequence  Iceberg's number of the last commit
record TableContents(long[] positions, List<Snapshot.DataFile> files, long sequence) {
    static final TableContents NOTHING = new TableContents(new long[0], List.of(), 0);

    /// Not before any device.
    static final String LAST_DEVICE = "\uDBFF\uDFFF";

    private static final int DEVICE = 1;
    /// `ts` of readings, the one that [Side] says of the others.
    private static final int TIME = 3;
    private static final int LATE = 9;

    static TableContents of(LakeTable table, List<DataFile> files) {
        return new TableContents(
                table.positions(),
                files.stream().map(file -> shown(table, file)).toList(),
                table.sequence());
    }

    /// A bound that is not known is the widest.
    static Snapshot.DataFile shown(LakeTable table, DataFile file) {
        LakeCatalog.Kind kind = table.kind();
        Schema schema = kind.schema();
        boolean late = kind.readings() && !Boolean.FALSE.equals(bound(schema, file.upperBounds(), LATE));
        Object minTime = bound(schema, file.lowerBounds(), TIME);
        Object maxTime = bound(schema, file.upperBounds(), TIME);
        Object minDevice = bound(schema, file.lowerBounds(), DEVICE);
        Object maxDevice = bound(schema, file.upperBounds(), DEVICE);
        return new Snapshot.DataFile(
                table.path(file),
                file.recordCount(),
                file.fileSizeInBytes(),
                late,
                minTime instanceof Long time ? time : Long.MIN_VALUE,
                maxTime instanceof Long time ? time : Long.MAX_VALUE,
                minDevice == null ? "" : minDevice.toString(),
                maxDevice == null ? LAST_DEVICE : maxDevice.toString());
    }

    /// @return the bound of the device's column, or `fallback`
    static String device(@Nullable Map<Integer, ByteBuffer> bounds, String fallback) {
        Object device = bound(LakeCatalog.READINGS, bounds, DEVICE);
        return device == null ? fallback : device.toString();
    }

    private static @Nullable Object bound(Schema schema, @Nullable Map<Integer, ByteBuffer> bounds, int column) {
        ByteBuffer bytes = bounds == null ? null : bounds.get(column);
        return bytes == null ? null : Conversions.fromByteBuffer(schema.findType(column), bytes.duplicate());
    }
}
