package tributary.gateway.mqtt;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tributary.broker.Client;
import tributary.broker.Delivery;
import tributary.broker.Session;
import tributary.broker.Target;
import tributary.gateway.Admission;
import tributary.gateway.Intake;
import tributary.model.Message;
import tributary.registry.Principal;

/// A client that signed in: who it is, what its packets mean, and what it leaves behind.
final class Peer implements Client {
    private static final int SHUTDOWN_DISCONNECT = 0x04;

    private final MqttConnection connection;
    private final Principal principal;
    private final int version;
    private final int keepAliveSeconds;
    private final boolean explains;
    private final long packetBytesMax;
    private final boolean expiryAsked;
    private final int receiveMax;
    private @Nullable Session session;
    private @Nullable Inbound inbound;
    private @Nullable Outbound outbound;
    private @Nullable Interests interests;
    private Packet.@Nullable Will will;
    private boolean ended;

    Peer(MqttConnection connection, Packet.Connect connect, Principal principal, int keepAliveSeconds) {
        this.connection = connection;
        this.principal = principal;
        this.version = connect.version();
        this.keepAliveSeconds = keepAliveSeconds;
        this.will = connect.will();
        Properties said = connect.properties();
        this.explains = five() && said.number(Property.REQUEST_PROBLEM_INFORMATION, 1) == 1;
        this.packetBytesMax = said.number(Property.MAXIMUM_PACKET_SIZE, Integer.MAX_VALUE);
        this.expiryAsked = said.number(Property.SESSION_EXPIRY_INTERVAL, 0) > 0;
        this.receiveMax = (int) said.number(Property.RECEIVE_MAXIMUM, 65_535);
    }

    /// The session was opened in the peer's name; packets may come.
    void begin(Session opened) {
        session = opened;
        inbound = new Inbound(this);
        outbound = new Outbound(this);
        interests = new Interests(this);
    }

    MqttConnection connection() {
        return connection;
    }

    Principal principal() {
        return principal;
    }

    Session session() {
        return Objects.requireNonNull(session, "begun");
    }

    private Inbound inbound() {
        return Objects.requireNonNull(inbound, "begun");
    }

    private Outbound outbound() {
        return Objects.requireNonNull(outbound, "begun");
    }

    int version() {
        return version;
    }

    boolean five() {
        return version == PacketReader.VERSION_5;
    }

    /// @return `detail` where the client wants reasons in words and takes a packet of that size, else ""
    String explanation(String detail) {
        boolean fits = detail.length() * 3L + 16 <= packetBytesMax;
        return explains && fits ? detail : "";
    }

    long packetBytesMax() {
        return packetBytesMax;
    }

    /// @return deliveries that the client takes before it acknowledges
    int receiveMax() {
        return receiveMax;
    }

    boolean ended() {
        return ended;
    }

    /// @return whether the packet was dealt with; false where it is to be taken again after a pause
    boolean handle(Packet packet) throws MqttFault {
        switch (packet) {
            case Packet.Publish publish -> {
                return inbound().publish(publish);
            }
            case Packet.Acknowledgement acknowledgement -> acknowledged(acknowledgement);
            case Packet.Subscribe subscribe ->
                Objects.requireNonNull(interests, "begun").subscribe(subscribe);
            case Packet.Unsubscribe unsubscribe ->
                Objects.requireNonNull(interests, "begun").unsubscribe(unsubscribe);
            case Packet.Ping _ -> PacketWriter.pong(connection.out());
            case Packet.Disconnect disconnect -> disconnected(disconnect);
            case Packet.Connect _ -> throw MqttFault.protocol("a second CONNECT on one connection");
            case Packet.Auth _ -> throw MqttFault.protocol("AUTH without extended authentication");
        }
        return true;
    }

    private void acknowledged(Packet.Acknowledgement acknowledgement) throws MqttFault {
        switch (acknowledgement.kind()) {
            case PUBREL -> inbound().release(acknowledgement.packetId());
            case PUBACK, PUBREC, PUBCOMP -> outbound().acknowledged(acknowledgement);
        }
    }

    private void disconnected(Packet.Disconnect disconnect) throws MqttFault {
        if (disconnect.properties().number(Property.SESSION_EXPIRY_INTERVAL, 0) > 0 && !expiryAsked) {
            throw MqttFault.protocol("a session that was to end with the connection cannot be prolonged");
        }
        end(disconnect.reasonCode() == SHUTDOWN_DISCONNECT);
        connection.bye();
    }

    @Override
    public void deliver(Delivery delivery, Target target) {
        outbound().deliver(delivery, target);
    }

    @Override
    public void takenOver() {
        connection
                .loop()
                .execute(() -> connection.fail(
                        ReasonCode.SESSION_TAKEN_OVER, "another connection signed in with this client id"));
    }

    /// The client reads again.
    void writable() {
        outbound().pump();
    }

    /// Looks whether the credential has expired or the client has been silent for too long.
    ///
    /// @return the second at which to look next, or -1
    int look(int now, int lastReadAt) {
        int next = Integer.MAX_VALUE;
        Instant expiresAt = principal.expiresAt();
        if (expiresAt != null) {
            Instant time = connection.loop().services().clock().instant();
            if (!time.isBefore(expiresAt)) {
                connection.fail(
                        ReasonCode.NOT_AUTHORIZED,
                        "the credential expired at " + expiresAt + "; issue a new one and connect with it");
                return -1;
            }
            long seconds = Duration.between(time, expiresAt).toSeconds();
            next = (int) Math.min(next, now + seconds + 1);
        }
        if (keepAliveSeconds > 0) {
            int silenceMax = keepAliveSeconds + (keepAliveSeconds + 1) / 2;
            if (now - lastReadAt > silenceMax) {
                connection.loop().tally().timedOut.increment();
                connection.fail(
                        ReasonCode.KEEP_ALIVE_TIMEOUT,
                        "nothing came for one and a half times the keep-alive of " + keepAliveSeconds + " seconds");
                return -1;
            }
            next = Math.min(next, lastReadAt + silenceMax + 1);
        }
        return next == Integer.MAX_VALUE ? -1 : next;
    }

    void stop() {
        inbound()
                .whenAnswered(() -> connection.fail(
                        ReasonCode.SERVER_SHUTTING_DOWN, "the server is stopping; connect again in a moment"));
    }

    /// Forgets the will: whoever lost the credential has no last word.
    void dropWill() {
        will = null;
    }

    /// The connection is over, however it came: ends the session, once.
    ///
    /// @param speaks whether the will is published
    void end(boolean speaks) {
        if (ended) {
            return;
        }
        ended = true;
        session().close();
        Packet.Will last = will;
        will = null;
        if (speaks && last != null) {
            publish(last);
        }
    }

    /// A will has the rights that the client has now, not those that it had at CONNECT. A delay is cut short by the
    /// end of the session, which is now.
    private void publish(Packet.Will last) {
        Intake intake = connection.loop().services().intake();
        Admission admission = intake.admit(new Intake.Publish(
                principal,
                last.topic(),
                last.payload(),
                Message.Origin.MQTT,
                session().clientId(),
                last.qos(),
                last.retain(),
                last.properties().ofMessage()));
        switch (admission) {
            case Admission.Accepted accepted ->
                intake.append(accepted.message(), connection.loop().unanswered());
            case Admission.Refused refused -> complain("the will is not published: " + refused.detail());
            case Admission.Throttled throttled -> complain("the will is not published: over " + throttled.limit());
        }
    }

    private void complain(String detail) {
        connection.loop().complaints().say(principal.subject(), ReasonCode.NOT_AUTHORIZED, detail);
    }
}
