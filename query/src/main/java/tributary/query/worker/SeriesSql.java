package tributary.query.worker;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tributary.query.wire.SeriesAsk;

/// Writes the statement for a read of series.
///
/// Readings are first made slots, with the columns that a roll-up has, and those of a roll-up come beside
/// them; what was asked for is made of both. Slices are computed on whole microseconds since 1970 UTC and
/// not with `date_trunc`, which goes through time zone rules and costs four times as much.
final class SeriesSql {
    private static final String SLOT_COLUMNS =
            "count, numbers, sum, min, min_ts, max, max_ts, first, first_ts, last, last_ts";

    private SeriesSql() {}

    /// @param source a relation with device, sensor, ts, value and text
    static String of(SeriesAsk ask, SeriesPlan plan, String source) {
        return switch (ask.sampling()) {
            case SeriesAsk.RAW -> raw(ask, plan, source);
            case SeriesAsk.M4 -> m4(ask, slices(ask, plan, source));
            default -> bucket(ask, slices(ask, plan, source));
        };
    }

    /// @return a relation of slots, those of all series where `ask` names none: a row a series and slot
    static String slots(SeriesAsk ask, SeriesPlan plan, String source) {
        return "SELECT device, sensor, make_timestamp(slice::BIGINT) AS ts, sum(count)::BIGINT AS count,"
                + " sum(numbers)::BIGINT AS numbers, sum(sum) AS sum,"
                + " CASE WHEN sum(numbers) > 0 THEN sum(sum) / sum(numbers) END AS avg,"
                + " min(min) AS min, arg_min(min_ts, min) AS min_ts, max(max) AS max, arg_max(max_ts, max) AS max_ts,"
                + " arg_min(first, first_ts) AS first, min(first_ts) AS first_ts,"
                + " arg_max(last, last_ts) AS last, max(last_ts) AS last_ts"
                + " FROM (" + slices(ask, plan, source) + ") AS q GROUP BY device, sensor, slice";
    }

    private static String raw(SeriesAsk ask, SeriesPlan plan, String source) {
        String points = "SELECT " + key(ask) + "ts, value, text FROM (" + source + ") AS r WHERE "
                + filter(ask, plan.readings());
        return "SELECT " + names(ask) + ", ts, value, text FROM (" + points + ") AS s ORDER BY " + key(ask) + "ts";
    }

    /// What tells the series apart, with a comma behind it. One series needs nothing for it: to group and sort by texts
    /// costs several times as much.
    private static String key(SeriesAsk ask) {
        return one(ask) ? "" : "device, sensor, ";
    }

    /// The first two columns of an answer.
    private static String names(SeriesAsk ask) {
        if (!one(ask)) {
            return "device, sensor";
        }
        SeriesAsk.Name only = ask.names().getFirst();
        return Quoting.literal(only.device()) + " AS device, " + Quoting.literal(only.sensor()) + " AS sensor";
    }

    private static boolean one(SeriesAsk ask) {
        return ask.names().stream().distinct().count() == 1;
    }

    /// Without names, time alone.
    private static String filter(SeriesAsk ask, List<SeriesPlan.Span> spans) {
        Map<String, List<String>> byDevice = ask.names().stream()
                .distinct()
                .collect(Collectors.groupingBy(
                        SeriesAsk.Name::device,
                        LinkedHashMap::new,
                        Collectors.mapping(name -> Quoting.literal(name.sensor()), Collectors.toList())));
        String devices = byDevice.keySet().stream().map(Quoting::literal).collect(Collectors.joining(", "));
        String pairs = byDevice.entrySet().stream()
                .map(entry -> "(device = " + Quoting.literal(entry.getKey()) + " AND sensor IN ("
                        + String.join(", ", entry.getValue()) + "))")
                .collect(Collectors.joining(" OR "));
        String time = within(spans.getFirst().from(), spans.getLast().to());
        if (spans.size() > 1) {
            time += spans.stream()
                    .map(span -> "(" + within(span.from(), span.to()) + ")")
                    .collect(Collectors.joining(" OR ", " AND (", ")"));
        }
        if (ask.names().isEmpty()) {
            return time;
        }
        return time + " AND device IN (" + devices + ") AND (" + pairs + ")";
    }

