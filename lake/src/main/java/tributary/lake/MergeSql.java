package tributary.lake;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The statements that make files of files: a piece of the rows, in order, without those that are superseded or erased.
///
/// Names that devices sent are values of a statement and never part of its text.
final class MergeSql {
    /// What a row takes in the engine while rows are sorted, beside its long texts.
    private static final int ROW_BYTES = 256;

    private final LakeCatalog.Kind kind;
    private final List<Path> files;
    private final List<Path> late;
    private final boolean settled;
    private final @Nullable Erased erased;
    private final @Nullable Redecoded redecoded;

    /// Rows that others are put in the place of.
    ///
    /// @param window the rows that go, and replace nothing any more
    /// @param fresh  a file of those that come, or null where none do; they replace what they are later than
    record Redecoded(RedecodeWindow window, @Nullable Path fresh) {}

    /// Rows that are not to be written again.
    record Erased(List<Part> parts) {
        /// @param device whose, null for all
        /// @param before by partition: rows before this position
        record Part(@Nullable String device, long[] before) {
            Part {
                before = before.clone();
            }
        }

        Erased {
            parts = List.copyOf(parts);
        }

        /// Whether a file may have such rows, by the range of its devices.
        boolean mayBeIn(Snapshot.DataFile file) {
            return parts.stream()
                    .map(Part::device)
                    .anyMatch(device -> device == null || MergePlan.overlap(file, device, device));
        }

        /// Names those of `files` that hold such rows.
        ParquetFiles.Query rows(List<Path> files) {
            List<String> values = new ArrayList<>();
            String sql = "SELECT filename, count(*) FROM %s r WHERE %s GROUP BY filename"
                    .formatted(named(files), condition(values));
            return new ParquetFiles.Query(sql, values);
        }

        /// Names those of `files`, which hold keys, that have one of the devices.
        ParquetFiles.Query keys(List<Path> files) {
            List<String> devices = new ArrayList<>();
            for (Part part : parts) {
                String device = part.device();
                if (device == null) {
                    return new ParquetFiles.Query(
                            "SELECT filename, count(*) FROM %s GROUP BY filename".formatted(named(files)), List.of());
                }
                devices.add(device);
            }
            return new ParquetFiles.Query(
                    "SELECT filename, count(*) FROM %s WHERE device IN (%s) GROUP BY filename"
                            .formatted(named(files), String.join(", ", Collections.nCopies(devices.size(), "?"))),
                    devices);
        }

        static String named(List<Path> files) {
            return ParquetFiles.source(files).replaceAll("\\)$", ", filename = true)");
        }

        private String condition(List<String> values) {
            return parts.stream().map(part -> condition(part, values)).collect(Collectors.joining(" OR ", "(", ")"));
        }

        private static String condition(Part part, List<String> values) {
            StringBuilder sql = new StringBuilder("r.position < CASE r.part");
            for (int number = 0; number < part.before.length; number++) {
                sql.append(" WHEN ").append(number).append(" THEN ").append(part.before[number]);
            }
            sql.append(" ELSE 0 END");
            String device = part.device;
            if (device != null) {
                sql.append(" AND r.device = ?");
                values.add(device);
            }
            return sql.toString();
        }
    }

    /// Where a piece begins or ends.
    ///
    /// @param sensor null where it is the device's first
    record Edge(String device, @Nullable String sensor) {}

    /// Rows from one edge to the one before another.
    ///
    /// @param from null for the first
    /// @param to   null for the last
    record Piece(@Nullable Edge from, @Nullable Edge to, long rows) {}

    /// @param late    files whose late rows may supersede rows of `files`
    /// @param settled whether no other file holds a key of these, so that no row needs to say that it is late
    MergeSql(LakeCatalog.Kind kind, List<Path> files, List<Path> late, boolean settled, @Nullable Erased erased) {
        this(kind, files, late, settled, erased, null);
    }

    private MergeSql(
            LakeCatalog.Kind kind,
            List<Path> files,
            List<Path> late,
            boolean settled,
            @Nullable Erased erased,
            @Nullable Redecoded redecoded) {
        this.kind = kind;
        this.files = files;
        this.late = late;
        this.settled = settled;
        this.erased = erased;
        this.redecoded = redecoded;
    }

    MergeSql with(Redecoded other) {
        return new MergeSql(kind, files, late, settled, erased, other);
    }

    /// @return the columns by name with their numbers
    Map<String, Integer> columns() {
        Map<String, Integer> columns = new LinkedHashMap<>();
        kind.schema().columns().forEach(field -> columns.put(field.name(), field.fieldId()));
        return columns;
    }

    /// @return whether rows may be left out because others replaced them
    boolean supersedes() {
        return !late.isEmpty();
    }

