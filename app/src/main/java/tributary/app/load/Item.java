package tributary.app.load;

import java.util.Map;

/// One piece of a file: what becomes readings, or why it cannot.
sealed interface Item {
    /// @return which piece of the file it is, counted from 1
    long number();

    /// Values of a device at one time.
    ///
    /// @param micros since 1970
    /// @param values by sensor: numbers, booleans and texts
    record Row(long number, String device, long micros, Map<String, Object> values) implements Item {
        public Row {
            values = Map.copyOf(values);
        }
    }

    /// A line of line protocol.
    record Line(long number, String device, String text) implements Item {}

    /// Something that never becomes a reading.
    record Refused(long number, String device, String reason) implements Item {}

    /// Something that says nothing, such as a row without values.
    record Nothing(long number) implements Item {}
}
