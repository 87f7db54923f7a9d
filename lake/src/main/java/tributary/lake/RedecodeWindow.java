package tributary.lake;

import java.nio.file.Path;
import java.util.List;

/// The rows of the messages that are decoded again: those that were received from one moment to another, within
/// stretches of the log.
///
/// @param fromMicros the first moment
/// @param toMicros   the first moment behind
/// @param starts     by partition: the first position
/// @param ends       by partition: the first position behind
record RedecodeWindow(long fromMicros, long toMicros, long[] starts, long[] ends) {
    RedecodeWindow {
        starts = starts.clone();
        ends = ends.clone();
    }

    static RedecodeWindow of(Lake.Redecoding what) {
        return new RedecodeWindow(what.fromMicros(), what.toMicros(), what.starts(), what.ends());
    }

    boolean includes(long receivedMicros) {
        return fromMicros <= receivedMicros && receivedMicros < toMicros;
    }

    /// @param table what its rows are called in the statement
    /// @return what is true of such rows and never null; numbers only
    String condition(String table) {
        StringBuilder sql = new StringBuilder(("(%1$s.received >= make_timestamp(%2$d) AND %1$s.received <"
                        + " make_timestamp(%3$d) AND CASE %1$s.part")
                .formatted(table, fromMicros, toMicros));
        for (int part = 0; part < starts.length; part++) {
            sql.append(" WHEN %2$d THEN %1$s.position >= %3$d AND %1$s.position < %4$d"
                    .formatted(table, part, starts[part], ends[part]));
        }
        return sql.append(" ELSE false END)").toString();
    }

    /// Names those of `files` that hold such rows.
    ParquetFiles.Query in(List<Path> files) {
        return new ParquetFiles.Query(
                "SELECT filename, count(*) FROM %s r WHERE %s GROUP BY filename"
                        .formatted(MergeSql.Erased.named(files), condition("r")),
                List.of());
    }

    /// Names the devices that have such rows in `files`.
    ParquetFiles.Query devices(List<Path> files) {
        return new ParquetFiles.Query(
                "SELECT DISTINCT device FROM %s r WHERE %s".formatted(ParquetFiles.source(files), condition("r")),
                List.of());
    }
}
