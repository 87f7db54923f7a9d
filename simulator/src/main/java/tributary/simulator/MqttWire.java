package tributary.simulator;

import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What an MQTT client writes, as bytes: CONNECT, SUBSCRIBE, PUBLISH, PUBREL, PINGREQ and DISCONNECT of
/// 3.1.1 and 5.0.
///
/// Made for senders that write the same packet a million times: a PUBLISH is encoded once, and its packet
/// id and payload are patched at the offsets that [Publish] names. The answers are read by [MqttAnswers].
public final class MqttWire {
    private static final int CONNECT = 0x10;
    private static final int PUBLISH = 0x30;
    private static final int PUBREL = 0x62;
    private static final int SUBSCRIBE = 0x82;
    private static final int SESSION_EXPIRY_INTERVAL = 0x11;
    private static final int PINGREQ = 0xC0;
    private static final int DISCONNECT = 0xE0;
    private static final int LENGTH_MAX = 268_435_455;

    private MqttWire() {}

    /// The version of the protocol that is spoken.
    public enum Version {
        V311(4),
        V5(5);

        private final int level;

        Version(int level) {
            this.level = level;
        }
    }

    /// Who connects.
    ///
    /// @param user             or null where the broker asks for nothing
    /// @param password         or null
    /// @param keepAliveSeconds 0 turns the check off
    public record Login(
            String clientId,
            @Nullable String user,
            @Nullable String password,
            int keepAliveSeconds) {
        public Login {
            Objects.requireNonNull(clientId, "clientId");
            if (keepAliveSeconds < 0 || keepAliveSeconds > 65_535) {
                throw new IllegalArgumentException("keep-alive is 0 to 65535 seconds, was " + keepAliveSeconds);
            }
        }
    }

    /// An encoded PUBLISH whose packet id and payload can be overwritten in place.
    ///
    /// @param packet        the whole packet; owned by whoever asked for it
    /// @param idOffset      where the two bytes of the packet id are, or -1 at QoS 0
    /// @param payloadOffset where the payload begins
    public record Publish(byte[] packet, int idOffset, int payloadOffset) {
        /// Overwrites the packet id, where there is one.
        public void name(int packetId) {
            if (idOffset >= 0) {
                packet[idOffset] = (byte) (packetId >> 8);
                packet[idOffset + 1] = (byte) packetId;
            }
        }
    }

    /// @return a CONNECT with a clean session
    public static byte[] connect(Version version, Login login) {
        return connect(version, login, 0);
    }

    /// @param keptSeconds how long the broker is asked to keep the session after the connection (3.1.1 cannot
    ///                    say how long), and to go on with one that it has kept; 0 begins anew and keeps nothing
    public static byte[] connect(Version version, Login login, int keptSeconds) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        text(body, "MQTT");
        body.write(version.level);
        int clean = keptSeconds == 0 ? 0x02 : 0;
        body.write(clean | (login.user() == null ? 0 : 0x80) | (login.password() == null ? 0 : 0x40));
        number(body, login.keepAliveSeconds());
        if (version == Version.V5 && keptSeconds > 0) {
            body.write(5);
            body.write(SESSION_EXPIRY_INTERVAL);
            number(body, keptSeconds >>> 16);
            number(body, keptSeconds);
        } else {
            noProperties(body, version);
        }
        text(body, login.clientId());
        if (login.user() != null) {
            text(body, login.user());
        }
        if (login.password() != null) {
            text(body, login.password());
        }
        return packet(CONNECT, body.toByteArray());
    }

    /// @param qos 0, 1 or 2
    public static Publish publish(Version version, int qos, String topic, byte[] payload) {
        if (qos < 0 || qos > 2) {
            throw new IllegalArgumentException("QoS is 0, 1 or 2, was " + qos);
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream(payload.length + topic.length() + 8);
        text(body, topic);
        int id = -1;
        if (qos > 0) {
            id = body.size();
            number(body, 0);
        }
        noProperties(body, version);
        int payloadAt = body.size();
        body.writeBytes(payload);
        byte[] packet = packet(PUBLISH | qos << 1, body.toByteArray());
        int header = packet.length - body.size();
        return new Publish(packet, id < 0 ? -1 : header + id, header + payloadAt);
    }

    /// @return a SUBSCRIBE to these filters, all with the same highest QoS
    public static byte[] subscribe(Version version, int packetId, List<String> filters, int qos) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        number(body, packetId);
        noProperties(body, version);
        for (String filter : filters) {
            text(body, filter);
            body.write(qos);
        }
        return packet(SUBSCRIBE, body.toByteArray());
    }

    /// Appends the PUBREL that answers a PUBREC.
    public static void pubrel(ByteBuf out, int packetId) {
        out.writeByte(PUBREL).writeByte(2).writeShort(packetId);
    }

    public static byte[] ping() {
        return new byte[] {(byte) PINGREQ, 0};
    }

    public static byte[] disconnect() {
        return new byte[] {(byte) DISCONNECT, 0};
    }

    private static void noProperties(ByteArrayOutputStream body, Version version) {
        if (version == Version.V5) {
            body.write(0);
        }
    }

    private static byte[] packet(int first, byte[] body) {
        if (body.length > LENGTH_MAX) {
            throw new IllegalArgumentException("an MQTT packet has at most 268435455 bytes, was " + body.length);
        }
        ByteArrayOutputStream packet = new ByteArrayOutputStream(body.length + 5);
        packet.write(first);
        int rest = body.length;
        do {
            packet.write(rest > 127 ? rest & 127 | 128 : rest);
            rest >>>= 7;
        } while (rest > 0);
        packet.writeBytes(body);
        return packet.toByteArray();
    }

    private static void text(ByteArrayOutputStream out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > 65_535) {
            throw new IllegalArgumentException("an MQTT text has at most 65535 bytes, was " + bytes.length);
        }
        number(out, bytes.length);
        out.writeBytes(bytes);
    }

    private static void number(ByteArrayOutputStream out, int value) {
        out.write(value >> 8);
        out.write(value);
    }
}
