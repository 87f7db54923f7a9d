package tributary.gateway.mqtt;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tributary.broker.Attachment;
import tributary.broker.Attachment.Known;
import tributary.broker.Outgoing;
import tributary.gateway.mqtt.Packet.Acknowledgement;
import tributary.gateway.mqtt.Packet.Acknowledgement.Kind;
import tributary.gateway.mqtt.PacketWriter.Outcome;
import tributary.gateway.mqtt.PublishForm.Layout;
import tributary.model.Message;

/// What a client hears: as much as it reads and acknowledges, taken from its session one packet at a time. What it
/// does not take yet waits there.
final class Outbound {
    private static final int[] NO_IDENTIFIERS = {};

    /// Aliases that the server gives to topics of one client at most, however many it takes.
    private static final int ALIASES_MAX = 16;

    private final Peer peer;
    private final MqttConnection connection;
    private final Attachment attachment;
    private final int aliasMax;
    private @Nullable Map<String, Integer> aliases;

    /// @param aliasMax topic aliases that the client takes
    Outbound(Peer peer, Attachment attachment, int aliasMax) {
        this.peer = peer;
        this.connection = peer.connection();
        this.attachment = attachment;
        this.aliasMax = Math.min(aliasMax, ALIASES_MAX);
    }

    /// Writes what there is, as far as the client reads.
    void pump() {
        while (!peer.ended() && connection.writable()) {
            switch (attachment.poll()) {
                case null -> {
                    return;
                }
                case Outgoing.Publish publish -> write(publish);
                case Outgoing.Release release ->
                    PacketWriter.acknowledge(connection.out(), Kind.PUBREL, release.packetId(), Outcome.SUCCESS);
            }
        }
    }

    private void write(Outgoing.Publish publish) {
        Message message = publish.delivery().message();
        long elapsedSeconds = 0;
        if (message.properties().expirySeconds() >= 0) {
            elapsedSeconds = attachment.ageMicros(message) / 1_000_000;
        }
        int[] identifiers = peer.five() ? publish.identifiers() : NO_IDENTIFIERS;
        Layout layout = new Layout(
                peer.version(),
                publish.qos(),
                publish.retain(),
                publish.duplicate(),
                publish.packetId(),
                identifiers,
                alias(message.topic().value()));
        boolean written = PublishForm.of(publish.delivery())
                .write(connection.out(), layout, elapsedSeconds, peer.packetBytesMax());
        if (written) {
            connection.loop().tally().delivered.increment();
            return;
        }
        // 5.0, 3.1.2-25: as if it had been sent and acknowledged.
        connection.loop().tally().droppedTooLarge.increment();
        if (publish.qos() == 1) {
            attachment.acknowledged(publish.packetId());
        } else if (publish.qos() == 2) {
            attachment.received(publish.packetId(), true);
        }
    }

    /// @return the topic's alias: positive where the client knows it, negative where it is to be told, 0 for none
    private int alias(String topic) {
        if (aliasMax == 0) {
            return 0;
        }
        Map<String, Integer> known = aliases;
        if (known == null) {
            known = new HashMap<>();
            aliases = known;
        }
        Integer alias = known.get(topic);
        if (alias != null) {
            return alias;
        }
        if (known.size() == aliasMax) {
            return 0;
        }
        known.put(topic, known.size() + 1);
        return -known.size();
    }

    /// The client answers one of our publishes of QoS 1 or 2.
    void acknowledged(Acknowledgement acknowledgement) throws MqttFault {
        int packetId = acknowledgement.packetId();
        boolean refused = acknowledgement.reasonCode() >= ReasonCode.UNSPECIFIED_ERROR.code();
        boolean expected = switch (acknowledgement.kind()) {
            case PUBACK -> attachment.acknowledged(packetId);
            case PUBREC -> received(packetId, refused);
            case PUBCOMP -> attachment.completed(packetId);
            case PUBREL -> throw new IllegalStateException("PUBREL belongs to what the client publishes");
        };
        if (!expected) {
            throw MqttFault.protocol(
                    "packet identifier " + packetId + " waits for another answer than " + acknowledgement.kind());
        }
        pump();
    }

    private boolean received(int packetId, boolean refused) {
        Known known = attachment.received(packetId, refused);
        if (known == Known.NO && !refused) {
            Outcome outcome = peer.five()
                    ? new Outcome(
                            ReasonCode.PACKET_IDENTIFIER_NOT_FOUND,
                            peer.explanation("no message of packet identifier " + packetId + " is under way to you"))
                    : Outcome.SUCCESS;
            PacketWriter.acknowledge(connection.out(), Kind.PUBREL, packetId, outcome);
        }
        return known != Known.OTHERWISE;
    }
}
