package tributary.gateway.mqtt;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.EventExecutor;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import jdk.net.ExtendedSocketOptions;
import tributary.broker.Broker;
import tributary.gateway.Intake;
import tributary.gateway.SignsOfLife;
import tributary.gateway.tls.ServerTls;
import tributary.model.Fault;
import tributary.model.PlatformException;
import tributary.registry.Certificates;
import tributary.registry.Credentials;

/// Listens for MQTT clients, 3.1.1 and 5.0, on Netty's event loops.
public final class MqttDoor implements AutoCloseable {
    private static final int BACKLOG = 4096;
    private static final int WRITE_LOW_BYTES = 32 * 1024;
    private static final int WRITE_HIGH_BYTES = 128 * 1024;

    /// How long clients get to have their publishes acknowledged when the door closes.
    private static final long DRAIN_MILLIS_MAX = 5_000;

    private static final long DRAIN_STEP_MILLIS = 20;

    private final MqttSettings settings;
    private final Tally tally = new Tally();
    private final EventLoopGroup group;
    private final Map<EventLoop, MqttLoop> loops = new IdentityHashMap<>();
    private final Gates gates;
    private final Reception reception;
    private final Class<? extends ServerChannel> kind;
    private final List<Channel> listening = new ArrayList<>();

    private MqttDoor(Services services) {
        this.settings = services.settings();
        this.gates =
                new Gates(new Crowd(settings.listeners().crowd(), new SecureRandom().nextLong(), System::nanoTime));
        boolean epoll = Epoll.isAvailable();
        IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        this.group = new MultiThreadIoEventLoopGroup(
                settings.eventLoops(), Thread.ofPlatform().name("mqtt-", 0).factory(), io);
        String started = Long.toString(services.nowMicros(), Character.MAX_RADIX);
        for (EventExecutor executor : group) {
            EventLoop eventLoop = (EventLoop) executor;
            MqttLoop loop = new MqttLoop(eventLoop, services, gates, tally, "auto-" + started + "-" + loops.size());
            loops.put(eventLoop, loop);
            loop.start();
        }
        this.reception = new Reception(settings, loops, tally);
        this.kind = epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
        services.broker().speakThrough(new WillPublisher(services.intake(), services::disowned));
        services.credentials().onRevoked(this::revoked);
        services.certificates().onChange(this::certificatesChanged);
        Anonymous anonymous = settings.listeners().anonymous();
        boolean own = anonymous.on() && anonymous.port() != 0;
        gates.plainPort(
                listenPlain(new Way(settings.host(), settings.port(), "mqtt.port"), own ? Anonymous.OFF : anonymous));
        if (own) {
            String host = anonymous.anywhere() ? settings.host() : "127.0.0.1";
            listenPlain(new Way(host, anonymous.port(), "mqtt.anonymous-port"), anonymous);
        }
    }

    private int listenPlain(Way way, Anonymous anonymous) {
        Entrance entrance = new Entrance(Entrance.Kind.PLAIN, anonymous.on() ? anonymous.principal() : null);
        return listen(way, channel -> reception.accept(channel, entrance, null));
    }

    /// Where to listen, and the key that changes it.
    private record Way(String host, int port, String key) {}

    /// Opens the door: clients may connect when it returns.
    ///
    /// @throws PlatformException with `PORT_TAKEN` where the port cannot be listened on
    public static MqttDoor open(
            MqttSettings settings, Intake intake, Broker broker, Identities identities, InstantSource clock) {
        return new MqttDoor(
                new Services(settings, intake, broker, identities.credentials(), identities.certificates(), clock));
    }

    /// What says who clients are.
    public record Identities(Credentials credentials, Certificates certificates) {
        public Identities {
            Objects.requireNonNull(credentials, "credentials");
            Objects.requireNonNull(certificates, "certificates");
        }
    }

    /// Listens for TLS, too.
    ///
    /// @throws PlatformException with `PORT_TAKEN` where the port cannot be listened on
    public void listenTls(ServerTls tls) {
        gates.tlsPort(listen(
                new Way(settings.listeners().tlsHost(), settings.listeners().tlsPort(), "mqtt.tls-port"),
                channel -> reception.accept(channel, new Entrance(Entrance.Kind.TLS, null), tls)));
    }

    /// @return whether one more client may come in; somebody else may be faster
    public boolean room() {
        return !group.isShuttingDown() && tally.connections.get() < settings.connectionsMax();
    }

