package tributary.api;

import static tributary.api.Schema.may;
import static tributary.api.Schema.must;
import static tributary.api.Schema.orNull;

import io.helidon.http.Method;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.api.Route.Doc;
import tributary.api.Route.Param;
import tributary.api.Route.Shape;
import tributary.api.Route.Success;
import tributary.registry.Alerts;
import tributary.registry.Alerts.Alert;
import tributary.registry.Alerts.State;

/// What is wrong now, and who knows.
final class AlertRoutes {
    private static final String TAG = "alerts";

    private static final Schema.Obj ALERT = new Schema.Obj(
            "Alert",
            "An alert of a rule about one key.",
            List.of(
                    must("rule", Schema.text("the rule's name", 100)),
                    must("name", Schema.text("as ALERT names it", 200)),
                    must("key", Schema.text("what it is about, as JSON", 2000)),
                    must("state", Schema.oneOf("where it is in its life", "raised", "acknowledged", "cleared")),
                    must("severity", Schema.text("as the rule says it, or empty", 200)),
                    must("device", Schema.text("that it is about, or empty", 200)),
                    must("payload", Schema.text("what the rule said last, its beginning", 4096)),
                    must("raises", new Schema.Whole("how often it was raised", 1, Long.MAX_VALUE)),
                    must("firstRaisedAt", new Schema.Moment("when it was raised for the first time")),
                    must("raisedAt", new Schema.Moment("when it was raised last")),
                    must("changedAt", new Schema.Moment("when it changed last")),
                    orNull("acknowledgedBy", Schema.text("who knows", 300)),
                    orNull("acknowledgedAt", new Schema.Moment("since when")),
                    orNull(
                            "endedBy",
                            Schema.text("who replaced the statement that raised it, or switched it off", 300)),
                    must("silenced", new Schema.Flag("whether its last change went nowhere, because of maintenance")),
                    must(
                            "alike",
                            new Schema.Whole(
                                    "with grouped=true, how many alerts the line stands for: of one rule, name and state,"
                                            + " raised within a minute of each other",
                                    1,
                                    Long.MAX_VALUE)),
                    must("alikeSince", new Schema.Moment("when the first of those was raised"))));

    private static final Schema.Obj LIST = new Schema.Obj(
            "Alerts",
            "Raised last first; at most a thousand.",
            List.of(must("alerts", new Schema.ListOf("each of them", ALERT, Alerts.LIST_MAX))));

    private static final Schema.Obj WHICH = new Schema.Obj(
            "AlertKey",
            "Names an alert.",
            List.of(
                    must("rule", Schema.name("the rule's name", 100)),
                    must("name", Schema.name("as ALERT names it", 200)),
                    may("key", Schema.text("what it is about, as JSON", 2000))));

    private static final Schema.Obj STORM = new Schema.Obj(
            "AlertStorm",
            "Names the alerts of one line of grouped=true.",
            List.of(
                    must("rule", Schema.name("the rule's name", 100)),
                    must("name", Schema.name("as ALERT names it", 200)),
                    must("from", Schema.text("the line's alikeSince, " + Times.MOMENT_DOC, 64)),
                    must("to", Schema.text("the line's raisedAt, " + Times.MOMENT_DOC, 64))));

    private static final Schema.Obj KNOWN = new Schema.Obj(
            "AlertsKnown",
            "What came of it.",
            List.of(must(
                    "acknowledged", new Schema.Whole("alerts that were raised and are known now", 0, Long.MAX_VALUE))));

    private final Alerts alerts;
    private final InstantSource clock;

    AlertRoutes(Alerts alerts, InstantSource clock) {
        this.alerts = alerts;
        this.clock = clock;
    }

