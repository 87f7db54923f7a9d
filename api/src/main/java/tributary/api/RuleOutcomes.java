package tributary.api;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.engine.RuleEngine;
import tributary.engine.RuleTracer;
import tributary.engine.RuleTracer.Ran;
import tributary.model.Message;
import tributary.model.TenantId;
import tributary.model.Topic;
import tributary.model.TopicFilter;
import tributary.registry.Alerts;
import tributary.sinks.Fate;

/// What rules made of a message, and what became of it at each place that it went to.
final class RuleOutcomes {
    private static final Duration REPUBLISHED_WITHIN = Duration.ofMinutes(1);
    private static final int REPUBLISHED_MAX = 200;

    /// Changes of alerts of one rule and device that are looked through.
    private static final int EVENTS_MAX = 1_000;

    private final Stations stations;

    RuleOutcomes(Stations stations) {
        this.stations = stations;
    }

    private record Outcome(
            String to,
            String name,
            String state,
            String text,
            @Nullable String id) {
        /// @return the same of a place that the rule does not name itself
        Outcome routed() {
            return new Outcome(to, name, state, "all alerts go to it, as the route is now; " + text, id);
        }
    }

    /// Nothing went out.
    ///
    /// @param state of all that would have
    private record Held(String state, String why) {
        Outcome of(String to, String name) {
            return new Outcome(to, name, state, why, null);
        }
    }

    void tell(Explanation.Story story, ArrayNode into, LogScan.Found found, List<RuleTracer.Story> rules) {
        Held waits = engineWaits(found);
        int deaf = 0;
        int said = 0;
        StringBuilder sinks = new StringBuilder();
        String worst = "none";
        for (RuleTracer.Story rule : rules) {
            ObjectNode node = into.addObject();
            describe(node, rule);
            deaf += verdict(rule).equals("deaf") ? 1 : 0;
            said += rule.said().isEmpty() ? 0 : 1;
            ArrayNode all = node.putArray("said");
            for (RuleTracer.Saying saying : rule.said()) {
                ArrayNode places = saying(all.addObject(), saying).putArray("outcomes");
                for (Outcome outcome : outcomes(found.message().tenant(), rule, saying, waits)) {
                    places.addObject()
                            .put("to", outcome.to())
                            .put("name", outcome.name())
                            .put("state", outcome.state())
                            .put("text", outcome.text())
                            .put("id", outcome.id());
                    sinks.append(sinks.isEmpty() ? "" : "; ")
                            .append("%s, %s %s: %s"
                                    .formatted(rule.rule(), outcome.to(), outcome.name(), outcome.state()));
                    worst = worse(worst, outcome.state());
                }
            }
        }
        String text = "%d of %d rules listen to it, %d have something to say of it"
                .formatted(rules.size() - deaf, rules.size(), said);
        story.add(
                "rules",
                waits == null ? rules.isEmpty() ? "none" : "good" : "waits",
                rules.isEmpty() ? "there are no rules" : waits == null ? text : text + "; " + waits.why());
        story.add("sinks", worst, sinks.isEmpty() ? "nothing went anywhere because of it" : sinks.toString());
    }

    private static String worse(String known, String state) {
        return switch (state) {
            case "dead-letter", "set-aside" -> "bad";
            case "waiting", "unknown" -> known.equals("bad") ? known : "waits";
            default -> known.equals("none") ? "good" : known;
        };
    }

    /// @return why rules have not seen the message, or null where they have
    private @Nullable Held engineWaits(LogScan.Found found) {
        if (stations.rules().isSetAside(found.partition(), found.position())) {
            return new Held("set-aside", "the engine of rules failed at it again and again and set it aside");
        }
        if (stations.rules().seenUpTo(found.partition()) > found.position()) {
            return null;
        }
        String why = stations.rules().status().troubles().values().stream()
                .map(trouble -> ": " + trouble)
                .collect(Collectors.joining());
        return new Held("waiting", "rules have not come to it yet" + why);
    }

