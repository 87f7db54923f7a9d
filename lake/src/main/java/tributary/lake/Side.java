package tributary.lake;

import java.util.List;
import java.util.Objects;

/// A table beside `readings`: its rows stay as they came, each once, and nothing replaces them.
///
/// Between the log and a file, and on the way to whoever asks, a row is its cells in the order of the columns, encoded:
/// a byte that says whether the cell is there, then its value, least byte first; texts and bytes begin with their
/// length in four bytes. Every table has `device` first, another text second and the time by which its files
/// are parted third; a column's number in files is its place, so new ones go to the end.
public enum Side {
    /// What could not be read as a reading, with the reason.
    REJECTED(
            "rejected",
            Column.must("device", Type.TEXT),
            Column.must("topic", Type.TEXT),
            Column.must("received", Type.TIME),
            Column.must("payload", Type.BYTES),
            Column.must("reason", Type.TEXT),
            Column.must("part", Type.INTEGER),
            Column.must("position", Type.WHOLE)),
    /// Who came, went and was refused.
    EVENTS(
            "events",
            Column.may("device", Type.TEXT),
            Column.must("kind", Type.TEXT),
            Column.must("ts", Type.TIME),
            Column.may("door", Type.TEXT),
            Column.may("through", Type.TEXT),
            Column.may("client", Type.TEXT),
            Column.may("address", Type.TEXT),
            Column.may("subject", Type.TEXT),
            Column.may("cause", Type.TEXT),
            Column.may("reason", Type.TEXT),
            Column.must("count", Type.WHOLE),
            Column.must("part", Type.INTEGER),
            Column.must("position", Type.WHOLE)),
    /// Every message as it was published.
    MESSAGES(
            "messages",
            Column.may("device", Type.TEXT),
            Column.must("topic", Type.TEXT),
            Column.must("received", Type.TIME),
            Column.must("payload", Type.BYTES),
            Column.may("content_type", Type.TEXT),
            Column.must("qos", Type.INTEGER),
            Column.must("retain", Type.FLAG),
            Column.may("user_properties", Type.TEXT),
            Column.may("response_topic", Type.TEXT),
            Column.may("correlation_data", Type.BYTES),
            Column.may("expiry_seconds", Type.WHOLE),
            Column.must("origin", Type.TEXT),
            Column.must("publisher", Type.TEXT),
            Column.must("part", Type.INTEGER),
            Column.must("position", Type.WHOLE));

    static final int DEVICE = 0;
    /// The place of the time by which files are parted.
    public static final int TIME = 2;

    private final String table;
    private final List<Column> columns;

    Side(String table, Column... columns) {
        this.table = table;
        this.columns = List.of(columns);
    }

    /// @return its name in SQL
    public String table() {
        return table;
    }

    public List<Column> columns() {
        return columns;
    }

    /// @param required whether every row has it
    public record Column(String name, Type type, boolean required) {
        public Column {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(type, "type");
        }

        private static Column must(String name, Type type) {
            return new Column(name, type, true);
        }

        private static Column may(String name, Type type) {
            return new Column(name, type, false);
        }
    }

    /// What a cell may be.
    public enum Type {
        TEXT,
        BYTES,
        /// Microseconds since 1970 UTC, eight bytes.
        TIME,
        /// Four bytes.
        INTEGER,
        /// Eight bytes.
        WHOLE,
        /// One byte, 0 or 1.
        FLAG
    }
}
