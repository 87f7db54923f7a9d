package tributary.api;

import static tributary.api.Schema.may;
import static tributary.api.Schema.must;
import static tributary.api.Schema.orNull;

import io.helidon.http.Method;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.api.Route.Doc;
import tributary.api.Route.Shape;
import tributary.api.Route.Success;
import tributary.model.DeviceId;
import tributary.model.TopicFilter;
import tributary.registry.Credentials;
import tributary.registry.Principal;

/// What proves who somebody is: devices' tokens, applications' keys, and the keys that sign.
final class CredentialRoutes {
    private static final Duration JWT_FALLBACK = Duration.ofDays(30);
    private static final Duration OVERLAP_FALLBACK = Duration.ofDays(7);
    private static final Duration VALID_MAX = Duration.ofDays(3650);
    private static final Schema FILTERS =
            new Schema.ListOf("topic filters beyond the device's own part", Schema.name("a topic filter", 1024), 64);
    private static final Schema.Text LENGTH = Schema.text(Times.LENGTH_DOC, 20);

    private static final Schema.Obj ISSUED = new Schema.Obj(
            "IssuedCredential",
            "A new credential. The secret is shown this once.",
            List.of(
                    must("id", Schema.text("for listing and revoking", 200)),
                    must("secret", Schema.text("goes into the password, or behind 'Bearer '", 8192)),
                    orNull("expiresAt", new Schema.Moment("from when on it means nothing; null: never"))));

    private static final Schema.Obj ISSUE = new Schema.Obj(
            "Credential",
            "What is known of a credential; never the secret.",
            List.of(
                    must("id", Schema.text("for revoking", 200)),
                    must("kind", Schema.oneOf("what it is", "token", "jwt", "key")),
                    must("title", Schema.text("what people call it", 200)),
                    must("role", Schema.oneOf("what it may", "device", "viewer", "operator", "owner")),
                    must("issuedAt", new Schema.Moment("when it was made")),
                    orNull("expiresAt", new Schema.Moment("from when on it means nothing; null: never")),
                    orNull("lastUsedAt", new Schema.Moment("when it was last accepted; null: never yet")),
                    must("revoked", new Schema.Flag("whether it was made worthless"))));

    private static final Schema.Obj CREDENTIALS = list("CredentialList", "credentials");
    private static final Schema.Obj KEYS = list("KeyList", "keys");

    private static final Schema.Obj NEW_CREDENTIAL = new Schema.Obj(
            "NewCredential",
            "A credential to make for a device.",
            List.of(
                    must("kind", Schema.oneOf("a static token for simple devices, or a signed one", "token", "jwt")),
                    may("validFor", LENGTH),
                    may("algorithm", Schema.oneOf("how a jwt is signed", "RS256", "EdDSA")),
                    may("publish", FILTERS),
                    may("subscribe", FILTERS)));

    private static final Schema.Obj NEW_KEY = new Schema.Obj(
            "NewKey",
            "An API key to make for an application.",
            List.of(
                    must("title", Schema.name("what people call it", 200)),
                    must("role", Schema.oneOf("what it may", "viewer", "operator", "owner")),
                    may("publish", FILTERS),
                    may("subscribe", FILTERS),
                    may("validFor", LENGTH)));

    private static final Schema.Obj ROTATION =
            new Schema.Obj("KeyRotation", "How the signing keys are replaced.", List.of(may("overlap", LENGTH)));

    private static final String REPLACED =
            "Of the same kind, with the same rights, good for as long from now on. The one that it replaces stays good"
                    + " until it is revoked; 'lastUsedAt' of the new one says when that may be done.";

    private final Credentials credentials;

    CredentialRoutes(Credentials credentials) {
        this.credentials = credentials;
    }

    private static Schema.Obj list(String component, String name) {
        return new Schema.Obj(
                component,
                "Credentials without their secrets.",
                List.of(must(name, new Schema.ListOf("newest last", ISSUE, Integer.MAX_VALUE))));
    }

