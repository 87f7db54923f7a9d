package tributary.gateway.ws;

import io.helidon.http.HeaderValues;
import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.http.WritableHeaders;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.websocket.WsRouting;
import io.helidon.websocket.WsListener;
import io.helidon.websocket.WsSession;
import io.helidon.websocket.WsUpgradeException;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.decode.SharedDecoder;
import tributary.gateway.DeviceRoute;
import tributary.gateway.Intake;
import tributary.gateway.Pace;
import tributary.gateway.ws.Handshake.Decision;
import tributary.registry.Credentials;

/// The door for WebSocket, as `docs/websocket.md` describes it.
///
/// Helidon makes the upgrade; the frames are read and written here (`RATIONALE.md` says why). A refused upgrade
/// is answered by the HTTP door, which has the words for it.
public final class WsDoor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WsDoor.class);
    private static final long TICK_MILLIS = 1_000;
    private static final Closing NO_ROOM = new Closing(
            Closing.TRY_AGAIN_LATER, "all WebSocket connections (ws.connections-max) are taken; come back soon", false);
    private static final Closing REVOKED =
            new Closing(Closing.POLICY, "the credential was revoked; connect with a new one", true);

    /// How long [#close] lets frames in flight reach the disk.
    private static final long DRAIN_MILLIS = 5_000;

    private final WsSettings settings;
    private final InstantSource clock;
    private final Handshake handshake;
    private final WsConnection.Surroundings surroundings;
    private final Set<WsConnection> connections = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final ScheduledExecutorService timer;

    public WsDoor(WsSettings settings, Credentials credentials, Intake intake, InstantSource clock) {
        this.settings = Objects.requireNonNull(settings, "settings");
        this.clock = Objects.requireNonNull(clock, "clock");
        this.handshake = new Handshake(credentials, intake);
        this.surroundings = new WsConnection.Surroundings(settings, intake, new SharedDecoder(), clock);
        this.timer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name("ws-clock").daemon().factory());
        credentials.onRevoked(this::revoked);
        timer.scheduleWithFixedDelay(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /// Adds the route.
    public void register(WsRouting.Builder routing) {
        routing.endpoint(DeviceRoute.STREAM.path(), Upgrade::new);
    }

    /// @return connections that are open
    public int connections() {
        return connections.size();
    }

    private void tick() {
        long nowMillis = clock.millis();
        connections.forEach(connection -> connection.tick(nowMillis));
    }

    private void revoked(String credential) {
        for (WsConnection connection : connections) {
            if (connection.principal().credential().equals(credential)) {
                connection.close(REVOKED);
            }
        }
    }

    /// Takes no more frames, acknowledges what is durable, says goodbye.
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        for (WsConnection connection : connections) {
            connection.close(new Closing(Closing.GOING_AWAY, "the server is stopping; connect again soon", true));
        }
        timer.shutdown();
        long deadlineMillis = clock.millis() + DRAIN_MILLIS;
        for (WsConnection connection : connections) {
            connection.awaitEnd(deadlineMillis - clock.millis());
        }
    }

    /// One upgrade, and the connection that comes of it.
    private final class Upgrade implements WsListener {
        private @Nullable Decision decision;
        private Supplier<Decision> again = Decision.Unproven::new;

        @Override
        public Optional<Headers> onHttpUpgrade(HttpPrologue prologue, Headers headers) throws WsUpgradeException {
            Pace.here().free();
            if (closed.get() || connections.size() >= settings.connectionsMax()) {
                throw new WsUpgradeException("no room");
            }
            again = () -> handshake.decide(prologue, headers);
            Decision made = again.get();
            decision = made;
            return switch (made) {
                case Decision.Welcome welcome
                when welcome.protocols() -> {
                    WritableHeaders<?> answer = WritableHeaders.create();
                    answer.set(HeaderValues.create(Handshake.PROTOCOL, Handshake.SUBPROTOCOL));
                    yield Optional.of(answer);
                }
                case Decision.Welcome _ -> Optional.empty();
                case Decision.Unproven _, Decision.Refused _, Decision.Denied _ ->
                    throw new WsUpgradeException("refused");
            };
        }

        /// Runs on the connection's own thread and keeps it: frames are read here and not by Helidon.
        @Override
        public void onOpen(WsSession session) {
            if (!(decision instanceof Decision.Welcome welcome)
                    || !(session.socketContext() instanceof ConnectionContext socket)) {
                throw new IllegalStateException("opened without an upgrade by this server");
            }
            WsConnection connection = new WsConnection(socket, welcome, surroundings);
            connections.add(connection);
            try {
                if (closed.get()) {
                    connection.close(new Closing(Closing.GOING_AWAY, "the server is stopping", false));
                } else if (connections.size() > settings.connectionsMax()) {
                    connection.close(NO_ROOM); // several upgrades saw the same last place
                } else if (!(again.get() instanceof Decision.Welcome)) {
                    connection.close(REVOKED); // before it could be found among the connections
                }
                connection.run();
            } finally {
                connections.remove(connection);
                WsDoor.close(socket);
            }
        }
    }

    /// Helidon, which goes on from here, finds the socket closed and has nothing to say any more.
    static void close(ConnectionContext socket) {
        try {
            socket.serverSocket().close();
        } catch (UncheckedIOException e) {
            LOG.trace("the socket was closed already", e);
        }
    }
}
