package tributary.app.load;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Makes rows of a table's cells, by its header and a mapping.
final class Cells {
    private static final List<String> TIMES = List.of("ts", "time", "timestamp", "datetime", "date");
    private static final List<String> DEVICES = List.of("device", "device_id", "deviceid", "device_name", "devicename");
    private static final Pattern NUMBER = Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?");
    private static final Pattern WHOLE = Pattern.compile("-?(0|[1-9]\\d{0,17})");
    private static final Set<String> NO_VALUE = Set.of("", "null", "nan", "na", "n/a", "none");

    private final Mapping mapping;
    private final int device;
    private final int time;
    private final int sensor;
    private final int value;

    /// Sensors by column, in the order of the columns.
    private final Map<Integer, String> sensors = new LinkedHashMap<>();

    /// @throws IllegalArgumentException where the header lacks what the mapping names
    Cells(List<String> header, Mapping mapping) {
        this.mapping = mapping;
        this.time = column(header, mapping.timeColumn(), TIMES, "--time-column");
        this.device = mapping.device() != null
                ? -1
                : column(header, mapping.deviceColumn(), DEVICES, "--device NAME, or --device-column");
        this.sensor = mapping.sensorColumn() == null ? -1 : named(header, mapping.sensorColumn());
        this.value = mapping.valueColumn() == null ? -1 : named(header, mapping.valueColumn());
        if (sensor < 0) {
            mapping.columns().forEach((column, as) -> sensors.put(named(header, column), as));
            for (int i = 0; mapping.columns().isEmpty() && i < header.size(); i++) {
                if (i != time && i != device && !header.get(i).isEmpty()) {
                    sensors.put(i, header.get(i));
                }
            }
            if (sensors.isEmpty()) {
                throw new IllegalArgumentException("the file has no column that could be a sensor");
            }
            if (sensors.containsValue("ts")) {
                throw new IllegalArgumentException("the column 'ts' would be a sensor; say which are: --columns");
            }
        }
    }

    private static int named(List<String> header, String name) {
        int at = header.indexOf(name);
        if (at < 0) {
            throw new IllegalArgumentException(
                    "there is no column '" + name + "'; there are: " + String.join(", ", header));
        }
        return at;
    }

    private static int column(List<String> header, @Nullable String name, List<String> usual, String option) {
        if (name != null) {
            return named(header, name);
        }
        List<Integer> found = new ArrayList<>();
        for (int i = 0; i < header.size(); i++) {
            if (usual.contains(header.get(i).toLowerCase(Locale.ROOT))) {
                found.add(i);
            }
        }
        if (found.size() != 1) {
            throw new IllegalArgumentException(
                    "say with " + option + " what the columns mean; there are: " + String.join(", ", header));
        }
        return found.getFirst();
    }

    /// @param cells null where there is nothing
    Item item(long number, List<? extends @Nullable Object> cells) {
        String of = mapping.device() != null
                ? mapping.device()
                : text(cells, device).strip();
        try {
            if (of.isEmpty()) {
                return new Item.Refused(number, "", "the device is missing");
            }
            Object at = time < cells.size() ? cells.get(time) : null;
            if (at == null || at.toString().isBlank()) {
                return new Item.Refused(number, of, "the time is missing");
            }
            long micros = at instanceof Instant known
                    ? ChronoUnit.MICROS.between(Instant.EPOCH, known)
                    : mapping.times().micros(at.toString());
            Map<String, Object> values = values(cells);
            return values.isEmpty() ? new Item.Nothing(number) : new Item.Row(number, of, micros, values);
        } catch (IllegalArgumentException e) {
            return new Item.Refused(number, of, String.valueOf(e.getMessage()));
        }
    }

    private Map<String, Object> values(List<? extends @Nullable Object> cells) {
        Map<String, Object> values = new HashMap<>();
        if (sensor >= 0) {
            String name = text(cells, sensor).strip();
            if (name.isEmpty() || name.equals("ts")) {
                throw new IllegalArgumentException("the sensor is missing, or named 'ts'");
            }
            put(values, name, value < cells.size() ? cells.get(value) : null);
        } else {
            sensors.forEach((column, name) -> put(values, name, column < cells.size() ? cells.get(column) : null));
        }
        return values;
    }

    private void put(Map<String, Object> values, String name, @Nullable Object cell) {
        Object value = cell instanceof String text && !mapping.asText().contains(name) ? value(text) : cell;
        if (value instanceof Double number && !Double.isFinite(number)) {
            return;
        }
        if (value != null && !value.equals("")) {
            values.put(name, mapping.asText().contains(name) ? value.toString() : value);
        }
    }

    private static String text(List<? extends @Nullable Object> cells, int column) {
        Object cell = column >= 0 && column < cells.size() ? cells.get(column) : null;
        return cell == null ? "" : cell.toString();
    }

    /// @return a number, a boolean, the text, or null where the text says that there is no value
    static @Nullable Object value(String text) {
        String word = text.strip();
        if (NO_VALUE.contains(word.toLowerCase(Locale.ROOT))) {
            return null;
        }
        if (word.equalsIgnoreCase("true") || word.equalsIgnoreCase("false")) {
            return Boolean.valueOf(word);
        }
        if (WHOLE.matcher(word).matches()) {
            return Long.valueOf(word);
        }
        if (NUMBER.matcher(word).matches()) {
            double number = Double.parseDouble(word);
            return Double.isFinite(number) ? (Object) number : text;
        }
        return text;
    }
}
