package tributary.query.worker;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tributary.lake.Side;
import tributary.query.wire.Tables;

/// What a statement cost, told from the engine's own profile: how many files of how many it opened, bytes it read, and
/// its steps with rows and time. Names of places of ours are not in it.
final class Explained {
    static final String PREFIX = "EXPLAIN (ANALYZE, FORMAT json) ";

    private static final Set<String> FRAME = Set.of("RESULT_COLLECTOR", "EXPLAIN_ANALYZE");
    private static final Set<String> NOT_SHOWN =
            Set.of("Filename(s)", "Function", "Total Files Read", "Table", "Estimated Cardinality", "Type");
    private static final int DETAIL_MAX = 300;

    private final Map<String, String> tableOf = new HashMap<>();
    private final Map<String, Integer> filesOf = new HashMap<>();
    private final List<Step> steps = new ArrayList<>();

    private record Step(
            String name,
            String detail,
            String rows,
            @Nullable Files files,
            double millis) {}

    private record Files(long read, long all) {}

    private Explained(Tables tables) {
        tables.readings().forEach(file -> tableOf.put(file.path(), "readings"));
        filesOf.put("readings", tables.readings().size());
        for (Side side : Side.values()) {
            List<Tables.Sealed> files = tables.side(side.ordinal()).files();
            files.forEach(file -> tableOf.put(file.path(), side.table()));
            filesOf.put(side.table(), files.size());
        }
    }

    /// @param profile the engine's, as JSON
    /// @param tables  what the tables consisted of
    /// @return a statement whose rows say it
    static String sql(String profile, Tables tables) throws EngineException {
        Explained explained = new Explained(tables);
        Map<?, ?> root = map(Json.read(profile));
        for (Object operator : list(root.get("operator"))) {
            explained.step(map(operator), 0);
        }
        Map<?, ?> query = map(root.get("query"));
        long read = explained.steps.stream()
                .map(Step::files)
                .mapToLong(files -> files == null ? 0 : files.read)
                .sum();
        long all = explained.steps.stream()
                .map(Step::files)
                .mapToLong(files -> files == null ? 0 : files.all)
                .sum();
        String bytes = number(map(root.get("io")).get("total_bytes_read"));
        List<String> rows = new ArrayList<>();
        rows.add(row(
                "total",
                "rows are those that were read",
                number(query.get("total_rows_scanned")) + ", " + read + ", " + all + ", " + bytes,
                millis(query.get("total_time"))));
        for (Step step : explained.steps) {
            String files = step.files == null ? "NULL, NULL" : step.files.read + ", " + step.files.all;
            rows.add(row(step.name, step.detail, step.rows + ", " + files + ", NULL", step.millis));
        }
        return "SELECT step, detail, rows::BIGINT AS rows, files::BIGINT AS files,"
                + " files_in_all::BIGINT AS files_in_all, bytes::BIGINT AS bytes,"
                + " round(ms::DOUBLE, 3) AS ms FROM (VALUES "
                + String.join(", ", rows)
                + ") AS t(step, detail, rows, files, files_in_all, bytes, ms)";
    }

    private static String row(String name, String detail, String numbers, double millis) {
        return "(" + Quoting.literal(name) + ", " + Quoting.literal(detail) + ", " + numbers + ", "
                + String.format(Locale.ROOT, "%.6f", millis) + ")";
    }

    private void step(Map<?, ?> node, int depth) {
        String type = String.valueOf(node.get("type"));
        int next = depth;
        if (!FRAME.contains(type)) {
            Map<?, ?> extra = map(node.get("extra_info"));
            String table = table(extra);
            String name = "  ".repeat(Math.min(depth, 30))
                    + type.toLowerCase(Locale.ROOT).replace('_', ' ')
                    + (table.isEmpty() ? "" : " " + table);
            steps.add(new Step(
                    name,
                    detail(extra),
                    number(node.get("rows_scanned") == null ? node.get("intermediate_rows") : node.get("rows_scanned")),
                    files(extra, table),
                    millis(node.get("timing"))));
            next++;
        }
        for (Object child : list(node.get("children"))) {
            step(map(child), next);
        }
    }

    private String table(Map<?, ?> extra) {
        String file = String.valueOf(extra.get("Filename(s)")).split(",", 2)[0].strip();
        String table = String.valueOf(extra.get("Table"));
        if (tableOf.containsKey(file)) {
            return String.valueOf(tableOf.get(file));
        }
        if (table.contains("hot_")) {
            return "readings, newest";
        }
        for (Side side : Side.values()) {
            if (table.contains(side.table() + "_")) {
                return side.table() + ", newest";
            }
        }
        for (String small : List.of("devices", "sensors", "alerts")) {
            if (table.endsWith(small)) {
                return small;
            }
        }
        return "";
    }

    private @Nullable Files files(Map<?, ?> extra, String table) {
        Object read = extra.get("Total Files Read");
        if (read == null) {
            return null;
        }
        long count = Long.parseLong(number(read));
        return new Files(count, Math.max(count, filesOf.getOrDefault(table, 0)));
    }

    private static String detail(Map<?, ?> extra) {
        String all = extra.entrySet().stream()
                .filter(entry -> !NOT_SHOWN.contains(String.valueOf(entry.getKey())))
                .map(entry -> entry.getKey().toString().toLowerCase(Locale.ROOT) + ": " + text(entry.getValue()))
                .collect(Collectors.joining("; "));
        String clean = ErrorText.clean(all, "");
        return clean.length() > DETAIL_MAX ? clean.substring(0, DETAIL_MAX) + "..." : clean;
    }

    private static String text(@Nullable Object value) {
        return value instanceof List<?> list
                ? list.stream().map(String::valueOf).collect(Collectors.joining(", "))
                : String.valueOf(value);
    }

    private static double millis(@Nullable Object seconds) {
        return seconds == null ? 0 : Double.parseDouble(seconds.toString()) * 1000;
    }

    private static String number(@Nullable Object value) {
        return value == null ? "NULL" : value.toString().matches("\\d+") ? value.toString() : "NULL";
    }

    private static Map<?, ?> map(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? map : Map.of();
    }

    private static List<?> list(@Nullable Object value) {
        return value instanceof List<?> list ? list : List.of();
    }
}
