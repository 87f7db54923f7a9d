package tributary.broker;

/// The answer to an [Arrival].
public sealed interface Welcome {
    /// @param attachment    the connection's hold on the session
    /// @param present       whether the session is one that the client had before
    /// @param expirySeconds how long it outlives the connection: what was asked for, or the limit
    record Attached(Attachment attachment, boolean present, long expirySeconds) implements Welcome {}

    /// Another subject of the tenant has the client id.
    record Occupied() implements Welcome {}

    /// The session cannot be kept now.
    ///
    /// @param busy   whether trying again later makes sense
    /// @param detail why, and what to do
    record Unavailable(boolean busy, String detail) implements Welcome {}
}
