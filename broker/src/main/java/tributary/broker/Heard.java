package tributary.broker;

import org.jspecify.annotations.Nullable;
import tributary.model.DeviceId;

/// What became of one message for one session that listens to its topic.
///
/// @param device    that the session is of, or null
/// @param connected whether its client is there now
public record Heard(String clientId, @Nullable DeviceId device, boolean connected, State state) {
    /// How far it came.
    public enum State {
        /// It waits for the client.
        WAITING,
        /// It was sent, and the client has not acknowledged it.
        UNDER_WAY,
        /// It was sent at QoS 0, which nobody acknowledges.
        SENT,
        /// The client acknowledged it.
        ACKNOWLEDGED
    }
}
