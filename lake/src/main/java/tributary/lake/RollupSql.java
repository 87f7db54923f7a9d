package tributary.lake;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// The statements that make roll-ups. Nothing that devices sent is in their text.
final class RollupSql {
    private static final String ORDER = " ORDER BY device, sensor, ts";

    private RollupSql() {}

    /// @return the columns by name with their numbers
    static Map<String, Integer> columns() {
        Map<String, Integer> columns = new LinkedHashMap<>();
        RollupStep.SCHEMA.columns().forEach(field -> columns.put(field.name(), field.fieldId()));
        return columns;
    }

    /// Gives the slots of the readings in `files`, which are all of a day: of each key the row that counts.
    static ParquetFiles.Query ofReadings(List<Snapshot.DataFile> files, RollupStep step) {
        return ofReadings(
                files, files.stream().filter(Snapshot.DataFile::hasLate).toList(), step);
    }

    /// Gives the slots of the readings in `files` that no late row in `replacing` takes the place of.
    static ParquetFiles.Query ofReadings(
            List<Snapshot.DataFile> files, List<Snapshot.DataFile> replacing, RollupStep step) {
        List<Path> all = files.stream().map(Snapshot.DataFile::path).toList();
        List<Path> late = replacing.stream().map(Snapshot.DataFile::path).toList();
        String rows = "FROM " + ParquetFiles.source(all) + " r";
        if (!late.isEmpty()) {
            rows += " LEFT JOIN (SELECT device, sensor, ts, part, max(position) AS newest FROM "
                    + ParquetFiles.source(late) + " k WHERE late GROUP BY ALL) l ON l.device = r.device"
                    + " AND l.sensor = r.sensor AND l.ts = r.ts AND l.part = r.part"
                    + " WHERE l.newest IS NULL OR r.position >= l.newest";
        }
        String number = " FILTER (value IS NOT NULL) AS ";
        return query("SELECT device, sensor, slot AS ts, count(*) AS count, count(value) AS numbers, sum(value) AS sum,"
                + " min(value) AS min, arg_min(moment, value) AS min_ts,"
                + " max(value) AS max, arg_max(moment, value) AS max_ts,"
                + " arg_min(value, moment)" + number + "first, min(moment)" + number + "first_ts,"
                + " arg_max(value, moment)" + number + "last, max(moment)" + number + "last_ts"
                + " FROM (SELECT r.device, r.sensor, r.ts AS moment,"
                + " CASE WHEN NOT isnan(r.value) THEN r.value END AS value, " + slot("r.ts", step) + " AS slot " + rows
                + ") AS v GROUP BY device, sensor, slot" + ORDER);
    }

    /// Gives the slots of slots that are narrower.
    static ParquetFiles.Query ofSlots(Path narrower, RollupStep step) {
        return query("SELECT device, sensor, slot AS ts, sum(count)::BIGINT AS count, sum(numbers)::BIGINT AS numbers,"
                + " sum(sum) AS sum, min(min) AS min, arg_min(min_ts, min) AS min_ts, max(max) AS max,"
                + " arg_max(max_ts, max) AS max_ts, arg_min(first, first_ts) AS first, min(first_ts) AS first_ts,"
                + " arg_max(last, last_ts) AS last, max(last_ts) AS last_ts FROM (SELECT *, "
                + slot("ts", step) + " AS slot FROM " + ParquetFiles.source(List.of(narrower))
                + ") AS v GROUP BY device, sensor, slot" + ORDER);
    }

    /// Gives the days of `old` that stay, and all of `parts`.
    static ParquetFiles.Query joined(List<Path> old, Set<Integer> days, List<Path> parts) {
        String columns = String.join(", ", columns().keySet());
        List<String> sources = new ArrayList<>();
        if (!old.isEmpty() && !days.isEmpty()) {
            sources.add("SELECT " + columns + " FROM " + ParquetFiles.source(old) + " WHERE epoch_us(ts) IN ("
                    + days.stream()
                            .map(day -> Long.toString(day * SegmentOrder.DAY_MICROS))
                            .collect(Collectors.joining(", "))
                    + ")");
        }
        if (!parts.isEmpty()) {
            sources.add("SELECT " + columns + " FROM " + ParquetFiles.source(parts));
        }
        return query("SELECT * FROM (" + String.join(" UNION ALL ", sources) + ") AS v" + ORDER);
    }

    /// Names the files' days, as their metadata has them.
    static ParquetFiles.Query days(List<Path> files) {
        return query(files.stream()
                .map(file -> "'" + ParquetFiles.quoted(file) + "'")
                .collect(Collectors.joining(
                        ", ",
                        "SELECT file_name, decode(value) FROM parquet_kv_metadata([",
                        "]) WHERE decode(key) = '" + Rollup.KEY + "'")));
    }

    private static String slot(String ts, RollupStep step) {
        return "make_timestamp(epoch_us(%1$s) - ((epoch_us(%1$s) %% %2$d) + %2$d) %% %2$d)"
                .formatted(ts, step.micros());
    }

    private static ParquetFiles.Query query(String sql) {
        return new ParquetFiles.Query(sql, List.of());
    }
}
