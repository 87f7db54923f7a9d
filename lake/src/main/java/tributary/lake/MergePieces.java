package tributary.lake;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Cuts the rows of a merge into files of the target size, and those into pieces that are sorted in memory.
final class MergePieces {
    private final ParquetFiles parquet;
    private final MergeSql sql;
    private final CareSettings settings;

    private final List<List<MergeSql.Piece>> files = new ArrayList<>();
    private List<MergeSql.Piece> file = new ArrayList<>();
    private MergeSql.@Nullable Edge from;
    private long fileRows;
    private long pieceRows;
    private long pieceWeight;

    /// Rows of a device or of one of its sensors.
    private record Run(String name, long rows, long weight) {}

    MergePieces(ParquetFiles parquet, MergeSql sql, CareSettings settings) {
        this.parquet = parquet;
        this.sql = sql;
        this.settings = settings;
    }

    /// @return for each file its pieces, in order
    List<List<MergeSql.Piece>> files(MergePlan.Merge merge, LakeTables.Name name) throws IOException {
        long rows = merge.files().stream().mapToLong(Snapshot.DataFile::rows).sum();
        long count = Math.max(1, Math.round((double) merge.bytes() / settings.fileBytes()));
        long fileRowsMax = (rows + count - 1) / count;
        for (Run device : runs(sql.devices())) {
            boolean large = device.weight > settings.pieceBytes() || device.rows > fileRowsMax;
            if (large && name.kind().readings()) {
                for (Run sensor : runs(sql.sensors(device.name))) {
                    add(new MergeSql.Edge(device.name, sensor.name), sensor, fileRowsMax);
                }
            } else {
                add(new MergeSql.Edge(device.name, null), device, fileRowsMax);
            }
        }
        endPiece(null);
        files.add(file);
        return files;
    }

    private void add(MergeSql.Edge at, Run run, long fileRowsMax) {
        if (pieceRows > 0 && fileRows + run.rows / 2 > fileRowsMax) {
            endPiece(at);
            files.add(file);
            file = new ArrayList<>();
            fileRows = 0;
        } else if (pieceRows > 0 && pieceWeight + run.weight > settings.pieceBytes()) {
            endPiece(at);
        }
        fileRows += run.rows;
        pieceRows += run.rows;
        pieceWeight += run.weight;
    }

    private void endPiece(MergeSql.@Nullable Edge to) {
        file.add(new MergeSql.Piece(from, to, pieceRows));
        from = to;
        pieceRows = 0;
        pieceWeight = 0;
    }

    private List<Run> runs(ParquetFiles.Query query) throws IOException {
        List<Run> runs = new ArrayList<>();
        parquet.read(query, row -> runs.add(new Run(row.getString(1), row.getLong(2), row.getLong(3))));
        return runs;
    }
}
