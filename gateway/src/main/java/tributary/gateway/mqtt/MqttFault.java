package tributary.gateway.mqtt;

import java.util.Objects;
import tributary.gateway.Cause;

/// The client broke the protocol: the connection ends, with this reason where the client can be told.
///
/// Carries no stack trace: strangers can cause it as often as they like.
final class MqttFault extends Exception {
    private static final long serialVersionUID = 1;

    private final ReasonCode reason;
    private final String detail;

    MqttFault(ReasonCode reason, String detail) {
        super(detail, null, false, false);
        this.reason = Objects.requireNonNull(reason, "reason");
        this.detail = Objects.requireNonNull(detail, "detail");
    }

    static MqttFault malformed(String detail) {
        return new MqttFault(ReasonCode.MALFORMED_PACKET, detail);
    }

    static MqttFault protocol(String detail) {
        return new MqttFault(ReasonCode.PROTOCOL_ERROR, detail);
    }

    ReasonCode reason() {
        return reason;
    }

    String detail() {
        return detail;
    }

    /// @return for the attempts log: what it is, countable
    Cause cause() {
        return ReasonCode.cause(reason);
    }

    /// @return for the attempts log: the detail, and what to do about it
    String sentence() {
        return switch (cause()) {
            case MALFORMED_PACKET, PROTOCOL_ERROR ->
                detail + " (a mistake of the client: update its MQTT library or use another)";
            default -> detail;
        };
    }
}
