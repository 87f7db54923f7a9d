package tributary.api;

import static tributary.api.Schema.may;
import static tributary.api.Schema.must;

import io.helidon.http.Method;
import java.time.Duration;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.api.Route.Doc;
import tributary.api.Route.Shape;
import tributary.api.Route.Success;
import tributary.model.TenantId;
import tributary.registry.Registry;
import tributary.registry.Tenants;

/// Tenants. Everybody may read their own; an owner of the tenant `main` lists and adds them.
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

    private final Registry registry;

    TenantRoutes(Registry registry) {
        this.registry = registry;
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
                        this::show));
    }

    private Answer list() {
        ObjectNode node = Json.object();
        ArrayNode items = node.putArray("tenants");
        registry.tenants().all().forEach(tenant -> items.add(json(tenant)));
        return Answer.ok(node);
    }

    private Answer add(Call call) {
        TenantId id = new TenantId(call.text("id", ""));
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
