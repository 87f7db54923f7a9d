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
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tributary.gateway.DeviceRoute;
import tributary.gateway.Pace;
import tributary.gateway.mqtt.MqttDoor;

/// MQTT over WebSocket at `/mqtt`, for browsers and networks that let nothing else through.
///
/// Helidon makes the upgrade; each client is then a [WsChannel] of the MQTT door, so that it meets the same
/// code as one that came by TCP.
public final class MqttSocket {
    /// Where it is.
    public static final String PATH = DeviceRoute.MQTT.path();

    private static final String SUBPROTOCOL = "mqtt";

    private final MqttDoor door;

    public MqttSocket(MqttDoor door) {
        this.door = Objects.requireNonNull(door, "door");
    }

    /// Adds the endpoint.
    public void register(WsRouting.Builder routing) {
        routing.endpoint(PATH, Upgrade::new);
    }

    /// @return why a request to the path is not upgraded and what to do, for people; null where it could be
    public static @Nullable String unfit(Headers headers) {
        return Handshake.offers(headers, SUBPROTOCOL) == null
                ? "Connect with an MQTT client over WebSocket; it offers the subprotocol 'mqtt'"
                        + " (Sec-WebSocket-Protocol: mqtt)."
                : null;
    }

    /// One upgrade, and the connection that comes of it.
    private final class Upgrade implements WsListener {
        @Override
        public Optional<Headers> onHttpUpgrade(HttpPrologue prologue, Headers headers) throws WsUpgradeException {
            Pace.here().free();
            if (unfit(headers) != null || !door.room()) {
                throw new WsUpgradeException("refused");
            }
            WritableHeaders<?> answer = WritableHeaders.create();
            answer.set(HeaderValues.create(Handshake.PROTOCOL, SUBPROTOCOL));
            return Optional.of(answer);
        }

        /// Runs on the connection's own thread and keeps it: frames are read here and not by Helidon.
        @Override
        public void onOpen(WsSession session) {
            if (!(session.socketContext() instanceof ConnectionContext socket)) {
                throw new IllegalStateException("opened without an upgrade by this server");
            }
            try {
                new MqttSocketConnection(socket).run(door);
            } finally {
                WsDoor.close(socket);
            }
        }
    }
}
