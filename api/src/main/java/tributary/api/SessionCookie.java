package tributary.api;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import tributary.registry.Users;

/// The cookie that carries a person's session, and the word that has to come back with every change.
///
/// The word is derived from the session's secret, which no script can read: a page of ours gets it from
/// `GET /api/v1/session`, a foreign page cannot. Nothing has to be stored for it.
final class SessionCookie {
    static final String NAME = "tributary_session";
    private static final String SHARE = "tributary_share";
    static final String CSRF_HEADER = "X-CSRF-Token";

    private final boolean alwaysSecure;

    /// @param alwaysSecure whether it travels over TLS only, even where we do not see the TLS ourselves
    SessionCookie(boolean alwaysSecure) {
        this.alwaysSecure = alwaysSecure;
    }

    /// @param overTls whether the request came over TLS
    /// @return the value of a Set-Cookie header that keeps `secret` for `seconds`
    String keep(String secret, long seconds, boolean overTls) {
        return cookie(NAME, secret, "/", seconds, overTls);
    }

    /// @return the value of a Set-Cookie header that keeps the secret of a link to a dashboard for `seconds`
    String keepShare(String secret, long seconds, boolean overTls) {
        return cookie(SHARE, secret, "/api/v1/shared", seconds, overTls);
    }

    private String cookie(String name, String secret, String path, long seconds, boolean overTls) {
        return "%s=%s; Path=%s; Max-Age=%d; HttpOnly; SameSite=Strict%s"
                .formatted(name, secret, path, seconds, alwaysSecure || overTls ? "; Secure" : "");
    }

    /// @return the value of a Set-Cookie header that forgets the session
    String forget(boolean overTls) {
        return keep("", 0, overTls);
    }

    /// @param header the value of a Cookie header
    static Optional<String> secret(String header) {
        return value(header, NAME);
    }

    /// @param header the value of a Cookie header
    /// @return the secret of a link to a dashboard
    static Optional<String> share(String header) {
        return value(header, SHARE);
    }

    private static Optional<String> value(String header, String name) {
        for (String pair : header.split(";")) {
            int equals = pair.indexOf('=');
            if (equals > 0 && pair.substring(0, equals).strip().equals(name)) {
                String value = pair.substring(equals + 1).strip();
                return value.isEmpty() ? Optional.empty() : Optional.of(value);
            }
        }
        return Optional.empty();
    }

    /// Compares in constant time.
    static boolean csrfMatches(String secret, String word) {
        return MessageDigest.isEqual(
                Users.csrf(secret).getBytes(StandardCharsets.UTF_8), word.getBytes(StandardCharsets.UTF_8));
    }
}
