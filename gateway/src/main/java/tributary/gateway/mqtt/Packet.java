package tributary.gateway.mqtt;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tributary.broker.Attachment.ShowRetained;

/// A packet that a client sent, checked against its own rules; those between packets are the connection's to check.
sealed interface Packet {
    /// @param version   protocol level: 4 is 3.1.1, 5 is 5.0
    /// @param bridge    whether another broker is there, which shows it by a bit of the level
    /// @param userName  or null where not given
    /// @param password  or null where not given
    record Connect(
            int version,
            boolean bridge,
            boolean cleanStart,
            int keepAliveSeconds,
            String clientId,
            @Nullable Will will,
            @Nullable String userName,
            @Nullable String password,
            Properties properties)
            implements Packet {
        /// Leaves the password out.
        @Override
        public String toString() {
            return "Connect[version %d, client id %s]".formatted(version, clientId);
        }
    }

    /// What the server publishes for a client that goes without saying goodbye.
    record Will(String topic, byte[] payload, int qos, boolean retain, Properties properties) {}

    /// @param topic    or null where an alias stands for it
    /// @param packetId 0 at QoS 0
    record Publish(
            @Nullable TopicName topic,
            int qos,
            boolean duplicate,
            boolean retain,
            int packetId,
            byte[] payload,
            Properties properties)
            implements Packet {}

    /// One of the four acknowledgements.
    ///
    /// @param reasonCode 0 where not given
    record Acknowledgement(Kind kind, int packetId, int reasonCode) implements Packet {
        enum Kind {
            PUBACK,
            PUBREC,
            PUBREL,
            PUBCOMP
        }
    }

    record Subscribe(int packetId, List<Request> requests, Properties properties) implements Packet {
        /// @param filter       as the client wrote it
        /// @param showRetained whether retained messages are wanted
        record Request(String filter, int qos, boolean noLocal, boolean retainAsPublished, ShowRetained showRetained) {}
    }

    record Unsubscribe(int packetId, List<String> filters) implements Packet {}

    record Ping() implements Packet {}

    /// @param reasonCode 0 where not given
    record Disconnect(int reasonCode, Properties properties) implements Packet {}

    record Auth() implements Packet {}
}
