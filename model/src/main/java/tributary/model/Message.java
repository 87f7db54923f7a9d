package tributary.model;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One message as it goes down the river: accepted by a door, appended to the log, read from it ever after.
///
/// The payload is owned by the message from the moment it is made: nobody writes to the array again. That one copy,
/// made by the door, is what the rest of the way relies on.
///
/// @param tenant         whose it is; taken from the credential, never from anything the client wrote
/// @param device         the device that it is a message of, or null where an application published it
/// @param topic          where it was published, `me` and the one-letter topic already resolved
/// @param payload        the bytes as they came, decompressed
/// @param receivedMicros when the door accepted it, microseconds since 1970 UTC
/// @param origin         the door it came through
/// @param publisher      who published it: MQTT client id, or the credential's subject; "" for the platform itself
/// @param qos            the quality of service it was published with, 0 to 2
/// @param retain         whether the publisher asked to keep it as the topic's last known message
/// @param properties     what else the publisher said about it
/// @param publishId      names this publish among those of its publisher's session, so that after a crash it is known
///                       which ones were taken: for one of QoS 2 [#EXACTLY_ONCE] plus the session's number and the
///                       packet identifier, for a will [#WILL] plus the number of the connection, else 0
public record Message(
        TenantId tenant,
        @Nullable DeviceId device,
        Topic topic,
        byte[] payload,
        long receivedMicros,
        Origin origin,
        String publisher,
        int qos,
        boolean retain,
        MessageProperties properties,
        int publishId) {
    /// Where the numbers of wills begin: above all packet identifiers.
    public static final int WILL = 1 << 16;

    /// Where the names of QoS 2 publishes begin: above all numbers of wills.
    public static final int EXACTLY_ONCE = 1 << 29;

    /// The door that a message came through; its ordinal is written to disk, so new ones go at the end.
    public enum Origin {
        MQTT,
        HTTP,
        WEBSOCKET,
        PLATFORM
    }

    public Message {
        Objects.requireNonNull(tenant, "tenant");
        Objects.requireNonNull(topic, "topic");
        Objects.requireNonNull(payload, "payload");
        Objects.requireNonNull(origin, "origin");
        Objects.requireNonNull(publisher, "publisher");
        Objects.requireNonNull(properties, "properties");
        if (qos < 0 || qos > 2) {
            throw new IllegalArgumentException("qos is 0, 1 or 2, was " + qos);
        }
        if (publishId < 0) {
            throw new IllegalArgumentException("a publish id is 0 or more, was " + publishId);
        }
    }

    /// One without a publish id, as most are.
    public Message(
            TenantId tenant,
            @Nullable DeviceId device,
            Topic topic,
            byte[] payload,
            long receivedMicros,
            Origin origin,
            String publisher,
            int qos,
            boolean retain,
            MessageProperties properties) {
        this(tenant, device, topic, payload, receivedMicros, origin, publisher, qos, retain, properties, 0);
    }

    /// @return the same under a publish id
    public Message as(int id) {
        return new Message(
                tenant, device, topic, payload, receivedMicros, origin, publisher, qos, retain, properties, id);
    }

    /// Equal content, payload bytes included.
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Message m
                && tenant.equals(m.tenant)
                && Objects.equals(device, m.device)
                && topic.equals(m.topic)
                && Arrays.equals(payload, m.payload)
                && receivedMicros == m.receivedMicros
                && origin == m.origin
                && publisher.equals(m.publisher)
                && qos == m.qos
                && retain == m.retain
                && properties.equals(m.properties)
                && publishId == m.publishId;
    }

    @Override
    public int hashCode() {
        return Objects.hash(tenant, device, topic, Arrays.hashCode(payload), receivedMicros);
    }

    /// Names the message without its payload, fit for a log line.
    @Override
    public String toString() {
        return "Message[%s %s %s, %d bytes, %s]".formatted(tenant, device, topic, payload.length, origin);
    }
}