    private static void describe(ObjectNode node, RuleTracer.Story rule) {
        Instant since = rule.since();
        node.put("rule", rule.rule())
                .put("version", rule.version())
                .put("state", rule.state())
                .put("ran", ran(rule.ran()))
                .put("verdict", verdict(rule))
                .put("text", text(rule))
                .put("since", since == null ? null : Json.time(since))
                .put("until", Json.time(rule.until()));
        ArrayNode steps = node.putArray("steps");
        for (RuleTracer.Step step : rule.steps()) {
            ArrayNode values = steps.addObject()
                    .put("name", step.name())
                    .put("outcome", step.outcome())
                    .put("at", Json.time(step.at()))
                    .put("detail", step.detail())
                    .putArray("values");
            step.values()
                    .forEach(value -> values.addObject()
                            .put("expression", value.expression())
                            .put("value", value.json()));
        }
    }

    private static String ran(Ran ran) {
        return switch (ran) {
            case YES -> "yes";
            case NO -> "no";
            case UNKNOWN -> "unknown";
        };
    }

    private static String verdict(RuleTracer.Story rule) {
        if (!rule.said().isEmpty()) {
            return "said";
        }
        RuleTracer.Step first = rule.steps().getFirst();
        if (first.name().equals("topic") && first.outcome().equals("dropped")) {
            return "deaf";
        }
        return rule.more() || rule.steps().getLast().outcome().equals("waits") ? "waits" : "dropped";
    }

    private static String text(RuleTracer.Story rule) {
        String then = switch (rule.ran()) {
            case YES -> "";
            case NO -> "It did not run when the message came; by the text of version %d: ".formatted(rule.version());
            case UNKNOWN ->
                "It was changed since, and whether it was on is not kept; by version %d: ".formatted(rule.version());
        };
        return then
                + switch (verdict(rule)) {
                    case "said" -> "it says " + rule.said().getFirst().payload();
                    case "deaf" -> rule.steps().getFirst().detail();
                    default -> why(rule.steps());
                };
    }

    /// The last condition that was not met with what it saw, else the last step.
    private static String why(List<RuleTracer.Step> steps) {
        RuleTracer.Step last = steps.getLast();
        RuleTracer.Step shown = steps.reversed().stream()
                .filter(step ->
                        step.outcome().equals("dropped") && !step.values().isEmpty())
                .findFirst()
                .filter(_ -> last.outcome().equals("dropped"))
                .orElse(last);
        String values = shown.values().stream()
                .map(value -> value.expression() + " was " + value.json())
                .collect(Collectors.joining(", "));
        String sentence = "%s: %s".formatted(shown.name(), shown.detail()) + (values.isEmpty() ? "" : "; " + values);
        return shown == last ? sentence : sentence + "; " + last.detail();
    }

    private static ObjectNode saying(ObjectNode node, RuleTracer.Saying saying) {
        return node.put("at", Json.time(saying.at()))
                .put("device", saying.device())
                .put("payload", saying.payload())
                .put("alert", saying.alert());
    }

    private List<Outcome> outcomes(
            TenantId tenant, RuleTracer.Story rule, RuleTracer.Saying saying, @Nullable Held waits) {
        List<Outcome> all = new ArrayList<>();
        Held held = held(rule, waits);
        if (!saying.alert().isEmpty()) {
            Alerts.Event kept = held == null ? kept(tenant, rule.rule(), saying) : null;
            all.add(held == null ? kept(rule.rule(), kept) : held.of("alerts", rule.rule()));
            held = held == null ? silenced(tenant, saying, kept) : held;
        }
        for (String topic : saying.topics()) {
            all.add(held == null ? published(tenant, rule.rule(), topic, saying) : held.of("topic", topic));
        }
        for (String sink : saying.sinks()) {
            all.add(held == null ? delivered(tenant, rule.rule(), sink, saying) : held.of("sink", sink));
        }
        for (String sink : saying.route()) {
            all.add((held == null ? delivered(tenant, rule.rule(), sink, saying) : held.of("sink", sink)).routed());
        }
        return all;
    }

    /// The change of the alert in the history, which is the fact.
    private Alerts.@Nullable Event kept(TenantId tenant, String rule, RuleTracer.Saying saying) {
        Alerts.Wanted wanted = new Alerts.Wanted(rule, "", "", saying.device());
        return stations.registry().alerts().before(tenant, wanted, Long.MAX_VALUE, EVENTS_MAX).stream()
                .filter(event -> event.what().equals(saying.alert())
                        && event.device().equals(saying.device())
                        && event.at().equals(saying.at()))
                .findFirst()
                .orElse(null);
    }

    private static Outcome kept(String rule, Alerts.@Nullable Event event) {
        return event == null
                ? new Outcome(
                        "alerts", rule, "unknown", "the last changes of alerts, as far as they are kept, lack it", null)
                : new Outcome("alerts", rule, "delivered", "it is in the table of alerts", null);
    }

