package tributary.bench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import tributary.simulator.Pieces;

/// HTTP/1.1 on a kept connection: one POST a message, answers in the order of the requests.
final class HttpDialect implements Dialect {
    private static final int ANSWER_BYTES_MAX = 1 << 20;

    private final Listener listener;
    private final byte[] request;
    private final Payload payload;
    private final Pieces pieces = new Pieces(ANSWER_BYTES_MAX);
    private final HttpAnswer answer = new HttpAnswer();

    /// @param target where and as whom it posts
    HttpDialect(Target target, LoadPlan.Shape shape, Listener listener) {
        this.listener = Objects.requireNonNull(listener, "listener");
        byte[] body = Payload.template(shape.bytes(), shape.readings());
        byte[] head = ("POST " + target.path() + " HTTP/1.1\r\nHost: " + target.host()
                        + "\r\n" + target.authorization() + "Content-Type: application/json\r\nContent-Length: "
                        + body.length + "\r\n\r\n")
                .getBytes(StandardCharsets.UTF_8);
        this.request = Arrays.copyOf(head, head.length + body.length);
        System.arraycopy(body, 0, request, head.length, body.length);
        this.payload = new Payload(request, head.length, shape.firstTimestampMillis());
    }

    /// @param host          with port, as the Host header has it
    /// @param path          of the request
    /// @param authorization the whole header line with its line end, or ""
    record Target(String host, String path, String authorization) {
        static Target bearer(String host, String path, String secret) {
            return new Target(host, path, secret.isEmpty() ? "" : "Authorization: Bearer " + secret + "\r\n");
        }
    }

    @Override
    public void greet(ChannelHandlerContext context) {
        listener.welcome();
    }

    @Override
    public void encode(ByteBuf out, long number) {
        payload.write(number);
        out.writeBytes(request);
    }

    @Override
    public int messageBytes() {
        return request.length;
    }

    @Override
    public void read(ChannelHandlerContext context, ByteBuf in) {
        ByteBuf all = pieces.add(in);
        while (answer.read(all)) {
            long number = listener.oldest();
            int status = answer.status();
            if (status / 100 == 2) {
                listener.taken(number);
            } else {
                listener.refused(number, "HTTP " + status);
            }
        }
        if (answer.malformed()) {
            listener.broken("not an HTTP/1.1 answer");
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
}
