package tributary.app.load;

import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What the columns of a file mean.
///
/// @param device       whose readings all are, or null where a column says it
/// @param deviceColumn column with the device, or null
/// @param timeColumn   column with the time, or null for the first of the usual names
/// @param sensorColumn in long files the column with the sensor, or null
/// @param valueColumn  in long files the column with the value, or null
/// @param columns      in wide files the columns that are sensors, with the sensor's name; empty for all others
/// @param asText       sensors whose values stay text
/// @param times        how times are written
public record Mapping(
        @Nullable String device,
        @Nullable String deviceColumn,
        @Nullable String timeColumn,
        @Nullable String sensorColumn,
        @Nullable String valueColumn,
        Map<String, String> columns,
        Set<String> asText,
        Times times) {
    public Mapping {
        columns = Map.copyOf(columns);
        asText = Set.copyOf(asText);
        Objects.requireNonNull(times, "times");
        if ((sensorColumn == null) != (valueColumn == null)) {
            throw new IllegalArgumentException("--sensor-column and --value-column go together");
        }
        if (sensorColumn != null && !columns.isEmpty()) {
            throw new IllegalArgumentException("--columns is for files with a column for each sensor");
        }
        if (device != null && deviceColumn != null) {
            throw new IllegalArgumentException("either --device or --device-column");
        }
        if (columns.containsValue("ts")) {
            throw new IllegalArgumentException("no sensor can be named 'ts'; give it another name: --columns ts=other");
        }
    }
}
