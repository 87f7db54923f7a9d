package tributary.api;

import static tributary.api.Schema.must;

import io.helidon.http.Method;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.api.Route.Doc;
import tributary.api.Route.Shape;
import tributary.api.Route.Success;
import tributary.model.TenantId;
import tributary.registry.Tenants;
import tributary.registry.Tenants.Tenant;

/// Who did what: the audit log of one's own tenant.
final class AuditRoutes {
    private static final int LIMIT = 200;
    private static final int LIMIT_MAX = 1000;

    private static final Schema.Obj LINE = new Schema.Obj(
            "AuditLine",
            "One change, or one refusal.",
            List.of(
                    must("at", new Schema.Moment("when")),
                    must("action", Schema.text("operation of this document, `addDevice`", 100)),
                    must("status", new Schema.Whole("what was answered", 100, 599)),
                    must("subject", Schema.text("who asked; `-` where nobody proved who they are", 400)),
                    must("target", Schema.text("what it was about, `{device=pump-1}`, or `-`", 4096)),
                    must("peer", Schema.text("address that it came from", 100))));

    private static final Schema.Obj LINES = new Schema.Obj(
            "AuditLines",
            "The newest first; the server keeps some 100 MB of them.",
            List.of(must("lines", new Schema.ListOf("at most 'limit'", LINE, LIMIT_MAX))));

    private final AuditTrail trail;
    private final Tenants tenants;

    AuditRoutes(AuditTrail trail, Tenants tenants) {
        this.trail = trail;
        this.tenants = tenants;
    }

    List<Route> routes() {
        return List.of(new Route(
                Method.GET,
                "/api/v1/audit",
                Access.OWNER,
                new Doc(
                        "status",
                        "listAudit",
                        "List who did what",
                        "Every change and every refusal of the tenant, without secrets. Owners of the tenant 'main'"
                                + " see tries by unknown people too."),
                new Shape(List.of(Paging.limit(LIMIT_MAX)), null, Success.json(200, LINES)),
                this::list));
    }

    private Answer list(Call call) {
        String own = call.tenant().value();
        boolean strangers = call.tenant().equals(TenantId.MAIN);
        ObjectNode node = Json.object();
        ArrayNode lines = node.putArray("lines");
        // those of whoever had the tenant's name before are not theirs
        Instant since = tenants.find(call.tenant()).map(Tenant::createdAt).orElse(Instant.MAX);
        trail.newest(
                        line -> (line.tenant().equals(own)
                                        || strangers && line.tenant().equals("-"))
                                && !Instant.parse(line.at()).isBefore(since.truncatedTo(ChronoUnit.MILLIS)),
                        Paging.limit(call, LIMIT, LIMIT_MAX))
                .forEach(line -> lines.addObject()
                        .put("at", line.at())
                        .put("action", line.action())
                        .put("status", line.status())
                        .put("subject", line.subject())
                        .put("target", line.target())
                        .put("peer", line.peer()));
        return Answer.ok(node);
    }
}
