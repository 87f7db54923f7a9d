package tributary.api;

import static tributary.api.Schema.must;
import static tributary.api.Schema.orNull;

import io.helidon.http.Method;
import java.util.ArrayList;
import java.util.List;
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
        page.add(Numbered.OLDER);
        List<Param> live = new ArrayList<>(FILTER);
        live.add(Numbered.NEWER);
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
        List<Event> found = alerts.before(call.tenant(), wanted(call), Numbered.below(call), limit + 1);
        return Answer.ok(
                Paging.page("events", found, limit, AlertEventRoutes::json, event -> Long.toString(event.sequence())));
    }

    private Answer live(Call call) {
        long newest = alerts.newest(call.tenant());
        long from = Math.min(newest, Numbered.seen(call).orElse(newest));
        return Numbered.follow(call, streams, "alert", from, source(alerts, call.tenant(), wanted(call)));
    }

    /// @return changes behind a number, of one stream
    static Numbered.Source source(Alerts alerts, TenantId tenant, Wanted wanted) {
        return new Lives(alerts, tenant, wanted);
    }

    /// Looks into the table only where some alert of this process changed.
    private static final class Lives implements Numbered.Source {
        private final Alerts alerts;
        private final TenantId tenant;
        private final Wanted wanted;
        private long known = -1;

        Lives(Alerts alerts, TenantId tenant, Wanted wanted) {
            this.alerts = alerts;
            this.tenant = tenant;
            this.wanted = wanted;
        }

        @Override
        public Numbered.Seen behind(long number) {
            long changes = alerts.changes();
            if (changes == known) {
                return new Numbered.Seen(List.of(), number);
            }
            List<Event> found = alerts.after(tenant, wanted, number, Numbered.AT_ONCE);
            if (found.size() < Numbered.AT_ONCE) {
                known = changes;
            }
            return new Numbered.Seen(
                    found.stream()
                            .map(event -> new Numbered.Line(event.sequence(), json(event)))
                            .toList(),
                    number);
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
