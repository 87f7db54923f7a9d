import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Asks a database of known weaknesses about every part of the program: `java dist/Audit.java`, after a build.
///
/// The database is that of https://osv.dev, by its batch interface (google.github.io/osv.dev/post-v1-querybatch), or
/// another with the same interface at `$OSV_URL`. It hears the names and versions of libraries, nothing else. Exits
/// with 1 where something is known, with 2 where it could not ask.
final class Audit {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String DATABASE = "https://api.osv.dev";

    /// Questions in one request; the database allows 1,000.
    private static final int BATCH = 500;

    private Audit() {}

    static void main(String[] args) throws Exception {
        String database = System.getenv().getOrDefault("OSV_URL", DATABASE);
        List<String> parts = Sbom.read().parts();
        Map<String, List<String>> known = new TreeMap<>();
        try (HttpClient http =
                HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build()) {
            for (int from = 0; from < parts.size(); from += BATCH) {
                ask(http, database, parts.subList(from, Math.min(parts.size(), from + BATCH)), known);
            }
        } catch (IOException e) {
            System.err.println("audit: " + database + " could not be asked: " + e
                    + ". Where there is no way to it, set OSV_URL to a database that answers the same.");
            System.exit(2);
        }
        known.forEach((part, ids) -> System.out.println(part + ": " + String.join(", ", ids)));
        System.out.printf(
                "%d parts, %d with something known against them%s%n",
                parts.size(), known.size(), known.isEmpty() ? "" : ": look up the ids at https://osv.dev");
        System.exit(known.isEmpty() ? 0 : 1);
    }

    /// @param query as the database wants it; with a token where it asks for a further page
    private record Question(String part, ObjectNode query) {}

    private static void ask(HttpClient http, String database, List<String> parts, Map<String, List<String>> known)
            throws IOException, InterruptedException {
        List<Question> open = new ArrayList<>();
        for (String part : parts) {
            ObjectNode query = JSON.createObjectNode();
            query.putObject("package").put("purl", part);
            open.add(new Question(part, query));
        }
        while (!open.isEmpty()) {
            JsonNode results = results(http, database, open);
            List<Question> further = new ArrayList<>();
            for (int i = 0; i < open.size(); i++) {
                Question question = open.get(i);
                for (JsonNode weakness : results.get(i).path("vulns")) {
                    known.computeIfAbsent(question.part, _ -> new ArrayList<>())
                            .add(weakness.path("id").asString("?"));
                }
                String next = results.get(i).path("next_page_token").asString("");
                if (!next.isEmpty()) {
                    question.query.put("page_token", next);
                    further.add(question);
                }
            }
            open = further;
        }
    }

    private static JsonNode results(HttpClient http, String database, List<Question> questions)
            throws IOException, InterruptedException {
        ObjectNode body = JSON.createObjectNode();
        questions.forEach(question -> body.withArray("queries").add(question.query));
        HttpRequest request = HttpRequest.newBuilder(URI.create(database + "/v1/querybatch"))
                .timeout(Duration.ofSeconds(60))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)))
                .build();
        HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new IOException("it answered " + response.statusCode());
        }
        JsonNode results = JSON.readTree(response.body()).path("results");
        if (results.size() != questions.size()) {
            throw new IOException("it answered %d of %d questions".formatted(results.size(), questions.size()));
        }
        return results;
    }
}
