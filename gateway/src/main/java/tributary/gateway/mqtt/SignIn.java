package tributary.gateway.mqtt;

import org.jspecify.annotations.Nullable;
import tributary.broker.Session;
import tributary.model.DeviceId;
import tributary.model.Quote;
import tributary.registry.Credentials.Verdict;
import tributary.registry.Principal;

/// Decides about one CONNECT.
final class SignIn {
    /// Topic aliases that a 5.0 client may use.
    static final int TOPIC_ALIAS_MAX = 32;

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

    record Welcome(Peer peer, PacketWriter.Promise promise) implements Answer {}

    /// @param detail for the client: nothing that helps a guesser
    /// @param cause  for the owner's log
    record Refusal(ReasonCode reason, String detail, String cause) implements Answer {
        static Refusal of(ReasonCode reason, String detail) {
            return new Refusal(reason, detail, detail);
        }
    }

    Answer decide(Packet.Connect connect) {
        Refusal unfit = unfit(connect);
        if (unfit != null) {
            return unfit;
        }
        String password = connect.password();
        if (password == null) {
            return Refusal.of(ReasonCode.NOT_AUTHORIZED, HOW);
        }
        return switch (services.credentials().verify(password)) {
            case Verdict.Refused refused ->
                new Refusal(
                        ReasonCode.BAD_USER_NAME_OR_PASSWORD,
                        "user name or password is not valid; " + HOW,
                        "as " + Quote.shorten(String.valueOf(connect.userName())) + ": " + refused.reason() + ", "
                                + refused.detail());
            case Verdict.Accepted accepted -> admit(connect, accepted.principal());
        };
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
        Packet.Will will = connect.will();
        if (will != null && will.retain() && connect.version() == PacketReader.VERSION_5) {
            return Refusal.of(
                    ReasonCode.RETAIN_NOT_SUPPORTED, "messages are not retained; set the will without retain");
        }
        return null;
    }

    private Answer admit(Packet.Connect connect, Principal principal) {
        String userName = connect.userName();
        DeviceId device = principal.device();
        if (userName != null && !userName.isEmpty() && device != null && !userName.equals(device.value())) {
            return new Refusal(
                    ReasonCode.BAD_USER_NAME_OR_PASSWORD,
                    "user name or password is not valid; " + HOW,
                    "the token is of device '" + device + "' and the user name is '" + Quote.shorten(userName) + "'");
        }
        boolean assigned = connect.clientId().isEmpty();
        String clientId = assigned ? connection.loop().nextClientId() : connect.clientId();
        Peer peer = new Peer(connection, connect, principal, keepAliveSeconds(connect));
        Session session = services.broker()
                .open(
                        principal.tenant(),
                        clientId,
                        principal.subject(),
                        new Session.Place(connection.loop().outlet(), peer));
        if (session == null) {
            return Refusal.of(
                    ReasonCode.CLIENT_IDENTIFIER_NOT_VALID,
                    "client id '" + Quote.shorten(clientId) + "' is in use by another device of yours; give each"
                            + " device its own");
        }
        peer.begin(session);
        return new Welcome(peer, promise(connect, assigned ? clientId : null));
    }

    /// The client's keep-alive, or ours where a 5.0 client asks for more; 3.1.1 cannot be told a shorter one.
    private int keepAliveSeconds(Packet.Connect connect) {
        int asked = connect.keepAliveSeconds();
        int max = (int) services.settings().keepAliveMax().toSeconds();
        boolean tooLong = asked == 0 || asked > max;
        return connect.version() == PacketReader.VERSION_5 && tooLong ? max : asked;
    }

    private PacketWriter.Promise promise(Packet.Connect connect, @Nullable String assignedClientId) {
        int keepAliveSeconds = keepAliveSeconds(connect);
        return new PacketWriter.Promise(
                connect.properties().number(Property.SESSION_EXPIRY_INTERVAL, 0) > 0,
                keepAliveSeconds == connect.keepAliveSeconds() ? -1 : keepAliveSeconds,
                assignedClientId,
                services.settings().receiveMax(),
                services.settings().packetBytesMax(),
                TOPIC_ALIAS_MAX);
    }
}
