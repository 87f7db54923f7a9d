package tributary.gateway.mqtt;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Writes the server's packets, PUBLISH apart ([PublishForm]).
final class PacketWriter {
    private static final int CONNACK = 0x20;
    private static final int PUBACK = 0x40;
    private static final int PUBREC = 0x50;
    private static final int PUBREL = 0x62;
    private static final int PUBCOMP = 0x70;
    private static final int SUBACK = 0x90;
    private static final int UNSUBACK = 0xB0;
    private static final int PINGRESP = 0xD0;
    private static final int DISCONNECT = 0xE0;

    /// Reason strings are for people: longer ones are cut.
    private static final int REASON_CHARACTERS_MAX = 400;

    private PacketWriter() {}

    /// What CONNACK promises a client; all but the first is for 5.0.
    ///
    /// @param sessionPresent   whether the session is one that the client had before
    /// @param expirySeconds    how long the session outlives the connection, or -1 where it is as the client asked
    /// @param keepAliveSeconds what the client has to keep, or -1 where its own holds
    /// @param assignedClientId or null where the client brought one
    /// @param responseTopic    where the client may have answers sent to, or null where it did not ask
    record Promise(
            boolean sessionPresent,
            long expirySeconds,
            int keepAliveSeconds,
            @Nullable String assignedClientId,
            int receiveMax,
            int packetBytesMax,
            int topicAliasMax,
            @Nullable String responseTopic) {}

    /// @param bytesMax largest packet that the client takes
    /// @return whether the client takes it; else nothing was written
    static boolean accepted(ByteBuf out, int version, Promise promise, long bytesMax) {
        int flags = promise.sessionPresent() ? 1 : 0;
        if (version != PacketReader.VERSION_5) {
            out.writeByte(CONNACK).writeByte(2).writeByte(flags).writeByte(0);
            return true;
        }
        int before = out.writerIndex();
        int start = begin(out, CONNACK);
        out.writeByte(flags).writeByte(ReasonCode.SUCCESS.code());
        int properties = beginLength(out);
        if (promise.expirySeconds() >= 0) {
            out.writeByte(Property.SESSION_EXPIRY_INTERVAL.code()).writeInt((int) promise.expirySeconds());
        }
        out.writeByte(Property.RECEIVE_MAXIMUM.code()).writeShort(promise.receiveMax());
        out.writeByte(Property.MAXIMUM_PACKET_SIZE.code()).writeInt(promise.packetBytesMax());
        if (promise.assignedClientId() != null) {
            out.writeByte(Property.ASSIGNED_CLIENT_IDENTIFIER.code());
            text(out, promise.assignedClientId());
        }
        out.writeByte(Property.TOPIC_ALIAS_MAXIMUM.code()).writeShort(promise.topicAliasMax());
        if (promise.keepAliveSeconds() >= 0) {
            out.writeByte(Property.SERVER_KEEP_ALIVE.code()).writeShort(promise.keepAliveSeconds());
        }
        if (promise.responseTopic() != null) {
            out.writeByte(Property.RESPONSE_INFORMATION.code());
            text(out, promise.responseTopic());
        }
        endLength(out, properties);
        endLength(out, start);
        return fits(out, before, bytesMax);
    }

    /// @param bytesMax largest packet that the client takes: beyond it, words are left out
    static void refused(ByteBuf out, int version, ReasonCode reason, String detail, long bytesMax) {
        if (version < PacketReader.VERSION_5) {
            out.writeByte(CONNACK).writeByte(2).writeByte(0).writeByte(reason.connectReturnCode());
            return;
        }
        int before = out.writerIndex();
        int start = begin(out, CONNACK);
        out.writeByte(0).writeByte(reason.code());
        reasonString(out, detail);
        endLength(out, start);
        if (!fits(out, before, bytesMax) && !detail.isEmpty()) {
            refused(out, version, reason, "", bytesMax);
        }
    }

    /// Takes back what was written since `before` where it is too large.
    private static boolean fits(ByteBuf out, int before, long bytesMax) {
        if (out.writerIndex() - before <= bytesMax) {
            return true;
        }
        out.writerIndex(before);
        return false;
    }

