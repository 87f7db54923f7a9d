package tributary.bench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;
import tributary.simulator.MqttWire;
import tributary.simulator.Pieces;

/// One MQTT connection that listens: signs in, subscribes where it is told to, acknowledges what it hears,
/// pings. One instance a connection, used by its event loop.
///
/// What a turn's packets have to be answered with leaves in one flush.
final class Ear extends ChannelInboundHandlerAdapter {
    private static final int PACKET_BYTES_MAX = 4 << 20;
    private static final int CONNACK = 2;
    private static final int PUBLISH = 3;
    private static final int PUBREL = 6;
    private static final int SUBACK = 9;
    private static final int PINGRESP = 13;
    private static final int DISCONNECT = 14;

    private final Script script;
    private final Owner owner;
    private final Pieces pieces = new Pieces(PACKET_BYTES_MAX);
    private @Nullable ChannelHandlerContext context;
    private @Nullable ByteBuf answers;

    /// Packet ids of QoS 2 messages that were heard and not yet released; null while there was none.
    private @Nullable BitSet held;

    private boolean resumed;
    private boolean over;

    /// Who it is and what it wants.
    ///
    /// @param index     among the owner's ears
    /// @param version   of the protocol
    /// @param connect   the CONNECT packet
    /// @param subscribe the SUBSCRIBE packet, or empty where it only connects; not sent where the server
    ///                  has the
    ///                  session
    record Script(int index, MqttWire.Version version, byte[] connect, byte[] subscribe) {
        /// Connects with a clean session and wants nothing.
        static Script idle(int index, MqttWire.Version version, MqttWire.Login login) {
            return new Script(index, version, MqttWire.connect(version, login), new byte[0]);
        }
    }

    /// Hears what the connection goes through; on its event loop.
    interface Owner {
        /// Signed in and subscribed.
        ///
        /// @param resumed the server had the session
        void ready(Ear ear, boolean resumed);

        /// A message, lent for the call; one that a QoS 2 exchange repeats is not told again.
        void message(Ear ear, ByteBuf in, int payloadAt, int length);

        /// Everything that one read brought was told.
        void turnOver(Ear ear);

        void pong(Ear ear);

        /// The connection is over, or never came to be.
        void gone(Ear ear, String why);
    }

    Ear(Script script, Owner owner) {
        this.script = script;
        this.owner = owner;
    }

    int index() {
        return script.index();
    }

    @Override
    public void channelActive(ChannelHandlerContext opened) {
        context = opened;
        write(opened, script.connect());
    }

    @Override
    public void channelRead(ChannelHandlerContext from, Object message) {
        ByteBuf all = pieces.add((ByteBuf) message);
        while (!over && all.readableBytes() >= 2) {
            int start = all.readerIndex();
            int length = 0;
            int body = start + 1;
            int b = -1;
            for (int shift = 0; body < all.writerIndex() && b < 0 && shift < 28; shift += 7) {
                b = all.getByte(body++);
                length |= (b & 127) << shift;
            }
            if (b < 0 && body - start > 4) {
                end("a packet whose length is not valid");
                break;
            }
            if (b < 0 || all.writerIndex() < body + length) {
                break;
            }
            packet(from, all, new Place(all.getUnsignedByte(start), body, length));
            all.readerIndex(body + length);
        }
        pieces.keepRest();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext from) {
        ByteBuf out = answers;
        if (out != null) {
            answers = null;
            from.writeAndFlush(out, from.voidPromise());
        }
        owner.turnOver(this);
    }

    @Override
    public void channelInactive(ChannelHandlerContext from) {
        end("connection closed by the server");
        pieces.close();
        if (answers != null) {
            answers.release();
            answers = null;
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext from, Throwable cause) {
        end(String.valueOf(cause.getMessage()));
    }

    void ping() {
        if (context != null && !over) {
            write(context, MqttWire.ping());
        }
    }

    /// From now on nothing is read, or again; the connection stays.
    void reading(boolean on) {
        if (context != null) {
            context.channel().config().setAutoRead(on);
        }
    }

    /// Says goodbye and closes; the owner hears nothing more.
    void leave() {
        over = true;
        if (context != null) {
            write(context, MqttWire.disconnect());
            context.close();
        }
    }

    /// Where a packet is in the buffer.
    private record Place(int first, int body, int length) {
        int end() {
            return body + length;
        }
    }

    private void packet(ChannelHandlerContext from, ByteBuf in, Place place) {
        switch (place.first() >> 4) {
            case PUBLISH -> publish(from, in, place);
            case PUBREL -> released(from, in.getUnsignedShort(place.body()));
            case CONNACK -> connected(from, in, place);
            case SUBACK -> subscribed(in, place);
            case PINGRESP -> owner.pong(this);
            case DISCONNECT ->
                end("DISCONNECT " + (place.length() > 0 ? in.getUnsignedByte(place.body()) : 0) + " from the server");
            default -> {
                // nothing else has a meaning for who only listens
            }
        }
    }

    private void connected(ChannelHandlerContext from, ByteBuf in, Place place) {
        int code = place.length() < 2 ? 255 : in.getUnsignedByte(place.body() + 1);
        if (code != 0) {
            end("CONNACK " + code);
            return;
        }
        resumed = (in.getByte(place.body()) & 1) != 0;
        if (resumed || script.subscribe().length == 0) {
            owner.ready(this, resumed);
        } else {
            write(from, script.subscribe());
        }
    }

    private void subscribed(ByteBuf in, Place place) {
        int at = place.body() + 2;
        if (script.version() == MqttWire.Version.V5) {
            at = behindProperties(in, at);
        }
        for (int i = at; i < place.end(); i++) {
            int code = in.getUnsignedByte(i);
            if (code >= 128) {
                end("SUBACK " + code);
                return;
            }
        }
        owner.ready(this, resumed);
    }

    private void publish(ChannelHandlerContext from, ByteBuf in, Place place) {
        int qos = place.first() >> 1 & 3;
        int at = place.body() + 2 + in.getUnsignedShort(place.body());
        int id = 0;
        if (qos > 0) {
            id = in.getUnsignedShort(at);
            at += 2;
        }
        if (script.version() == MqttWire.Version.V5) {
            at = behindProperties(in, at);
        }
        if (qos == 1) {
            answer(from, 0x40, id);
        } else if (qos == 2) {
            answer(from, 0x50, id);
            if (held == null) {
                held = new BitSet();
            }
            if (held.get(id)) {
                return;
            }
            held.set(id);
        }
        owner.message(this, in, at, place.end() - at);
    }

    private static int behindProperties(ByteBuf in, int start) {
        int at = start;
        int length = 0;
        int b = -1;
        for (int shift = 0; b < 0 && shift < 28; shift += 7) {
            b = in.getByte(at++);
            length |= (b & 127) << shift;
        }
        return at + length;
    }

    private void released(ChannelHandlerContext from, int id) {
        if (held != null) {
            held.clear(id);
        }
        answer(from, 0x70, id);
    }

    private void answer(ChannelHandlerContext from, int first, int id) {
        ByteBuf out = answers;
        if (out == null) {
            out = from.alloc().directBuffer(1024);
            answers = out;
        }
        out.writeByte(first).writeByte(2).writeShort(id);
    }

    private void end(String why) {
        if (over) {
            return;
        }
        over = true;
        owner.gone(this, why);
        if (context != null) {
            context.close();
        }
    }

    private static void write(ChannelHandlerContext to, byte[] packet) {
        to.writeAndFlush(to.alloc().buffer(packet.length).writeBytes(packet), to.voidPromise());
    }
}