    List<Route> routes() {
        String ofDevice = "/api/v1/devices/{device}/credentials";
        return List.of(
                new Route(
                        Method.GET,
                        ofDevice,
                        Access.OPERATOR,
                        new Doc("credentials", "listCredentials", "List a device's credentials", ""),
                        new Shape(List.of(), null, Success.json(200, CREDENTIALS)),
                        call -> list(call, "credentials", call.device())),
                new Route(
                        Method.POST,
                        ofDevice,
                        Access.OPERATOR,
                        new Doc(
                                "credentials",
                                "issueCredential",
                                "Make a token for a device",
                                "A jwt is good for 30 days and signed with RS256 where nothing else is said; a static"
                                        + " token is good until it is revoked."),
                        new Shape(List.of(), NEW_CREDENTIAL, Success.json(201, ISSUED)),
                        this::issue),
                new Route(
                        Method.POST,
                        ofDevice + "/{credential}/replace",
                        Access.OPERATOR,
                        new Doc(
                                "credentials",
                                "replaceCredential",
                                "Make another credential like one of a device",
                                REPLACED),
                        new Shape(List.of(), null, Success.json(201, ISSUED)),
                        call -> replace(call, call.place("credential"), call.device())),
                new Route(
                        Method.DELETE,
                        ofDevice + "/{credential}",
                        Access.OPERATOR,
                        new Doc("credentials", "revokeCredential", "Make a device's credential worthless", ""),
                        new Shape(List.of(), null, Success.none(204, "It is worthless from now on.")),
                        call -> revoke(call, call.place("credential"), call.device())),
                new Route(
                        Method.GET,
                        "/api/v1/keys",
                        Access.OWNER,
                        new Doc("keys", "listKeys", "List API keys", ""),
                        new Shape(List.of(), null, Success.json(200, KEYS)),
                        call -> list(call, "keys", null)),
                new Route(
                        Method.POST,
                        "/api/v1/keys",
                        Access.OWNER,
                        new Doc("keys", "addKey", "Make an API key for an application", ""),
                        new Shape(List.of(), NEW_KEY, Success.json(201, ISSUED)),
                        this::addKey),
                new Route(
                        Method.POST,
                        "/api/v1/keys/{key}/replace",
                        Access.OWNER,
                        new Doc("keys", "replaceKey", "Make another API key like one", REPLACED),
                        new Shape(List.of(), null, Success.json(201, ISSUED)),
                        call -> replace(call, call.place("key"), null)),
                new Route(
                        Method.DELETE,
                        "/api/v1/keys/{key}",
                        Access.OWNER,
                        new Doc("keys", "revokeKey", "Make an API key worthless", ""),
                        new Shape(List.of(), null, Success.none(204, "It is worthless from now on.")),
                        call -> revoke(call, call.place("key"), null)),
                new Route(
                        Method.POST,
                        "/api/v1/keys/rotate",
                        Access.INSTALLATION,
                        new Doc(
                                "keys",
                                "rotateKeys",
                                "Replace the signing keys of the installation",
                                "Tokens signed with the old ones stay good for 'overlap', 7d where not said."),
                        new Shape(List.of(), ROTATION, Success.none(204, "New tokens are signed with new keys.")),
                        this::rotate));
    }

    private Answer list(Call call, String name, @Nullable DeviceId device) {
        ObjectNode node = Json.object();
        ArrayNode items = node.putArray(name);
        credentials.issued(call.tenant(), device).forEach(issue -> items.add(json(issue)));
        return Answer.ok(node);
    }

