package tributary.broker;

import java.util.Objects;
import tributary.model.MessageProperties;
import tributary.registry.Principal;

/// What is published for a client that goes without saying goodbye.
///
/// @param author       whose will it is; its rights are looked at when the will is published
/// @param clientId     the publisher of the message
/// @param topic        as the client wrote it
/// @param payload      owned
/// @param delaySeconds how long the client has to come back before it is published
/// @param number       of the connection, which names this will among those of its session
public record Will(
        Principal author,
        String clientId,
        String topic,
        byte[] payload,
        int qos,
        boolean retain,
        MessageProperties properties,
        long delaySeconds,
        int number) {
    public Will {
        Objects.requireNonNull(author, "author");
        Objects.requireNonNull(clientId, "clientId");
        Objects.requireNonNull(topic, "topic");
        Objects.requireNonNull(payload, "payload");
        Objects.requireNonNull(properties, "properties");
    }

    /// @return the same as the will of another connection
    Will of(int connection) {
        return new Will(author, clientId, topic, payload, qos, retain, properties, delaySeconds, connection);
    }
}
