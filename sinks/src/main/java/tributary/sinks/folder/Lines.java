package tributary.sinks.folder;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tributary.sinks.Parcel;
import tributary.sinks.ParcelText;
import tributary.sinks.Raw;

/// Parcels as lines, and the folders that they belong into.
final class Lines {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Pattern NUMBER = Pattern.compile("-?\\d+(\\.\\d+)?([eE][+-]?\\d+)?");

    private Lines() {}

    /// @return a line with its end
    static String of(Parcel parcel, Shape shape) throws ColumnType.Misfit {
        return switch (shape.format()) {
            case JSON_LINES ->
                switch (shape.body()) {
                    case PAYLOAD -> oneLine(parcel) + "\n";
                    case ENVELOPE -> ParcelText.text(parcel) + "\n";
                };
            case CSV ->
                shape.columns().stream()
                                .map(column -> cell(column.value().show(parcel)))
                                .collect(Collectors.joining(","))
                        + "\r\n";
            case PARQUET -> row(parcel, shape) + "\n";
        };
    }

    /// @return the message as a line with its end
    static String of(Raw raw) {
        ObjectNode node = JSON.createObjectNode();
        raw.describe(node);
        return node + "\n";
    }

    /// @return a row as [ParquetFile] reads it
    private static String row(Parcel parcel, Shape shape) throws ColumnType.Misfit {
        ObjectNode row = JSON.createObjectNode();
        for (int i = 0; i < shape.columns().size(); i++) {
            Shape.Column column = shape.columns().get(i);
            Optional<String> value = column.value().fill(parcel, UnaryOperator.identity());
            if (value.isPresent()) {
                column.type().put(row, ParquetFile.key(i), value.get(), column.name());
            }
        }
        return row.toString();
    }

    /// @return the first line of CSV
    static String header(Shape shape) {
        return shape.columns().stream().map(column -> cell(column.name())).collect(Collectors.joining(",")) + "\r\n";
    }

    private static String oneLine(Parcel parcel) {
        String payload = parcel.payload();
        return payload.indexOf('\n') < 0 && payload.indexOf('\r') < 0
                ? payload
                : ParcelText.node(parcel).path("payload").toString();
    }

    /// Quoted where it has to be; what a spreadsheet would run gets a `'` before it.
    private static String cell(String value) {
        String safe = value;
        if (!value.isEmpty()
                && "=+-@\t\r".indexOf(value.charAt(0)) >= 0
                && !NUMBER.matcher(value).matches()) {
            safe = "'" + value;
        }
        boolean quoted = safe.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
        return quoted ? "\"" + safe.replace("\"", "\"\"") + "\"" : safe;
    }

    /// @return `2026/11/27/19`, or "" where all files are in one folder
    static String prefix(Parcel parcel, Shape.Prefix prefix) {
        ZonedDateTime at = Instant.ofEpochMilli(parcel.atMillis()).atZone(ZoneOffset.UTC);
        return prefix.pattern.formatted(at.getYear(), at.getMonthValue(), at.getDayOfMonth(), at.getHour());
    }
}
