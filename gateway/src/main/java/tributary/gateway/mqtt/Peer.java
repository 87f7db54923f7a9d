package tributary.gateway.mqtt;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tributary.broker.Attachment;
import tributary.broker.Client;
import tributary.gateway.Caller;
import tributary.gateway.Cause;
import tributary.gateway.Grounds;
import tributary.gateway.Presence;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.registry.Principal;

/// A client that signed in: who it is, what its packets mean, and what it leaves behind.
final class Peer implements Client, Caller {
    private final MqttConnection connection;
    private final Principal principal;
    private final int version;
    private final boolean bridge;
    private final int keepAliveSeconds;
    private final boolean explains;
    private final long packetBytesMax;
    private final boolean expiryAsked;
    private final int receiveMax;
    private final int aliasMax;
    private @Nullable Attachment attachment;
    private @Nullable Inbound inbound;
    private @Nullable Outbound outbound;
    private @Nullable Interests interests;

    /// From the moment on when the client was told that it is connected.
    private Presence.@Nullable Link link;

    private boolean ended;

    /// The version of the tenant's devices that the client's rights were last looked at with.
    private long rightsVersion;

    Peer(MqttConnection connection, Packet.Connect connect, Principal principal, int keepAliveSeconds) {
        this.connection = connection;
        this.principal = principal;
        this.version = connect.version();
        this.bridge = connect.bridge();
        this.keepAliveSeconds = keepAliveSeconds;
        Properties said = connect.properties();
        this.explains = five() && said.number(Property.REQUEST_PROBLEM_INFORMATION, 1) == 1;
        this.packetBytesMax = said.number(Property.MAXIMUM_PACKET_SIZE, Integer.MAX_VALUE);
        this.expiryAsked = said.number(Property.SESSION_EXPIRY_INTERVAL, 0) > 0;
        this.receiveMax = (int) said.number(Property.RECEIVE_MAXIMUM, 65_535);
        this.aliasMax = (int) said.number(Property.TOPIC_ALIAS_MAXIMUM, 0);
    }

    /// The peer has its session; packets may come.
    void begin(Attachment to) {
        attachment = to;
        inbound = new Inbound(this, to);
        outbound = new Outbound(this, to, aliasMax);
        interests = new Interests(this, to);
        recheck();
    }

    /// The client has been told that it is connected.
    void start() {
        link = connection.loop().services().intake().presence().connect(principal, this);
        interests().begin();
        attachment().start();
    }

    /// The client speaks or listens for this device.
    void carries(DeviceId device) {
        if (link != null) {
            link.carries(device);
        }
    }

    MqttConnection connection() {
        return connection;
    }

    Principal principal() {
        return principal;
    }

    private Attachment attachment() {
        return Objects.requireNonNull(attachment, "begun");
    }

    private Inbound inbound() {
        return Objects.requireNonNull(inbound, "begun");
    }

    private Outbound outbound() {
        return Objects.requireNonNull(outbound, "begun");
    }

    private Interests interests() {
        return Objects.requireNonNull(interests, "begun");
    }

    @Override
    public Message.Origin door() {
        return Message.Origin.MQTT;
    }

    @Override
    public String address() {
        return Caller.host(connection.approach().remote());
    }

    /// The credential says who it is; what it called itself is of no more interest.
    @Override
    public String userName() {
        return "";
    }

    @Override
    public String clientId() {
        return attachment().clientId();
    }

    /// Notes in the attempts log what the client was refused.
    void refused(Cause cause, String sentence) {
        connection.loop().services().intake().attempts().note(this, Grounds.of(principal, cause, sentence));
    }

    int version() {
        return version;
    }

    /// @return whether another broker is there: it wants nothing back that it said, and to know what is retained
    boolean bridge() {
        return bridge;
    }

    boolean five() {
        return version == PacketReader.VERSION_5;
    }

    /// @return `detail` where the client wants reasons in words and takes a packet of that size, else ""
    String explanation(String detail) {
        return explanation(detail, 0);
    }

    /// @param codes bytes that the packet has beside the words
    String explanation(String detail, int codes) {
        boolean fits = detail.length() * 3L + 16 + codes <= packetBytesMax;
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
            case Packet.Subscribe subscribe -> interests().subscribe(subscribe);
            case Packet.Unsubscribe unsubscribe -> interests().unsubscribe(unsubscribe);
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
        long expirySeconds = disconnect.properties().number(Property.SESSION_EXPIRY_INTERVAL, -1);
        if (expirySeconds > 0 && !expiryAsked) {
            throw MqttFault.protocol("a session that was to end with the connection cannot be prolonged");
        }
        long max = connection.loop().services().sessionExpiryMax().toSeconds();
        boolean plain = disconnect.reasonCode() == ReasonCode.SUCCESS.code();
        end(
                Math.min(expirySeconds, max),
                !plain,
                "goodbye",
                plain
                        ? "the client said goodbye"
                        : "the client said goodbye with reason code 0x%02x".formatted(disconnect.reasonCode()));
        connection.bye();
    }

    @Override
    public void wake() {
        if (!ended && outbound != null) {
            outbound.pump();
        }
    }

    @Override
    public void detached(Why why) {
        connection.loop().execute(() -> {
            switch (why) {
                case TAKEN_OVER ->
                    connection.fail(ReasonCode.SESSION_TAKEN_OVER, "another connection signed in with this client id");
                case REVOKED ->
                    connection.fail(
                            ReasonCode.NOT_AUTHORIZED,
                            principal.device() == null
                                    ? "the credential was revoked; issue a new one and connect with it"
                                    : "the device was removed; add it again and connect anew");
                case ENDED ->
                    connection.fail(ReasonCode.ADMINISTRATIVE_ACTION, "the session was ended by an administrator");
            }
        });
    }

    /// Looks whether the client may still do what it does, where the tenant's devices changed.
    void recheck() {
        long version = connection.loop().services().devicesVersion(principal.tenant());
        if (version == rightsVersion || ended) {
            return;
        }
        rightsVersion = version;
        DeviceId device = principal.device();
        if (device != null && !connection.loop().services().exists(principal.tenant(), device)) {
            dropWill();
            connection.fail(
                    ReasonCode.NOT_AUTHORIZED, "device '" + device + "' was removed; add it again and connect anew");
            return;
        }
        interests().recheck();
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
        attachment().dropWill();
    }

    /// The connection is over without a goodbye.
    void end() {
        end(-1, true, "connection-lost", "the connection broke, or the client closed it without a goodbye");
    }

    /// The server ends the connection.
    void end(ReasonCode why, String detail) {
        end(-1, true, why.name().toLowerCase(Locale.ROOT).replace('_', '-'), detail);
    }

    /// The connection is over, however it came: leaves the session, once.
    ///
    /// @param expirySeconds how long the session lives on, or -1 for as long as it was to
    /// @param willing       whether the will is published
    /// @param cause         why, as a word
    /// @param reason        why, for people
    private void end(long expirySeconds, boolean willing, String cause, String reason) {
        if (!ended) {
            ended = true;
            attachment().detach(expirySeconds, willing);
            if (link != null) {
                link.end(cause, reason);
            }
        }
    }
}
