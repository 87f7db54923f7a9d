package tributary.gateway.mqtt;

import tributary.gateway.Cause;

/// The reason codes of MQTT 5.0 (2.4) that this server sends; 3.1.1 knows only some, and only in CONNACK and SUBACK.
enum ReasonCode {
    SUCCESS(0x00),
    NO_SUBSCRIPTION_EXISTED(0x11),
    UNSPECIFIED_ERROR(0x80),
    MALFORMED_PACKET(0x81),
    PROTOCOL_ERROR(0x82),
    IMPLEMENTATION_SPECIFIC_ERROR(0x83),
    UNSUPPORTED_PROTOCOL_VERSION(0x84),
    CLIENT_IDENTIFIER_NOT_VALID(0x85),
    BAD_USER_NAME_OR_PASSWORD(0x86),
    NOT_AUTHORIZED(0x87),
    SERVER_UNAVAILABLE(0x88),
    SERVER_SHUTTING_DOWN(0x8B),
    BAD_AUTHENTICATION_METHOD(0x8C),
    KEEP_ALIVE_TIMEOUT(0x8D),
    SESSION_TAKEN_OVER(0x8E),
    TOPIC_FILTER_INVALID(0x8F),
    TOPIC_NAME_INVALID(0x90),
    PACKET_IDENTIFIER_IN_USE(0x91),
    PACKET_IDENTIFIER_NOT_FOUND(0x92),
    RECEIVE_MAXIMUM_EXCEEDED(0x93),
    TOPIC_ALIAS_INVALID(0x94),
    PACKET_TOO_LARGE(0x95),
    QUOTA_EXCEEDED(0x97),
    ADMINISTRATIVE_ACTION(0x98),
    PAYLOAD_FORMAT_INVALID(0x99);

    private final int code;

    ReasonCode(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }

    /// What it is in the attempts log, where the packet alone was the reason.
    static Cause cause(ReasonCode reason) {
        return switch (reason) {
            case MALFORMED_PACKET -> Cause.MALFORMED_PACKET;
            case PACKET_TOO_LARGE -> Cause.PACKET_TOO_LARGE;
            case UNSUPPORTED_PROTOCOL_VERSION -> Cause.UNSUPPORTED_VERSION;
            case CLIENT_IDENTIFIER_NOT_VALID -> Cause.CLIENT_ID_INVALID;
            case BAD_USER_NAME_OR_PASSWORD, NOT_AUTHORIZED -> Cause.BAD_CREDENTIAL;
            case BAD_AUTHENTICATION_METHOD -> Cause.NOT_SUPPORTED;
            case TOPIC_FILTER_INVALID -> Cause.FILTER_INVALID;
            case TOPIC_NAME_INVALID -> Cause.TOPIC_INVALID;
            case PAYLOAD_FORMAT_INVALID -> Cause.PAYLOAD_UNREADABLE;
            case KEEP_ALIVE_TIMEOUT -> Cause.NO_CONNECT;
            case SERVER_UNAVAILABLE -> Cause.TOO_MANY_CONNECTIONS;
            case SUCCESS,
                    NO_SUBSCRIPTION_EXISTED,
                    UNSPECIFIED_ERROR,
                    PROTOCOL_ERROR,
                    IMPLEMENTATION_SPECIFIC_ERROR,
                    SERVER_SHUTTING_DOWN,
                    SESSION_TAKEN_OVER,
                    PACKET_IDENTIFIER_IN_USE,
                    PACKET_IDENTIFIER_NOT_FOUND,
                    RECEIVE_MAXIMUM_EXCEEDED,
                    TOPIC_ALIAS_INVALID,
                    QUOTA_EXCEEDED,
                    ADMINISTRATIVE_ACTION -> Cause.PROTOCOL_ERROR;
        };
    }

    /// The CONNACK return code of MQTT 3.1.1 (3.2.2.3) that says it best.
    int connectReturnCode() {
        return switch (this) {
            case SUCCESS, NO_SUBSCRIPTION_EXISTED -> 0;
            case UNSUPPORTED_PROTOCOL_VERSION -> 1;
            case CLIENT_IDENTIFIER_NOT_VALID -> 2;
            case BAD_USER_NAME_OR_PASSWORD -> 4;
            case NOT_AUTHORIZED, BAD_AUTHENTICATION_METHOD, TOPIC_NAME_INVALID -> 5;
            case UNSPECIFIED_ERROR,
                    MALFORMED_PACKET,
                    PROTOCOL_ERROR,
                    IMPLEMENTATION_SPECIFIC_ERROR,
                    SERVER_UNAVAILABLE,
                    SERVER_SHUTTING_DOWN,
                    KEEP_ALIVE_TIMEOUT,
                    SESSION_TAKEN_OVER,
                    TOPIC_FILTER_INVALID,
                    PACKET_IDENTIFIER_IN_USE,
                    PACKET_IDENTIFIER_NOT_FOUND,
                    RECEIVE_MAXIMUM_EXCEEDED,
                    TOPIC_ALIAS_INVALID,
                    PACKET_TOO_LARGE,
                    QUOTA_EXCEEDED,
                    ADMINISTRATIVE_ACTION,
                    PAYLOAD_FORMAT_INVALID -> 3;
        };
    }
}
