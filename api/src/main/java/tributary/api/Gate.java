package tributary.api;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;
import tributary.api.Problem.Flaw;
import tributary.model.Quote;
import tributary.model.Settings;
import tributary.registry.Credentials;
import tributary.registry.Principal;
import tributary.registry.Registry;
import tributary.registry.Shares;

/// The one place that decides whether a request may reach its handler: credential, proof of will, role, ids of the
/// tenant, parameters, body; in this order.
final class Gate {
    private static final HeaderName CSRF = HeaderNames.create(SessionCookie.CSRF_HEADER);
    private static final HeaderName FETCH_SITE = HeaderNames.create("Sec-Fetch-Site");
    private static final HeaderName LAST_EVENT_ID = HeaderNames.create("Last-Event-ID");
    private static final List<HeaderName> FORWARDED =
            List.of(HeaderNames.X_FORWARDED_FOR, HeaderNames.FORWARDED, HeaderNames.create("X-Real-IP"));

    private final Registry registry;
    private final ApiSettings settings;

    Gate(Registry registry, ApiSettings settings) {
        this.registry = registry;
        this.settings = settings;
    }

    /// @return who calls, or null where the route is for anyone and nobody said
    /// @throws ProblemException where the route needs a credential and there is no good one
    @Nullable
    Identity identify(Route route, ServerRequest request) {
        if (route.access() == Access.ANYONE) {
            return null;
        }
        if (route.access() == Access.MONITOR && settings.metricsFromLoopback() && fromThisMachine(request)) {
            return null;
        }
        if (route.access() == Access.SHARE) {
            Identity linked = linked(request);
            if (linked != null) {
                return linked;
            }
        }
        return identity(request);
    }

    /// @return whoever has a link to a dashboard, or null where the request has none
    private @Nullable Identity linked(ServerRequest request) {
        String bearer = bearer(request);
        String secret = bearer.isEmpty()
                ? SessionCookie.share(header(request, HeaderNames.COOKIE)).orElse("")
                : bearer;
        if (!Shares.claimsToBe(secret)) {
            return null;
        }
        Principal principal = opened(secret);
        if (principal == null) {
            throw new ProblemException(Problem.of(
                    ProblemCode.UNAUTHENTICATED,
                    "The link has expired or was revoked. Ask whoever gave it to you for another."));
        }
        return new Identity(principal, null, () -> opened(secret));
    }

    private @Nullable Principal opened(String secret) {
        return registry.shares()
                .open(secret)
                .map(share -> new Principal(
                        share.of().tenant(),
                        "link:" + share.id(),
                        Principal.Kind.LINK,
                        null,
                        Principal.Role.DEVICE,
                        Set.of(),
                        Set.of(),
                        share.expiresAt(),
                        share.id()))
                .orElse(null);
    }

    private static String bearer(ServerRequest request) {
        String authorization = header(request, HeaderNames.AUTHORIZATION);
        return authorization.regionMatches(true, 0, "Bearer ", 0, 7)
                ? authorization.substring(7).strip()
                : "";
    }

    /// @throws ProblemException where a change has no proof of will, or the role does not suffice
    void permit(Route route, @Nullable Identity identity, ServerRequest request) {
        if (identity == null) {
            return;
        }
        if (identity.session() != null && route.changes()) {
            demandProofOfWill(identity.session(), request);
        }
        if (!route.access().admits(identity.principal())) {
            throw new ProblemException(
                    ProblemCode.FORBIDDEN,
                    "This needs " + route.access().need() + "; the credential is of the role "
                            + identity.principal().role().name().toLowerCase(Locale.ROOT)
                            + ". Ask an owner for a key that may.");
        }
    }

    /// @throws ProblemException where ids, parameters or body are not as the route says
    Call admit(Route route, @Nullable Identity identity, ServerRequest request) {
        Map<String, String> places = new HashMap<>();
        for (String place : route.places()) {
            places.put(place, request.path().pathParameters().first(place).orElse(""));
        }
        if (places.containsKey("device")) {
            demandVisible(identity, places.getOrDefault("device", ""));
        }
        Map<String, List<String>> query = query(route, request);
        for (String device : query.getOrDefault("device", List.of())) {
            if (!device.isEmpty()) {
                demandVisible(identity, device);
            }
        }
        Schema.Obj schema = route.shape().body();
        JsonNode body = MissingNode.getInstance();
        if (schema != null) {
            body = RequestBody.read(request, settings.bodyBytesMax());
            List<Flaw> flaws = SchemaCheck.flaws(body, schema);
            if (!flaws.isEmpty()) {
                throw new ProblemException(Problem.flawed(ProblemCode.INVALID_BODY, flaws));
            }
        }
        Call.Asked asked = new Call.Asked(
                header(request, HeaderNames.ACCEPT),
                header(request, LAST_EVENT_ID),
                cookie(request).orElse(""),
                bearer(request),
                request.isSecure(),
                registry.devices());
        return new Call(identity, places, query, body, asked);
    }

