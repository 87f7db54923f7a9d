package tributary.registry;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tributary.model.Quote;

/// A signed token taken apart, nothing of it believed yet.
///
/// Strict on purpose: exactly three parts, the URL alphabet of base 64 without padding and with no loose bits, one JSON
/// object as header in which no name comes twice. Two texts that a lenient reader takes for the same token are two
/// tokens here, and one of them is refused.
final class Jws {
    private static final int KEY_ID_CHARS_MAX = 64;

    /// Reads headers and claims: small, flat, nothing twice.
    static final JsonFactory STRICT = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(8)
                    .maxNumberLength(32)
                    .build())
            .build();

    /// What the header of a token may say that matters here; everything else in it is passed over, `jku`, `x5u` and
    /// `jwk` with it: no key ever comes from a token.
    private record Header(String keyId, String algorithm) {}

    private final Header header;
    private final String signedPart;
    private final String payload;
    private final byte[] signature;

    private Jws(Header header, String signedPart, String payload, byte[] signature) {
        this.header = header;
        this.signedPart = signedPart;
        this.payload = payload;
        this.signature = signature;
    }

    /// @return what the header says signed it
    String keyId() {
        return header.keyId();
    }

    /// @return what the header says how; only ever to be compared with the key's record
    String algorithm() {
        return header.algorithm();
    }

    /// @return the claims as JSON, unread
    String payload() {
        return payload;
    }

    boolean signedBy(SigningKey key) {
        return key.signed(signedPart.getBytes(StandardCharsets.US_ASCII), signature);
    }

    static Jws parse(String text) throws RefusedToken {
        int first = -1;
        int second = -1;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '.') {
                if (second >= 0) {
                    throw RefusedToken.malformed("more than three parts: encrypted or nested tokens are not taken");
                }
                if (first < 0) {
                    first = i;
                } else {
                    second = i;
                }
            } else if (!urlSafe(c)) {
                throw RefusedToken.malformed("a character that no token has");
            }
        }
        if (first < 1 || second < first + 2 || second == text.length() - 1) {
            throw RefusedToken.malformed("not three parts, each with something in it");
        }
        return new Jws(
                header(text(text.substring(0, first))),
                text.substring(0, second),
                text(text.substring(first + 1, second)),
                bytes(text.substring(second + 1)));
    }

    private static boolean urlSafe(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    }

    private static String text(String part) throws RefusedToken {
        return new String(bytes(part), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String part) throws RefusedToken {
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(part);
            if (Base64.getUrlEncoder().withoutPadding().encodeToString(bytes).equals(part)) {
                return bytes;
            }
        } catch (IllegalArgumentException e) {
            // reported below with the same words
        }
        throw RefusedToken.malformed("a part that is not base64url");
    }

    private static Header header(String json) throws RefusedToken {
        try (JsonParser parser = STRICT.createParser(ObjectReadContext.empty(), json)) {
            String keyId = "";
            String algorithm = "";
            expect(parser.nextToken() == JsonToken.START_OBJECT, "a header that is not a JSON object");
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                switch (name) {
                    case "alg" -> {
                        expect(value == JsonToken.VALUE_STRING, "an alg that is not text");
                        algorithm = parser.getString();
                    }
                    case "kid" -> {
                        expect(value == JsonToken.VALUE_STRING, "a kid that is not text");
                        keyId = parser.getString();
                    }
                    case "typ" ->
                        expect(
                                value == JsonToken.VALUE_STRING
                                        && parser.getString().equalsIgnoreCase("JWT"),
                                "a typ that is not JWT");
                    case "crit", "enc", "zip", "cty", "b64" ->
                        throw RefusedToken.malformed("a header with " + name + ", which is not taken");
                    default -> parser.skipChildren();
                }
            }
            expect(parser.currentToken() == JsonToken.END_OBJECT && parser.nextToken() == null, "a broken header");
            expect(!algorithm.isEmpty(), "no alg");
            expect(!keyId.isEmpty() && keyId.length() <= KEY_ID_CHARS_MAX, "no kid, or one that is too long");
            return new Header(keyId, algorithm);
        } catch (JacksonException e) {
            throw RefusedToken.malformed("a header that is not strict JSON: " + Quote.shorten(e.getOriginalMessage()));
        }
    }

    private static void expect(boolean holds, String otherwise) throws RefusedToken {
        if (!holds) {
            throw RefusedToken.malformed(otherwise);
        }
    }
}
