package tributary.gateway.http;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The head of the request that devices send all day, read straight from the bytes that came: `POST /api/v1/telemetry`
/// with a length, a host, and no header that asks for more than storing the body.
///
/// Knows nothing else. Whatever is written in another way, or could be read in two, is not of this kind and is left to
/// the HTTP server, which has a word for everything. Used again for each request of a connection.
final class UsualHead {
    private static final byte[] REQUEST_LINE =
            "POST /api/v1/telemetry HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII);

    private static final String KEEP_ALIVE = "keep-alive";

    /// Of a Content-Length, so that it fits an int and is far below what a body may have.
    private static final int DIGITS_MAX = 5;

    private enum Field {
        HOST,
        AUTHORIZATION,
        CONTENT_TYPE,
        CONTENT_LENGTH,
        CONNECTION,
        NO_MATTER,
        UNKNOWN
    }

    private int length;
    private int bodyLength;
    private boolean host;
    private @Nullable String authorization;
    private @Nullable String contentType;

    /// The authorization as it stood in the request before, because a client sends the same each time.
    private byte[] said = new byte[0];

    private @Nullable String saidText;

    /// @return whether the bytes begin with a whole head of this kind; if so, the rest of this is about it
    boolean read(byte[] bytes) {
        if (bytes.length < REQUEST_LINE.length
                || !Arrays.equals(bytes, 0, REQUEST_LINE.length, REQUEST_LINE, 0, REQUEST_LINE.length)) {
            return false;
        }
        host = false;
        bodyLength = -1;
        authorization = null;
        contentType = null;
        int at = REQUEST_LINE.length;
        while (!lineEnds(bytes, at)) {
            int colon = at;
            while (colon < bytes.length && isNameByte(bytes[colon])) {
                colon++;
            }
            if (colon == at || colon == bytes.length || bytes[colon] != ':') {
                return false;
            }
            int from = colon + 1;
            while (from < bytes.length && bytes[from] == ' ') {
                from++;
            }
            int end = from;
            while (end < bytes.length && bytes[end] >= ' ' && bytes[end] < 127) {
                end++;
            }
            if (!lineEnds(bytes, end)) {
                return false;
            }
            int to = end;
            while (to > from && bytes[to - 1] == ' ') {
                to--;
            }
            if (to == from || !header(bytes, at, colon, from, to)) {
                return false;
            }
            at = end + 2;
        }
        length = at + 2;
        return host && bodyLength >= 0;
    }

    private static boolean lineEnds(byte[] bytes, int at) {
        return at + 1 < bytes.length && bytes[at] == '\r' && bytes[at + 1] == '\n';
    }

    private static boolean isNameByte(byte b) {
        return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b == '-';
    }

    /// @return whether the header is known, stands for the first time where that counts, and says nothing unusual
    private boolean header(byte[] bytes, int at, int colon, int from, int to) {
        switch (field(bytes, at, colon)) {
            case HOST -> {
                boolean first = !host;
                host = isHost(bytes, from, to);
                return first && host;
            }
            case AUTHORIZATION -> {
                boolean first = authorization == null;
                authorization = same(bytes, from, to);
                return first;
            }
            case CONTENT_TYPE -> {
                boolean first = contentType == null;
                contentType = text(bytes, from, to);
                return first;
            }
            case CONTENT_LENGTH -> {
                boolean first = bodyLength < 0;
                bodyLength = number(bytes, from, to);
                return first && bodyLength >= 0;
            }
            case CONNECTION -> {
                return to - from == KEEP_ALIVE.length() && is(KEEP_ALIVE, bytes, from);
            }
            case NO_MATTER -> {
                return true;
            }
            case UNKNOWN -> {
                return false;
            }
        }
        throw new AssertionError("every field is decided");
    }

    private static Field field(byte[] bytes, int at, int colon) {
        return switch (colon - at) {
            case 4 -> is("host", bytes, at) ? Field.HOST : Field.UNKNOWN;
            case 6 -> is("accept", bytes, at) ? Field.NO_MATTER : Field.UNKNOWN;
            case 10 ->
                is("connection", bytes, at)
                        ? Field.CONNECTION
                        : is("user-agent", bytes, at) ? Field.NO_MATTER : Field.UNKNOWN;
            case 12 -> is("content-type", bytes, at) ? Field.CONTENT_TYPE : Field.UNKNOWN;
            case 13 -> is("authorization", bytes, at) ? Field.AUTHORIZATION : Field.UNKNOWN;
            case 14 -> is("content-length", bytes, at) ? Field.CONTENT_LENGTH : Field.UNKNOWN;
            case 15 ->
                is("accept-encoding", bytes, at) || is("accept-language", bytes, at) ? Field.NO_MATTER : Field.UNKNOWN;
            default -> Field.UNKNOWN;
        };
    }

    /// @param lower letters and hyphens
    private static boolean is(String lower, byte[] bytes, int at) {
        for (int i = 0; i < lower.length(); i++) {
            int b = bytes[at + i];
            if ((b >= 'A' && b <= 'Z' ? b + 32 : b) != lower.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /// A name or an IPv4 address, with or without a port.
    private static boolean isHost(byte[] bytes, int from, int to) {
        int colon = to;
        for (int i = from; i < to; i++) {
            int b = bytes[i];
            boolean digit = b >= '0' && b <= '9';
            if (b == ':' && colon == to && i > from) {
                colon = i;
            } else if (!digit && (colon < to || !isNameByte(bytes[i]) && b != '.')) {
                return false;
            }
        }
        return colon == to || colon < to - 1 && to - colon <= 6;
    }

    /// @return -1 where it is no number, or a large one
    private static int number(byte[] bytes, int from, int to) {
        if (to - from > DIGITS_MAX) {
            return -1;
        }
        int value = 0;
        for (int i = from; i < to; i++) {
            int digit = bytes[i] - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            value = value * 10 + digit;
        }
        return value;
    }

    private static String text(byte[] bytes, int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.US_ASCII);
    }

    private String same(byte[] bytes, int from, int to) {
        if (saidText == null || !Arrays.equals(bytes, from, to, said, 0, said.length)) {
            said = Arrays.copyOfRange(bytes, from, to);
            saidText = text(bytes, from, to);
        }
        return Objects.requireNonNull(saidText);
    }

    /// @return bytes from the request line to the empty line, both included
    int length() {
        return length;
    }

    /// @return what Content-Length says
    int bodyLength() {
        return bodyLength;
    }

    /// @return the header, or null where there is none
    @Nullable
    String authorization() {
        return authorization;
    }

    /// @return the header, or null where there is none
    @Nullable
    String contentType() {
        return contentType;
    }
}