    /// Takes in a client that came another way than by a listener of the door, such as over WebSocket.
    ///
    /// @param channel not registered with an event loop yet
    /// @return false where the door is closed
    public boolean join(Channel channel) {
        channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(WRITE_LOW_BYTES, WRITE_HIGH_BYTES));
        channel.pipeline().addLast(new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel joined) {
                reception.accept(joined, new Entrance(Entrance.Kind.WEBSOCKET, null), null);
            }
        });
        return group.register(channel).awaitUninterruptibly().isSuccess();
    }

    /// Such as of a client that asked for no keep-alive.
    private void askForLife(ServerBootstrap bootstrap) {
        bootstrap.childOption(ChannelOption.SO_KEEPALIVE, true);
        if (Epoll.isAvailable()) {
            bootstrap
                    .childOption(EpollChannelOption.TCP_KEEPIDLE, SignsOfLife.AFTER_SECONDS)
                    .childOption(EpollChannelOption.TCP_KEEPINTVL, SignsOfLife.EVERY_SECONDS)
                    .childOption(EpollChannelOption.TCP_KEEPCNT, SignsOfLife.TIMES);
        } else {
            bootstrap
                    .childOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE), SignsOfLife.AFTER_SECONDS)
                    .childOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL), SignsOfLife.EVERY_SECONDS)
                    .childOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPCOUNT), SignsOfLife.TIMES);
        }
    }

    /// @return the port
    private int listen(Way way, Consumer<Channel> accept) {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(group)
                .channel(kind)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(
                        ChannelOption.WRITE_BUFFER_WATER_MARK,
                        new WriteBufferWaterMark(WRITE_LOW_BYTES, WRITE_HIGH_BYTES))
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        accept.accept(channel);
                    }
                });
        askForLife(bootstrap);
        ChannelFuture bound =
                bootstrap.bind(new InetSocketAddress(way.host(), way.port())).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            listening.forEach(Channel::close);
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            throw new PlatformException(
                    Fault.PORT_TAKEN,
                    "MQTT cannot listen on " + way.host() + ":" + way.port() + " ("
                            + bound.cause().getMessage()
                            + "); stop the program that has the port, or choose another with " + way.key(),
                    bound.cause());
        }
        listening.add(bound.channel());
        return ((InetSocketAddress) bound.channel().localAddress()).getPort();
    }

    /// @return the TCP port that the door listens on
    public int port() {
        return gates.plainPort();
    }

    /// @return the TCP port with TLS, or 0 where there is none
    public int tlsPort() {
        return gates.tlsPort();
    }

    /// @return figures for metrics
    public MqttCounts counts() {
        return tally.counts();
    }

    /// @return exceptions that no client can be blamed for
    long mistakes() {
        return tally.mistakes.sum();
    }

    /// @return what clients that have not signed in made the door keep: for tests, which may add to it
    AtomicLong bytesOfStrangers() {
        return gates.bytesOfStrangers();
    }

    /// Lets some seconds pass at once, as far as clients are waited for: a test does not sit them out.
    void pass(int seconds) {
        loops.forEach(
                (eventLoop, loop) -> eventLoop.submit(() -> loop.pass(seconds)).syncUninterruptibly());
    }

    private void revoked(String credential) {
        for (MqttLoop loop : loops.values()) {
            loop.execute(() -> loop.revoked(credential));
        }
    }

    private void certificatesChanged() {
        for (MqttLoop loop : loops.values()) {
            loop.execute(loop::lookAtCertificates);
        }
    }

    /// Stops accepting, lets what was published be acknowledged, says goodbye to every client, and closes.
    @Override
    public void close() {
        if (group.isShuttingDown()) {
            return;
        }
        listening.forEach(channel -> channel.close().awaitUninterruptibly());
        List<MqttLoop> all = new ArrayList<>(loops.values());
        all.forEach(loop -> loop.execute(loop::stop));
        long waitedMillis = 0;
        while (tally.connections.get() > 0 && waitedMillis < DRAIN_MILLIS_MAX) {
            if (group.isShuttingDown()
                    || group.next()
                            .schedule(() -> {}, DRAIN_STEP_MILLIS, TimeUnit.MILLISECONDS)
                            .awaitUninterruptibly()
                            .isCancelled()) {
                break;
            }
            waitedMillis += DRAIN_STEP_MILLIS;
        }
        all.forEach(loop -> loop.execute(loop::closeAll));
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
