package tributary.bench;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshakerFactory;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.json.JsonMapper;

/// Enough of a Tributary to be loaded over HTTP and WebSocket and then asked by SQL; it can lose and double
/// messages.
final class StandIn implements AutoCloseable {
    static final String KEY = "trk_of_the_owner";

    private static final JsonMapper JSON = new JsonMapper();

    /// What it does wrong.
    enum Fault {
        NONE,
        LOSES_ONE,
        DOUBLES_ONE,
        REFUSES_ONE,
        ANSWERS_IN_CHUNKS
    }

    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Channel server;
    private final Fault fault;
    private final AtomicInteger taken = new AtomicInteger();
    /// Devices of the widest range that was asked for.
    final AtomicInteger largestQuestion = new AtomicInteger();

    final Map<String, List<Long>> sequences = new ConcurrentHashMap<>();
    final Set<String> devices = ConcurrentHashMap.newKeySet();
    final List<String> topics = new CopyOnWriteArrayList<>();
    final Set<String> removed = ConcurrentHashMap.newKeySet();

    StandIn(Fault fault) throws InterruptedException {
        this.fault = fault;
        server = new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline()
                                .addLast(new HttpServerCodec(), new HttpObjectAggregator(1 << 20), new Requests());
                    }
                })
                .bind("127.0.0.1", 0)
                .sync()
                .channel();
    }

    String url() {
        return "http://127.0.0.1:" + ((InetSocketAddress) server.localAddress()).getPort();
    }

    @Override
    public void close() {
        server.close().awaitUninterruptibly();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    /// @return whether it is taken
    private boolean take(String authorization, String payload) {
        String device = authorization.substring("Bearer secret-of-".length());
        long sequence = JSON.readTree(payload).path("sequence").asLong();
        int number = taken.incrementAndGet();
        List<Long> all = sequences.computeIfAbsent(device, _ -> new CopyOnWriteArrayList<>());
        if (number == 7 && fault == Fault.REFUSES_ONE) {
            return false;
        }
        if (number == 7 && fault == Fault.LOSES_ONE) {
            return true;
        }
        all.add(sequence);
        if (number == 7 && fault == Fault.DOUBLES_ONE) {
            all.add(sequence);
        }
        return true;
    }

    private String sql(String query) {
        Matcher range = Pattern.compile("device between '(.*?)' and '(.*?)'").matcher(query);
        SortedMap<String, List<Long>> asked = new TreeMap<>(sequences);
        if (range.find()) {
            asked = asked.subMap(range.group(1), range.group(2) + "\0");
            largestQuestion.accumulateAndGet(asked.size(), Math::max);
        }
        long rows = asked.values().stream().mapToLong(List::size).sum();
        long messages = asked.values().stream()
                .mapToLong(list -> new HashSet<>(list).size())
                .sum();
        long highest = asked.values().stream()
                .mapToLong(list -> list.stream().mapToLong(n -> n).max().orElse(0) - Payload.SEQUENCE_ORIGIN)
                .sum();
        String row = query.contains("sum(messages)")
                ? "[" + messages + "," + rows + "," + highest + "]"
                : query.contains("sensor =") ? "[" + rows + "]" : "[" + rows * 3 + "]";
        return "{\"columns\":[],\"rows\":[" + row + "],\"rowCount\":1}";
    }

    private final class Requests extends SimpleChannelInboundHandler<FullHttpRequest> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
            String path = request.uri();
            String body = request.content().toString(StandardCharsets.UTF_8);
            String authorization = request.headers().get(HttpHeaderNames.AUTHORIZATION, "");
            if (path.startsWith("/api/v1/ws")) {
                upgrade(context, request, authorization);
            } else if (path.startsWith("/api/v1/messages/")) {
                topics.add(path.substring("/api/v1/messages/".length()));
                answer(context, 202, "");
            } else if (path.equals("/api/v1/telemetry") || path.endsWith("/telemetry")) {
                answer(context, take(authorization, body) ? 202 : 429, "");
            } else if (!authorization.equals("Bearer " + KEY)) {
                answer(context, 401, "{\"title\":\"unknown key\"}");
            } else if (path.equals("/api/v1/sql")) {
                answer(context, 200, sql(JSON.readTree(body).path("sql").asString()));
            } else if (path.endsWith("/credentials")) {
                String device = path.split("/")[4];
                answer(context, 201, "{\"id\":\"c\",\"secret\":\"secret-of-" + device + "\"}");
            } else if (request.method().name().equals("DELETE")) {
                removed.add(path.split("/")[4]);
                answer(context, 204, "");
            } else if (path.equals("/api/v1/devices")) {
                devices.add(JSON.readTree(body).path("id").asString());
                answer(context, 201, "{}");
            } else {
                answer(context, 404, "{}");
            }
        }

        private void answer(ChannelHandlerContext context, int status, String body) {
            FullHttpResponse response = new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1,
                    HttpResponseStatus.valueOf(status),
                    Unpooled.copiedBuffer(body, StandardCharsets.UTF_8));
            if (fault == Fault.ANSWERS_IN_CHUNKS && status == 202) {
                context.writeAndFlush(Unpooled.EMPTY_BUFFER);
                response = response.replace(Unpooled.copiedBuffer("{\"taken\": 3}", StandardCharsets.UTF_8));
                response.headers().set(HttpHeaderNames.TRANSFER_ENCODING, "chunked");
            } else if (status != 204) {
                response.headers()
                        .set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes());
            }
            context.writeAndFlush(response);
        }

        private void upgrade(ChannelHandlerContext context, FullHttpRequest request, String authorization) {
            new WebSocketServerHandshakerFactory("ws://127.0.0.1/api/v1/ws", null, false)
                    .newHandshaker(request)
                    .handshake(context.channel(), request);
            context.pipeline().replace(this, "frames", new Frames(authorization));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }

    private final class Frames extends SimpleChannelInboundHandler<TextWebSocketFrame> {
        private final String authorization;
        private int count;

        Frames(String authorization) {
            this.authorization = authorization;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, TextWebSocketFrame frame) {
            count++;
            if (!take(authorization, frame.text())) {
                context.write(new TextWebSocketFrame(
                        "{\"refused\":" + count + ",\"reason\":\"quota\",\"detail\":\"slow down\"}"));
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.writeAndFlush(new TextWebSocketFrame("{\"ack\":" + count + "}"));
        }
    }
}
