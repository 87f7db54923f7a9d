package tributary.gateway.mqtt;

import java.util.ArrayDeque;
import java.util.Queue;
import tributary.broker.Delivery;
import tributary.broker.Target;
import tributary.gateway.mqtt.Packet.Acknowledgement;
import tributary.gateway.mqtt.Packet.Acknowledgement.Kind;
import tributary.gateway.mqtt.PacketWriter.Outcome;
import tributary.gateway.mqtt.PublishForm.Layout;

/// What a client hears: written at once while it reads and has room in its window, else queued within a bound of bytes.
/// Beyond the bound QoS 0 is dropped and counted; QoS 1 and 2 may not be dropped in silence, so the client is
/// disconnected and told.
final class Outbound {
    private static final int[] NO_IDENTIFIERS = {};

    /// What a queued delivery weighs beside its payload.
    private static final int OVERHEAD_BYTES = 64;

    private final Peer peer;
    private final MqttConnection connection;
    private final SendWindow window;
    private final long waitingBytesMax;
    private final Queue<Waiting> waiting = new ArrayDeque<>(0);
    private long waitingBytes;

    private record Waiting(Delivery delivery, Target target, int qos, long bytes) {}

    Outbound(Peer peer) {
        this.peer = peer;
        this.connection = peer.connection();
        this.window = new SendWindow(peer.receiveMax());
        this.waitingBytesMax = connection.loop().services().settings().outboundBytesMax();
    }

    void deliver(Delivery delivery, Target target) {
        if (peer.ended()) {
            return;
        }
        int qos = Math.min(target.qos(), delivery.message().qos());
        if (waiting.isEmpty() && connection.writable() && (qos == 0 || window.open())) {
            write(delivery, target, qos);
            return;
        }
        long bytes = delivery.message().payload().length + OVERHEAD_BYTES;
        if (waitingBytes + bytes <= waitingBytesMax) {
            waiting.add(new Waiting(delivery, target, qos, bytes));
            waitingBytes += bytes;
        } else if (qos == 0) {
            connection.loop().tally().droppedSlow.increment();
        } else {
            connection.loop().tally().disconnectedSlow.increment();
            clear();
            connection.fail(
                    ReasonCode.QUOTA_EXCEEDED,
                    "more than " + waitingBytesMax
                            + " bytes waited to be read (mqtt.outbound-bytes-max); read or acknowledge faster, or"
                            + " subscribe to less");
        }
    }

    /// Writes what waits, as far as the client reads and its window is open.
    void pump() {
        while (!waiting.isEmpty() && !peer.ended() && connection.writable()) {
            Waiting next = waiting.element();
            if (next.qos() > 0 && !window.open()) {
                return;
            }
            waiting.remove();
            waitingBytes -= next.bytes();
            write(next.delivery(), next.target(), next.qos());
        }
    }

    private void clear() {
        waiting.clear();
        waitingBytes = 0;
    }

    private void write(Delivery delivery, Target target, int qos) {
        long expirySeconds = delivery.message().properties().expirySeconds();
        long elapsedSeconds = 0;
        if (expirySeconds >= 0) {
            long elapsedMicros = connection.loop().services().nowMicros()
                    - delivery.message().receivedMicros();
            elapsedSeconds = Math.max(0, elapsedMicros / 1_000_000);
            if (elapsedSeconds >= expirySeconds) {
                return; // nobody wants it any more (5.0, 3.3.2.3.3)
            }
        }
        boolean retain = target.retainAsPublished() && delivery.message().retain();
        int packetId = qos == 0 ? 0 : window.take(qos);
        int[] identifiers = peer.five() ? target.identifiers() : NO_IDENTIFIERS;
        Layout layout = new Layout(peer.version(), qos, retain, packetId, identifiers);
        boolean written =
                PublishForm.of(delivery).write(connection.out(), layout, elapsedSeconds, peer.packetBytesMax());
        if (written) {
            connection.loop().tally().delivered.increment();
        } else {
            connection.loop().tally().droppedTooLarge.increment();
            if (qos > 0) {
                window.free(packetId);
            }
        }
    }

    /// The client answers one of our publishes of QoS 1 or 2.
    void acknowledged(Acknowledgement acknowledgement) throws MqttFault {
        int packetId = acknowledgement.packetId();
        boolean refused = acknowledgement.reasonCode() >= ReasonCode.UNSPECIFIED_ERROR.code();
        switch (acknowledgement.kind()) {
            case PUBACK -> window.expect(packetId, SendWindow.State.PUBACK);
            case PUBREC -> received(packetId, refused);
            case PUBCOMP -> window.expect(packetId, SendWindow.State.PUBCOMP);
            case PUBREL -> throw new IllegalStateException("PUBREL belongs to what the client publishes");
        }
        pump();
    }

    private void received(int packetId, boolean refused) throws MqttFault {
        if (refused) {
            window.expect(packetId, SendWindow.State.PUBREC);
            return;
        }
        boolean known = window.advance(packetId);
        Outcome outcome =
                known || !peer.five() ? Outcome.SUCCESS : new Outcome(ReasonCode.PACKET_IDENTIFIER_NOT_FOUND, "");
        PacketWriter.acknowledge(connection.out(), Kind.PUBREL, packetId, outcome);
    }
}