    private @Nullable Held silenced(TenantId tenant, RuleTracer.Saying saying, Alerts.@Nullable Event kept) {
        boolean silenced = kept == null
                ? stations.registry().silences().covers(tenant, saying.device(), saying.at())
                : kept.silenced();
        return silenced ? new Held("not-sent", "in a time of maintenance alerts are kept and go nowhere") : null;
    }

    /// @return why nothing went out, or null where it did
    private static @Nullable Held held(RuleTracer.Story rule, @Nullable Held waits) {
        if (rule.ran() == Ran.NO) {
            return new Held("not-sent", "the rule did not run when the message came");
        }
        if (rule.state().equals("shadow")) {
            return new Held("not-sent", "the rule is in shadow: it shows what it would say and sends nothing");
        }
        return waits;
    }

    /// Looks for it in the log, where what rules say to topics goes.
    private Outcome published(TenantId tenant, String rule, String topic, RuleTracer.Saying saying) {
        if (!Topic.valid(topic)) {
            return new Outcome("topic", topic, "not-sent", "it is no topic", null);
        }
        Selection selection = new Selection(tenant, null, new TopicFilter(topic));
        return LogScan.read(
                        stations.log(),
                        selection,
                        selection.at(stations.log(), saying.at()),
                        saying.at().plus(REPUBLISHED_WITHIN),
                        REPUBLISHED_MAX)
                .found()
                .stream()
                .filter(found -> is(found.message(), rule, saying))
                .findFirst()
                .map(found -> new Outcome(
                        "topic",
                        topic,
                        "delivered",
                        "it is message " + Explanation.id(found) + " of the log",
                        Explanation.id(found)))
                .orElseGet(() -> new Outcome(
                        "topic",
                        topic,
                        "unknown",
                        "the log has no such message within a minute; the rule's log (rule log) says where it was refused",
                        null));
    }

    private static boolean is(Message message, String rule, RuleTracer.Saying saying) {
        return message.publisher().equals(RuleEngine.PUBLISHER + rule)
                && new String(message.payload(), StandardCharsets.UTF_8).startsWith(saying.payload());
    }

    private Outcome delivered(TenantId tenant, String rule, String sink, RuleTracer.Saying saying) {
        Fate.Wanted wanted = new Fate.Wanted(rule, saying.device(), saying.at().toEpochMilli(), saying.payload());
        return switch (stations.sinks().fate(tenant, sink, wanted)) {
            case Fate.NoSink _ -> new Outcome("sink", sink, "not-sent", "there is no sink of that name", null);
            case Fate.Waiting(long position, String why) ->
                new Outcome(
                        "sink",
                        sink,
                        "waiting",
                        "it waits for the sink" + (why.isEmpty() ? "" : ": " + why),
                        Long.toString(position));
            case Fate.Dead(long position, String reason, int attempts, Instant at) ->
                new Outcome(
                        "sink",
                        sink,
                        "dead-letter",
                        "after %d attempts, the last at %s: %s".formatted(attempts, at, reason),
                        Long.toString(position));
            case Fate.Earlier(Instant added) ->
                new Outcome(
                        "sink",
                        sink,
                        "not-sent",
                        "the sink was added at %s, and has what rules say from then on".formatted(added),
                        null);
            case Fate.MaybeDropped(Instant newest) ->
                new Outcome(
                        "sink",
                        sink,
                        "unknown",
                        "it does not wait and is no dead letter; dead letters up to that of %s were dropped by hand,"
                                        .formatted(newest)
                                + " and it may be one of them",
                        null);
            case Fate.Unknown(long looked) ->
                new Outcome("sink", sink, "unknown", "more than %,d outputs wait for the sink".formatted(looked), null);
            case Fate.Through(long lost, Instant lostAt) ->
                lost > 0 && lostAt != null && lostAt.isAfter(saying.at())
                        ? new Outcome(
                                "sink",
                                sink,
                                "unknown",
                                "it does not wait and is no dead letter; the sink lost %,d outputs, the last at %s, and"
                                                .formatted(lost, lostAt)
                                        + " it may be one of them",
                                null)
                        : new Outcome(
                                "sink",
                                sink,
                                "delivered",
                                "the sink is behind it: it does not wait, is no dead letter, and nothing was lost",
                                null);
        };
    }
}
