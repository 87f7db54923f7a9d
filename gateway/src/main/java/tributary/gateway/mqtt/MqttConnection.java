package tributary.gateway.mqtt;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import java.io.IOException;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.gateway.Cause;
import tributary.model.Quote;
import tributary.registry.Principal;

/// One TCP connection: bytes to packets and back, when to read and when to close. What the packets mean is the
/// [Peer]'s, which exists from a good CONNECT on.
final class MqttConnection extends ChannelInboundHandlerAdapter {
    /// How long a client may take to send its CONNECT.
    static final int CONNECT_SECONDS = 10;

    private static final Logger LOG = LoggerFactory.getLogger(MqttConnection.class);

    private static final String REVOKED = "the credential was revoked; issue a new one and connect with it";

    /// How long the client has to read a last word before the socket is closed.
    private static final int LINGER_SECONDS = 2;

    private final MqttLoop loop;
    private final Channel channel;
    private final Approach approach;
    private final int openedAt;
    private final Written written;
    private final Set<Pause> pauses = EnumSet.noneOf(Pause.class);
    private PacketReader.Context context;
    private @Nullable Peer peer;

    /// Who is being let in, and whether what they proved it with was revoked before they were.
    private @Nullable Principal coming;

    private boolean comesTooLate;

    private final Held held;
    private final Unfinished unfinished = new Unfinished();

    private int lastReadAt;
    private int plannedAt;
    private int leaveAt = -1;

    /// Why the connection is not read for the moment.
    enum Pause {
        /// The log's queue is long.
        CONGESTED,
        /// As many publishes wait for the disk as one client may have.
        UNACKNOWLEDGED,
        /// A 3.1.1 client passed its rate.
        THROTTLED,
        /// Whether the client may come in is being decided.
        SIGNING_IN,
        /// The client does not read what we send.
        UNREAD,
        /// The door closes.
        STOPPING
    }

    MqttConnection(MqttLoop loop, Channel channel, Approach approach) {
        this.loop = Objects.requireNonNull(loop, "loop");
        this.channel = Objects.requireNonNull(channel, "channel");
        this.approach = Objects.requireNonNull(approach, "approach");
        this.written = new Written(channel, () -> loop.wrote(this));
        this.held = new Held(loop.gates().bytesOfStrangers());
        this.openedAt = loop.wheel().now();
        this.lastReadAt = openedAt;
        this.context = new PacketReader.Context(0, PacketReader.CONNECT_BYTES_MAX, new TopicNames());
    }

    MqttLoop loop() {
        return loop;
    }

    Channel channel() {
        return channel;
    }

    /// @return how the client came in
    Approach approach() {
        return approach;
    }