    private static String within(long from, long to) {
        return "ts >= make_timestamp(" + from + "::BIGINT) AND ts < make_timestamp(" + to + "::BIGINT)";
    }

    /// The slices of each series, with the columns of a roll-up.
    private static String slices(SeriesAsk ask, SeriesPlan plan, String source) {
        List<String> parts = new ArrayList<>();
        for (SeriesPlan.Part part : plan.rolled()) {
            parts.add("SELECT " + key(ask) + slice(plan) + " AS slice, " + SLOT_COLUMNS + " FROM "
                    + Feed.scan(part.paths()) + " AS p WHERE " + filter(ask, part.spans()));
        }
        if (!plan.readings().isEmpty()) {
            String number = " FILTER (WHERE value IS NOT NULL)";
            parts.add("SELECT " + key(ask) + slice(plan) + " AS slice, count(*) AS count, count(value) AS numbers,"
                    + " sum(value) AS sum, min(value) AS min, arg_min(ts, value) AS min_ts, max(value) AS max,"
                    + " arg_max(ts, value) AS max_ts, arg_min(value, ts)" + number + " AS first, min(ts)" + number
                    + " AS first_ts, arg_max(value, ts)" + number + " AS last, max(ts)" + number + " AS last_ts"
                    + " FROM (SELECT " + key(ask) + "ts, CASE WHEN NOT isnan(value) THEN value END AS value FROM ("
                    + source + ") AS r WHERE " + filter(ask, plan.readings()) + ") AS n"
                    + " GROUP BY " + key(ask) + "slice");
        }
        if (parts.isEmpty()) {
            // Only files of roll-ups, none of which has the devices.
            return "SELECT " + key(ask) + "0 AS slice, 0 AS count, 0 AS numbers, value AS sum,"
                    + " value AS min, ts AS min_ts, value AS max, ts AS max_ts,"
                    + " value AS first, ts AS first_ts, value AS last, ts AS last_ts"
                    + " FROM (" + source + ") AS r WHERE false";
        }
        return String.join(" UNION ALL ", parts);
    }

    private static String slice(SeriesPlan plan) {
        String since = "(epoch_us(ts) - " + plan.origin() + ")";
        long width = plan.width();
        return since + " - ((" + since + " % " + width + ") + " + width + ") % " + width + " + " + plan.origin();
    }

    /// First, least, greatest and last point of each slice; a point that is two of them comes once.
    private static String m4(SeriesAsk ask, String slices) {
        return "SELECT " + names(ask) + ", ts, value FROM (SELECT DISTINCT " + key(ask)
                + "p.ts AS ts, p.value AS value FROM (SELECT " + key(ask) + "unnest(["
                + "{'ts': min(first_ts), 'value': arg_min(first, first_ts)},"
                + " {'ts': arg_min(min_ts, min), 'value': min(min)},"
                + " {'ts': arg_max(max_ts, max), 'value': max(max)},"
                + " {'ts': max(last_ts), 'value': arg_max(last, last_ts)}]) AS p"
                + " FROM (" + slices + ") AS q WHERE numbers > 0 GROUP BY " + key(ask) + "slice"
                + ") AS s) AS t ORDER BY " + key(ask) + "ts, value";
    }

    private static String bucket(SeriesAsk ask, String slices) {
        String value = switch (ask.sampling()) {
            case "AVG" -> "sum(sum) / sum(numbers)";
            case "MIN" -> "min(min)";
            case "MAX" -> "max(max)";
            case "SUM" -> "sum(sum)";
            case "COUNT" -> "sum(count)::DOUBLE";
            case "FIRST" -> "arg_min(first, first_ts)";
            case "LAST" -> "arg_max(last, last_ts)";
            default -> throw new IllegalArgumentException("no sampling " + ask.sampling());
        };
        return "SELECT " + names(ask) + ", ts, value FROM (SELECT " + key(ask)
                + "make_timestamp(slice::BIGINT) AS ts, " + value + " AS value FROM (" + slices + ") AS q"
                + (ask.sampling().equals("COUNT") ? "" : " WHERE numbers > 0")
                + " GROUP BY " + key(ask) + "slice) AS b ORDER BY " + key(ask) + "ts";
    }
}
