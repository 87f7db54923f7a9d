package tributary.app.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/// What may stand in a place of the command line, for completion. Names on the server are asked for once in half a
/// minute and kept in a file of its data folder; where no server runs there is nothing to complete, and no word about
/// it.
final class Candidates {
    private static final Duration KEPT = Duration.ofSeconds(30);
    private static final int NAMES_MAX = 500;

    private Candidates() {}

    /// Languages of snippets.
    static final class Languages implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return SnippetCommand.languages().iterator();
        }
    }

    /// Topics of cheat sheets.
    static final class Topics implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return CheatCommand.TOPICS.iterator();
        }
    }

    /// Ids of devices.
    static final class Devices implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return names("devices", client -> {
                        List<String> ids = new ArrayList<>();
                        client.get("/api/v1/devices?limit=" + NAMES_MAX)
                                .path("devices")
                                .forEach(device -> ids.add(device.path("id").asString("")));
                        return ids;
                    })
                    .iterator();
        }
    }

    /// `temperature=` and the like, of sensors that were heard of.
    static final class Sensors implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            String sql = "SELECT DISTINCT sensor FROM sensors ORDER BY 1 LIMIT " + NAMES_MAX;
            return names("sensors", client -> {
                        List<String> names = new ArrayList<>();
                        JsonNode rows = client.post("/api/v1/sql?format=json", Map.of("sql", sql))
                                .path("rows");
                        rows.forEach(row -> names.add(row.path(0).asString("") + "="));
                        return names;
                    })
                    .iterator();
        }
    }

    private static List<String> names(String what, Function<ServerClient, List<String>> ask) {
        String folder = System.getenv("TRIBUTARY_DATA");
        Path data = Path.of(folder == null ? "tributary-data" : folder);
        Path kept = data.resolve("tmp").resolve("completion-" + what);
        try {
            if (Files.exists(kept)
                    && Files.getLastModifiedTime(kept)
                            .toInstant()
                            .isAfter(InstantSource.system().instant().minus(KEPT))) {
                return Files.readAllLines(kept);
            }
            List<String> names = ask.apply(ServerClient.of(data, _ -> {}));
            Files.write(kept, names);
            return names;
        } catch (CommandFailure | IOException e) {
            return List.of();
        }
    }
}
