package tributary.app.server;

/// Mistakes that are put into the way from the outbox to a receiver, to see whether they are found.
public enum SinkBug {
    NONE,
    /// A page that is full forgets its last parcel.
    READER_SKIPS,
    /// The outbox lets go of what was not delivered.
    RELEASED_TOO_EARLY,
    /// A receiver that is away is taken for one that has them.
    AWAY_IS_DONE,
    /// The position is noted before the delivery.
    NOTED_TOO_EARLY,
    /// Parcels of a page come in another order.
    ORDER_LOST,
    /// A reader that is opened again goes back.
    READER_GOES_BACK,
    /// Of what waits in files the first is not read.
    FILES_NOT_READ
}