    /// Gives each device, its rows and their weight in memory, in order.
    ParquetFiles.Query devices() {
        return new ParquetFiles.Query(
                "SELECT coalesce(device, '') AS d, count(*), sum(%s) FROM %s GROUP BY d ORDER BY d"
                        .formatted(weight(), ParquetFiles.source(files)),
                List.of());
    }

    /// Gives the same of each sensor of a device.
    ParquetFiles.Query sensors(String device) {
        return new ParquetFiles.Query(
                "SELECT sensor, count(*), sum(%s) FROM %s WHERE device = ? GROUP BY sensor ORDER BY sensor"
                        .formatted(weight(), ParquetFiles.source(files)),
                List.of(device));
    }

    private String weight() {
        String texts = kind.schema().columns().stream()
                .filter(field -> switch (field.name()) {
                    case "payload", "correlation_data" -> true;
                    default -> false;
                })
                .map(field -> " + coalesce(octet_length(" + field.name() + "), 0)")
                .collect(Collectors.joining());
        return ROW_BYTES + texts;
    }

    /// Gives the rows of a piece as they are written.
    ParquetFiles.Query rows(Piece piece) {
        List<String> values = new ArrayList<>();
        String columns = columns().keySet().stream()
                .map(name -> settled && name.equals("late") ? "false AS late" : "r." + name)
                .collect(Collectors.joining(", "));
        StringBuilder sql = new StringBuilder("SELECT ")
                .append(columns)
                .append(" FROM ")
                .append(ParquetFiles.source(files))
                .append(" r");
        String replacing = replacing(piece, values);
        if (!replacing.isEmpty()) {
            sql.append(" LEFT JOIN (SELECT device, sensor, ts, part, max(position) AS newest FROM (")
                    .append(replacing)
                    .append(") GROUP BY ALL) l ON l.device = r.device AND l.sensor = r.sensor AND l.ts = r.ts")
                    .append(" AND l.part = r.part");
        }
        sql.append(" WHERE ").append(range("r", piece, values));
        if (!replacing.isEmpty()) {
            sql.append(" AND (l.newest IS NULL OR r.position >= l.newest)");
        }
        if (erased != null) {
            sql.append(" AND NOT coalesce(").append(erased.condition(values)).append(", false)");
        }
        if (redecoded != null) {
            sql.append(" AND NOT ").append(redecoded.window.condition("r"));
        }
        sql.append(
                kind.readings()
                        ? " ORDER BY r.device, r.sensor, r.ts, r.part, r.position"
                        : " ORDER BY r.device NULLS FIRST, r.%s, r.part, r.position".formatted(kind.dayColumn()));
        return new ParquetFiles.Query(sql.toString(), values);
    }

    /// @return what gives the keys and positions of rows that replace others, or ""
    private String replacing(Piece piece, List<String> values) {
        List<String> sources = new ArrayList<>();
        if (!late.isEmpty()) {
            String gone = redecoded == null ? "" : " AND NOT " + redecoded.window.condition("k");
            sources.add("SELECT device, sensor, ts, part, position FROM %s k WHERE late AND %s%s"
                    .formatted(ParquetFiles.source(late), range("k", piece, values), gone));
        }
        if (redecoded != null && redecoded.fresh != null) {
            sources.add("SELECT device, sensor, ts, part, position FROM %s k WHERE %s"
                    .formatted(ParquetFiles.source(List.of(redecoded.fresh)), range("k", piece, values)));
        }
        return String.join(" UNION ALL ", sources);
    }

    /// @return the files that its statements read
    List<Path> reads() {
        List<Path> reads = new ArrayList<>(files);
        reads.addAll(late);
        return reads;
    }

    /// Gives rows that others wrote in order, in the order of those files.
    static ParquetFiles.Query joined(List<Path> parts) {
        return new ParquetFiles.Query("SELECT * FROM " + ParquetFiles.source(parts), List.of());
    }

    /// The bound on the device alone lets the engine pass over row groups.
    private static String range(String table, Piece piece, List<String> values) {
        List<String> terms = new ArrayList<>();
        Edge from = piece.from;
        Edge to = piece.to;
        if (from != null) {
            terms.add(table + ".device >= ?");
            values.add(from.device);
            if (from.sensor != null) {
                terms.add("(%1$s.device > ? OR %1$s.sensor >= ?)".formatted(table));
                values.add(from.device);
                values.add(from.sensor);
            }
        }
        if (to != null && to.sensor != null) {
            terms.add(table + ".device <= ?");
            values.add(to.device);
            terms.add("(%1$s.device < ? OR %1$s.sensor < ?)".formatted(table));
            values.add(to.device);
            values.add(to.sensor);
        } else if (to != null) {
            terms.add(
                    from == null ? "(%1$s.device IS NULL OR %1$s.device < ?)".formatted(table) : table + ".device < ?");
            values.add(to.device);
        }
        return terms.isEmpty() ? "true" : String.join(" AND ", terms);
    }
}
