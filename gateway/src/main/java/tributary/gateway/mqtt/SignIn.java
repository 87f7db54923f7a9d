package tributary.gateway.mqtt;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tributary.broker.Arrival;
import tributary.broker.Welcome;
import tributary.broker.Will;
import tributary.gateway.Cause;
import tributary.gateway.Grounds;
import tributary.model.DeviceId;
import tributary.model.Quote;
import tributary.registry.Credentials.Verdict;
import tributary.registry.Principal;

/// Decides about one CONNECT.
final class SignIn {
    /// Topic aliases that a 5.0 client may use.
    static final int TOPIC_ALIAS_MAX = 32;

    private static final long FOR_EVER = 0xFFFF_FFFFL;
    private static final int CLIENT_ID_CHARACTERS_MAX = 256;
    private static final String HOW =
            "sign in with the device's id as user name and its token as password; tributary device token ID makes one";

    private final MqttConnection connection;
    private final Services services;

    SignIn(MqttConnection connection) {
        this.connection = connection;
        this.services = connection.loop().services();
    }

    /// The answer to a CONNECT.
    sealed interface Answer {}

    record Welcomed(Peer peer, PacketWriter.Promise promise) implements Answer {}

    /// @param detail  for the client: nothing that helps a guesser
    /// @param grounds for the attempts log
    record Refusal(ReasonCode reason, String detail, Grounds grounds) implements Answer {
        static Refusal of(ReasonCode reason, String detail) {
            return new Refusal(reason, detail, Grounds.unproven(ReasonCode.cause(reason), detail));
        }

        /// Of a client that takes no packet as large as CONNACK.
        static Refusal ofTaker(Principal principal) {
            return of(
                    principal,
                    ReasonCode.PACKET_TOO_LARGE,
                    Cause.PACKET_TOO_LARGE,
                    "the maximum packet size that the client takes is too small for CONNACK: raise it there");
        }

        static Refusal of(Principal principal, ReasonCode reason, Cause cause, String detail) {
            return new Refusal(reason, detail, Grounds.of(principal, cause, detail));
        }
    }

    /// @param then hears the answer: at once where no session has to be kept, else soon, on the event loop
    void decide(Packet.Connect connect, Consumer<Answer> then) {
        Refusal unfit = unfit(connect);
        if (unfit != null) {
            then.accept(unfit);
            return;
        }
        switch (identify(connect.userName(), connect.password())) {
            case Somebody somebody -> admit(connect, somebody.principal(), then);
            case Nobody nobody -> then.accept(nobody.refusal());
        }
    }

    /// Who the client is.
    private sealed interface Identity {}

    private record Somebody(Principal principal) implements Identity {}

    private record Nobody(Refusal refusal) implements Identity {}

    private Identity identify(@Nullable String userName, @Nullable String password) {
        Approach approach = connection.approach();
        Principal proven = approach.proven();
        Principal stranger = approach.entrance().stranger();
        if (password == null && proven != null) {
            return new Somebody(proven);
        }
        if (stranger != null && proven == null && (password == null || !Anonymous.meantAsCredential(password))) {
            return new Somebody(stranger);
        }
        if (password == null) {
            return new Nobody(new Refusal(ReasonCode.NOT_AUTHORIZED, HOW, Grounds.noCredential(userName, HOW)));
        }
        return switch (services.credentials().verify(password)) {
            case Verdict.Refused refused ->
                new Nobody(new Refusal(
                        ReasonCode.BAD_USER_NAME_OR_PASSWORD,
                        "user name or password is not valid; " + HOW,
                        Grounds.of(refused)));
            case Verdict.Accepted accepted
            when proven != null && !same(proven, accepted.principal()) ->
                new Nobody(new Refusal(
                        ReasonCode.NOT_AUTHORIZED,
                        "the certificate and the password are not of the same device; use one of them",
                        Grounds.of(
                                proven,
                                Cause.USER_NAME_MISMATCH,
                                "the certificate is of " + proven.subject() + " and the password of another: use one of"
                                        + " them, or both of the same device")));
            case Verdict.Accepted accepted -> new Somebody(accepted.principal());
        };
    }

    private static boolean same(Principal a, Principal b) {
        return a.tenant().equals(b.tenant()) && a.subject().equals(b.subject());
    }

    /// What can be said of a CONNECT without knowing who sends it.
    private static @Nullable Refusal unfit(Packet.Connect connect) {
        if (connect.version() != PacketReader.VERSION_3_1_1 && connect.version() != PacketReader.VERSION_5) {
            return Refusal.of(ReasonCode.UNSUPPORTED_PROTOCOL_VERSION, "this server speaks MQTT 3.1.1 and MQTT 5.0");
        }
        if (connect.properties().has(Property.AUTHENTICATION_METHOD)) {
            return Refusal.of(ReasonCode.BAD_AUTHENTICATION_METHOD, "there is no extended authentication here; " + HOW);
        }
        if (connect.clientId().length() > CLIENT_ID_CHARACTERS_MAX) {
            return Refusal.of(
                    ReasonCode.CLIENT_IDENTIFIER_NOT_VALID,
                    "a client id has at most " + CLIENT_ID_CHARACTERS_MAX + " characters");
        }
        if (connect.clientId().isEmpty() && connect.version() == PacketReader.VERSION_3_1_1 && !connect.cleanStart()) {
            return Refusal.of(
                    ReasonCode.CLIENT_IDENTIFIER_NOT_VALID, "a session to be kept needs a client id; give one");
        }
        return null;
    }

