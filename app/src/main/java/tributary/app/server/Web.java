package tributary.app.server;

import io.helidon.webserver.ListenerConfig;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.websocket.WsRouting;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;
import tributary.gateway.Attempts;
import tributary.gateway.Balancers;
import tributary.gateway.Pace;
import tributary.gateway.SignsOfLife;
import tributary.gateway.http.HttpDoor;
import tributary.gateway.http.PacedRequests;
import tributary.gateway.http.WatchedConnections;
import tributary.gateway.tls.ServerTls;

/// The one HTTP server: a plain port and, where there is a certificate, one with TLS; both answer the same.
final class Web implements AutoCloseable {
    private static final String SECURE = "secure";
    private static final int BACKLOG = 1024;

    /// Helidon speaks to java.util.logging: only what is wrong is of interest. Held here, because a logger that nobody
    /// holds forgets its level.
    private static final Logger HELIDON = Logger.getLogger("io.helidon");

    private final WebServer server;

    /// What is served.
    ///
    /// @param door          serves what devices usually ask before the server sees it; null: nothing
    /// @param http          adds the routes of HTTP
    /// @param sockets       adds the WebSocket endpoints
    /// @param chunkBytesMax the largest piece of a body that one of them takes
    record Content(
            @Nullable HttpDoor door,
            Consumer<HttpRouting.Builder> http,
            Consumer<WsRouting.Builder> sockets,
            int chunkBytesMax) {
        Content {
            Objects.requireNonNull(http, "http");
            Objects.requireNonNull(sockets, "sockets");
        }
    }

    private Web(WebServer server) {
        this.server = server;
    }

    /// @param ports    `tls` is used only where there is a certificate
    /// @param attempts notes load balancers that are not understood
    static Web start(
            WebSettings settings, Listening ports, Content content, Attempts attempts, @Nullable ServerTls tls) {
        HELIDON.setLevel(Level.WARNING);
        HttpRouting.Builder http = routing();
        content.http().accept(http);
        WsRouting.Builder sockets = WsRouting.builder();
        content.sockets().accept(sockets);
        Pace.Limits limits = new Pace.Limits(settings.bodyWait(), content.chunkBytesMax());
        WebServer server = WebServer.builder()
                .shutdownHook(false)
                .update(builder -> {
                    listen(builder, settings, settings.host(), ports.plain());
                    builder.addConnectionSelector(new WatchedConnections(
                            content.door(), settings.balancers(), attempts, limits, System::nanoTime));
                    builder.addRouting(http).addRouting(sockets);
                    if (tls != null) {
                        builder.putSocket(SECURE, socket -> {
                            listen(socket, settings, settings.tlsHost(), ports.tls());
                            socket.addConnectionSelector(new WatchedConnections(
                                    content.door(), Balancers.NONE, attempts, limits, System::nanoTime));
                            HttpRouting.Builder same = routing();
                            content.http().accept(same);
                            WsRouting.Builder sameSockets = WsRouting.builder();
                            content.sockets().accept(sameSockets);
                            socket.addRouting(same).addRouting(sameSockets);
                            socket.tls(spoken ->
                                    spoken.sslContext(tls.httpContext()).sslParameters(tls.httpParameters()));
                        });
                    }
                })
                .build()
                .start();
        return new Web(server);
    }

    /// Which ports to listen on.
    record Listening(int plain, int tls) {}

    private static HttpRouting.Builder routing() {
        return HttpRouting.builder().addFilter(new PacedRequests()).addFilter(new Framing());
    }

    private static void listen(ListenerConfig.BuilderBase<?, ?> listener, WebSettings settings, String host, int port) {
        listener.host(host)
                .port(port)
                .maxTcpConnections(settings.connectionsMax())
                .backlog(BACKLOG)
                .connectionOptions(options -> options.socketKeepAlive(true)
                        .putSocketOption(ExtendedSocketOptions.TCP_KEEPIDLE, SignsOfLife.AFTER_SECONDS)
                        .putSocketOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, SignsOfLife.EVERY_SECONDS)
                        .putSocketOption(ExtendedSocketOptions.TCP_KEEPCOUNT, SignsOfLife.TIMES))
                .contentEncoding(HttpDoor.codings());
    }

    int port() {
        return server.port();
    }

    /// @return 0 where there is no TLS
    int tlsPort() {
        return Math.max(0, server.port(SECURE));
    }

    @Override
    public void close() {
        server.stop();
    }
}
