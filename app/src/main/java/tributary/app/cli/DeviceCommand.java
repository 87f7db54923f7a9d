package tributary.app.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// `tributary device ...`: the registry from the shell.
@Command(
        name = "device",
        description = "Add, list, show and remove devices; make tokens for them.",
        subcommands = {
            DeviceCommand.Add.class,
            DeviceCommand.Ls.class,
            DeviceCommand.Show.class,
            DeviceCommand.Token.class,
            DeviceCommand.Rm.class,
            DeviceCommand.Erase.class,
            DeviceCommand.Erasures.class
        })
final class DeviceCommand {
    private static final int PAGE = 500;

    private DeviceCommand() {}

    static String path(String device) {
        return "/api/v1/devices/" + ServerClient.piece(device);
    }

    /// Reads devices page by page.
    ///
    /// @param filter more parameters of the list, such as `&type=pump`, or ""
    static void each(ServerClient client, String filter, Consumer<JsonNode> take) {
        String after = "";
        do {
            JsonNode page = client.get("/api/v1/devices?limit=" + PAGE + filter
                    + (after.isEmpty() ? "" : "&after=" + ServerClient.piece(after)));
            page.path("devices").forEach(take);
            after = page.path("next").asString("");
        } while (!after.isEmpty());
    }

    @Command(name = "add", description = "Add a device and print a token for it.")
    static final class Add implements Runnable {
        @Mixin
        private final ServerOptions server = new ServerOptions();

        @Parameters(paramLabel = "DEVICE", description = "letters, digits and . _ - :")
        private String device = "";

        @Option(names = "--type", paramLabel = "TYPE", description = "what kind it is, such as pump")
        private String type = "";

        @Option(names = "--parent", paramLabel = "DEVICE", description = "the device that carries it")
        private @Nullable String parent;

        @Option(names = "--label", paramLabel = "NAME=VALUE", description = "may be given several times")
        private Map<String, String> labels = new LinkedHashMap<>();

        @Override
        public void run() {
            ServerClient client = server.client();
            Map<String, Object> body = new LinkedHashMap<>();
            body.put("id", device);
            body.put("type", type);
            body.put("labels", labels);
            ServerClient.put(body, "parent", parent);
            client.post("/api/v1/devices", body);
            JsonNode token = client.post(path(device) + "/credentials", Map.of("kind", "token"));
            if (server.json()) {
                Map<String, Object> answer = new LinkedHashMap<>();
                answer.put("id", device);
                answer.put("token", token.path("secret").asString());
                server.out().println(ServerClient.JSON.writeValueAsString(answer));
                return;
            }
            server.err().println("added " + device + "; its token is shown this once:");
            server.err().flush();
            server.out().println(token.path("secret").asString());
        }
    }

    @Command(name = "ls", description = "List devices.")
    static final class Ls implements Runnable {
        @Mixin
        private final Listing list =
                new Listing(1, "id", "parent", "type", "labels", "metadata", "createdAt", "connection", "health");

        @Parameters(arity = "0..1", paramLabel = "TEXT", description = "part of the id")
        private String text = "";

        @Option(names = "--type", paramLabel = "TYPE", description = "only of this type")
        private String type = "";

        @Override
        public void run() {
            Table table = new Table("DEVICE", "TYPE", "PARENT", "LABELS", "ADDED", "CONNECTED");
            String filter = "&q=" + ServerClient.piece(text) + "&type=" + ServerClient.piece(type);
            each(list.client(), filter, device -> list.one(device, table, Ls::row));
            list.end(table);
        }

        private static List<String> row(JsonNode device) {
            return List.of(
                    device.path("id").asString(),
                    device.path("type").asString(""),
                    device.path("parent").asString(""),
                    labels(device.path("labels")),
                    When.shown(device.path("createdAt")),
                    connected(device.path("connection")));
        }

        private static String connected(JsonNode connection) {
            if (!connection.path("connected").asBoolean()) {
                return "no";
            }
            String through = connection.path("through").asString("");
            return through.isEmpty() ? "yes" : "through " + through;
        }

        private static String labels(JsonNode labels) {
            List<String> pairs = labels.properties().stream()
                    .map(pair -> pair.getKey() + "=" + pair.getValue().asString())
                    .toList();
            return String.join(",", pairs);
        }
    }

    @Command(name = "show", description = "Show a device with the last value of each of its sensors.")
    static final class Show implements Runnable {
        @Mixin
        private final ServerOptions server = new ServerOptions();

        @Parameters(paramLabel = "DEVICE", completionCandidates = Candidates.Devices.class)
        private String device = "";

