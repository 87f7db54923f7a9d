package tributary.query.wire;

import java.util.List;

/// The view of one device type: a row for each device and time, a column for each sensor.
///
/// @param name    what statements call it
/// @param types   the types of devices that it shows, as the registry has them
/// @param columns its sensors, those that were seen first in front
/// @param devices the ids of its devices, or empty where they are too many to be listed
public record TypeView(String name, List<String> types, List<Column> columns, List<String> devices) {
    /// The columns that every view begins with.
    public static final List<String> KEYS = List.of("device", "ts");

    public TypeView {
        types = List.copyOf(types);
        columns = List.copyOf(columns);
        devices = List.copyOf(devices);
    }

    /// @param name   what statements call it
    /// @param sensor the path of the sensor
    public record Column(String name, String sensor, Shape shape) {}

    /// What the cells of a column are; it follows the sensor's first value and does not change any more.
    public enum Shape {
        NUMBER("DOUBLE"),
        TEXT("VARCHAR"),
        BOOLEAN("BOOLEAN");

        private final String sql;

        Shape(String sql) {
            this.sql = sql;
        }

        /// @return the SQL name of the type
        public String sql() {
            return sql;
        }
    }
}
