package tributary.app.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// `tributary alarm ...`: alerts from the shell.
@Command(
        name = "alarm",
        description = "List and acknowledge the alerts of rules.",
        subcommands = {AlarmCommand.Ls.class, AlarmCommand.Ack.class, AlarmCommand.Log.class, AlarmCommand.Route.class})
final class AlarmCommand {
    private AlarmCommand() {}

    @Command(name = "ls", description = "List alerts that are not cleared; a storm of one cause is one line.")
    static final class Ls implements Runnable {
        @Mixin
        private final Listing list = new Listing(
                3,
                "rule",
                "name",
                "key",
                "state",
                "severity",
                "device",
                "payload",
                "raises",
                "firstRaisedAt",
                "raisedAt",
                "changedAt",
                "acknowledgedBy",
                "acknowledgedAt",
                "endedBy",
                "silenced",
                "alike",
                "alikeSince");

        @Option(names = "--rule", description = "only of this rule")
        private String rule = "";

        @Option(names = "--cleared", description = "those that are cleared instead")
        private boolean cleared;

        @Option(names = "--each", description = "a line for each alert")
        private boolean each;

        @Override
        public void run() {
            String query = "?grouped=" + !each + (cleared ? "&state=cleared" : "")
                    + (rule.isEmpty() ? "" : "&rule=" + ServerClient.piece(rule));
            list.all(
                    list.client().get("/api/v1/alerts" + query).path("alerts"),
                    new Table("RULE", "ALERT", "KEY", "STATE", "SEVERITY", "RAISED", "TIMES", "ALIKE", "BY"),
                    alert -> List.of(
                            alert.path("rule").asString(),
                            alert.path("name").asString(),
                            alert.path("key").asString(),
                            alert.path("state").asString(),
                            alert.path("severity").asString(""),
                            When.shown(alert.path("raisedAt")),
                            alert.path("raises").toString(),
                            alert.path("alike").toString(),
                            alert.path("acknowledgedBy").asString("")));
        }
    }

    @Command(name = "log", description = "Show what became of alerts, the newest first: raised, acknowledged, cleared.")
    static final class Log implements Runnable {
        @Mixin
        private final Listing list = new Listing(
                1, "sequence", "at", "rule", "name", "key", "what", "severity", "device", "payload", "by", "silenced");

        @Option(names = "--rule", description = "only of this rule")
        private String rule = "";

        @Option(names = "--device", description = "only about this device")
        private String device = "";

        @Option(
                names = {"-n", "--count"},
                paramLabel = "N",
                description = "how many, at most 1000")
        private int count = 50;

        @Override
        public void run() {
            String query = "?limit=" + count
                    + (rule.isEmpty() ? "" : "&rule=" + ServerClient.piece(rule))
                    + (device.isEmpty() ? "" : "&device=" + ServerClient.piece(device));
            list.all(
                    list.client().get("/api/v1/alerts/history" + query).path("events"),
                    new Table("AT", "RULE", "ALERT", "KEY", "WHAT", "SEVERITY", "BY", "SILENCED"),
                    event -> List.of(
                            When.shown(event.path("at")),
                            event.path("rule").asString(),
                            event.path("name").asString(),
                            event.path("key").asString(),
                            event.path("what").asString(),
                            event.path("severity").asString(""),
                            event.path("by").asString(""),
                            event.path("silenced").asBoolean() ? "yes" : ""));
        }
    }

    @Command(name = "ack", description = "Say that somebody knows of an alert.")
    static final class Ack implements Runnable {
        @Mixin
        private final ServerOptions server = new ServerOptions();

        @Parameters(index = "0", paramLabel = "RULE", description = "the rule's name")
        private String rule = "";

        @Parameters(index = "1", paramLabel = "ALERT", description = "as ALERT names it")
        private String name = "";

        @Parameters(index = "2", arity = "0..1", paramLabel = "KEY", description = "as the list shows it")
        private String key = "null";

        @Option(names = "--all", description = "all of that name that are raised now")
        private boolean all;

        @Override
        public void run() {
            if (all) {
                acknowledgeAll();
                return;
            }
            Map<String, Object> body = new LinkedHashMap<>();
            body.put("rule", rule);
            body.put("name", name);
            body.put("key", key);
            JsonNode alert = server.client().post("/api/v1/alerts/acknowledge", body);
            server.err()
                    .println("acknowledged " + rule + " " + name + " "
                            + alert.path("key").asString());
        }

        private void acknowledgeAll() {
            Map<String, Object> body = new LinkedHashMap<>();
            body.put("rule", rule);
            body.put("name", name);
            body.put("from", "1970-01-01");
            body.put("to", "now");
            JsonNode known = server.client().post("/api/v1/alerts/acknowledge-storm", body);
            server.err().println("acknowledged " + known.path("acknowledged").asLong() + " of " + rule + " " + name);
        }
    }

    @Command(
            name = "route",
            description = {
                "Show the sinks that every alert goes to, or say which these are. A rule that names a sink itself says its",
                "alerts there in any case; the portal has all of them."
            })
    static final class Route implements Runnable {
        @Mixin
        private final ServerOptions server = new ServerOptions();

        @Parameters(arity = "0..*", paramLabel = "SINK", description = "in place of what is there")
        private List<String> sinks = List.of();

        @Option(names = "--none", description = "only where rules say")
        private boolean none;

        @Override
        public void run() {
            JsonNode route = sinks.isEmpty() && !none
                    ? server.client().get("/api/v1/alerts/route")
                    : server.client().put("/api/v1/alerts/route", Map.of("sinks", sinks));
            if (server.json()) {
                server.out().println(route);
                return;
            }
            for (JsonNode sink : route.path("sinks")) {
                server.out().println(sink.asString());
            }
            if (route.path("sinks").isEmpty()) {
                server.err().println("alerts go where their rules say: tributary alarm route SINK sends all there");
            }
        }
    }
}