    List<Route> routes() {
        return List.of(
                new Route(
                        Method.GET,
                        "/api/v1/alerts",
                        Access.VIEWER,
                        new Doc(
                                TAG,
                                "listAlerts",
                                "List alerts",
                                "Those that are not cleared, where no state is asked."),
                        new Shape(
                                List.of(
                                        Param.of(
                                                "state",
                                                Schema.oneOf(
                                                        "only in this state", "raised", "acknowledged", "cleared")),
                                        Param.of("rule", "only of this rule"),
                                        Param.of("grouped", Schema.oneOf("a storm is one line", "true", "false"))),
                                null,
                                Success.json(200, LIST)),
                        this::list),
                new Route(
                        Method.POST,
                        "/api/v1/alerts/acknowledge",
                        Access.OPERATOR,
                        new Doc(TAG, "acknowledgeAlert", "Say that somebody knows of an alert", ""),
                        new Shape(List.of(), WHICH, Success.json(200, ALERT)),
                        this::acknowledge),
                new Route(
                        Method.GET,
                        "/api/v1/alerts/storm",
                        Access.VIEWER,
                        new Doc(TAG, "listStorm", "List the alerts that one line of grouped=true stands for", ""),
                        new Shape(
                                List.of(
                                        Param.of(
                                                "state",
                                                Schema.oneOf("the line's state", "raised", "acknowledged", "cleared")),
                                        Param.of("rule", "the line's rule"),
                                        Param.of("name", "the line's name"),
                                        Param.of("from", "the line's alikeSince"),
                                        Param.of("to", "the line's raisedAt")),
                                null,
                                Success.json(200, LIST)),
                        this::storm),
                new Route(
                        Method.POST,
                        "/api/v1/alerts/acknowledge-storm",
                        Access.OPERATOR,
                        new Doc(
                                TAG,
                                "acknowledgeStorm",
                                "Say that somebody knows of all alerts of a line",
                                "One that was raised after the line was read is not among them."),
                        new Shape(List.of(), STORM, Success.json(200, KNOWN)),
                        this::acknowledgeStorm));
    }

    private Answer list(Call call) {
        Optional<State> state = call.query("state").map(State::of);
        String rule = call.query("rule").orElse("");
        ObjectNode answer = Json.object();
        ArrayNode all = answer.putArray("alerts");
        if (call.query("grouped").orElse("").equals("true")) {
            alerts.grouped(call.tenant(), state, rule).forEach(line -> all.add(json(line)));
        } else {
            alerts.list(call.tenant(), state, rule).forEach(alert -> all.add(json(alert)));
        }
        return Answer.ok(answer);
    }

    private Answer acknowledge(Call call) {
        Alerts.Key key =
                new Alerts.Key(call.tenant(), call.text("rule", ""), call.text("name", ""), call.text("key", "null"));
        return alerts.acknowledge(key, call.principal().subject(), clock.instant())
                .map(alert -> Answer.ok(json(alert)))
                .orElseGet(Answer::notFound);
    }

    private Answer storm(Call call) {
        Instant now = clock.instant();
        Alerts.Storm storm = new Alerts.Storm(
                call.tenant(),
                call.query("rule").orElse(""),
                call.query("name").orElse(""),
                Times.moment("from", call.query("from").orElse("-24h"), now),
                Times.moment("to", call.query("to").orElse("now"), now));
        ObjectNode answer = Json.object();
        ArrayNode all = answer.putArray("alerts");
        alerts.list(storm, call.query("state").map(State::of).orElse(State.RAISED))
                .forEach(alert -> all.add(json(alert)));
        return Answer.ok(answer);
    }

    private Answer acknowledgeStorm(Call call) {
        Instant now = clock.instant();
        Alerts.Storm storm = new Alerts.Storm(
                call.tenant(),
                call.text("rule", ""),
                call.text("name", ""),
                call.moment("from", "", now),
                call.moment("to", "", now));
        int known = alerts.acknowledge(storm, call.principal().subject(), now);
        return Answer.ok(Json.object().put("acknowledged", known));
    }

    private static ObjectNode json(Alert alert) {
        return json(new Alerts.Line(alert, 1, alert.raised()));
    }

    private static ObjectNode json(Alerts.Line line) {
        Alert alert = line.alert();
        boolean acked = !alert.ackedBy().isEmpty();
        return Json.object()
                .put("rule", alert.key().rule())
                .put("name", alert.key().name())
                .put("key", alert.key().key())
                .put("state", alert.state().slug())
                .put("severity", alert.severity())
                .put("device", alert.device())
                .put("payload", alert.payload())
                .put("raises", alert.raises())
                .put("firstRaisedAt", Json.time(alert.firstRaised()))
                .put("raisedAt", Json.time(alert.raised()))
                .put("changedAt", Json.time(alert.changed()))
                .put("acknowledgedBy", acked ? alert.ackedBy() : null)
                .put("acknowledgedAt", acked ? Json.time(alert.acked()) : null)
                .put("endedBy", alert.endedBy().isEmpty() ? null : alert.endedBy())
                .put("silenced", alert.silenced())
                .put("alike", line.alike())
                .put("alikeSince", Json.time(line.since()));
    }
}