    private Answer issue(Call call) {
        Duration validFor = validFor(call);
        return switch (call.text("kind", "")) {
            case "jwt" ->
                Answer.created(json(Flaws.kept(() -> credentials.issueJwt(
                        call.tenant(),
                        call.device(),
                        validFor == null ? JWT_FALLBACK : validFor,
                        Credentials.Algorithm.valueOf(
                                call.text("algorithm", "RS256").toUpperCase(Locale.ROOT)),
                        filters(call, "publish"),
                        filters(call, "subscribe")))));
            case "token" -> {
                List<Problem.Flaw> flaws = new ArrayList<>();
                for (String field : List.of("algorithm", "publish", "subscribe")) {
                    if (call.body().has(field)) {
                        flaws.add(new Problem.Flaw("/" + field, "is for a jwt; a static token speaks for its device"));
                    }
                }
                if (!flaws.isEmpty()) {
                    throw new ProblemException(Problem.flawed(ProblemCode.INVALID_BODY, flaws));
                }
                yield Answer.created(
                        json(Flaws.kept(() -> credentials.issueToken(call.tenant(), call.device(), validFor))));
            }
            default -> throw new IllegalStateException("the schema allows token and jwt only");
        };
    }

    private Answer addKey(Call call) {
        return Answer.created(json(Flaws.kept(() -> credentials.issueKey(
                call.tenant(),
                call.text("title", ""),
                Principal.Role.valueOf(call.text("role", "").toUpperCase(Locale.ROOT)),
                filters(call, "publish"),
                filters(call, "subscribe"),
                validFor(call)))));
    }

    private Answer replace(Call call, String id, @Nullable DeviceId device) {
        return Flaws.kept(() -> credentials.replace(call.tenant(), device, id))
                .map(issued -> Answer.created(json(issued)))
                .orElseGet(Answer::notFound);
    }

    /// Only what is listed in that place can be revoked there: a device's path does not reach keys.
    private Answer revoke(Call call, String id, @Nullable DeviceId device) {
        boolean listed = credentials.issued(call.tenant(), device).stream()
                .anyMatch(issue -> issue.credential().equals(id) && !issue.revoked());
        return listed && credentials.revoke(call.tenant(), id) ? Answer.done() : Answer.notFound();
    }

    private Answer rotate(Call call) {
        String overlap = call.text("overlap", "");
        credentials.rotateKeys(overlap.isEmpty() ? OVERLAP_FALLBACK : length("overlap", overlap));
        return Answer.done();
    }

    private static @Nullable Duration validFor(Call call) {
        String text = call.text("validFor", "");
        return text.isEmpty() ? null : length("validFor", text);
    }

    private static Duration length(String field, String text) {
        return Times.length(text)
                .filter(length -> length.compareTo(VALID_MAX) <= 0)
                .orElseThrow(() -> Flaws.field(field, "must be " + Times.LENGTH_DOC + ", at most 3650d"));
    }

    private static Set<TopicFilter> filters(Call call, String field) {
        Set<TopicFilter> filters = new LinkedHashSet<>();
        List<Problem.Flaw> flaws = new ArrayList<>();
        int index = 0;
        for (JsonNode node : call.body().path(field)) {
            String fault = TopicFilter.fault(node.stringValue());
            if (fault == null) {
                filters.add(new TopicFilter(node.stringValue()));
            } else {
                flaws.add(new Problem.Flaw("/" + field + "/" + index, fault));
            }
            index++;
        }
        if (!flaws.isEmpty()) {
            throw new ProblemException(Problem.flawed(ProblemCode.INVALID_BODY, flaws));
        }
        return filters;
    }

    private static ObjectNode json(Credentials.Issued issued) {
        ObjectNode node = Json.object();
        node.put("id", issued.credential());
        node.put("secret", issued.secret());
        node.put("expiresAt", time(issued.expiresAt()));
        return node;
    }

    private static ObjectNode json(Credentials.Issue issue) {
        ObjectNode node = Json.object();
        node.put("id", issue.credential());
        node.put("kind", issue.kind());
        node.put("title", issue.title());
        node.put("role", issue.role().name().toLowerCase(Locale.ROOT));
        node.put("issuedAt", Json.time(issue.issuedAt()));
        node.put("expiresAt", time(issue.expiresAt()));
        node.put("lastUsedAt", time(issue.lastUsedAt()));
        node.put("revoked", issue.revoked());
        return node;
    }

    private static @Nullable String time(@Nullable Instant instant) {
        return instant == null ? null : Json.time(instant);
    }
}
