package tributary.api;

import static tributary.api.Schema.may;
import static tributary.api.Schema.must;
import static tributary.api.Schema.orNull;

import io.helidon.http.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.api.Route.Doc;
import tributary.api.Route.Param;
import tributary.api.Route.Shape;
import tributary.api.Route.Success;
import tributary.broker.Broker;
import tributary.broker.SessionView;
import tributary.broker.Subscription;
import tributary.broker.TenantView;
import tributary.model.DeviceId;

/// MQTT sessions: list, show, end.
final class SessionRoutes {
    private static final int PAGE_MAX = 500;

    private static final Schema COUNT = new Schema.Whole("a count", 0, Long.MAX_VALUE);

    private static final Schema.Obj SUBSCRIPTION = new Schema.Obj(
            "Subscription",
            "A filter of a session.",
            List.of(
                    must("filter", Schema.text("which topics", 65_535)),
                    may("group", Schema.text("the group that shares the messages: $share/<group>/<filter>", 65_535)),
                    must("qos", new Schema.Whole("most that deliveries carry", 0, 2)),
                    must("noLocal", new Schema.Flag("not what the session itself published")),
                    must("retainAsPublished", new Schema.Flag("keep the publisher's retain flag")),
                    may("identifier", new Schema.Whole("the subscriber's own number for it", 1, Integer.MAX_VALUE))));

    private static final List<Schema.Field> SUMMARY = List.of(
            must("clientId", Schema.text("its name in the tenant", 65_535)),
            must("subject", Schema.text("whose it is", 200)),
            orNull("device", Schema.text("the device it is", 128)),
            must("connected", new Schema.Flag("whether its client is there")),
            may("detachedAt", new Schema.Moment("when the client left")),
            must("expirySeconds", new Schema.Whole("how long it outlives its connection", 0, Long.MAX_VALUE)),
            must("subscriptionCount", COUNT),
            must("inFlight", new Schema.Whole("messages sent and not acknowledged", 0, Long.MAX_VALUE)),
            must("waiting", new Schema.Whole("messages that wait for it", 0, Long.MAX_VALUE)),
            must("waitingBytes", new Schema.Whole("bytes of their payloads", 0, Long.MAX_VALUE)),
            must(
                    "dropped",
                    new Schema.Whole("messages that a limit cost it since the server started", 0, Long.MAX_VALUE)));

    private static final Schema.Obj ITEM =
            new Schema.Obj("SessionSummary", "What the broker keeps for one MQTT client.", SUMMARY);

    private static final Schema.Obj SESSION = new Schema.Obj(
            "MqttSession", "What the broker keeps for one MQTT client, with its subscriptions.", withSubscriptions());

    private static final Schema.Obj PAGE = Schema.page("SessionPage", "sessions", ITEM);

    private final Broker broker;

    SessionRoutes(Broker broker) {
        this.broker = broker;
    }

    private static List<Schema.Field> withSubscriptions() {
        List<Schema.Field> fields = new ArrayList<>(SUMMARY);
        fields.add(
                must("subscriptions", new Schema.ListOf("in order of their filters", SUBSCRIPTION, Integer.MAX_VALUE)));
        return fields;
    }

    List<Route> routes() {
        String one = "/api/v1/sessions/{clientId}";
        return List.of(
                new Route(
                        Method.GET,
                        "/api/v1/sessions",
                        Access.VIEWER,
                        new Doc(
                                "sessions",
                                "listSessions",
                                "List MQTT sessions",
                                "In order of client id, page by page: clients that are connected, and what waits for"
                                        + " those that are away."),
                        new Shape(
                                List.of(
                                        Param.of("text", "part of the client id"),
                                        Param.of(
                                                "connected",
                                                Schema.oneOf("whether the client is there", "true", "false")),
                                        Paging.AFTER,
                                        Paging.limit(PAGE_MAX)),
                                null,
                                Success.json(200, PAGE)),
                        this::list),
                new Route(
                        Method.GET,
                        one,
                        Access.VIEWER,
                        new Doc("sessions", "getSession", "Show an MQTT session", ""),
                        new Shape(List.of(), null, Success.json(200, SESSION)),
                        this::show),
                new Route(
                        Method.DELETE,
                        one,
                        Access.OPERATOR,
                        new Doc(
                                "sessions",
                                "endSession",
                                "End an MQTT session",
                                "Its client is disconnected (reason code 0x98), its will is published, and what waits"
                                        + " for it is forgotten. A client that connects again begins anew; take its"
                                        + " credential away to keep it out."),
                        new Shape(List.of(), null, Success.none(204, "It is over.")),
                        call -> view(call).end(call.place("clientId")) ? Answer.done() : Answer.notFound()));
    }

    private TenantView view(Call call) {
        return broker.of(call.tenant());
    }

    private Answer list(Call call) {
        int limit = Paging.limit(call, 100, PAGE_MAX);
        TenantView.Filter filter = new TenantView.Filter(
                call.query("text").orElse(""),
                call.query("connected").map(Boolean::valueOf).orElse(null),
                call.query("after").orElse(""));
        List<SessionView> found = view(call).sessions(filter, limit + 1);
        return Answer.ok(Paging.page("sessions", found, limit, SessionRoutes::summary, SessionView::clientId));
    }

    private Answer show(Call call) {
        Optional<SessionView> found = view(call).session(call.place("clientId"));
        if (found.isEmpty()) {
            return Answer.notFound();
        }
        ObjectNode node = summary(found.get());
        ArrayNode subscriptions = node.putArray("subscriptions");
        found.get().subscriptions().stream()
                .sorted((a, b) -> a.filter().value().compareTo(b.filter().value()))
                .forEach(subscription -> describe(subscriptions.addObject(), subscription));
        return Answer.ok(node);
    }

    private static ObjectNode summary(SessionView session) {
        DeviceId device = session.device();
        ObjectNode node = Json.object()
                .put("clientId", session.clientId())
                .put("subject", session.subject())
                .put("device", device == null ? null : device.value())
                .put("connected", session.connected());
        if (!session.connected()) {
            node.put("detachedAt", Json.time(session.detachedMicros()));
        }
        return node.put("expirySeconds", session.expirySeconds())
                .put("subscriptionCount", session.subscriptions().size())
                .put("inFlight", session.inFlight())
                .put("waiting", session.waiting())
                .put("waitingBytes", session.waitingBytes())
                .put("dropped", session.dropped());
    }

    private static void describe(ObjectNode node, Subscription subscription) {
        node.put("filter", subscription.filter().value());
        if (subscription.shared()) {
            node.put("group", subscription.share());
        }
        node.put("qos", subscription.qos())
                .put("noLocal", subscription.noLocal())
                .put("retainAsPublished", subscription.retainAsPublished());
        if (subscription.identifier() > 0) {
            node.put("identifier", subscription.identifier());
        }
    }
}
