package tributary.query.worker;

import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tributary.lake.Side;
import tributary.query.wire.Tables;

/// Which files of readings, and of the tables beside them, a statement can need, read off the engine's own plan for it.
///
/// The plan is made over [#standIn], which looks like the table and has the least and the greatest value in each
/// column, so that the engine cannot fold away a condition. A condition that stands at a scan in the plan follows from
/// the statement: rows that do not fulfil it are in no answer. So a file that has no such row for any scan need not be
/// opened. What is not understood leaves every file in.
final class ReadPlan {
    static final String PREFIX = "EXPLAIN (FORMAT json) ";

    /// Everything is needed.
    static final ReadPlan ALL = new ReadPlan(List.of(Scan.WHOLE));

    private static final String STAND_IN = "feed.any_";
    private static final String READINGS = "readings";

    /// By table: the time by which its files are parted.
    private static final Map<String, String> TIMES = times();

    /// Operators without children that read no readings.
    private static final Set<String> NEUTRAL =
            Set.of("CTE_SCAN", "REC_CTE_SCAN", "DELIM_SCAN", "DUMMY_SCAN", "RANGE", "GENERATE_SERIES", "UNNEST");

    private static final Pattern TIME = Pattern.compile(
            "(ts|received) (>|>=|<|<=|=) '(\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d(?:\\.\\d{1,6})?)'::TIMESTAMP");
    private static final Pattern DEVICE = Pattern.compile("device (>|>=|<|<=|=) '((?:[^']|'')*)'");
    private static final DateTimeFormatter MOMENT = new DateTimeFormatterBuilder()
            .appendPattern("uuuu-MM-dd HH:mm:ss")
            .appendFraction(ChronoField.MICRO_OF_SECOND, 0, 6, true)
            .toFormatter(Locale.ROOT);

    private final List<Scan> scans;

    /// What one scan can use: times in microseconds, both ends included, and devices likewise, null where any.
    ///
    /// @param table null for every table
    private record Scan(
            @Nullable String table,
            long from,
            long to,
            @Nullable String first,
            @Nullable String last) {
        static final Scan WHOLE = of(null);

        static Scan of(@Nullable String table) {
            return new Scan(table, Long.MIN_VALUE, Long.MAX_VALUE, null, null);
        }

        Scan time(String operator, long micros) {
            return new Scan(
                    table,
                    operator.startsWith("<") ? from : Math.max(from, micros),
                    operator.startsWith(">") ? to : Math.min(to, micros),
                    first,
                    last);
        }

        Scan device(String operator, String device) {
            String least = first == null || Feed.compare(first, device) < 0 ? device : first;
            String most = last == null || Feed.compare(device, last) < 0 ? device : last;
            return new Scan(
                    table, from, to, operator.startsWith("<") ? first : least, operator.startsWith(">") ? last : most);
        }

        boolean needs(String ofTable, Tables.Sealed file) {
            return (table == null || table.equals(ofTable))
                    && file.maxTsMicros() >= from
                    && file.minTsMicros() <= to
                    && (first == null || Feed.compare(file.maxDevice(), first) >= 0)
                    && (last == null || Feed.compare(file.minDevice(), last) <= 0);
        }
    }

    private static Map<String, String> times() {
        Map<String, String> times = new HashMap<>(Map.of(READINGS, "ts"));
        for (Side side : Side.values()) {
            times.put(side.table(), side.columns().get(Side.TIME).name());
        }
        SlotTables.WIDTHS.keySet().forEach(table -> times.put(table, "ts"));
        return Map.copyOf(times);
    }

    private ReadPlan(List<Scan> scans) {
        this.scans = scans;
    }

    /// @return statements that make the table over which plans are made
    static List<String> standIn() {
        return List.of(
                "CREATE TABLE " + standIn(READINGS) + "(" + Feed.HOT_COLUMNS + ")",
                "INSERT INTO " + standIn(READINGS)
                        + " VALUES ('', '', '-infinity', '-infinity', '', '-infinity', -2147483648,"
                        + " -9223372036854775808, false), (chr(1114111), chr(1114111), 'infinity', 'infinity',"
                        + " chr(1114111), 'infinity', 2147483647, 9223372036854775807, true),"
                        + " (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)");
    }

    /// @return what stands for the table in a plan
    static String standIn(String table) {
        return STAND_IN + table;
    }

    /// @return a relation that looks like readings, for a plan only
    static String relation() {
        return "SELECT " + Feed.COLUMNS + " FROM " + standIn(READINGS);
    }

