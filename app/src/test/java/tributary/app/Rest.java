package tributary.app;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Calls a server's REST API as somebody with a key would.
final class Rest {
    static final JsonMapper JSON = JsonMapper.builder().build();
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final String base;
    private final String key;

    Rest(String base, String key) {
        this.base = base;
        this.key = key;
    }

    static Rest of(ServerProcess server) {
        return new Rest(server.http(), server.key());
    }

    /// @param status what the server said
    /// @param body   its JSON, or a missing node
    record Reply(int status, JsonNode body) {}

    Reply call(String method, String path, @Nullable Object body) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path))
                .header("Authorization", "Bearer " + key)
                .header("Content-Type", "application/json")
                .method(
                        method,
                        body == null
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(
                                        body instanceof String text ? text : JSON.writeValueAsString(body)));
        HttpResponse<String> response = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
        boolean json = response.body().startsWith("{") || response.body().startsWith("[");
        return new Reply(response.statusCode(), json ? JSON.readTree(response.body()) : JSON.missingNode());
    }

    JsonNode good(String method, String path, @Nullable Object body) throws IOException, InterruptedException {
        Reply reply = call(method, path, body);
        if (reply.status() >= 300) {
            throw new IllegalStateException(method + " " + path + " -> " + reply);
        }
        return reply.body();
    }

    /// Adds a device and makes a static token for it.
    String device(String id) throws IOException, InterruptedException {
        good("POST", "/api/v1/devices", Map.of("id", id));
        return good("POST", "/api/v1/devices/" + id + "/credentials", Map.of("kind", "token"))
                .path("secret")
                .asString();
    }

    /// @return the rows of a statement, each an array
    JsonNode sql(String statement) throws IOException, InterruptedException {
        return good("POST", "/api/v1/sql?format=json", Map.of("sql", statement)).path("rows");
    }

    /// @return the one number that a statement gives
    long number(String statement) throws IOException, InterruptedException {
        return sql(statement).path(0).path(0).asLong();
    }

    /// @return whether SQL sees all that was acknowledged until now
    boolean everythingVisible() throws IOException, InterruptedException {
        boolean visible = true;
        for (JsonNode partition : good("GET", "/api/v1/status", null).path("partitions")) {
            visible &= partition.path("visibleUpTo").asLong()
                    >= partition.path("end").asLong();
        }
        return visible;
    }
}
