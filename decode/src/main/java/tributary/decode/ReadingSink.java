package tributary.decode;

/// Where decoded readings go, one call a reading, in the order of the payload.
///
/// All readings of one message belong to the message's device. The same payload always gives the same calls, so a
/// door can tell its client per reading what the lake will store.
public interface ReadingSink {
    /// @param sensor   path of the sensor, `door.open`, `gyro[0]`; the decoder shares one String per distinct path
    /// @param tsMicros when it was measured, microseconds since 1970 UTC
    void number(String sensor, long tsMicros, double value);

    /// A whole number of at most 64 bits that a double does not hold.
    ///
    /// @param value  the double that is nearest to it
    /// @param digits all of them, with `-` in front where it is negative
    default void whole(String sensor, long tsMicros, double value, String digits) {
        number(sensor, tsMicros, value);
    }

    /// A text value.
    void text(String sensor, long tsMicros, String value);

    /// A boolean value.
    void bool(String sensor, long tsMicros, boolean value);

    /// A part of the payload that cannot be a reading.
    ///
    /// @param index  which element of a batch, which line, counted from 0; 0 for a payload that is one element
    /// @param reason what is wrong and what would be right, one sentence for people
    void rejected(int index, String reason);
}
