package tributary.api;

import static tributary.api.Schema.may;
import static tributary.api.Schema.must;

import io.helidon.http.Method;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.api.Route.Doc;
import tributary.api.Route.Shape;
import tributary.api.Route.Success;
import tributary.gateway.DoorProblem;
import tributary.registry.Credentials;

/// What machines ask of a server: health, figures, public keys, documents.
final class PlatformRoutes {
    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

    private static final Schema.Obj HEALTH = new Schema.Obj(
            "Health",
            "Whether the server is up.",
            List.of(
                    must("status", Schema.oneOf("one word", "up", "not-ready")),
                    may("reasons", new Schema.ListOf("what it waits for", Schema.text("a sentence", 4096), 100))));

    private static final Schema.Obj PROBLEM_DOC = new Schema.Obj(
            "ProblemType",
            "A kind of error; docs/errors.md says more.",
            List.of(
                    must("type", Schema.text("the URI of RFC 9457", 100)),
                    must("title", Schema.text("short", 100)),
                    must("status", new Schema.Whole("the HTTP status", 400, 599))));

    private final Readiness readiness;
    private final Credentials credentials;
    private final PrometheusMeterRegistry meters;
    private final Supplier<ObjectNode> document;

    PlatformRoutes(
            Readiness readiness,
            Credentials credentials,
            PrometheusMeterRegistry meters,
            Supplier<ObjectNode> document) {
        this.readiness = readiness;
        this.credentials = credentials;
        this.meters = meters;
        this.document = document;
    }

    List<Route> routes() {
        return List.of(
                new Route(
                        Method.GET,
                        "/health/live",
                        Access.ANYONE,
                        new Doc("health", "live-check", "Say whether the process lives", ""),
                        new Shape(List.of(), null, Success.json(200, HEALTH)),
                        _ -> Answer.ok(Json.object().put("status", "up"))),
                new Route(
                        Method.GET,
                        "/health/ready",
                        Access.ANYONE,
                        new Doc(
                                "health",
                                "ready-check",
                                "Say whether every station is ready",
                                "503 with reasons until then."),
                        new Shape(List.of(), null, Success.json(200, HEALTH)),
                        _ -> ready()),
                new Route(
                        Method.GET,
                        "/metrics",
                        Access.MONITOR,
                        new Doc("health", "metrics", "Show figures for Prometheus", ""),
                        new Shape(List.of(), null, new Success(200, "Figures.", List.of(PROMETHEUS), null)),
                        _ -> new Answer.Plain(200, PROMETHEUS, meters.scrape(PROMETHEUS))),
                new Route(
                        Method.GET,
                        "/.well-known/jwks.json",
                        Access.ANYONE,
                        new Doc("documents", "jwks", "Show the public keys that sign tokens", ""),
                        new Shape(
                                List.of(),
                                null,
                                Success.json(200, new Schema.FreeObject("a JSON Web Key Set (RFC 7517)"))),
                        _ -> Answer.ok(Json.read(credentials.jwks()))),
                new Route(
                        Method.GET,
                        "/openapi.json",
                        Access.ANYONE,
                        new Doc("documents", "openapi", "Show this document", ""),
                        new Shape(List.of(), null, Success.json(200, new Schema.FreeObject("OpenAPI 3.1"))),
                        _ -> Answer.ok(document.get())),
                new Route(
                        Method.GET,
                        "/problems/{code}",
                        Access.ANYONE,
                        new Doc("documents", "problem", "Say what a kind of error is", ""),
                        new Shape(List.of(), null, Success.json(200, PROBLEM_DOC)),
                        PlatformRoutes::problem));
    }

    private Answer ready() {
        List<String> reasons = readiness.reasons();
        if (reasons.isEmpty()) {
            return Answer.ok(Json.object().put("status", "up"));
        }
        ObjectNode node = Json.object().put("status", "not-ready");
        ArrayNode list = node.putArray("reasons");
        reasons.forEach(list::add);
        return new Answer.Document(503, node, Map.of());
    }

    private static Answer problem(Call call) {
        String slug = call.place("code");
        for (ProblemCode code : ProblemCode.values()) {
            if (code.slug().equals(slug)) {
                return problem(slug, code.title(), code.status());
            }
        }
        for (DoorProblem code : DoorProblem.values()) {
            if (code.slug().equals(slug)) {
                return problem(slug, code.title(), code.status());
            }
        }
        return Answer.notFound();
    }

    private static Answer problem(String slug, String title, int status) {
        return Answer.ok(Json.object()
                .put("type", "/problems/" + slug)
                .put("title", title)
                .put("status", status));
    }
}
