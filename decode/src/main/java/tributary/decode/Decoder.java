package tributary.decode;

import tributary.model.Message;

/// Turns a message's payload into readings, by topic and content type as the contract with devices says.
///
/// Not thread-safe: every thread has its own, because a decoder remembers the sensor names that it has seen.
public interface Decoder {
    /// Decodes one message.
    ///
    /// A topic that is not telemetry gives no call at all. A payload that is wholly unreadable gives one
    /// [ReadingSink#rejected]; one whose parts are partly readable gives both. Never throws for bad input.
    ///
    /// @param message the message; its `receivedMicros` is the time of readings that carry none
    /// @param sink    hears each reading before this method returns
    void decode(Message message, ReadingSink sink);
}
