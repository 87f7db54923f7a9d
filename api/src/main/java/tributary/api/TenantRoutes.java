package tributary.api;

import static tributary.api.Schema.may;
import static tributary.api.Schema.must;

import io.helidon.http.Method;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.api.Route.Doc;
import tributary.api.Route.Shape;
import tributary.api.Route.Success;
import tributary.model.TenantId;
import tributary.registry.Registry;
import tributary.registry.Tenants;

/// Tenants. Everybody may read their own; an owner of the tenant `main` lists, adds and removes them.
final class TenantRoutes {
    private static final Duration FIRST_LINK_VALID = Duration.ofDays(1);
    private static final Schema.Text TITLE = Schema.text("what people call it", 200);

    private static final Schema.Obj TENANT = new Schema.Obj(
            "Tenant",
            "One customer's closed world.",
            List.of(
                    must("id", Schema.text("its name", 40)),
                    must("title", TITLE),
                    must("createdAt", new Schema.Moment("when it was added")),
                    may(
                            "link",
                            Schema.text(
                                    "signs its first owner in, once, within a day; only shown when it is made", 400))));

    private static final Schema.Obj LIST = new Schema.Obj(
            "TenantList", "All tenants.", List.of(must("tenants", new Schema.ListOf("by id", TENANT, 1_000_000))));

    private static final Schema.Obj NEW = new Schema.Obj(
            "NewTenant",
            "A tenant to add.",
            List.of(
                    must(
                            "id",
                            Schema.shaped(
                                    "1 to 40 of a-z, 0-9 and '-', beginning with a letter or digit",
                                    40,
                                    "[a-z0-9][a-z0-9-]{0,39}")),
                    may("title", TITLE)));

    private static final Schema.Obj REMOVAL = new Schema.Obj(
            "TenantRemoval",
            "A tenant that was removed. 'phase' is 'stopping' (connections, sinks and rules end), those of an erasure"
                    + " ('waiting', 'rewriting', 'expiring', 'log'), and at last 'done': nothing of it is left, and its"
                    + " name is free.",
            List.of(
                    must("id", Schema.text("its name", 40)),
                    must("removedAt", new Schema.Moment("since when nobody of it signs in")),
                    must(
                            "phase",
                            Schema.oneOf(
                                    "how far it is",
                                    TenantRemovals.STOPPING,
                                    "waiting",
                                    "rewriting",
                                    "expiring",
                                    "log",
                                    TenantRemovals.DONE)),
                    must("phaseSince", new Schema.Moment("when that began"))));

    private static final Schema.Obj REMOVALS = new Schema.Obj(
            "TenantRemovals",
            "Under way, and done until somebody else gets the name; the oldest first.",
            List.of(must("removals", new Schema.ListOf("all", REMOVAL, Integer.MAX_VALUE))));

    private final Registry registry;
    private final TenantRemovals removals;

    TenantRoutes(Registry registry, TenantRemovals removals) {
        this.registry = registry;
        this.removals = removals;
    }

    List<Route> routes() {
        return List.of(
                new Route(
                        Method.GET,
                        "/api/v1/tenants",
                        Access.INSTALLATION,
                        new Doc("tenants", "listTenants", "List tenants", ""),
                        new Shape(List.of(), null, Success.json(200, LIST)),
                        _ -> list()),
                new Route(
                        Method.POST,
                        "/api/v1/tenants",
                        Access.INSTALLATION,
                        new Doc("tenants", "addTenant", "Add a tenant", "The answer has a link for its first owner."),
                        new Shape(List.of(), NEW, Success.json(201, TENANT)),
                        this::add),
                new Route(
                        Method.GET,
                        "/api/v1/tenants/{tenant}",
                        Access.VIEWER,
                        new Doc("tenants", "getTenant", "Show a tenant", "Your own; an owner of 'main' may see any."),
                        new Shape(List.of(), null, Success.json(200, TENANT)),
                        this::show),
                new Route(
                        Method.DELETE,
                        "/api/v1/tenants/{tenant}",
                        Access.INSTALLATION,
                        new Doc(
                                "tenants",
                                "removeTenant",
                                "Remove a tenant with all that it has",
                                "People, devices, credentials, rules, sinks, dashboards and queries are gone with the"
                                        + " answer, and its connections end. What it sent is erased afterwards, also"
                                        + " over restarts: see the removals. It cannot be undone. The tenant 'main'"
                                        + " stays."),
                        new Shape(List.of(), null, Success.json(202, REMOVAL)),
                        this::remove),
                new Route(
                        Method.GET,
                        "/api/v1/tenant-removals",
                        Access.INSTALLATION,
                        new Doc("tenants", "listTenantRemovals", "List removed tenants", "How far each one is."),
                        new Shape(List.of(), null, Success.json(200, REMOVALS)),
                        _ -> removals()));
    }

    private Answer remove(Call call) {
        String asked = call.place("tenant");
        if (asked.equals(TenantId.MAIN.value())) {
            throw new ProblemException(
                    ProblemCode.FORBIDDEN,
                    "The tenant 'main' is the operator's own and stays. To erase what its devices sent:"
                            + " POST /api/v1/erasures with {\"everything\": true}.");
        }
        return registry.tenants().all().stream()
                .filter(tenant -> tenant.id().value().equals(asked))
                .findFirst()
                .flatMap(tenant -> removals.remove(tenant.id()))
                .map(removal -> (Answer) new Answer.Document(202, json(removal), Map.of()))
                .orElseGet(Answer::notFound);
    }

    private Answer removals() {
        ObjectNode node = Json.object();
        ArrayNode items = node.putArray("removals");
        removals.all().forEach(removal -> items.add(json(removal)));
        return Answer.ok(node);
    }

    private static ObjectNode json(TenantRemovals.Removal removal) {
        return Json.object()
                .put("id", removal.id().value())
                .put("removedAt", Json.time(removal.removedAt()))
                .put("phase", removal.phase())
                .put("phaseSince", Json.time(removal.since()));
    }

    private Answer list() {
        ObjectNode node = Json.object();
        ArrayNode items = node.putArray("tenants");
        registry.tenants().all().forEach(tenant -> items.add(json(tenant)));
        return Answer.ok(node);
    }

    private Answer add(Call call) {
        TenantId id = new TenantId(call.text("id", ""));
        if (id.noFolderEverywhere()) {
            throw Flaws.field("id", "cannot be the name of a folder on every system; choose another");
        }
        Tenants.Tenant tenant = registry.tenants().add(id, call.text("title", id.value()));
        String secret = registry.users().oneTimeLink(id, FIRST_LINK_VALID);
        return Answer.created(json(tenant).put("link", PeopleRoutes.path(secret)));
    }

    private Answer show(Call call) {
        String asked = call.place("tenant");
        boolean own = call.tenant().value().equals(asked);
        if (!own && !Access.INSTALLATION.admits(call.principal())) {
            return Answer.notFound();
        }
        return registry.tenants().all().stream()
                .filter(tenant -> tenant.id().value().equals(asked))
                .findFirst()
                .map(tenant -> Answer.ok(json(tenant)))
                .orElseGet(Answer::notFound);
    }

    private static ObjectNode json(Tenants.Tenant tenant) {
        ObjectNode node = Json.object();
        node.put("id", tenant.id().value());
        node.put("title", tenant.title());
        node.put("createdAt", Json.time(tenant.createdAt()));
        return node;
    }
}
