package tributary.simulator;

import java.util.Objects;

/// One message of a virtual device.
///
/// @param connection      who sends it: the device itself, or the gateway that carries it
/// @param device          whose values it holds
/// @param topic           as MQTT has it
/// @param timestampMillis when the values were measured, epoch milliseconds; the payload says the same
/// @param payload         JSON; the caller's own
public record SimulatedMessage(String connection, String device, String topic, long timestampMillis, byte[] payload) {
    public SimulatedMessage {
        Objects.requireNonNull(connection, "connection");
        Objects.requireNonNull(device, "device");
        Objects.requireNonNull(topic, "topic");
        Objects.requireNonNull(payload, "payload");
    }
}