    private void admit(Packet.Connect connect, Principal principal, Consumer<Answer> then) {
        String userName = connect.userName();
        DeviceId device = principal.device();
        if (userName != null && !userName.isEmpty() && device != null && !userName.equals(device.value())) {
            then.accept(new Refusal(
                    ReasonCode.BAD_USER_NAME_OR_PASSWORD,
                    "user name or password is not valid; " + HOW,
                    Grounds.of(
                            principal,
                            Cause.USER_NAME_MISMATCH,
                            "the token is of device '" + device + "' and the user name is '"
                                    + Quote.shorten(userName) + "': use '" + device + "' as user name, or the token of"
                                    + " that device")));
            return;
        }
        boolean assigned = connect.clientId().isEmpty();
        String clientId = assigned ? connection.loop().nextClientId() : connect.clientId();
        connection.comes(principal);
        Peer peer = new Peer(connection, connect, principal, keepAliveSeconds(connect));
        Arrival arrival = new Arrival(
                principal,
                clientId,
                connect.cleanStart(),
                expirySeconds(connect),
                peer.receiveMax(),
                will(connect, principal, clientId),
                connection.loop().outlet(),
                peer);
        services.broker()
                .connect(
                        arrival,
                        welcome -> then.accept(
                                switch (welcome) {
                                    case Welcome.Occupied _ ->
                                        Refusal.of(
                                                principal,
                                                ReasonCode.CLIENT_IDENTIFIER_NOT_VALID,
                                                Cause.CLIENT_ID_IN_USE,
                                                "client id '" + Quote.shorten(clientId)
                                                        + "' is in use by another device of yours; give each device its"
                                                        + " own");
                                    case Welcome.Unavailable unavailable ->
                                        Refusal.of(
                                                principal,
                                                unavailable.busy()
                                                        ? ReasonCode.SERVER_UNAVAILABLE
                                                        : ReasonCode.QUOTA_EXCEEDED,
                                                Cause.NO_SESSION,
                                                unavailable.detail());
                                    case Welcome.Attached attached -> {
                                        peer.begin(attached.attachment());
                                        yield new Welcomed(
                                                peer, promise(connect, peer, assigned ? clientId : null, attached));
                                    }
                                }));
    }

    /// How long the session is to outlive the connection: 3.1.1 only knows for ever and not at all.
    private static long expirySeconds(Packet.Connect connect) {
        if (connect.version() != PacketReader.VERSION_5) {
            return connect.cleanStart() ? 0 : FOR_EVER;
        }
        return connect.properties().number(Property.SESSION_EXPIRY_INTERVAL, 0);
    }

    private static @Nullable Will will(Packet.Connect connect, Principal principal, String clientId) {
        Packet.Will said = connect.will();
        return said == null
                ? null
                : new Will(
                        principal,
                        clientId,
                        said.topic(),
                        said.payload(),
                        said.qos(),
                        said.retain(),
                        said.properties().ofMessage(),
                        said.properties().number(Property.WILL_DELAY_INTERVAL, 0),
                        0);
    }

    /// The client's keep-alive, or ours where a 5.0 client asks for more; 3.1.1 cannot be told a shorter one.
    private int keepAliveSeconds(Packet.Connect connect) {
        int asked = connect.keepAliveSeconds();
        int max = (int) services.settings().keepAliveMax().toSeconds();
        boolean tooLong = asked == 0 || asked > max;
        return connect.version() == PacketReader.VERSION_5 && tooLong ? max : asked;
    }

    private PacketWriter.Promise promise(
            Packet.Connect connect, Peer peer, @Nullable String assignedClientId, Welcome.Attached attached) {
        int keepAliveSeconds = keepAliveSeconds(connect);
        boolean asksForResponses = connect.properties().number(Property.REQUEST_RESPONSE_INFORMATION, 0) == 1;
        return new PacketWriter.Promise(
                attached.present(),
                attached.expirySeconds() == expirySeconds(connect) ? -1 : attached.expirySeconds(),
                keepAliveSeconds == connect.keepAliveSeconds() ? -1 : keepAliveSeconds,
                assignedClientId,
                services.settings().receiveMax(),
                services.settings().packetBytesMax(),
                TOPIC_ALIAS_MAX,
                asksForResponses ? responseTopic(peer.principal()) : null);
    }

    /// Below this the client may subscribe, so that others can answer it there.
    private static @Nullable String responseTopic(Principal principal) {
        DeviceId device = principal.device();
        return device == null ? null : "devices/" + device + "/responses";
    }
}
