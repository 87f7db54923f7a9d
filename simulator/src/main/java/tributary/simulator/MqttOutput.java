package tributary.simulator;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Publishes over MQTT 3.1.1 with QoS 1, one connection a device or gateway, all on one event loop.
///
/// Messages are handed to the loop in batches. At most [#UNDER_WAY_MAX] have no answer at any time; a
/// connection that breaks is opened again after a second, unless its credential is good no longer, and what it
/// had under way counts as failed.
public final class MqttOutput implements Output {
    static final int UNDER_WAY_MAX = 10_000;

    private static final int BATCH = 256;
    private static final int OPENING_MAX = 128;
    private static final int PACKET_ID_MAX = 65_535;
    /// Return codes of CONNACK in MQTT 3.1.1.
    private static final int BAD_CREDENTIAL = 4;
    private static final int NOT_ALLOWED = 5;

    private final InetSocketAddress broker;
    private final MultiThreadIoEventLoopGroup group;
    private final EventLoop loop;
    private final Map<String, Peer> peers = new HashMap<>();
    private final UnderWay underWay = new UnderWay(UNDER_WAY_MAX);
    private List<SimulatedMessage> gathered = new ArrayList<>();
    private volatile boolean closed;

    private MqttOutput(InetSocketAddress broker) {
        this.broker = broker;
        this.group = new MultiThreadIoEventLoopGroup(
                1, Thread.ofPlatform().name("simulator-mqtt").daemon().factory(), NioIoHandler.newFactory());
        this.loop = group.next();
    }

    /// Opens every connection, or none.
    ///
    /// @param secrets connection to password, with the connection's own name as user name; "" connects without
    ///                either
    /// @throws ServerException where a connection is not welcome or the broker does not answer
    public static MqttOutput open(InetSocketAddress broker, Map<String, String> secrets) throws InterruptedException {
        MqttOutput output = new MqttOutput(broker);
        try {
            output.openAll(secrets);
        } catch (ServerException e) {
            output.close();
            throw e;
        }
        return output;
    }

    private void openAll(Map<String, String> secrets) throws InterruptedException {
        Semaphore opening = new Semaphore(OPENING_MAX);
        List<CompletableFuture<String>> answers = new ArrayList<>();
        secrets.forEach((id, secret) -> peers.put(id, new Peer(id, secret)));
        for (Peer peer : peers.values()) {
            opening.acquire();
            CompletableFuture<String> answer = peer.open();
            answers.add(answer.whenComplete((_, _) -> opening.release()));
        }
        for (CompletableFuture<String> answer : answers) {
            String problem = answer.completeOnTimeout("no answer to CONNECT within 20 s", 20, TimeUnit.SECONDS)
                    .join();
            if (!problem.isEmpty()) {
                throw new ServerException(
                        problem.startsWith("CONNACK")
                                ? ServerException.Kind.NOT_ALLOWED
                                : ServerException.Kind.UNREACHABLE,
                        "mqtt://%s:%d: %s".formatted(broker.getHostString(), broker.getPort(), problem));
            }
        }
    }

    @Override
    public void send(SimulatedMessage message) throws InterruptedException {
        if (!underWay.tryBegin()) {
            flush();
            underWay.begin();
        }
        gathered.add(message);
        if (gathered.size() >= BATCH) {
            flush();
        }
    }

    @Override
    public void flush() {
        if (gathered.isEmpty()) {
            return;
        }
        List<SimulatedMessage> batch = gathered;
        gathered = new ArrayList<>(BATCH);
        loop.execute(() -> write(batch));
    }

    private void write(List<SimulatedMessage> batch) {
        Set<Peer> touched = new LinkedHashSet<>();
        for (SimulatedMessage message : batch) {
            Peer peer = peers.get(message.connection());
            if (peer == null || !peer.write(message)) {
                underWay.fail(1);
            } else {
                touched.add(peer);
            }
        }
        touched.forEach(Peer::flush);
    }

    @Override
    public boolean drain() throws InterruptedException {
        flush();
        return underWay.drain();
    }

    @Override
    public long acknowledged() {
        return underWay.acknowledged();
    }

    @Override
    public long failed() {
        return underWay.failed();
    }

