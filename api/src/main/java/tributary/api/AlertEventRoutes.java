package tributary.api;

import static tributary.api.Schema.must;
import static tributary.api.Schema.orNull;

import io.helidon.http.Method;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.api.Route.Doc;
import tributary.api.Route.Param;
import tributary.api.Route.Shape;
import tributary.api.Route.Success;
import tributary.model.DeviceId;
import tributary.model.TenantId;
import tributary.registry.Alerts;
import tributary.registry.Alerts.Event;
import tributary.registry.Alerts.Wanted;

/// The lives of alerts: what became of them, and what becomes of them now.
final class AlertEventRoutes {
    private static final String TAG = "alerts";
    private static final int PAGE_MAX = 1_000;
    private static final int AT_ONCE = 200;
    private static final long LOOK_NANOS = 200_000_000;
    private static final Schema.Text SEQUENCE = Schema.shaped("a sequence", 18, "\\d{1,18}");

    private static final Schema.Obj EVENT = new Schema.Obj(
            "AlertEvent",
            "One change in the life of an alert.",
            List.of(
                    must("sequence", new Schema.Whole("grows with each change", 1, Long.MAX_VALUE)),
                    must("at", new Schema.Moment("when, by the clock of the stream")),
                    must("rule", Schema.text("the rule's name", 100)),
                    must("name", Schema.text("as ALERT names it", 200)),
                    must("key", Schema.text("what it is about, as JSON", 2000)),
                    must(
                            "what",
                            Schema.oneOf(
                                    "what became of it; ended: somebody replaced the statement, or switched it off",
                                    "raised",
                                    "escalated",
                                    "repeated",
                                    "cleared",
                                    "acknowledged",
                                    "ended")),
                    must("severity", Schema.text("as the rule says it, or empty", 200)),
                    must("device", Schema.text("that it is about, or empty", 200)),
                    must("payload", Schema.text("what the rule said, its beginning", 4096)),
                    orNull("by", Schema.text("who did it; null for the rule itself", 300)),
                    must("silenced", new Schema.Flag("whether it went nowhere, because of maintenance"))));

    private static final List<Param> FILTER = List.of(
            Param.of("rule", "only of this rule"),
            Param.of("name", "only of this alert, as ALERT names it"),
            Param.of("key", "only about this, as JSON"),
            Param.of("device", "only about this device"));

    private final Alerts alerts;
    private final LiveStreams streams;

    AlertEventRoutes(Alerts alerts, LiveStreams streams) {
        this.alerts = alerts;
        this.streams = streams;
    }

    List<Route> routes() {
        List<Param> page = new ArrayList<>(FILTER);
        page.add(Paging.limit(PAGE_MAX));
        page.add(new Param(
                Paging.AFTER.name(), SEQUENCE.saying(Paging.AFTER.schema().doc()), false, false));
        List<Param> live = new ArrayList<>(FILTER);
        live.add(new Param(
                "after",
                SEQUENCE.saying("go on behind this event id; the header Last-Event-ID says the same"),
                false,
                false));
        return List.of(
                new Route(
                        Method.GET,
                        "/api/v1/alerts/history",
                        Access.VIEWER,
                        new Doc(
                                TAG,
                                "listAlertEvents",
                                "List what became of alerts",
                                "Newest first: raised, escalated, repeated, acknowledged by whom, cleared. A tenant has"
                                        + " the last 20,000 changes of 30 days."),
                        new Shape(page, null, Success.json(200, Schema.page("AlertEventPage", "events", EVENT))),
                        this::history),
                new Route(
                        Method.GET,
                        "/api/v1/alerts/live",
                        Access.VIEWER,
                        new Doc(TAG, "liveAlerts", "Follow alerts", "Server-sent events, each change as it happens."),
                        new Shape(live, null, new Success(200, "Events, endless.", List.of("text/event-stream"), null)),
                        this::live));
    }

    private static Wanted wanted(Call call) {
        return new Wanted(
                call.query("rule").orElse(""),
                call.query("name").orElse(""),
                call.query("key").orElse(""),
                call.deviceAsked().map(DeviceId::value).orElse(""));
    }

    private Answer history(Call call) {
        int limit = Paging.limit(call, 100, PAGE_MAX);
        long before = call.query("after").map(Long::parseLong).orElse(Long.MAX_VALUE);
        List<Event> found = alerts.before(call.tenant(), wanted(call), before, limit + 1);
        List<Event> shown = found.subList(0, Math.min(limit, found.size()));
        ObjectNode page = Json.object();
        ArrayNode items = page.putArray("events");
        shown.forEach(event -> items.add(json(event)));
        if (found.size() > limit) {
            page.put("next", Long.toString(shown.getLast().sequence()));
        }
        return Answer.ok(page);
    }

    private Answer live(Call call) {
        Wanted wanted = wanted(call);
        String header = call.asked().lastEventId();
        if (!header.isEmpty() && SchemaCheck.flaw(header, SEQUENCE) != null) {
            throw Flaws.parameter("Last-Event-ID", "must be the id of an event, a whole number", header);
        }
        long newest = alerts.newest(call.tenant());
        long from = header.isEmpty() ? call.query("after").map(Long::parseLong).orElse(newest) : Long.parseLong(header);
        return new Answer.Streamed("text/event-stream", true, out -> {
            try (LiveStreams.Permit permit = streams.admit(call.tenant())) {
                follow(call, wanted, Math.min(from, newest), permit, new EventWriter(permit, out));
            }
        });
    }

    /// Looks into the table only where some alert of this process changed.
    private void follow(Call call, Wanted wanted, long from, LiveStreams.Permit permit, EventWriter events)
            throws IOException {
        LiveStreams.Right right = permit.right(call.who());
        TenantId tenant = call.tenant();
        long after = from;
        long seen = -1;
        long heardMillis = permit.nowMillis();
        events.begin("alert");
        while (!right.ended(events, Long.toString(after))) {
            long changes = alerts.changes();
            List<Event> found = changes == seen ? List.of() : alerts.after(tenant, wanted, after, AT_ONCE);
            for (Event event : found) {
                after = event.sequence();
                events.event("alert", Long.toString(after), json(event));
            }
            seen = found.size() < AT_ONCE ? changes : seen;
            long now = permit.nowMillis();
            if (events.size() > 0) {
                events.send();
                heardMillis = now;
            } else if (now - heardMillis >= permit.heartbeatMillis()) {
                events.heartbeat(Long.toString(after));
                heardMillis = now;
            }
            if (found.size() < AT_ONCE) {
                LockSupport.parkNanos(this, LOOK_NANOS);
                if (Thread.currentThread().isInterrupted()) {
                    return;
                }
            }
        }
    }

    private static ObjectNode json(Event event) {
        return Json.object()
                .put("sequence", event.sequence())
                .put("at", Json.time(event.at()))
                .put("rule", event.key().rule())
                .put("name", event.key().name())
                .put("key", event.key().key())
                .put("what", event.what())
                .put("severity", event.severity())
                .put("device", event.device())
                .put("payload", event.payload())
                .put("by", event.who().isEmpty() ? null : event.who())
                .put("silenced", event.silenced());
    }
}
