package tributary.app.cli;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// `tributary session ...`: MQTT sessions from the shell.
@Command(
        name = "session",
        description = "List, show and end MQTT sessions: who is connected, and what waits for those who are not.",
        subcommands = {SessionCommand.Ls.class, SessionCommand.Show.class, SessionCommand.End.class})
final class SessionCommand {
    private SessionCommand() {}

    private static String path(String clientId) {
        return "/api/v1/sessions/" + ServerClient.piece(clientId);
    }

    private static String since(JsonNode session) {
        return session.path("connected").asBoolean()
                ? "connected"
                : "away since " + session.path("detachedAt").asString("");
    }

    @Command(name = "ls", description = "List sessions.")
    static final class Ls implements Runnable {
        private static final int PAGE = 500;

        @Mixin
        private final Listing list = new Listing(
                1,
                "clientId",
                "subject",
                "device",
                "connected",
                "detachedAt",
                "expirySeconds",
                "subscriptionCount",
                "inFlight",
                "waiting",
                "waitingBytes",
                "dropped");

        @Parameters(arity = "0..1", paramLabel = "TEXT", description = "part of the client id")
        private String text = "";

        @Option(names = "--connected", negatable = true, description = "only with, or only without, their client")
        private @Nullable Boolean connected;

        @Override
        public void run() {
            ServerClient client = list.client();
            Table table = new Table("CLIENT", "SUBJECT", "STATE", "FILTERS", "IN FLIGHT", "WAITING", "DROPPED");
            String wanted = "&text=" + ServerClient.piece(text) + (connected == null ? "" : "&connected=" + connected);
            String after = "";
            do {
                JsonNode page = client.get("/api/v1/sessions?limit=" + PAGE + wanted
                        + (after.isEmpty() ? "" : "&after=" + ServerClient.piece(after)));
                for (JsonNode session : page.path("sessions")) {
                    list.one(session, table, Ls::row);
                }
                after = page.path("next").asString("");
            } while (!after.isEmpty());
            list.end(table);
        }

        private static List<String> row(JsonNode session) {
            return List.of(
                    session.path("clientId").asString(),
                    session.path("subject").asString(""),
                    since(session),
                    session.path("subscriptionCount").toString(),
                    session.path("inFlight").toString(),
                    session.path("waiting").toString(),
                    session.path("dropped").toString());
        }
    }

    @Command(name = "show", description = "Show a session with its subscriptions.")
    static final class Show implements Runnable {
        @Mixin
        private final ServerOptions server = new ServerOptions();

        @Parameters(paramLabel = "CLIENT", description = "client id")
        private String clientId = "";

        @Override
        public void run() {
            JsonNode session = server.client().get(path(clientId));
            if (server.json()) {
                server.out().println(session);
                return;
            }
            for (Map.Entry<String, JsonNode> field : session.properties()) {
                JsonNode value = field.getValue();
                if (!value.isArray()) {
                    server.out().printf("%-18s %s%n", field.getKey(), value.isString() ? value.asString() : value);
                }
            }
            server.out().println();
            Table table = new Table("FILTER", "GROUP", "QOS");
            for (JsonNode subscription : session.path("subscriptions")) {
                table.row(
                        subscription.path("filter").asString(),
                        subscription.path("group").asString(""),
                        subscription.path("qos").toString());
            }
            table.print(server.out());
        }
    }

    @Command(
            name = "end",
            description = "End a session: its client is disconnected, and what waits for it is forgotten.")
    static final class End implements Runnable {
        @Mixin
        private final ServerOptions server = new ServerOptions();

        @Parameters(paramLabel = "CLIENT", description = "client id")
        private String clientId = "";

        @Option(names = "--yes", description = "do not ask")
        private boolean yes;

        @Override
        public void run() {
            Confirm.ask("end the session of " + clientId + " and forget what waits for it?", yes, server.err());
            server.client().delete(path(clientId));
            server.err().println("ended " + clientId);
        }
    }
}
