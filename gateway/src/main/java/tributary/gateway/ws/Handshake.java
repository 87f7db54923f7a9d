package tributary.gateway.ws;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import org.jspecify.annotations.Nullable;
import tributary.gateway.Cause;
import tributary.gateway.Grounds;
import tributary.gateway.Intake;
import tributary.gateway.Route;
import tributary.registry.Credentials;
import tributary.registry.Credentials.Verdict;
import tributary.registry.Principal;

/// Decides about an upgrade before it happens: who asks, and for which device.
///
/// The credential comes in `Authorization: Bearer <token>`, or, from browsers, which cannot set that header, as a
/// second subprotocol: `tributary, bearer.<token>`. It never comes in the address, because addresses are logged.
public final class Handshake {
    /// The subprotocol that is agreed on with a client that offers it.
    static final String SUBPROTOCOL = "tributary";

    static final HeaderName PROTOCOL = HeaderNames.create("Sec-WebSocket-Protocol");

    private static final String HOW =
            "send the header Authorization: Bearer <token> with the upgrade, or from a browser"
                    + " the subprotocols tributary, bearer.<token>";
    private static final String BEARER = "bearer ";
    private static final String BEARER_PROTOCOL = "bearer.";

    /// What was decided.
    public sealed interface Decision {
        /// @return for the attempts log, why there is no WebSocket
        Grounds grounds();

        /// @param route     of the device's telemetry
        /// @param protocols whether the client offered the subprotocol
        record Welcome(Principal principal, Route.Open route, boolean protocols) implements Decision {
            /// Whoever is welcome and has no WebSocket found no room.
            @Override
            public Grounds grounds() {
                return Grounds.of(
                        principal,
                        Cause.TOO_MANY_CONNECTIONS,
                        "all WebSocket connections are taken, or the server is stopping: raise ws.connections-max, or"
                                + " close some");
            }
        }

        /// No credential was shown.
        record Unproven() implements Decision {
            @Override
            public Grounds grounds() {
                return Grounds.noCredential("", HOW);
            }
        }

        /// The credential shown is not good.
        record Refused(Verdict.Refused verdict) implements Decision {
            @Override
            public Grounds grounds() {
                return Grounds.of(verdict);
            }
        }

        /// The credential is good, and not for that device.
        record Denied(Route.Closed route) implements Decision {
            @Override
            public Grounds grounds() {
                return Grounds.of(route);
            }
        }
    }

    private final Credentials credentials;
    private final Intake intake;

    public Handshake(Credentials credentials, Intake intake) {
        this.credentials = credentials;
        this.intake = intake;
    }

    /// Decides about a request to upgrade.
    public Decision decide(HttpPrologue prologue, Headers headers) {
        String secret = secret(headers);
        if (secret == null) {
            return new Decision.Unproven();
        }
        return switch (credentials.verify(secret)) {
            case Verdict.Refused refused -> new Decision.Refused(refused);
            case Verdict.Accepted accepted -> {
                Principal principal = accepted.principal();
                String device = prologue.query().first("device").orElse("me");
                yield switch (intake.route(principal, "devices/" + device + "/telemetry")) {
                    case Route.Open open -> new Decision.Welcome(principal, open, offers(headers, SUBPROTOCOL) != null);
                    case Route.Closed closed -> new Decision.Denied(closed);
                };
            }
        };
    }

    private static @Nullable String secret(Headers headers) {
        if (headers.contains(HeaderNames.AUTHORIZATION)) {
            String value = headers.get(HeaderNames.AUTHORIZATION).get();
            return value.regionMatches(true, 0, BEARER, 0, BEARER.length())
                    ? value.substring(BEARER.length()).strip()
                    : null;
        }
        String offered = offers(headers, BEARER_PROTOCOL);
        return offered == null ? null : offered.substring(BEARER_PROTOCOL.length());
    }

    static @Nullable String offers(Headers headers, String prefix) {
        if (!headers.contains(PROTOCOL)) {
            return null;
        }
        for (String value : headers.get(PROTOCOL).allValues()) {
            for (String protocol : value.split(",", -1)) {
                String name = protocol.strip();
                if (prefix.endsWith(".") ? name.startsWith(prefix) : name.equals(prefix)) {
                    return name;
                }
            }
        }
        return null;
    }
}
