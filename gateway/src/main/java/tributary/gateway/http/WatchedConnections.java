package tributary.gateway.http;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.socket.PeerInfo;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ProtocolConfigs;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionProvider;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import io.helidon.webserver.websocket.WsConfig;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import tributary.gateway.Attempts;
import tributary.gateway.Balancers;
import tributary.gateway.Caller;
import tributary.gateway.Cause;
import tributary.gateway.Grounds;
import tributary.gateway.Pace;
import tributary.gateway.ProxyHeader;
import tributary.model.Message;

/// Connections of a port for HTTP/1.1 and WebSocket. Their requests have to come at a [Pace]. Those of a load balancer
/// begin with whom it speaks for, and to all that follows they come from there; those of others come as themselves, and
/// may not begin like that.
///
/// Not the server's own switch for the PROXY protocol: that one reads a header from everybody, believes everybody, and
/// never gives a connection's place back whose header is none, so that a stranger closes the port with a few of them.
public final class WatchedConnections implements ServerConnectionSelector {
    /// As long as the fixed part of a header, and no longer than the shortest request.
    private static final int FIRST_BYTES = ProxyHeader.FIXED_BYTES;

    private static final int LENGTH_AT = 14;

    private final @Nullable HttpDoor door;
    private final Balancers balancers;
    private final Attempts attempts;
    private final Pace.Limits limits;
    private final LongSupplier nanos;
    private final ServerConnectionSelector http;

    /// @param door serves what devices usually ask by itself; null: the server is asked for everything
    public WatchedConnections(
            @Nullable HttpDoor door, Balancers balancers, Attempts attempts, Pace.Limits limits, LongSupplier nanos) {
        this.door = door;
        this.balancers = Objects.requireNonNull(balancers, "balancers");
        this.attempts = Objects.requireNonNull(attempts, "attempts");
        this.limits = Objects.requireNonNull(limits, "limits");
        this.nanos = Objects.requireNonNull(nanos, "nanos");
        this.http = new Http1ConnectionProvider()
                .create("http_1_1", Http1Config.create(), ProtocolConfigs.create(List.of(WsConfig.create())));
    }

    @Override
    public int bytesToIdentifyConnection() {
        return balancers.networks().isEmpty() ? 0 : FIRST_BYTES;
    }

    @Override
    public Support supports(BufferData data) {
        return Support.SUPPORTED;
    }

    @Override
    public Set<String> supportedApplicationProtocols() {
        return http.supportedApplicationProtocols();
    }

    @Override
    public ServerConnection connection(ConnectionContext context) {
        boolean trusted = balancers.trusted(context.remotePeer().address());
        if (!balancers.networks().isEmpty() && !trusted && context.dataReader().startsWith(ProxyHeader.SIGNATURE)) {
            throw refused(
                    context, "a PROXY protocol header from an address that is not in http.proxy-from: add it there");
        }
        PeerInfo from = trusted ? client(context) : context.remotePeer();
        WatchedContext watched = new WatchedContext(context, from, Pace.watch(context.dataReader(), limits, nanos));
        return door == null
                ? http.connection(watched)
                : door.straight(watched, Pace.here(), () -> http.connection(watched));
    }

    private PeerInfo client(ConnectionContext balancer) {
        return switch (header(balancer.dataReader())) {
            case ProxyHeader.Told told -> {
                InetSocketAddress source = told.source();
                // This machine's own may do more; what the balancer calls so is the balancer's.
                yield source == null || source.getAddress().isLoopbackAddress()
                        ? balancer.remotePeer()
                        : new WatchedContext.From(source);
            }
            case ProxyHeader.Malformed malformed ->
                throw refused(balancer, malformed.why() + ", or take its address out of http.proxy-from");
            case ProxyHeader.Partial _ -> throw new AssertionError("all of the header was read");
        };
    }

    private static ProxyHeader header(DataReader reader) {
        ByteBuf fixed = Unpooled.wrappedBuffer(reader.readBytes(FIRST_BYTES));
        int rest = fixed.getUnsignedShort(LENGTH_AT);
        return switch (ProxyHeader.read(fixed)) {
            case ProxyHeader.Partial _ ->
                ProxyHeader.read(Unpooled.wrappedBuffer(fixed, Unpooled.wrappedBuffer(reader.readBytes(rest))));
            case ProxyHeader.Malformed malformed -> malformed;
            case ProxyHeader.Told told -> told;
        };
    }

    private CloseConnectionException refused(ConnectionContext from, String why) {
        attempts.note(
                Caller.of(Message.Origin.HTTP, from.remotePeer().address()),
                Grounds.unproven(Cause.PROTOCOL_ERROR, why));
        return new CloseConnectionException(why);
    }
}
