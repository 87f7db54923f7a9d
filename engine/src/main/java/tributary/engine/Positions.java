package tributary.engine;

/// Positions of parcels: the record of the outbox that they are in, then their number within it.
final class Positions {
    /// Bits of the number within a record: a record of [StepRecord#BYTES_MAX] has far fewer parcels.
    static final int SHIFT = 20;

    private Positions() {}

    /// @return the record that a parcel is in
    static long record(long position) {
        return position >>> SHIFT;
    }

    /// @return the position of the first parcel of a record
    static long first(long record) {
        return record << SHIFT;
    }
}
