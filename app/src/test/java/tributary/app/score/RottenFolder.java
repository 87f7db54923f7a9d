package tributary.app.score;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.app.Await;
import tributary.app.Rest;
import tributary.app.server.Configuration;
import tributary.app.server.Server;
import tributary.model.PlatformException;

/// The whole program in this process on a folder whose files were damaged.
///
/// @param said   what it said that people can read: why it does not start, problems, lines of its log
/// @param facts  what it has, where it started: devices, users, rules, files of history; else empty
record RottenFolder(List<String> said, Map<String, String> facts) {
    private static final Duration SOON = Duration.ofSeconds(60);

    /// Starts the program, asks it for all it has, and stops it.
    static RottenFolder look(Path data) throws Exception {
        List<String> said = new ArrayList<>();
        Map<String, String> facts = new TreeMap<>();
        Logger root = ((LoggerContext) LoggerFactory.getILoggerFactory()).getLogger(Logger.ROOT_LOGGER_NAME);
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        root.addAppender(lines);
        Map<String, String> settings = Map.of("data", data.toString(), "mqtt.port", "0", "http.port", "0");
        try (Server server = Server.start(Configuration.read(data.resolve("none.yaml"), Map.of(), settings))) {
            Rest rest = new Rest(server.http().toString(), server.key());
            Await.until("the program is ready or says why not", SOON, () -> {
                JsonNode status = rest.good("GET", "/api/v1/status", null);
                return status.path("ready").asBoolean()
                        || !status.path("problems").isEmpty();
            });
            rest.good("GET", "/api/v1/status", null).path("problems").forEach(problem -> said.add(problem.asString()));
            facts(rest, facts, said);
        } catch (PlatformException e) {
            said.add("does not start: " + e.detail());
        } finally {
            root.detachAppender(lines);
        }
        for (ILoggingEvent line : List.copyOf(lines.list)) {
            if (line.getLevel().isGreaterOrEqual(Level.WARN)) {
                said.add(line.getFormattedMessage());
            }
        }
        return new RottenFolder(said, facts);
    }

    private static void facts(Rest rest, Map<String, String> facts, List<String> said)
            throws IOException, InterruptedException {
        for (String path : List.of("devices", "users", "rules", "lake/tables")) {
            Rest.Reply reply = rest.call("GET", "/api/v1/" + path, null);
            if (reply.status() < 300) {
                facts.put(path, stable(reply.body()));
            } else {
                said.add(path + " is refused: " + reply.body().path("detail").asString(""));
            }
        }
    }

    /// Without what each start and each look changes.
    private static String stable(JsonNode node) {
        if (node instanceof ObjectNode object) {
            List.of(
                            "lastSeen",
                            "lastUsedAt",
                            "lastUsed",
                            "hotRows",
                            "online",
                            "figures",
                            "status",
                            "state",
                            "connected")
                    .forEach(object::remove);
        }
        node.forEach(RottenFolder::stable);
        return node.toString();
    }
}
