package tributary.decode;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.TenantId;
import tributary.model.Topic;

/// Writes down what a decoder says, one line a call.
class Heard implements ReadingSink {
    /// 2026-11-21T00:00:00Z, when all messages of the tests arrive.
    static final long ARRIVAL_MICROS = 1_795_219_200_000_000L;

    static final String TOPIC = "devices/pump-1/telemetry";

    final List<String> readings = new ArrayList<>();
    final List<String> rejections = new ArrayList<>();

    static Heard of(Decoder decoder, String topic, String contentType, byte[] payload) {
        Heard heard = new Heard();
        decoder.decode(message(topic, contentType, payload), heard);
        return heard;
    }

    static Heard json(String payload) {
        return of(new PayloadDecoder(), TOPIC, "application/json", utf8(payload));
    }

    static Heard json(String topic, String payload) {
        return of(new PayloadDecoder(), topic, "application/json", utf8(payload));
    }

    static Heard of(String topic, String contentType, String payload) {
        return of(new PayloadDecoder(), topic, contentType, utf8(payload));
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static Message message(String topic, String contentType, byte[] payload) {
        return new Message(
                new TenantId("acme"),
                new DeviceId("pump-1"),
                new Topic(topic),
                payload,
                ARRIVAL_MICROS,
                Message.Origin.HTTP,
                "device:pump-1",
                1,
                false,
                MessageProperties.ofType(contentType));
    }

    private static String at(long tsMicros) {
        return tsMicros == ARRIVAL_MICROS ? "" : " @" + tsMicros;
    }

    @Override
    public void number(String sensor, long tsMicros, double value) {
        readings.add(sensor + "=" + value + at(tsMicros));
    }

    @Override
    public void text(String sensor, long tsMicros, String value) {
        readings.add(sensor + "='" + value + "'" + at(tsMicros));
    }

    @Override
    public void bool(String sensor, long tsMicros, boolean value) {
        readings.add(sensor + "=" + value + at(tsMicros));
    }

    @Override
    public void rejected(int index, String reason) {
        rejections.add(index + ": " + reason);
    }
}
