package tributary.lake;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Looks for the rows of one message: in memory, and in the few files that may have them.
final class Whereabouts {
    private static final long MEMORY_BYTES = 128L << 20;
    private static final int FILES_PER_QUERY = 100;
    private static final int FILES_MAX = 2_000;

    /// The last cells of every side table: four bytes of partition and eight of position, each behind its flag.
    private static final int PLACE_BYTES = 1 + Integer.BYTES + 1 + Long.BYTES;

    private final Lake lake;
    private final Path folder;
    private final Lake.Sought sought;
    private final List<Lake.Kept> found = new ArrayList<>();

    /// @param folder what names of files are told relative to
    Whereabouts(Lake lake, Path folder, Lake.Sought sought) {
        this.lake = lake;
        this.folder = folder;
        this.sought = sought;
    }

    /// @return in which tables and where, those in memory first
    List<Lake.Kept> in(Snapshot snapshot) throws IOException {
        long hot = snapshot.hot().stream().mapToLong(this::hotRows).sum();
        memory("readings", hot);
        snapshot.sides().forEach((side, table) -> {
            long rows = table.hot().stream().mapToLong(this::hotRows).sum();
            memory(side.table(), rows);
        });
        try (ParquetFiles engine = new ParquetFiles(MEMORY_BYTES)) {
            files(
                    engine,
                    "readings",
                    snapshot.readings().stream()
                            .filter(file -> file.maxTsMicros() >= sought.minTsMicros()
                                    && file.minTsMicros() <= sought.maxTsMicros())
                            .toList());
            for (Map.Entry<Side, Snapshot.SideTable> side : snapshot.sides().entrySet()) {
                long received = sought.receivedMicros();
                files(
                        engine,
                        side.getKey().table(),
                        side.getValue().files().stream()
                                .filter(file -> file.maxTsMicros() >= received && file.minTsMicros() <= received)
                                .toList());
            }
        }
        return found;
    }

    private void memory(String table, long rows) {
        if (rows > 0) {
            found.add(new Lake.Kept(table, "", rows));
        }
    }

    private long hotRows(Snapshot.HotSegment segment) {
        long rows = 0;
        for (int row = 0; row < segment.rows(); row++) {
            if (segment.position(row) == sought.position() && segment.partition(row) == sought.partition()) {
                rows++;
            }
        }
        return rows;
    }

    private long hotRows(Snapshot.SideSegment segment) {
        long rows = 0;
        int count = segment.rows();
        for (int row = 0; row < count; row++) {
            byte[] cells = segment.cells(row, row + 1);
            ByteBuffer place = ByteBuffer.wrap(cells, cells.length - PLACE_BYTES, PLACE_BYTES)
                    .slice()
                    .order(ByteOrder.LITTLE_ENDIAN);
            if (place.getInt(1) == sought.partition() && place.getLong(2 + Integer.BYTES) == sought.position()) {
                rows++;
            }
        }
        return rows;
    }

    private void files(ParquetFiles engine, String table, List<Snapshot.DataFile> candidates) throws IOException {
        List<Path> paths = candidates.stream()
                .filter(this::mayHaveDevice)
                .map(Snapshot.DataFile::path)
                .limit(FILES_MAX)
                .toList();
        Map<String, Long> rows = new LinkedHashMap<>();
        for (int i = 0; i < paths.size(); i += FILES_PER_QUERY) {
            List<Path> batch = paths.subList(i, Math.min(i + FILES_PER_QUERY, paths.size()));
            String files = batch.stream()
                    .map(file -> "'" + ParquetFiles.quoted(file) + "'")
                    .collect(Collectors.joining(", "));
            String sql = """
                    SELECT filename, count(*) FROM read_parquet([%s], hive_partitioning = false, filename = true)
                    WHERE part = %d AND position = %d GROUP BY filename ORDER BY filename""".formatted(files, sought.partition(), sought.position());
            try (Hold _ = lake.hold(batch)) {
                engine.read(sql, row -> rows.put(row.getString(1), row.getLong(2)));
            }
        }
        rows.forEach((file, count) -> found.add(new Lake.Kept(table, relative(file), count)));
    }

    private boolean mayHaveDevice(Snapshot.DataFile file) {
        String device = sought.device();
        return device.isEmpty() || MergePlan.overlap(file, device, device);
    }

    private String relative(String file) {
        Path path = Path.of(file);
        return path.startsWith(folder) ? folder.relativize(path).toString() : file;
    }
}
