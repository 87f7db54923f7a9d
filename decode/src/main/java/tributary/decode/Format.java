package tributary.decode;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What a payload is written in, by its content type.
enum Format {
    JSON,
    CBOR,
    SENML_JSON,
    SENML_CBOR,
    LINES,
    /// Text that is a value where the topic names the sensor; JSON or lines where it does not.
    TEXT,
    /// Nothing said: the payload's first byte decides.
    UNSAID;

    /// @return the format, or null for a content type that nobody here can read
    static @Nullable Format of(String contentType) {
        if (contentType.isEmpty()) {
            return UNSAID;
        }
        int end = contentType.indexOf(';');
        String type = (end < 0 ? contentType : contentType.substring(0, end)).strip();
        return switch (type.toLowerCase(Locale.ROOT)) {
            case "application/json", "text/json" -> JSON;
            case "application/cbor" -> CBOR;
            case "application/senml+json" -> SENML_JSON;
            case "application/senml+cbor" -> SENML_CBOR;
            case "application/x-influx-line-protocol" -> LINES;
            case "text/plain" -> TEXT;
            case "application/octet-stream", "" -> UNSAID;
            default -> null;
        };
    }
}