    /// @param plan what the engine says to [#PREFIX] and a statement
    static ReadPlan of(String plan) throws EngineException {
        List<Scan> scans = new ArrayList<>();
        return Json.read(plan) instanceof List<?> roots && roots.stream().allMatch(root -> read(root, scans))
                ? new ReadPlan(scans)
                : ALL;
    }

    boolean needs(String table, Tables.Sealed file) {
        return scans.stream().anyMatch(scan -> scan.needs(table, file));
    }

    /// What a statement asks of a table: times in microseconds, both ends included, and devices likewise, null
    /// where any.
    record Bounds(
            long from,
            long to,
            @Nullable String first,
            @Nullable String last) {
        boolean mayHold(String min, String max) {
            return (first == null || Feed.compare(max, first) >= 0) && (last == null || Feed.compare(min, last) <= 0);
        }
    }

    /// @return what holds all that the statement can need of the table
    Bounds bounds(String table) {
        List<Scan> of = scans.stream()
                .filter(scan -> scan.table == null || scan.table.equals(table))
                .toList();
        if (of.size() == 1) {
            Scan only = of.getFirst();
            return new Bounds(only.from, only.to, only.first, only.last);
        }
        long from = of.stream().mapToLong(Scan::from).min().orElse(0);
        long to = of.stream().mapToLong(Scan::to).max().orElse(0);
        return new Bounds(from, to, null, null);
    }

    /// @return whether all below the operator is understood
    private static boolean read(@Nullable Object operator, List<Scan> scans) {
        if (!(operator instanceof Map<?, ?> node)
                || !(node.get("name") instanceof String name)
                || !(node.get("children") instanceof List<?> children)) {
            return false;
        }
        if (!children.isEmpty()) {
            return children.stream().allMatch(child -> read(child, scans));
        }
        if (name.strip().equals("SEQ_SCAN")
                && node.get("extra_info") instanceof Map<?, ?> extra
                && extra.get("Table") instanceof String table) {
            TIMES.keySet().stream()
                    .filter(known -> table.endsWith(standIn(known)))
                    .forEach(known -> scans.add(scan(known, extra.get("Filters"))));
            return true;
        }
        return NEUTRAL.contains(name.strip());
    }

    private static Scan scan(String table, @Nullable Object filters) {
        List<?> all = filters instanceof List<?> several ? several : filters == null ? List.of() : List.of(filters);
        Scan scan = Scan.of(table);
        for (Object filter : all) {
            for (String condition : conditions(String.valueOf(filter))) {
                scan = narrowed(table, scan, condition);
            }
        }
        return scan;
    }

    private static Scan narrowed(String table, Scan scan, String condition) {
        Matcher time = TIME.matcher(condition);
        if (time.matches() && time.group(1).equals(TIMES.get(table))) {
            LocalDateTime moment = LocalDateTime.parse(time.group(3), MOMENT);
            long micros = ChronoUnit.MICROS.between(LocalDateTime.ofEpochSecond(0, 0, ZoneOffset.UTC), moment);
            return scan.time(time.group(2), micros);
        }
        Matcher device = DEVICE.matcher(condition);
        return device.matches() ? scan.device(device.group(1), device.group(2).replace("''", "'")) : scan;
    }

    /// @param filter `(a)`, or `((a) AND (b))` and so on
    /// @return its parts that all must hold, without parentheses; one that is built in another way comes as it is
    static List<String> conditions(String filter) {
        List<String> parts = new ArrayList<>();
        int depth = 0;
        int start = 0;
        boolean quoted = false;
        for (int i = 0; i < filter.length(); i++) {
            char c = filter.charAt(i);
            if (c == '\'') {
                quoted = !quoted;
            } else if (!quoted && c == '(' && depth++ == 0) {
                start = i + 1;
                if (i > 0 && !filter.substring(0, i).endsWith(parts.isEmpty() ? "" : ") AND ")) {
                    return List.of(filter);
                }
            } else if (!quoted && c == ')' && --depth == 0) {
                parts.add(filter.substring(start, i));
            }
        }
        if (depth != 0 || quoted || parts.isEmpty() || !filter.startsWith("(") || !filter.endsWith(")")) {
            return List.of(filter);
        }
        if (parts.size() == 1) {
            String inner = parts.getFirst();
            return inner.startsWith("(") ? conditions(inner) : parts;
        }
        return parts.stream().flatMap(part -> conditions(part).stream()).toList();
    }
}
