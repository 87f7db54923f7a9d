package tributary.sinks;

/// The outbox that all sinks share. What is in it is kept until it is released, and it has an end of its room.
public interface SharedParcels extends Parcels {
    /// @return where the oldest is that was not released
    long start();

    /// Reads parcels of all sinks, without waiting.
    ///
    /// @return the next ones, some thousands at most; where there are none its next is `from`
    Page all(long from);

    /// @return whether what was not released takes so much room that rules could soon have none
    boolean crowded();

    /// @return whether there is hardly any room left
    boolean full();

    /// Says that nobody needs those before this position any more.
    void release(long before);
}
