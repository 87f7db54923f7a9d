package tributary.gateway.http;

import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import org.jspecify.annotations.Nullable;
import tributary.gateway.Grounds;
import tributary.registry.Credentials;
import tributary.registry.Credentials.Verdict;
import tributary.registry.Principal;

/// Finds out who a request is from: `Authorization: Bearer <token>`, or `Token <token>` as InfluxDB clients write it.
final class Proof {
    private static final String BEARER = "bearer ";
    private static final String TOKEN = "token ";

    private static final String HOW =
            "send the header Authorization: Bearer <token>; tributary device token ID makes one";

    private final Credentials credentials;

    Proof(Credentials credentials) {
        this.credentials = credentials;
    }

    /// @return who it is
    /// @throws Refusal with 401 where nobody is known
    Principal of(Headers headers) {
        String secret = secret(headers);
        if (secret == null) {
            throw new Refusal(Problem.bearerMissing(), Grounds.noCredential("", HOW));
        }
        return switch (credentials.verify(secret)) {
            case Verdict.Accepted accepted -> accepted.principal();
            case Verdict.Refused refused -> throw new Refusal(Problem.bearerRefused(), Grounds.of(refused));
        };
    }

    private static @Nullable String secret(Headers headers) {
        if (!headers.contains(HeaderNames.AUTHORIZATION)) {
            return null;
        }
        String value = headers.get(HeaderNames.AUTHORIZATION).get();
        if (value.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return value.substring(BEARER.length()).strip();
        }
        return value.regionMatches(true, 0, TOKEN, 0, TOKEN.length())
                ? value.substring(TOKEN.length()).strip()
                : null;
    }
}
