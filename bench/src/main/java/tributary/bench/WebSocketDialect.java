package tributary.bench;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tributary.simulator.Pieces;

/// A WebSocket whose text frames are telemetry, answered in batches: `{"ack":N}` says that all frames up to N are
/// durable, `{"refused":K,...}` that frame K is not taken.
///
/// Frames are masked with zero, which is a mask like any other to the server and costs the generator nothing.
final class WebSocketDialect implements Dialect {
    private static final int ANSWER_BYTES_MAX = 1 << 20;
    private static final int TEXT = 0x81;
    private static final int PONG = 0x8A;
    private static final Pattern REFUSED = Pattern.compile("\"refused\"\\s*:\\s*(\\d+)");
    private static final Pattern ACK = Pattern.compile("\"ack\"\\s*:\\s*(\\d+)");
    private static final Pattern REASON = Pattern.compile("\"reason\"\\s*:\\s*\"([^\"]{0,80})");
    private static final byte[] ACK_BEGINS = "{\"ack\":".getBytes(StandardCharsets.US_ASCII);

    private final Listener listener;
    private final byte[] greeting;
    private final byte[] frame;
    private final Payload payload;
    private final Pieces pieces = new Pieces(ANSWER_BYTES_MAX);
    private final HttpAnswer handshake = new HttpAnswer();
    private boolean open;

    WebSocketDialect(HttpDialect.Target target, LoadPlan.Shape shape, Listener listener) {
        this.listener = Objects.requireNonNull(listener, "listener");
        this.greeting = ("GET " + target.path() + " HTTP/1.1\r\nHost: " + target.host() + "\r\n"
                        + target.authorization()
                        + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
                .getBytes(StandardCharsets.UTF_8);
        byte[] body = Payload.template(shape.bytes(), shape.readings());
        byte[] head = head(body.length);
        this.frame = Arrays.copyOf(head, head.length + body.length);
        System.arraycopy(body, 0, frame, head.length, body.length);
        this.payload = new Payload(frame, head.length, shape.firstTimestampMillis());
    }

    @Override
    public void greet(ChannelHandlerContext context) {
        context.writeAndFlush(Unpooled.wrappedBuffer(greeting), context.voidPromise());
    }

    @Override
    public void encode(ByteBuf out, long number) {
        payload.write(number);
        out.writeBytes(frame);
    }

    @Override
    public int messageBytes() {
        return frame.length;
    }

    @Override
    public void read(ChannelHandlerContext context, ByteBuf in) {
        ByteBuf all = pieces.add(in);
        if (!open && handshake.read(all)) {
            if (handshake.status() == 101) {
                open = true;
                listener.welcome();
            } else {
                listener.broken("WebSocket handshake: HTTP " + handshake.status());
            }
        }
        if (handshake.malformed()) {
            listener.broken("not an HTTP/1.1 answer to the WebSocket handshake");
        }
        while (open && oneFrame(context, all)) {
            // until no whole frame is left
        }
        pieces.keepRest();
    }

    @Override
    public boolean answered() {
        return true;
    }

    @Override
    public void close() {
        pieces.close();
    }

    private boolean oneFrame(ChannelHandlerContext context, ByteBuf in) {
        int start = in.readerIndex();
        int there = in.readableBytes();
        if (there < 2) {
            return false;
        }
        int opcode = in.getByte(start) & 15;
        int length = in.getByte(start + 1) & 127;
        int body = start + 2;
        if (length == 126 && there >= 4) {
            length = in.getUnsignedShort(start + 2);
            body += 2;
        } else if (length == 126) {
            return false;
        } else if (length == 127) {
            listener.broken("a frame of more than 65535 bytes is no answer");
            return false;
        }
        if (body + length > in.writerIndex()) {
            return false;
        }
        switch (opcode) {
            case 1 -> answer(in, body, length);
            case 8 ->
                listener.broken(
                        "closed by the server" + (length >= 2 ? " with code " + in.getUnsignedShort(body) : ""));
            case 9 -> pong(context, in, body, length);
            default -> {
                // pong, or a binary frame that nobody asked for
            }
        }
        in.readerIndex(body + length);
        return true;
    }

    private void answer(ByteBuf in, int body, int length) {
        boolean ack = length > ACK_BEGINS.length;
        for (int i = 0; ack && i < ACK_BEGINS.length; i++) {
            ack = in.getByte(body + i) == ACK_BEGINS[i];
        }
        if (ack && in.getByte(body + length - 1) == '}') {
            long number = 0;
            int i = body + ACK_BEGINS.length;
            for (; i < body + length - 1; i++) {
                int digit = in.getByte(i) - '0';
                if (digit < 0 || digit > 9) {
                    break;
                }
                number = number * 10 + digit;
            }
            if (i == body + length - 1) {
                listener.takenBefore(number);
                return;
            }
        }
        slowAnswer(in.toString(body, length, StandardCharsets.UTF_8));
    }

    private void slowAnswer(String text) {
        Matcher refused = REFUSED.matcher(text);
        if (refused.find()) {
            Matcher reason = REASON.matcher(text);
            listener.refused(
                    Long.parseLong(refused.group(1)) - 1, reason.find() ? reason.group(1) : "without a reason");
        }
        Matcher ack = ACK.matcher(text);
        if (ack.find()) {
            listener.takenBefore(Long.parseLong(ack.group(1)));
        }
    }

    private static void pong(ChannelHandlerContext context, ByteBuf in, int body, int length) {
        ByteBuf out = context.alloc().buffer(length + 6);
        out.writeByte(PONG).writeByte(0x80 | Math.min(length, 125)).writeInt(0);
        out.writeBytes(in, body, Math.min(length, 125));
        context.writeAndFlush(out, context.voidPromise());
    }

    private static byte[] head(int length) {
        if (length < 126) {
            return new byte[] {(byte) TEXT, (byte) (0x80 | length), 0, 0, 0, 0};
        }
        if (length < 65_536) {
            return new byte[] {(byte) TEXT, (byte) (0x80 | 126), (byte) (length >> 8), (byte) length, 0, 0, 0, 0};
        }
        return new byte[] {
            (byte) TEXT,
            (byte) (0x80 | 127),
            0,
            0,
            0,
            0,
            (byte) (length >> 24),
            (byte) (length >> 16),
            (byte) (length >> 8),
            (byte) length,
            0,
            0,
            0,
            0
        };
    }
}
