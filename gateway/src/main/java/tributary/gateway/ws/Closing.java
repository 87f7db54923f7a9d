package tributary.gateway.ws;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tributary.gateway.Cause;

/// Why a connection ends: a close code of RFC 6455, 7.4.1, and words for people.
///
/// @param drain whether frames already taken are acknowledged first
record Closing(int code, String reason, boolean drain) {
    static final int NORMAL = 1000;
    static final int GOING_AWAY = 1001;
    static final int PROTOCOL = 1002;
    static final int NOT_ACCEPTABLE = 1003;
    static final int NOT_TEXT = 1007;
    static final int POLICY = 1008;
    static final int TOO_LARGE = 1009;
    static final int TRY_AGAIN_LATER = 1013;

    /// A control frame has at most 125 bytes, two of them the code.
    private static final int REASON_BYTES_MAX = 123;

    static Closing protocol(String reason) {
        return new Closing(PROTOCOL, reason, false);
    }

    /// @return for the attempts log, what a client did that ends its connection, or null where it did nothing wrong
    @Nullable
    Cause cause() {
        return switch (code) {
            case PROTOCOL, NOT_TEXT -> Cause.PROTOCOL_ERROR;
            case TOO_LARGE -> Cause.PACKET_TOO_LARGE;
            case TRY_AGAIN_LATER -> Cause.TOO_MANY_CONNECTIONS;
            default -> null;
        };
    }

    /// @return the reason, and what to do about it, for the owner
    String sentence() {
        return code == PROTOCOL || code == NOT_TEXT || code == NOT_ACCEPTABLE
                ? reason + " (a mistake of the client: update its WebSocket library)"
                : reason;
    }

    /// @return for events, a word to count by
    String slug() {
        return switch (code) {
            case NORMAL -> "goodbye";
            case GOING_AWAY -> "going-away";
            case POLICY -> "not-authorized";
            case TOO_LARGE -> "packet-too-large";
            case TRY_AGAIN_LATER -> "too-many-connections";
            default -> "protocol-error";
        };
    }

    /// @return the payload of the close frame
    byte[] payload() {
        byte[] text = reason.getBytes(StandardCharsets.US_ASCII);
        int length = Math.min(text.length, REASON_BYTES_MAX);
        byte[] payload = new byte[2 + length];
        payload[0] = (byte) (code >> 8);
        payload[1] = (byte) code;
        System.arraycopy(text, 0, payload, 2, length);
        return payload;
    }

    /// @return whether a client may send this code
    static boolean sendable(int code) {
        return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006
                || code >= 3000 && code <= 4999;
    }

    /// Ends the reading of a connection; without a stack trace, because it is the client's fault or wish.
    static final class Due extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final transient Closing closing;

        Due(Closing closing) {
            super(closing.reason(), null, false, false);
            this.closing = closing;
        }

        Closing closing() {
            return closing;
        }
    }

    /// What a client's close frame says.
    static int code(byte[] payload) {
        if (payload.length == 0) {
            return NORMAL;
        }
        int code = payload.length < 2 ? 0 : (payload[0] & 0xff) << 8 | payload[1] & 0xff;
        if (!sendable(code)) {
            throw new Due(protocol("a close frame carries a close code of RFC 6455"));
        }
        if (!FrameReader.isUtf8(Arrays.copyOfRange(payload, 2, payload.length))) {
            throw new Due(new Closing(NOT_TEXT, "the reason in a close frame is UTF-8", false));
        }
        return code;
    }
}
