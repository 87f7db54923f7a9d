package tributary.app.cli;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// Finds in an answer what a chart can show: the first time (or else the first number) along, every other number up, a
/// line for each value of the first text.
final class ChartRows {
    private static final Set<String> NUMBERS =
            Set.of("DOUBLE", "FLOAT", "BIGINT", "INTEGER", "SMALLINT", "TINYINT", "HUGEINT", "UBIGINT", "UINTEGER");
    private static final int LINES_MAX = 6;

    private ChartRows() {}

    /// @param answer `columns` and `rows` as `/api/v1/sql` gives them
    /// @throws CommandFailure where nothing in it can be drawn
    static List<Chart.Line> lines(JsonNode answer) {
        List<String> names = new ArrayList<>();
        int along = -1;
        int text = -1;
        List<Integer> up = new ArrayList<>();
        for (JsonNode column : answer.path("columns")) {
            String type = column.path("type").asString("");
            int at = names.size();
            names.add(column.path("name").asString(""));
            if (along < 0 && (type.startsWith("TIMESTAMP") || type.equals("DATE"))) {
                along = at;
            } else if (NUMBERS.contains(type) || type.startsWith("DECIMAL")) {
                up.add(at);
            } else if (text < 0 && (type.equals("VARCHAR") || type.equals("ENUM"))) {
                text = at;
            }
        }
        boolean time = along >= 0;
        if (!time && up.size() > 1) {
            along = up.removeFirst();
        }
        if (along < 0 || up.isEmpty()) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "a chart needs a time and a number, or two numbers; this answer has " + String.join(", ", names),
                    "tributary sql --chart \"SELECT ts, value FROM readings WHERE sensor = '...' ORDER BY ts\"");
        }
        Map<String, List<JsonNode>> groups = new LinkedHashMap<>();
        for (JsonNode row : answer.path("rows")) {
            groups.computeIfAbsent(text < 0 ? "" : row.path(text).asString("(null)"), _ -> new ArrayList<>())
                    .add(row);
        }
        List<Chart.Line> lines = new ArrayList<>();
        for (Map.Entry<String, List<JsonNode>> group : groups.entrySet()) {
            for (int column : up) {
                String name = group.getKey().isEmpty() ? names.get(column) : group.getKey() + ": " + names.get(column);
                lines.add(line(name, group.getValue(), new Places(along, column, time)));
            }
        }
        return lines.size() > LINES_MAX ? lines.subList(0, LINES_MAX) : lines;
    }

    private record Places(int along, int up, boolean time) {}

    private record Point(double x, double y, String label) {}

    private static Chart.Line line(String name, List<JsonNode> rows, Places places) {
        List<Point> points = new ArrayList<>();
        for (JsonNode row : rows) {
            JsonNode along = row.path(places.along);
            JsonNode up = row.path(places.up);
            double x = places.time ? seconds(along.asString("")) : along.asDouble(Double.NaN);
            if (Double.isFinite(x)) {
                points.add(new Point(x, up.isNumber() ? up.doubleValue() : Double.NaN, label(along, places.time)));
            }
        }
        points.sort((a, b) -> Double.compare(a.x, b.x));
        double[] x = points.stream().mapToDouble(Point::x).toArray();
        double[] y = points.stream().mapToDouble(Point::y).toArray();
        String first = points.isEmpty() ? "" : points.getFirst().label;
        String last = points.isEmpty() ? "" : points.getLast().label;
        return new Chart.Line(name, x, y, first, last);
    }

    private static String label(JsonNode along, boolean time) {
        return time ? along.asString("").replaceAll("\\.\\d+Z$", "Z") : Chart.number(along.asDouble(0));
    }

    private static double seconds(String text) {
        try {
            Instant at = Instant.parse(text.contains("T") ? text : text + "T00:00:00Z");
            return at.getEpochSecond() + at.getNano() / 1e9;
        } catch (DateTimeParseException e) {
            return Double.NaN;
        }
    }
}
