package tributary.sinks.folder;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tributary.sinks.Parcel;
import tributary.sinks.ParcelText;

/// Parcels as lines, and the folders that they belong into.
final class Lines {
    private static final Pattern NUMBER = Pattern.compile("-?\\d+(\\.\\d+)?([eE][+-]?\\d+)?");

    private Lines() {}

    /// @return a line with its end
    static String of(Parcel parcel, FolderType.Shape shape) {
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
        };
    }

    /// @return the first line of a file, or ""
    static String header(FolderType.Shape shape) {
        return switch (shape.format()) {
            case JSON_LINES -> "";
            case CSV ->
                shape.columns().stream().map(column -> cell(column.name())).collect(Collectors.joining(",")) + "\r\n";
        };
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
    static String prefix(Parcel parcel, FolderType.Prefix prefix) {
        ZonedDateTime at = Instant.ofEpochMilli(parcel.atMillis()).atZone(ZoneOffset.UTC);
        return prefix.pattern.formatted(at.getYear(), at.getMonthValue(), at.getDayOfMonth(), at.getHour());
    }
}
