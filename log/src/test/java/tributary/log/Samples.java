package tributary.log;

import java.nio.charset.StandardCharsets;
import java.util.List;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.MessageProperties.UserProperty;
import tributary.model.TenantId;
import tributary.model.Topic;

/// Messages for tests.
final class Samples {
    private Samples() {}

    static Message telemetry(String device, String payload, long receivedMicros) {
        return new Message(
                TenantId.MAIN,
                new DeviceId(device),
                new Topic("devices/" + device + "/telemetry"),
                payload.getBytes(StandardCharsets.UTF_8),
                receivedMicros,
                Message.Origin.MQTT,
                device,
                1,
                false,
                MessageProperties.NONE);
    }

    static Message telemetry(String device, String payload) {
        return telemetry(device, payload, 1_700_000_000_000_000L);
    }

    /// Every field says something.
    static Message everything() {
        return new Message(
                new TenantId("müller".replace("ü", "ue")),
                null,
                new Topic("häuser/東京/🌡"),
                new byte[] {0, -1, 7},
                -5,
                Message.Origin.PLATFORM,
                "rule ✓",
                2,
                true,
                new MessageProperties(
                        "application/cbor",
                        "antwort/hier",
                        new byte[] {1, 2},
                        3600,
                        true,
                        List.of(new UserProperty("a", "1"), new UserProperty("a", "ü"))),
                Message.WILL + 7);
    }
}