    private void demandVisible(@Nullable Identity identity, String device) {
        if (identity == null || !Call.visible(identity.principal(), device, registry.devices())) {
            throw new ProblemException(Problem.notFound());
        }
    }

    private Identity identity(ServerRequest request) {
        String authorization = header(request, HeaderNames.AUTHORIZATION);
        if (!authorization.isEmpty()) {
            if (authorization.regionMatches(true, 0, "Bearer ", 0, 7)) {
                String presented = authorization.substring(7).strip();
                Principal principal = verified(presented);
                if (principal != null) {
                    return new Identity(principal, null, () -> verified(presented));
                }
            }
            throw unauthenticated("The credential in the Authorization header is not valid (any more).");
        }
        Optional<String> session = cookie(request);
        if (session.isPresent()) {
            String secret = session.get();
            Optional<Principal> principal = registry.users().session(secret);
            if (principal.isPresent()) {
                return new Identity(
                        principal.get(),
                        secret,
                        () -> registry.users().session(secret).orElse(null));
            }
            throw unauthenticated("The session is over.");
        }
        throw unauthenticated("There is no credential.");
    }

    private @Nullable Principal verified(String presented) {
        return switch (registry.credentials().verify(presented)) {
            case Credentials.Verdict.Accepted(Principal principal) -> principal;
            case Credentials.Verdict.Refused _ -> null;
        };
    }

    private static ProblemException unauthenticated(String why) {
        return new ProblemException(Problem.of(
                        ProblemCode.UNAUTHENTICATED,
                        why + " Send 'Authorization: Bearer <API key or device token>', or sign in with POST"
                                + " /api/v1/session; 'tributary link' makes a one-time sign-in link.")
                .with("WWW-Authenticate", "Bearer realm=\"tributary\""));
    }

    /// A browser sends the cookie along whoever wrote the page; only our own pages can send the word with it.
    private static void demandProofOfWill(String secret, ServerRequest request) {
        boolean foreign = header(request, FETCH_SITE).equals("cross-site");
        if (foreign || !SessionCookie.csrfMatches(secret, header(request, CSRF))) {
            throw new ProblemException(
                    ProblemCode.CSRF,
                    "A change with a session cookie needs the header " + SessionCookie.CSRF_HEADER
                            + "; its value is 'csrf' in the answer of GET /api/v1/session.");
        }
    }

    private static Map<String, List<String>> query(Route route, ServerRequest request) {
        Map<String, List<String>> values = new LinkedHashMap<>();
        List<Flaw> flaws = new ArrayList<>();
        List<String> names =
                route.shape().query().stream().map(Route.Param::name).toList();
        for (String name : request.query().names()) {
            Route.Param param = route.shape().query().stream()
                    .filter(candidate -> candidate.name().equals(name))
                    .findFirst()
                    .orElse(null);
            if (param == null) {
                flaws.add(new Flaw(Quote.shorten(name), unknown(name, names)));
                continue;
            }
            List<String> given = request.query().all(name);
            if (given.size() > 1 && !param.repeated()) {
                flaws.add(new Flaw(name, "may be given once, was given " + given.size() + " times"));
            }
            for (String value : given) {
                String flaw = value.isEmpty() ? null : SchemaCheck.flaw(value, param.schema());
                if (flaw != null) {
                    flaws.add(new Flaw(name, flaw));
                }
            }
            values.put(name, List.copyOf(given));
        }
        for (Route.Param param : route.shape().query()) {
            if (param.required() && !values.containsKey(param.name())) {
                flaws.add(new Flaw(param.name(), "is missing: " + param.schema().doc()));
            }
        }
        if (!flaws.isEmpty()) {
            throw new ProblemException(Problem.flawed(ProblemCode.INVALID_PARAMETER, flaws));
        }
        return values;
    }

    private static String unknown(String name, List<String> names) {
        if (names.isEmpty()) {
            return "is not a parameter here; there are none";
        }
        String near = Settings.nearest(name, names);
        return near == null
                ? "is not a parameter here; there are " + String.join(", ", names)
                : "is not a parameter here; did you mean " + near + "?";
    }

    /// @return whether the peer is this machine itself and speaks for nobody else
    private static boolean fromThisMachine(ServerRequest request) {
        boolean forwarded =
                FORWARDED.stream().anyMatch(name -> request.headers().contains(name));
        return !forwarded
                && request.remotePeer().address() instanceof InetSocketAddress peer
                && peer.getAddress() != null
                && peer.getAddress().isLoopbackAddress();
    }

    static Optional<String> cookie(ServerRequest request) {
        return SessionCookie.secret(header(request, HeaderNames.COOKIE));
    }

    private static String header(ServerRequest request, HeaderName name) {
        return request.headers().first(name).orElse("");
    }
}