    @Override
    public void close() {
        closed = true;
        loop.submit(() -> peers.values().forEach(Peer::close)).awaitUninterruptibly();
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(3, TimeUnit.SECONDS);
    }

    /// One connection; but for its construction the event loop's own.
    private final class Peer extends ChannelInboundHandlerAdapter implements MqttAnswers.Listener {
        private final String id;
        private final String secret;
        private final BitSet ids = new BitSet();
        private MqttAnswers answers = new MqttAnswers(this);
        private CompletableFuture<String> opened = new CompletableFuture<>();
        private @Nullable Channel channel;
        private boolean live;
        private boolean unwelcome;
        private int lastId;

        Peer(String id, String secret) {
            this.id = id;
            this.secret = secret;
        }

        CompletableFuture<String> open() {
            CompletableFuture<String> answer = new CompletableFuture<>();
            loop.execute(() -> {
                opened = answer;
                connect();
            });
            return answer;
        }

        private void connect() {
            Peer self = this;
            new Bootstrap()
                    .group(loop)
                    .channel(NioSocketChannel.class)
                    .option(ChannelOption.TCP_NODELAY, true)
                    .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 10_000)
                    .handler(new ChannelInitializer<SocketChannel>() {
                        @Override
                        protected void initChannel(SocketChannel fresh) {
                            fresh.pipeline().addLast(self);
                        }
                    })
                    .connect(broker)
                    .addListener(result -> {
                        if (!result.isSuccess()) {
                            gone("cannot connect: " + result.cause().getMessage());
                        }
                    });
        }

        @Override
        public boolean isSharable() {
            return true; // the same handler serves the next connection after one broke
        }

        /// @return false where the connection is not open just now
        boolean write(SimulatedMessage message) {
            Channel to = channel;
            if (!live || to == null) {
                return false;
            }
            int packetId = lastId;
            do {
                packetId = packetId % PACKET_ID_MAX + 1;
            } while (ids.get(packetId));
            lastId = packetId;
            ids.set(packetId);
            MqttWire.Publish publish = MqttWire.publish(MqttWire.Version.V311, 1, message.topic(), message.payload());
            publish.name(packetId);
            to.write(to.alloc().buffer(publish.packet().length).writeBytes(publish.packet()), to.voidPromise());
            return true;
        }

        void flush() {
            if (channel != null) {
                channel.flush();
            }
        }

        void close() {
            Channel open = channel;
            if (open != null) {
                live = false;
                open.writeAndFlush(open.alloc().buffer(2).writeBytes(MqttWire.disconnect()))
                        .addListener(_ -> open.close());
            }
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            channel = context.channel();
            String user = secret.isEmpty() ? null : id;
            byte[] connect = MqttWire.connect(
                    MqttWire.Version.V311, new MqttWire.Login(id, user, secret.isEmpty() ? null : secret, 0));
            context.writeAndFlush(context.alloc().buffer(connect.length).writeBytes(connect));
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            answers.read((ByteBuf) message);
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            gone("closed by the server");
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }

        @Override
        public void connected(int code) {
            live = code == 0;
            unwelcome = code == BAD_CREDENTIAL || code == NOT_ALLOWED;
            opened.complete(live ? "" : "CONNACK " + code + " for " + id);
        }

        @Override
        public void acknowledged(int packetId, int code) {
            if (ids.get(packetId)) {
                ids.clear(packetId);
                if (code < 128) {
                    underWay.acknowledge(1);
                } else {
                    underWay.fail(1);
                }
            }
        }

        @Override
        public void received(int packetId, int code) {
            malformed("PUBREC, though nothing was sent with QoS 2");
        }

        @Override
        public void disconnected(int code) {
            // the server closes the connection right after
        }

        @Override
        public void malformed(String detail) {
            if (channel != null) {
                channel.close();
            }
        }

        private void gone(String why) {
            live = false;
            channel = null;
            answers.close();
            answers = new MqttAnswers(this);
            int lost = ids.cardinality();
            ids.clear();
            underWay.fail(lost);
            boolean first = opened.complete(why);
            if (!closed && !first && !unwelcome) {
                loop.schedule(this::connect, 1, TimeUnit.SECONDS);
            }
        }
    }
}
