package tributary.query.worker;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tributary.query.wire.SeriesAsk;

/// Writes the statement for a read of series.
///
/// Buckets are computed on whole microseconds since 1970 UTC and not with `date_trunc`, which goes through time zone
/// rules and costs four times as much.
final class SeriesSql {
    private SeriesSql() {}

    /// @param source a relation with device, sensor, ts, value and text
    static String of(SeriesAsk ask, String source) {
        String rows = "SELECT device, sensor, ts, value, text FROM (" + source + ") AS r WHERE " + filter(ask);
        return switch (ask.sampling()) {
            case SeriesAsk.RAW -> rows + " ORDER BY device, sensor, ts";
            case SeriesAsk.M4 -> m4(ask, rows);
            default -> bucket(ask, rows);
        };
    }

    private static String filter(SeriesAsk ask) {
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
        return "ts >= make_timestamp(" + ask.fromMicros() + "::BIGINT) AND ts < make_timestamp(" + ask.toMicros()
                + "::BIGINT) AND device IN (" + devices + ") AND (" + pairs + ")";
    }

    /// First, least, greatest and last point of each slice; a point that is two of them comes once.
    private static String m4(SeriesAsk ask, String rows) {
        long span = ask.toMicros() - ask.fromMicros();
        long width = Math.max(1, Math.ceilDiv(span, ask.amount()));
        return "SELECT DISTINCT device, sensor, p.ts AS ts, p.value AS value FROM (SELECT device, sensor, unnest(["
                + "{'ts': min(ts), 'value': arg_min(value, ts)}, {'ts': arg_min(ts, value), 'value': min(value)}, "
                + "{'ts': arg_max(ts, value), 'value': max(value)}, {'ts': max(ts), 'value': arg_max(value, ts)}]) AS p"
                + " FROM (" + rows + ") AS q WHERE value IS NOT NULL AND NOT isnan(value)"
                + " GROUP BY device, sensor, (epoch_us(ts) - " + ask.fromMicros() + ") // " + width
                + ") AS s ORDER BY device, sensor, ts, value";
    }

    private static String bucket(SeriesAsk ask, String rows) {
        String value = switch (ask.sampling()) {
            case "AVG" -> "avg(value)";
            case "MIN" -> "min(value)";
            case "MAX" -> "max(value)";
            case "SUM" -> "sum(value)";
            case "COUNT" -> "count(*)::DOUBLE";
            case "FIRST" -> "arg_min(value, ts)";
            case "LAST" -> "arg_max(value, ts)";
            default -> throw new IllegalArgumentException("no sampling " + ask.sampling());
        };
        long width = ask.amount();
        String start = "epoch_us(ts) - ((epoch_us(ts) % " + width + ") + " + width + ") % " + width;
        return "SELECT device, sensor, make_timestamp(slot) AS ts, " + value + " AS value FROM (SELECT *, " + start
                + " AS slot FROM (" + rows + ") AS q"
                + (ask.sampling().equals("COUNT") ? "" : " WHERE value IS NOT NULL")
                + ") AS s GROUP BY device, sensor, slot ORDER BY device, sensor, ts";
    }
}
