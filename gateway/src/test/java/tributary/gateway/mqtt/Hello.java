package tributary.gateway.mqtt;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// A CONNECT that a test puts together.
///
/// @param userName or null to leave it out
/// @param password or null to leave it out
/// @param will     or null for none
/// @param fields   of CONNECT, for 5.0
record Hello(
        int version,
        String clientId,
        boolean clean,
        int keepAlive,
        String userName,
        String password,
        Testament will,
        Fields fields) {
    /// A client's will.
    record Testament(String topic, String payload, int qos, boolean retain, Fields fields) {
        Testament(String topic, String payload) {
            this(topic, payload, 0, false, Fields.NONE);
        }

        Testament delayed(int seconds) {
            return new Testament(topic, payload, qos, retain, fields.four(Fields.WILL_DELAY, seconds));
        }
    }

    /// A client that keeps nothing and stays as long as it likes.
    static Hello of(int version, String clientId, String password) {
        return new Hello(version, clientId, true, 0, "", password, null, Fields.NONE);
    }

    /// The same, of a session that outlives the connection: 3.1.1 by clean session off, 5.0 by an expiry of an hour.
    Hello lasting() {
        Hello resuming = clean(false);
        return version == 5 ? resuming.with(fields.four(Fields.SESSION_EXPIRY, 3600)) : resuming;
    }

    Hello clean(boolean value) {
        return new Hello(version, clientId, value, keepAlive, userName, password, will, fields);
    }

    Hello keepAlive(int seconds) {
        return new Hello(version, clientId, clean, seconds, userName, password, will, fields);
    }

    Hello userName(String name) {
        return new Hello(version, clientId, clean, keepAlive, name, password, will, fields);
    }

    Hello will(Testament testament) {
        return new Hello(version, clientId, clean, keepAlive, userName, password, testament, fields);
    }

    Hello with(Fields more) {
        return new Hello(version, clientId, clean, keepAlive, userName, password, will, more);
    }

    byte[] bytes() {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        Wire.text(body, "MQTT");
        body.write(version);
        int flags = clean ? 0x02 : 0;
        if (will != null) {
            flags |= 0x04 | will.qos() << 3 | (will.retain() ? 0x20 : 0);
        }
        body.write(flags | (password == null ? 0 : 0x40) | (userName == null ? 0 : 0x80));
        body.write(keepAlive >> 8);
        body.write(keepAlive);
        if (version == 5) {
            body.writeBytes(fields.block());
        }
        Wire.text(body, clientId);
        if (will != null) {
            if (version == 5) {
                body.writeBytes(will.fields().block());
            }
            Wire.text(body, will.topic());
            body.writeBytes(Fields.sized(will.payload().getBytes(StandardCharsets.UTF_8)));
        }
        if (userName != null) {
            Wire.text(body, userName);
        }
        if (password != null) {
            Wire.text(body, password);
        }
        return Wire.packet(0x10, body.toByteArray());
    }
}
