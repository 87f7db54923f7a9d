package tributary.query.worker;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import tributary.query.wire.SeriesAsk;
import tributary.query.wire.Tables;

/// The tables `readings_1m`, `readings_1h` and `readings_1d`: a row a device, sensor and slot, of all readings
/// there are.
///
/// A statement gets a view of its own: roll-ups of the days and files that have them, and of all else the
/// readings, made slots on the spot. So its rows are the same whether anything is rolled up or not, but for
/// sums, which are added up in another order.
final class SlotTables {
    /// By table: how wide its slots are.
    static final Map<String, Long> WIDTHS = new TreeMap<>(
            Map.of("readings_1m", 60_000_000L, "readings_1h", 3_600_000_000L, "readings_1d", 86_400_000_000L));

    private static final long DAY = 86_400_000_000L;
    /// Every day that the engine's timestamps have.
    private static final long ALWAYS = 106_751_990 * DAY;

    private static final String COLUMNS = "device VARCHAR, sensor VARCHAR, ts TIMESTAMP, count BIGINT, numbers BIGINT,"
            + " sum DOUBLE, avg DOUBLE, min DOUBLE, min_ts TIMESTAMP, max DOUBLE, max_ts TIMESTAMP,"
            + " first DOUBLE, first_ts TIMESTAMP, last DOUBLE, last_ts TIMESTAMP";
    private static final String NOTHING = ", 0, 0, 0, 0, 0, NULL, 0, NULL, 0, NULL, 0, NULL";

    private SlotTables() {}

    /// What a statement's view is made of.
    ///
    /// @param paths  files that it reads
    /// @param create the statement that makes the view
    record View(List<String> paths, String create) {}

    /// @return the tables that the statement names
    static List<String> used(Uses uses) {
        return WIDTHS.keySet().stream().filter(uses::reads).toList();
    }

    /// @return statements that make what stands for the tables in plans
    static List<String> standIns() {
        List<String> statements = new ArrayList<>();
        for (String table : WIDTHS.keySet()) {
            String standIn = ReadPlan.standIn(table);
            statements.add("CREATE TABLE " + standIn + "(" + COLUMNS + ")");
            statements.add("INSERT INTO " + standIn + " VALUES ('', '', '-infinity'" + NOTHING
                    + "), (chr(1114111), chr(1114111), 'infinity'" + NOTHING
                    + "), (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)");
        }
        return statements;
    }

    /// @return the statement that makes a view which looks like the table, for a plan only
    static String standIn(String table) {
        return "CREATE OR REPLACE TEMP VIEW " + table + " AS SELECT * FROM " + ReadPlan.standIn(table);
    }

    /// @param plan says which time the statement asks for
    static View view(String table, Tables tables, ReadPlan plan) {
        long width = WIDTHS.getOrDefault(table, DAY);
        ReadPlan.Bounds bounds = plan.bounds(table);
        long from = Math.floorDiv(Math.clamp(bounds.from(), -ALWAYS, ALWAYS), width) * width;
        long to = Math.floorDiv(Math.clamp(bounds.to(), -ALWAYS, ALWAYS - DAY), width) * width + width;
        SeriesAsk ask = new SeriesAsk(List.of(), from, Math.max(from, to), "AVG", width, Long.MAX_VALUE);
        SeriesPlan series = SeriesPlan.of(ask, tables, bounds::mayHold);
        Predicate<Tables.Sealed> wanted = file -> bounds.mayHold(file.minDevice(), file.maxDevice())
                && series.readings().stream()
                        .anyMatch(span -> file.maxTsMicros() >= span.from() && file.minTsMicros() < span.to());
        Predicate<Tables.Sealed> raw = wanted.and(file -> !series.single().contains(file.path()));
        Predicate<Tables.Sealed> replacing = wanted.and(Tables.Sealed::late);
        List<String> paths = new ArrayList<>();
        tables.readings().stream().filter(raw.or(replacing)).forEach(file -> paths.add(file.path()));
        series.rolled().forEach(part -> paths.addAll(part.paths()));
        String slots = SeriesSql.slots(ask, series, Feed.readings(tables, raw, replacing));
        return new View(paths, "CREATE OR REPLACE TEMP VIEW " + table + " AS " + slots);
    }
}
