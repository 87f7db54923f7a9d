package tributary.gateway.http;

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

    /// @param authorization the header, or null where there is none
    /// @return who it is
    /// @throws Refusal with 401 where nobody is known
    Principal of(@Nullable String authorization) {
        String secret = authorization == null ? null : secret(authorization);
        if (secret == null) {
            throw new Refusal(Problem.bearerMissing(), Grounds.noCredential("", HOW));
        }
        return switch (credentials.verify(secret)) {
            case Verdict.Accepted accepted -> accepted.principal();
            case Verdict.Refused refused -> throw new Refusal(Problem.bearerRefused(), Grounds.of(refused));
        };
    }

    private static @Nullable String secret(String value) {
        if (value.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return value.substring(BEARER.length()).strip();
        }
        return value.regionMatches(true, 0, TOKEN, 0, TOKEN.length())
                ? value.substring(TOKEN.length()).strip()
                : null;
    }
}
