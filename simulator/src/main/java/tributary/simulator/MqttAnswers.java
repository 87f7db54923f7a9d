package tributary.simulator;

import io.netty.buffer.ByteBuf;

/// Reads what a broker sends to a client that only publishes; one instance a connection, used by its event loop.
///
/// Packets may arrive in any pieces: what is incomplete is kept until the rest is here.
public final class MqttAnswers {
    private static final int CONNACK = 2;
    private static final int PUBLISH = 3;
    private static final int PUBACK = 4;
    private static final int PUBREC = 5;
    private static final int PUBCOMP = 7;
    private static final int DISCONNECT = 14;

    /// A packet longer than this is no answer to a publisher.
    private static final int PACKET_BYTES_MAX = 1 << 20;

    private final Listener listener;
    private final Pieces pieces = new Pieces(PACKET_BYTES_MAX);

    /// Hears the answers in the order in which they came.
    public interface Listener {
        /// @param code 0 is welcome; otherwise the return code of 3.1.1 or the reason code of 5.0
        void connected(int code);

        /// The broker took a QoS 1 or QoS 2 message over for good (PUBACK or PUBCOMP).
        ///
        /// @param code below 128 is taken; otherwise the reason code of a refusal
        void acknowledged(int packetId, int code);

        /// The broker holds a QoS 2 message and waits for its release (PUBREC).
        ///
        /// @param code below 128 is held; otherwise the reason code of a refusal, and no PUBREL is due
        void received(int packetId, int code);

        /// The broker ends the connection and says why.
        void disconnected(int code);

        /// Bytes that are not MQTT; close the connection.
        void malformed(String detail);
    }

    public MqttAnswers(Listener listener) {
        this.listener = listener;
    }

    /// Takes over `in` and releases it.
    public void read(ByteBuf in) {
        ByteBuf all = pieces.add(in);
        while (all.readableBytes() >= 2) {
            int start = all.readerIndex();
            int length = remainingLength(all, start + 1);
            if (length == INCOMPLETE) {
                break;
            }
            if (length < 0 || length > PACKET_BYTES_MAX) {
                listener.malformed("a packet's length is not valid for an answer to a publisher");
                pieces.close();
                return;
            }
            int body = start + 2;
            while (all.getByte(body - 1) < 0) {
                body++;
            }
            if (all.writerIndex() < body + length) {
                break;
            }
            handle(all, body, length);
            all.readerIndex(body + length);
        }
        pieces.keepRest();
    }

    /// Frees what was kept; call when the connection is gone.
    public void close() {
        pieces.close();
    }

    private void handle(ByteBuf all, int body, int length) {
        int type = (all.getByte(all.readerIndex()) & 0xFF) >> 4;
        switch (type) {
            case PUBACK, PUBREC, PUBCOMP -> {
                if (length < 2) {
                    listener.malformed("an acknowledgement without packet id");
                    return;
                }
                int packetId = all.getUnsignedShort(body);
                int code = length > 2 ? all.getUnsignedByte(body + 2) : 0;
                if (type == PUBREC) {
                    listener.received(packetId, code);
                } else {
                    listener.acknowledged(packetId, code);
                }
            }
            case CONNACK -> listener.connected(length < 2 ? 255 : all.getUnsignedByte(body + 1));
            case DISCONNECT -> listener.disconnected(length < 1 ? 0 : all.getUnsignedByte(body));
            case PUBLISH -> listener.malformed("a message, though nothing was subscribed to");
            default -> {
                // PINGRESP and the like need no answer
            }
        }
    }

    private static final int INCOMPLETE = -2;

    private static int remainingLength(ByteBuf all, int at) {
        int length = 0;
        for (int i = 0; i < 4; i++) {
            if (at + i >= all.writerIndex()) {
                return INCOMPLETE;
            }
            int b = all.getByte(at + i);
            length |= (b & 127) << 7 * i;
            if (b >= 0) {
                return length;
            }
        }
        return -1;
    }
}