    /// @param detail for a 5.0 client that wants it, or ""
    static void acknowledge(ByteBuf out, Packet.Acknowledgement.Kind kind, int packetId, Outcome outcome) {
        int first = switch (kind) {
            case PUBACK -> PUBACK;
            case PUBREC -> PUBREC;
            case PUBREL -> PUBREL;
            case PUBCOMP -> PUBCOMP;
        };
        if (outcome.reason() == ReasonCode.SUCCESS) {
            out.writeInt(first << 24 | 2 << 16 | packetId);
            return;
        }
        int start = begin(out, first);
        out.writeShort(packetId).writeByte(outcome.reason().code());
        if (!outcome.detail().isEmpty()) {
            reasonString(out, outcome.detail());
        }
        endLength(out, start);
    }

    /// What an acknowledgement of MQTT 5.0 says beside the packet identifier.
    ///
    /// @param detail text for people, or ""
    record Outcome(ReasonCode reason, String detail) {
        static final Outcome SUCCESS = new Outcome(ReasonCode.SUCCESS, "");
    }

    /// @param codes of each filter in the order of the request
    /// @param detail why the first one was refused, or ""
    static void subscribed(ByteBuf out, int version, int packetId, List<Integer> codes, String detail) {
        codes(out, SUBACK, version, packetId, codes, detail);
    }

    /// @param detail why the first one is no filter, or ""
    static void unsubscribed(ByteBuf out, int version, int packetId, List<Integer> codes, String detail) {
        codes(out, UNSUBACK, version, packetId, version == PacketReader.VERSION_5 ? codes : List.of(), detail);
    }

    /// @return bytes of a SUBACK or UNSUBACK with that many codes and no words
    static int codesBytes(int codes) {
        int content = 2 + 1 + codes;
        return 1 + variableBytes(content) + content;
    }

    private static void codes(ByteBuf out, int first, int version, int packetId, List<Integer> codes, String detail) {
        int start = begin(out, first);
        out.writeShort(packetId);
        if (version == PacketReader.VERSION_5) {
            if (detail.isEmpty()) {
                out.writeByte(0);
            } else {
                reasonString(out, detail);
            }
        }
        for (int code : codes) {
            out.writeByte(code);
        }
        endLength(out, start);
    }

    static void pong(ByteBuf out) {
        out.writeShort(PINGRESP << 8);
    }

    /// For 5.0 clients only: in 3.1.1 a server cannot say goodbye.
    ///
    /// @param bytesMax largest packet that the client takes: beyond it, words are left out
    static void disconnect(ByteBuf out, ReasonCode reason, String detail, long bytesMax) {
        int before = out.writerIndex();
        int start = begin(out, DISCONNECT);
        out.writeByte(reason.code());
        reasonString(out, detail);
        endLength(out, start);
        if (!fits(out, before, bytesMax) && !detail.isEmpty()) {
            disconnect(out, reason, "", bytesMax);
        }
    }

    private static void reasonString(ByteBuf out, String detail) {
        int properties = beginLength(out);
        if (!detail.isEmpty()) {
            out.writeByte(Property.REASON_STRING.code());
            text(out, detail.length() > REASON_CHARACTERS_MAX ? detail.substring(0, REASON_CHARACTERS_MAX) : detail);
        }
        endLength(out, properties);
    }

    private static int begin(ByteBuf out, int first) {
        out.writeByte(first);
        return beginLength(out);
    }

    /// Leaves one byte for a length that is known later.
    private static int beginLength(ByteBuf out) {
        out.writeByte(0);
        return out.writerIndex();
    }

    /// Fills in the length of what was written since; moves it where the length needs a second byte or third byte.
    private static void endLength(ByteBuf out, int start) {
        int length = out.writerIndex() - start;
        int more = variableBytes(length) - 1;
        if (more > 0) {
            out.writeZero(more);
            byte[] content = new byte[length];
            out.getBytes(start, content);
            out.setBytes(start + more, content);
        }
        int end = out.writerIndex();
        out.writerIndex(start - 1);
        variable(out, length);
        out.writerIndex(end);
    }

    static void text(ByteBuf out, String text) {
        int length = ByteBufUtil.utf8Bytes(text);
        out.writeShort(length);
        ByteBufUtil.writeUtf8(out, text);
    }

    static void variable(ByteBuf out, int value) {
        int rest = value;
        while (rest >= 0x80) {
            out.writeByte(rest & 0x7F | 0x80);
            rest >>>= 7;
        }
        out.writeByte(rest);
    }

    static int variableBytes(int value) {
        return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : 4;
    }
}