        @Override
        public void run() {
            ServerClient client = server.client();
            JsonNode shown = client.get(path(device));
            JsonNode latest = client.get(path(device) + "/latest");
            if (server.json()) {
                server.out().println(ServerClient.JSON.writeValueAsString(Map.of("device", shown, "latest", latest)));
                return;
            }
            for (Map.Entry<String, JsonNode> field : shown.properties()) {
                JsonNode value = field.getValue();
                String text = switch (field.getKey()) {
                    case "connection" -> connection(value);
                    case "createdAt" -> When.shown(value);
                    default -> value.isString() ? value.asString() : value.toString();
                };
                server.out().printf("%-10s %s%n", field.getKey(), text);
            }
            server.out().println();
            Table table = new Table("SENSOR", "VALUE", "AT");
            for (JsonNode value : latest.path("values")) {
                JsonNode text = value.path("text");
                table.row(
                        value.path("sensor").asString(),
                        text.isString() ? text.asString() : value.path("value").toString(),
                        When.shown(value.path("ts")));
            }
            table.print(server.out());
        }
    }

    /// @return in words
    private static String connection(JsonNode connection) {
        if (connection.path("connected").asBoolean()) {
            String through = connection.path("through").asString("");
            return "connected since " + When.shown(connection.path("since")) + " over "
                    + connection.path("door").asString("") + (through.isEmpty() ? "" : " through " + through);
        }
        String ended = When.shown(connection.path("endedAt"));
        return ended.isEmpty()
                ? "not connected since the server's start"
                : "not connected since " + ended + ": "
                        + connection.path("reason").asString("");
    }

    @Command(name = "token", description = "Make another token for a device; it is shown once.")
    static final class Token implements Runnable {
        @Mixin
        private final ServerOptions server = new ServerOptions();

        @Parameters(paramLabel = "DEVICE", completionCandidates = Candidates.Devices.class)
        private String device = "";

        @Option(names = "--jwt", description = "a signed token (JWT) instead of a static one")
        private boolean jwt;

        @Option(
                names = "--valid-for",
                paramLabel = "TIME",
                description = "such as 12h or 30d; a JWT needs one (default 30d)")
        private @Nullable String validFor;

        @Option(names = "--algorithm", paramLabel = "NAME", description = "RS256 (default) or EdDSA")
        private String algorithm = "RS256";

        @Override
        public void run() {
            Map<String, Object> body = new LinkedHashMap<>();
            body.put("kind", jwt ? "jwt" : "token");
            if (jwt) {
                body.put("algorithm", algorithm);
                body.put("validFor", validFor == null ? "30d" : validFor);
            } else {
                ServerClient.put(body, "validFor", validFor);
            }
            JsonNode token = server.client().post(path(device) + "/credentials", body);
            server.out()
                    .println(
                            server.json()
                                    ? token.toString()
                                    : token.path("secret").asString());
        }
    }

    @Command(
            name = "rm",
            description = "Remove a device and its credentials. What it sent stays in the tables, but for --with-data.")
    static final class Rm implements Runnable {
        @Mixin
        private final ServerOptions server = new ServerOptions();

        @Parameters(paramLabel = "DEVICE", completionCandidates = Candidates.Devices.class)
        private String device = "";

        @Option(
                names = "--with-data",
                description = "erase what it sent, too; see 'device erasures' for how far that is")
        private boolean withData;

        @Option(names = "--yes", description = "do not ask")
        private boolean yes;

        @Override
        public void run() {
            String what = withData ? ", its credentials and all that it sent?" : " and its credentials?";
            Confirm.ask("remove device " + device + what, yes, server.err());
            server.client().delete(path(device));
            server.err().println("removed " + device);
            if (withData) {
                erase(server, device);
            }
        }
    }

    private static void erase(ServerOptions server, String device) {
        JsonNode erasure = server.client().post("/api/v1/erasures", Map.of("device", device));
        server.err()
                .println("its data is being erased, also over restarts; erasure "
                        + erasure.path("id").asString("") + ", see: tributary device erasures");
    }

    @Command(name = "erase", description = "Erase what a device sent until now, whether it is registered or not.")
    static final class Erase implements Runnable {
        @Mixin
        private final ServerOptions server = new ServerOptions();

        @Parameters(paramLabel = "DEVICE", completionCandidates = Candidates.Devices.class)
        private String device = "";

        @Option(names = "--yes", description = "do not ask")
        private boolean yes;

        @Override
        public void run() {
            Confirm.ask("erase all that device " + device + " sent? It cannot be undone", yes, server.err());
            erase(server, device);
        }
    }

    @Command(name = "erasures", description = "Show how far the erasing of devices' data is.")
    static final class Erasures implements Runnable {
        @Mixin
        private final Listing list = new Listing(1, "id", "device", "wishedAt", "phase", "phaseSince");

        @Override
        public void run() {
            list.all(
                    list.client().get("/api/v1/erasures").path("erasures"),
                    new Table("DEVICE", "WISHED", "PHASE", "SINCE", "ID"),
                    erasure -> List.of(
                            erasure.path("device").asString("(everything)"),
                            When.shown(erasure.path("wishedAt")),
                            erasure.path("phase").asString(""),
                            When.shown(erasure.path("phaseSince")),
                            erasure.path("id").asString("")));
        }
    }
}
