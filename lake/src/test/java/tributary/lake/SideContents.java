package tributary.lake;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// What a snapshot has of a table beside readings, files and hot rows alike: by column, bytes as hexadecimal digits,
/// times in microseconds.
final class SideContents {
    private SideContents() {}

    static List<Map<String, String>> of(Snapshot snapshot, Side side) {
        List<Map<String, String>> rows = new ArrayList<>();
        for (Snapshot.DataFile file : snapshot.side(side).files()) {
            rows.addAll(sealed(file, side));
        }
        for (Snapshot.SideSegment segment : snapshot.side(side).hot()) {
            ByteBuffer cells = ByteBuffer.wrap(segment.cells(0, segment.rows())).order(ByteOrder.LITTLE_ENDIAN);
            for (int row = 0; row < segment.rows(); row++) {
                rows.add(hot(cells, side));
            }
        }
        return rows;
    }

    private static Map<String, String> hot(ByteBuffer cells, Side side) {
        Map<String, String> row = new TreeMap<>();
        for (Side.Column column : side.columns()) {
            if (cells.get() == 0) {
                continue;
            }
            row.put(
                    column.name(),
                    switch (column.type()) {
                        case TEXT -> new String(bytes(cells), StandardCharsets.UTF_8);
                        case BYTES -> HexFormat.of().withUpperCase().formatHex(bytes(cells));
                        case TIME, WHOLE -> Long.toString(cells.getLong());
                        case INTEGER -> Integer.toString(cells.getInt());
                        case FLAG -> Boolean.toString(cells.get() != 0);
                    });
        }
        return row;
    }

    private static byte[] bytes(ByteBuffer cells) {
        byte[] bytes = new byte[cells.getInt()];
        cells.get(bytes);
        return bytes;
    }

    private static List<Map<String, String>> sealed(Snapshot.DataFile file, Side side) {
        String columns = side.columns().stream()
                .map(column -> switch (column.type()) {
                    case BYTES -> "hex(" + column.name() + ")";
                    case TIME -> "CAST(epoch_us(" + column.name() + ") AS VARCHAR)";
                    case TEXT, WHOLE, INTEGER, FLAG -> "CAST(" + column.name() + " AS VARCHAR)";
                })
                .collect(Collectors.joining(", "));
        List<Map<String, String>> rows = new ArrayList<>();
        try (Connection duck = SharedDuck.connect();
                Statement statement = duck.createStatement();
                ResultSet result = statement.executeQuery("SELECT %s FROM read_parquet('%s', hive_partitioning = false)"
                        .formatted(columns, file.path()))) {
            while (result.next()) {
                Map<String, String> row = new TreeMap<>();
                for (int c = 0; c < side.columns().size(); c++) {
                    String value = result.getString(c + 1);
                    if (value != null) {
                        row.put(side.columns().get(c).name(), value);
                    }
                }
                rows.add(row);
            }
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
        return rows;
    }
}
