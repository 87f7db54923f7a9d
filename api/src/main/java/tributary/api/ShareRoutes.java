package tributary.api;

import static tributary.api.Schema.may;
import static tributary.api.Schema.must;

import io.helidon.http.Method;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.api.Route.Doc;
import tributary.api.Route.Shape;
import tributary.api.Route.Success;
import tributary.registry.Dashboards;
import tributary.registry.Dashboards.DashboardName;
import tributary.registry.Dashboards.KeptDashboard;
import tributary.registry.Devices;
import tributary.registry.Shares;
import tributary.registry.Shares.Made;
import tributary.registry.Shares.Share;

/// Links that show a dashboard without an account: made, listed and revoked by owners.
final class ShareRoutes {
    private static final String TAG = "dashboards";

    private static final Schema.Texts VALUES =
            new Schema.Texts("what its variables hold, by name; others begin as the dashboard says", 30, 400, 10);
    private static final Schema.Text RANGE =
            Schema.oneOf("the time that is shown; as the dashboard says where left out", ranges());

    private static final Schema.Obj NEW = new Schema.Obj(
            "NewShare",
            "A link to make.",
            List.of(
                    may(
                            "validFor",
                            Schema.name("how long it is good, 7d if left out, at most 366d; " + Times.LENGTH_DOC, 20)),
                    may("values", VALUES),
                    may("range", RANGE)));

    private static final List<Schema.Field> SHOWN = List.of(
            must("id", Schema.text("names it", 100)),
            must("madeAt", new Schema.Moment("when it was made")),
            must("madeBy", Schema.text("who made it", 300)),
            must("expiresAt", new Schema.Moment("when it shows nothing any more")),
            must("values", VALUES),
            may("range", RANGE));

    private static final Schema.Obj SHARE =
            new Schema.Obj("Share", "A link that shows a dashboard to whoever has it.", SHOWN);

    private static final Schema.Obj MADE = new Schema.Obj(
            "MadeShare",
            "A link, its secret shown this once.",
            List.of(
                    must("share", SHARE),
                    must("link", Schema.text("path of the page, to be put behind the server's address", 200))));

    private static final Schema.Obj LIST = new Schema.Obj(
            "Shares",
            "Links of a dashboard that are good.",
            List.of(must("shares", new Schema.ListOf("the oldest first", SHARE, Shares.PER_TENANT_MAX))));

    private final Shares shares;
    private final Dashboards dashboards;
    private final Devices devices;

    ShareRoutes(Shares shares, Dashboards dashboards, Devices devices) {
        this.shares = shares;
        this.dashboards = dashboards;
        this.devices = devices;
    }

    private static String[] ranges() {
        return new String[] {"5m", "15m", "1h", "6h", "24h", "7d", "30d"};
    }

    List<Route> routes() {
        String all = "/api/v1/dashboards/{dashboard}/shares";
        return List.of(
                new Route(
                        Method.GET,
                        all,
                        Access.OWNER,
                        new Doc(TAG, "listShares", "List the links of a dashboard", "Without their secrets."),
                        new Shape(List.of(), null, Success.json(200, LIST)),
                        this::list),
                new Route(
                        Method.POST,
                        all,
                        Access.OWNER,
                        new Doc(
                                TAG,
                                "makeShare",
                                "Make a link that shows a dashboard without an account",
                                "It shows the dashboard as it is at any time, with these values of its variables, and"
                                        + " nothing else of the tenant."),
                        new Shape(List.of(), NEW, Success.json(201, MADE)),
                        this::make),
                new Route(
                        Method.DELETE,
                        all + "/{share}",
                        Access.OWNER,
                        new Doc(TAG, "revokeShare", "Make a link worthless", ""),
                        new Shape(List.of(), null, Success.none(204, "It shows nothing from now on.")),
                        call -> shares.revoke(name(call), call.place("share")) ? Answer.done() : Answer.notFound()));
    }

    private static DashboardName name(Call call) {
        return new DashboardName(call.tenant(), call.place("dashboard"));
    }

    private Answer list(Call call) {
        if (dashboards.find(name(call)).isEmpty()) {
            return Answer.notFound();
        }
        ObjectNode answer = Json.object();
        ArrayNode all = answer.putArray("shares");
        shares.of(name(call)).forEach(share -> all.add(json(share)));
        return Answer.ok(answer);
    }

    private Answer make(Call call) {
        Optional<KeptDashboard> kept = dashboards.find(name(call));
        if (kept.isEmpty()) {
            return Answer.notFound();
        }
        ObjectNode held = Json.object();
        held.set("values", values(call, DashboardFile.read(kept.get().text().yaml())));
        if (call.body().has("range")) {
            held.set("range", call.body().path("range"));
        }
        Optional<Made> made = Flaws.kept(() -> shares.make(
                name(call),
                Json.text(held),
                Times.length("validFor", call.text("validFor", "7d")),
                call.principal().subject()));
        return made.map(fresh -> {
                    ObjectNode answer = Json.object();
                    answer.set("share", json(fresh.share()));
                    // Behind '#', so that no server and no proxy ever sees it in an address.
                    answer.put("link", "/shared#" + fresh.secret());
                    return Answer.created(answer);
                })
                .orElseGet(Answer::notFound);
    }

    private ObjectNode values(Call call, JsonNode dashboard) {
        ObjectNode values = Json.object();
        for (var field : call.body().path("values").properties()) {
            JsonNode variable = Board.variable(dashboard, field.getKey());
            if (variable.isMissingNode()) {
                throw Flaws.field("values/" + field.getKey(), "there is no such variable on the dashboard");
            }
            String value = field.getValue().asString("");
            boolean device = variable.path("kind").asString("").equals("device");
            if (device && !value.isEmpty() && !Call.visible(call.principal(), value, devices)) {
                throw Flaws.field("values/" + field.getKey(), "there is no such device");
            }
            values.put(field.getKey(), value);
        }
        return values;
    }

    static ObjectNode json(Share share) {
        ObjectNode node = Json.object()
                .put("id", share.id())
                .put("madeAt", Json.time(share.madeAt()))
                .put("madeBy", share.madeBy())
                .put("expiresAt", Json.time(share.expiresAt()));
        JsonNode held = Json.read(share.held());
        node.set("values", held.path("values"));
        if (held.has("range")) {
            node.set("range", held.path("range"));
        }
        return node;
    }
}
