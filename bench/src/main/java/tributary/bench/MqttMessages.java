package tributary.bench;

import io.netty.buffer.ByteBuf;
import tributary.simulator.MqttWire;

/// What one MQTT connection publishes. One instance a connection, used by its event loop.
interface MqttMessages {
    /// Appends message `number` (from 0; each is asked for once, in order) as a PUBLISH with this packet id.
    void encode(ByteBuf out, long number, int packetId);

    /// @return about how long one is
    int bytes();

    /// The same packet again and again, with id, time, sequence number and values overwritten in place.
    final class Patched implements MqttMessages {
        private final MqttWire.Publish publish;
        private final Payload payload;

        Patched(MqttDialect.Setup setup, String topic, LoadPlan.Shape shape) {
            this.publish = MqttWire.publish(
                    setup.version(), setup.qos(), topic, Payload.template(shape.bytes(), shape.readings()));
            this.payload = new Payload(publish.packet(), publish.payloadOffset(), shape.firstTimestampMillis());
        }

        @Override
        public void encode(ByteBuf out, long number, int packetId) {
            payload.write(number);
            publish.name(packetId);
            out.writeBytes(publish.packet());
        }

        @Override
        public int bytes() {
            return publish.packet().length;
        }
    }
}
