package tributary.bench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tributary.simulator.MqttAnswers;
import tributary.simulator.MqttWire;

/// MQTT 3.1.1 or 5.0: the packet id names the slot of the message under way.
final class MqttDialect implements Dialect, MqttAnswers.Listener {
    private final Setup setup;
    private final Listener listener;
    private final byte[] connect;
    private final MqttMessages messages;
    private final MqttAnswers answers = new MqttAnswers(this);
    private final int slotMask;
    private @Nullable ChannelHandlerContext context;
    private boolean released;

    /// What the connections of a run have in common.
    ///
    /// @param slots messages that can be under way, a power of two, at most 32,768
    record Setup(MqttWire.Version version, int qos, int slots) {}

    /// @param login    who connects
    /// @param messages what it publishes
    MqttDialect(Setup setup, MqttWire.Login login, MqttMessages messages, Listener listener) {
        this.setup = setup;
        this.listener = Objects.requireNonNull(listener, "listener");
        this.connect = MqttWire.connect(setup.version(), login);
        this.messages = messages;
        this.slotMask = setup.slots() - 1;
    }

    @Override
    public void greet(ChannelHandlerContext opened) {
        context = opened;
        opened.writeAndFlush(opened.alloc().buffer(connect.length).writeBytes(connect), opened.voidPromise());
    }

    @Override
    public void encode(ByteBuf out, long number) {
        messages.encode(out, number, ((int) number & slotMask) + 1);
    }

    @Override
    public int messageBytes() {
        return messages.bytes();
    }

    @Override
    public void read(ChannelHandlerContext from, ByteBuf in) {
        answers.read(in);
        if (released) {
            released = false;
            from.flush();
        }
    }

    @Override
    public boolean answered() {
        return setup.qos() > 0;
    }

    @Override
    public void close() {
        answers.close();
    }

    @Override
    public void connected(int code) {
        if (code == 0) {
            listener.welcome();
        } else {
            listener.broken("CONNACK " + code);
        }
    }

    @Override
    public void acknowledged(int packetId, int code) {
        if (code < 128) {
            listener.taken(numberOf(packetId));
        } else {
            listener.refused(numberOf(packetId), "reason code " + code);
        }
    }

    @Override
    public void received(int packetId, int code) {
        if (code >= 128) {
            listener.refused(numberOf(packetId), "reason code " + code);
            return;
        }
        ChannelHandlerContext to = Objects.requireNonNull(context);
        ByteBuf out = to.alloc().buffer(4);
        MqttWire.pubrel(out, packetId);
        to.write(out, to.voidPromise());
        released = true;
    }

    @Override
    public void disconnected(int code) {
        listener.broken("DISCONNECT " + code);
    }

    @Override
    public void malformed(String detail) {
        listener.broken(detail);
    }

    /// The youngest number at or after the oldest one under way that has this slot.
    private long numberOf(int packetId) {
        long oldest = listener.oldest();
        return oldest + (packetId - 1 - oldest & slotMask);
    }
}
