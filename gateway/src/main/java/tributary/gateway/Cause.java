package tributary.gateway;

import java.util.Locale;

/// What somebody was refused for. Countable; the names are stable in answers and documents.
public enum Cause {
    NO_CREDENTIAL,
    BAD_CREDENTIAL,
    BAD_CERTIFICATE,
    EXPIRED_CREDENTIAL,
    REVOKED_CREDENTIAL,
    USER_NAME_MISMATCH,
    CLIENT_ID_IN_USE,
    CLIENT_ID_INVALID,
    NO_SESSION,
    UNSUPPORTED_VERSION,
    NOT_SUPPORTED,
    NO_CONNECT,
    MALFORMED_PACKET,
    PROTOCOL_ERROR,
    PACKET_TOO_LARGE,
    WRONG_PORT,
    HANDSHAKE_FAILED,
    TOO_MANY_CONNECTIONS,
    TOO_SLOW,
    SUBSCRIBE_NOT_ALLOWED,
    FILTER_INVALID,
    TOO_MANY_SUBSCRIPTIONS,
    PUBLISH_NOT_ALLOWED,
    TOPIC_INVALID,
    UNKNOWN_DEVICE,
    PAYLOAD_TOO_LARGE,
    PAYLOAD_UNREADABLE,
    OVER_RATE,
    RETAINED_FULL,
    NOT_STORED;

    private final String slug = name().toLowerCase(Locale.ROOT).replace('_', '-');

    /// @return the cause as people and programs read it, `client-id-in-use`
    public String slug() {
        return slug;
    }

    /// @return whether a message was refused and not a connection or a subscription
    public boolean ofPublish() {
        return switch (this) {
            case PUBLISH_NOT_ALLOWED,
                    TOPIC_INVALID,
                    UNKNOWN_DEVICE,
                    PAYLOAD_TOO_LARGE,
                    PAYLOAD_UNREADABLE,
                    OVER_RATE,
                    RETAINED_FULL,
                    NOT_STORED -> true;
            case NO_CREDENTIAL,
                    BAD_CREDENTIAL,
                    BAD_CERTIFICATE,
                    EXPIRED_CREDENTIAL,
                    REVOKED_CREDENTIAL,
                    USER_NAME_MISMATCH,
                    CLIENT_ID_IN_USE,
                    CLIENT_ID_INVALID,
                    NO_SESSION,
                    UNSUPPORTED_VERSION,
                    NOT_SUPPORTED,
                    NO_CONNECT,
                    MALFORMED_PACKET,
                    PROTOCOL_ERROR,
                    PACKET_TOO_LARGE,
                    WRONG_PORT,
                    HANDSHAKE_FAILED,
                    TOO_MANY_CONNECTIONS,
                    TOO_SLOW,
                    SUBSCRIBE_NOT_ALLOWED,
                    FILTER_INVALID,
                    TOO_MANY_SUBSCRIPTIONS -> false;
        };
    }

    static Cause of(Admission.Reason reason) {
        return switch (reason) {
            case TOPIC_INVALID -> TOPIC_INVALID;
            case NOT_ALLOWED -> PUBLISH_NOT_ALLOWED;
            case UNKNOWN_DEVICE -> UNKNOWN_DEVICE;
            case TOO_LARGE -> PAYLOAD_TOO_LARGE;
            case EXPIRED_CREDENTIAL -> EXPIRED_CREDENTIAL;
            case RETAINED_FULL -> RETAINED_FULL;
        };
    }

    static Cause of(Hearing.Reason reason) {
        return switch (reason) {
            case FILTER_INVALID -> FILTER_INVALID;
            case NOT_ALLOWED -> SUBSCRIBE_NOT_ALLOWED;
        };
    }
}
