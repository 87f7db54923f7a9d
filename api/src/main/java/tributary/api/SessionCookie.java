package tributary.api;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// The cookie that carries a person's session, and the word that has to come back with every change.
///
/// The word is derived from the session's secret, which no script can read: a page of ours gets it from
/// `GET /api/v1/session`, a foreign page cannot. Nothing has to be stored for it.
final class SessionCookie {
    static final String NAME = "tributary_session";
    static final String CSRF_HEADER = "X-CSRF-Token";

    private final boolean secure;

    SessionCookie(boolean secure) {
        this.secure = secure;
    }

    /// @return the value of a Set-Cookie header that keeps `secret` for `seconds`
    String keep(String secret, long seconds) {
        return "%s=%s; Path=/; Max-Age=%d; HttpOnly; SameSite=Strict%s"
                .formatted(NAME, secret, seconds, secure ? "; Secure" : "");
    }

    /// @return the value of a Set-Cookie header that forgets the session
    String forget() {
        return keep("", 0);
    }

    /// @param header the value of a Cookie header
    static Optional<String> secret(String header) {
        for (String pair : header.split(";")) {
            int equals = pair.indexOf('=');
            if (equals > 0 && pair.substring(0, equals).strip().equals(NAME)) {
                String value = pair.substring(equals + 1).strip();
                return value.isEmpty() ? Optional.empty() : Optional.of(value);
            }
        }
        return Optional.empty();
    }

    /// @return the word that proves that a change comes from a page that may read our answers
    static String csrf(String secret) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            byte[] word = mac.doFinal("csrf".getBytes(StandardCharsets.UTF_8));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(word);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }

    /// Compares in constant time.
    static boolean csrfMatches(String secret, String word) {
        return MessageDigest.isEqual(
                csrf(secret).getBytes(StandardCharsets.UTF_8), word.getBytes(StandardCharsets.UTF_8));
    }
}
