package tributary.gateway.mqtt;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// A PUBLISH that the server sent.
///
/// @param packetId 0 at QoS 0
record Heard(boolean duplicate, int qos, boolean retain, String topic, int packetId, Fields fields, String payload) {
    static Heard of(Wire.Got got, int version) {
        if (got.type() != 3) {
            throw new AssertionError("not a PUBLISH: " + got + " " + got.text());
        }
        ByteBuffer in = ByteBuffer.wrap(got.body());
        int qos = got.first() >> 1 & 3;
        String topic = Fields.readText(in);
        int packetId = qos == 0 ? 0 : in.getShort() & 0xFFFF;
        Fields fields = version == 5 ? Fields.read(in) : Fields.NONE;
        byte[] payload = new byte[in.remaining()];
        in.get(payload);
        return new Heard(
                (got.first() & 8) != 0,
                qos,
                (got.first() & 1) != 0,
                topic,
                packetId,
                fields,
                new String(payload, StandardCharsets.UTF_8));
    }
}