    /// The channel is open already: it was accepted, or has just finished its handshake.
    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        if (channel.isActive()) {
            loop.opened(this);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            if (leaving()) {
                return;
            }
            lastReadAt = loop.wheel().now();
            ByteBuf before = held.bytes();
            if (before == null && peer == null && mistaken(in)) {
                return;
            }
            if (before != null) {
                before.writeBytes(in);
                takeHeld();
            } else {
                take(in);
                if (in.isReadable() && !leaving()) {
                    held.keep(in, channel.alloc());
                }
            }
            if (peer == null && !held.fits()) {
                loop.tally().overLimit.increment();
                broken(Objects.requireNonNull(held.bytes()), Held.full());
                held.letGo();
            }
        } finally {
            in.release();
        }
    }

    /// Says so where the client wanted another port.
    private boolean mistaken(ByteBuf in) {
        String about = in.isReadable() ? loop.gates().mistaken(in, approach) : null;
        if (about != null) {
            loop.tally().malformed.increment();
            refused(Cause.WRONG_PORT, about);
            fail(ReasonCode.PROTOCOL_ERROR, about);
        }
        return about != null;
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        loop.flush();
    }

    private void takeHeld() {
        ByteBuf bytes = held.bytes();
        if (bytes == null) {
            return;
        }
        take(bytes);
        if (leaving()) {
            held.letGo();
        } else {
            held.tidy();
        }
    }

    /// Handles every whole packet, unless one of them makes the connection pause or leave.
    private void take(ByteBuf bytes) {
        try {
            while (pauses.isEmpty() && !leaving()) {
                int before = bytes.readerIndex();
                Packet packet = loop.reader().next(bytes, context);
                if (packet == null) {
                    unfinished.left(this, peer == null ? 0 : bytes.readableBytes());
                    return;
                }
                unfinished.over();
                if (!handle(packet)) {
                    bytes.readerIndex(before);
                }
            }
        } catch (MqttFault fault) {
            loop.tally().malformed.increment();
            broken(bytes, fault);
        }
    }

    /// Ends the connection for what the bytes are; also a client of 5.0 that is not in yet is told, as far as they say
    /// that it is one.
    private void broken(ByteBuf bytes, MqttFault fault) {
        refused(fault.cause(), fault.sentence());
        if (peer == null && PacketReader.announcedLevel(bytes) == PacketReader.VERSION_5) {
            PacketWriter.refused(out(), PacketReader.VERSION_5, fault.reason(), fault.detail(), Integer.MAX_VALUE);
            leave();
        } else {
            fail(fault.reason(), fault.detail());
        }
    }

    /// @return whether the packet was dealt with; false where it is to be taken again after a pause
    private boolean handle(Packet packet) throws MqttFault {
        if (peer != null) {
            return peer.handle(packet);
        }
        if (packet instanceof Packet.Connect connect) {
            signIn(connect);
        }
        return true;
    }

    /// Nothing more is read until the answer is there.
    private void signIn(Packet.Connect connect) {
        pause(Pause.SIGNING_IN);
        new SignIn(this).decide(connect, answer -> {
            int wait = answer instanceof SignIn.Refusal refusal ? loop.gates().penalty(refusal, approach) : 0;
            if (wait == 0) {
                answered(connect, answer);
            } else {
                loop.after(wait, () -> answered(connect, answer));
            }
        });
    }

    private void answered(Packet.Connect connect, SignIn.Answer answer) {
        if (answer instanceof SignIn.Refusal && (leaving() || !channel.isOpen())) {
            return;
        }
        answer(connect, answer);
        resume(Pause.SIGNING_IN);
    }

    private void answer(Packet.Connect connect, SignIn.Answer answer) {
        long bytesMax = connect.properties().number(Property.MAXIMUM_PACKET_SIZE, Integer.MAX_VALUE);
        switch (answer) {
            case SignIn.Welcomed welcomed -> {
                if (leaving() || !channel.isOpen()) {
                    welcomed.peer().end();
                    return;
                }
                if (!PacketWriter.accepted(out(), connect.version(), welcomed.promise(), bytesMax)) {
                    welcomed.peer().dropWill();
                    welcomed.peer().end();
                    answer(connect, SignIn.Refusal.ofTaker(welcomed.peer().principal()));
                    return;
                }
                loop.tally().accepted.increment();
                peer = welcomed.peer();
                held.signedIn();
                context = new PacketReader.Context(
                        connect.version(), loop.services().settings().packetBytesMax(), context.topics());
                welcomed.peer().start();
                loop.wheel().plan(this, loop.wheel().now() + 1);
                if (comesTooLate) {
                    disowned(REVOKED);
                }
            }
            case SignIn.Refusal refusal -> {
                loop.tally().refused.increment();
                loop.services().intake().attempts().note(approach.caller(connect), refusal.grounds());
                PacketWriter.refused(out(), connect.version(), refusal.reason(), refusal.detail(), bytesMax);
                leave();
            }
        }
    }

    /// @return where to write packets to; they leave at the end of the turn
    ByteBuf out() {
        return written.next();
    }

    void flush() {
        written.flush();
    }

    /// @return whether the client reads what it is sent
    boolean writable() {
        return channel.isWritable();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (!channel.isWritable()) {
            pause(Pause.UNREAD);
            return;
        }
        resume(Pause.UNREAD);
        if (peer != null && !leaving()) {
            peer.wake();
        }
        loop.flush();
    }

    void pause(Pause reason) {
        if (pauses.isEmpty()) {
            channel.config().setAutoRead(false);
        }
        pauses.add(reason);
    }

    /// Ends one reason to pause; with the last one, what was held is taken and reading goes on.
    void resume(Pause reason) {
        if (!pauses.remove(reason) || !pauses.isEmpty() || leaving()) {
            return;
        }
        lastReadAt = loop.wheel().now(); // the time of the pause was not the client's silence
        unfinished.forgive(lastReadAt);
        takeHeld();
        if (pauses.isEmpty() && !leaving()) {
            channel.config().setAutoRead(true);
        }
    }

    /// Pauses until the log has room.
    void awaitRelief() {
        if (!pauses.contains(Pause.CONGESTED)) {
            pause(Pause.CONGESTED);
            loop.awaitRelief(this);
        }
    }

    /// Pauses for some time; the packet at hand is taken again then.
    void slowDown(long millis) {
        pause(Pause.THROTTLED);
        loop.after(millis, () -> resume(Pause.THROTTLED));
    }

    /// Notes in the attempts log what the client was refused.
    void refused(Cause cause, String sentence) {
        loop.refused(approach, peer, cause, sentence);
    }

    /// Ends the connection for a reason: a 5.0 client is told, the will is published.
    void fail(ReasonCode reason, String detail) {
        if (leaving()) {
            return;
        }
        Peer ended = peer;
        if (ended == null) {
            close();
            return;
        }
        ended.end(reason, detail);
        if (ended.five()) {
            PacketWriter.disconnect(out(), reason, detail, ended.packetBytesMax());
        }
        leave();
    }

    /// Sends what is written, then our end of the stream, and closes when the client did or after a moment: closing at
    /// once could destroy the last words on their way.
    private void leave() {
        leaveAt = loop.wheel().now() + LINGER_SECONDS;
        loop.wheel().plan(this, leaveAt);
        written.last().addListener(_ -> HalfClose.of(channel));
        channel.config().setAutoRead(true); // read and forget, so that the client's end is seen
    }

    private boolean leaving() {
        return leaveAt >= 0;
    }

    /// The client said goodbye.
    void bye() {
        if (!leaving()) {
            leaveAt = loop.wheel().now();
            written.last().addListener(ChannelFutureListener.CLOSE);
        }
    }

    /// Closes at once.
    void close() {
        leaveAt = loop.wheel().now();
        channel.close();
    }

    /// The client proved who it is; whether it gets its session is being decided.
    void comes(Principal principal) {
        coming = principal;
    }

    void revoked(String credential) {
        if (peer == null && coming != null && coming.credential().equals(credential)) {
            comesTooLate = true;
        } else if (peer != null && peer.principal().credential().equals(credential)) {
            disowned(REVOKED);
        }
    }

    /// Looks whether the client may still do what it does.
    void recheck() {
        if (peer != null && !leaving()) {
            peer.recheck();
        }
    }

    /// Ends the connection because nothing proves any more who the client is: it has no last will either.
    void disowned(String detail) {
        if (peer != null) {
            peer.dropWill();
        }
        fail(ReasonCode.NOT_AUTHORIZED, detail);
    }

    /// Says goodbye once everything published is acknowledged.
    void stop() {
        pause(Pause.STOPPING);
        if (peer == null) {
            close();
        } else if (!leaving()) {
            peer.stop();
        }
    }

    int plannedAt() {
        return plannedAt;
    }

    void plannedAt(int second) {
        plannedAt = second;
    }

    /// Looks whether something is due at second `now`.
    ///
    /// @return when to look next, or -1 for never
    int look(int now) {
        if (!channel.isOpen()) {
            return -1;
        }
        if (leaving()) {
            if (now >= leaveAt) {
                channel.close();
                return -1;
            }
            return leaveAt;
        }
        if (peer != null) {
            boolean ourPause = !pauses.isEmpty() && !pauses.contains(Pause.UNREAD);
            if (ourPause) {
                lastReadAt = now;
            }
            if (!pauses.isEmpty()) {
                unfinished.forgive(now);
            }
            int bytes = held.readable();
            return unfinished.look(this, bytes, now) ? earlier(peer.look(now, lastReadAt), bytes) : -1;
        }
        if (pauses.contains(Pause.SIGNING_IN)) {
            return now + 1; // the answer is ours to give
        }
        if (now - openedAt >= CONNECT_SECONDS) {
            loop.tally().timedOut.increment();
            refused(
                    Cause.NO_CONNECT,
                    "no CONNECT came within " + CONNECT_SECONDS + " seconds: is this an MQTT client, and does it send"
                            + " CONNECT first?");
            close();
            return -1;
        }
        return openedAt + CONNECT_SECONDS;
    }

    private int earlier(int next, int bytes) {
        int due = leaving() ? Integer.MAX_VALUE : unfinished.dueAt(bytes);
        return due == Integer.MAX_VALUE ? next : next < 0 ? due : Math.min(next, due);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (peer != null) {
            peer.end();
        }
        leaveAt = loop.wheel().now();
        held.letGo();
        written.forget();
        loop.closed(this);
        loop.flush();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        Throwable told = cause instanceof DecoderException && cause.getCause() != null ? cause.getCause() : cause;
        if (told instanceof SSLException) {
            String broken = "TLS was broken (" + Quote.shorten(String.valueOf(told.getMessage()))
                    + "): connect again; if it stays, update the client";
            refused(Cause.HANDSHAKE_FAILED, broken);
        } else if (told instanceof FrameFault) {
            refused(Cause.PROTOCOL_ERROR, String.valueOf(told.getMessage()));
        } else if (!(told instanceof IOException)) {
            loop.tally().mistakes.increment();
            LOG.error("{} is closed because of a mistake in Tributary; please report it", who(), cause);
        }
        close();
    }

    private String who() {
        return peer == null
                ? approach.toString()
                : approach + " " + peer.principal().tenant() + " "
                        + peer.principal().subject();
    }
}
