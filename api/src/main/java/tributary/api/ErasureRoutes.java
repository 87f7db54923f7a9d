package tributary.api;

import static tributary.api.Schema.may;
import static tributary.api.Schema.must;
import static tributary.api.Schema.orNull;

import io.helidon.http.Method;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.api.Route.Doc;
import tributary.api.Route.Shape;
import tributary.api.Route.Success;
import tributary.broker.Attachment.Failure;
import tributary.broker.Broker;
import tributary.lake.Lake;
import tributary.model.DeviceId;
import tributary.registry.Alerts;
import tributary.registry.Tenants;

/// Erasing what devices sent, and how far that is.
final class ErasureRoutes {
    private static final Schema.Obj ERASURE = new Schema.Obj(
            "Erasure",
            "Data that is being erased. 'phase' is 'waiting', 'rewriting' (files are rewritten), 'expiring' (no query"
                    + " sees the rows, old files go), 'log' (no table has them; the log forgets its copy with log.keep)"
                    + " and at last 'done'.",
            List.of(
                    must("id", Schema.text("its id", 100)),
                    orNull("device", Schema.text("whose, null for all of the tenant", 128)),
                    must("wishedAt", new Schema.Moment("what came before is erased")),
                    must("phase", Schema.oneOf("how far it is", "waiting", "rewriting", "expiring", "log", "done")),
                    must("phaseSince", new Schema.Moment("when that began"))));

    private static final Schema.Obj LIST = new Schema.Obj(
            "Erasures",
            "Under way, and done in the last three months; the oldest first.",
            List.of(must("erasures", new Schema.ListOf("all", ERASURE, Integer.MAX_VALUE))));

    private static final Schema.Obj NEW = new Schema.Obj(
            "NewErasure",
            "Either a device or 'everything'.",
            List.of(
                    may("device", Schema.text("its id; it need not be registered any more", 128)),
                    may("everything", new Schema.Flag("true for all that the tenant's devices sent"))));

    private final Lake lake;
    private final Broker broker;
    private final Alerts alerts;
    private final Tenants tenants;

    ErasureRoutes(Stations stations) {
        this.lake = stations.lake();
        this.broker = stations.broker();
        this.alerts = stations.registry().alerts();
        this.tenants = stations.registry().tenants();
    }

    List<Route> routes() {
        return List.of(
                new Route(
                        Method.GET,
                        "/api/v1/erasures",
                        Access.OPERATOR,
                        new Doc("erasures", "listErasures", "List erasures", "How far each one is."),
                        new Shape(List.of(), null, Success.json(200, LIST)),
                        this::list),
                new Route(
                        Method.POST,
                        "/api/v1/erasures",
                        Access.OWNER,
                        new Doc(
                                "erasures",
                                "erase",
                                "Erase what a device sent",
                                "Rows of every table that came until now, out of every file, its retained messages,"
                                        + " those that wait in sessions, and what alerts said of it."
                                        + " It cannot be undone."
                                        + " Once the answer is there it goes on also over restarts; what is sent"
                                        + " afterwards stays."),
                        new Shape(List.of(), NEW, Success.json(201, ERASURE)),
                        this::erase));
    }

    private Answer list(Call call) {
        ObjectNode node = Json.object();
        ArrayNode items = node.putArray("erasures");
        // those of whoever had the tenant's name before are not theirs
        long since = tenants.find(call.tenant())
                .map(tenant -> tenant.createdAt().toEpochMilli())
                .orElse(Long.MAX_VALUE);
        lake.erasures(call.tenant()).stream()
                .filter(erasure -> erasure.wishedMillis() >= since)
                .forEach(erasure -> items.add(json(erasure)));
        return Answer.ok(node);
    }

    private Answer erase(Call call) {
        String device = call.text("device", "");
        boolean everything = call.body().path("everything").asBoolean(false);
        if (device.isEmpty() != everything) {
            throw Flaws.field("device", "must be given, or 'everything' must be true, and not both");
        }
        if (!everything && !DeviceId.valid(device)) {
            throw Flaws.field("device", "is no device's id");
        }
        DeviceId of = everything ? null : new DeviceId(device);
        long open = lake.erasures(call.tenant()).stream()
                .filter(erasure -> erasure.phase() != Lake.Phase.DONE)
                .count();
        if (open >= Lake.ERASURES_OPEN_MAX) {
            throw new ProblemException(
                    ProblemCode.TOO_MANY_ERASURES,
                    open + " erasures are under way, and a tenant has at most that many at once; GET /api/v1/erasures"
                            + " says how far they are. Try again when some are done.");
        }
        CompletableFuture<Optional<Failure>> forgotten = new CompletableFuture<>();
        broker.of(call.tenant()).erase(of, failure -> forgotten.complete(Optional.ofNullable(failure)));
        RetainedRoutes.await(forgotten, "whether messages in sessions and retained ones are erased");
        alerts.erase(call.tenant(), of);
        return Answer.created(json(lake.erase(call.tenant(), of)));
    }

    private static ObjectNode json(Lake.Erasure erasure) {
        DeviceId device = erasure.device();
        return Json.object()
                .put("id", erasure.id())
                .put("device", device == null ? null : device.value())
                .put("wishedAt", moment(erasure.wishedMillis()))
                .put("phase", erasure.phase().name().toLowerCase(Locale.ROOT))
                .put("phaseSince", moment(erasure.changedMillis()));
    }

    private static String moment(long millis) {
        return Json.time(Instant.ofEpochMilli(millis));
    }
}
