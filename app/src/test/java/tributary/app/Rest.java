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
public final class Rest {
    public static final JsonMapper JSON = JsonMapper.builder().build();
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final String base;
    private final String key;

    public Rest(String base, String key) {
        this.base = base;
        this.key = key;
    }

    public static Rest of(ServerProcess server) {
        return new Rest(server.http(), server.key());
    }

    /// @param status what the server said
    /// @param body   its JSON, or a missing node
    public record Reply(int status, JsonNode body) {}

    public Reply call(String method, String path, @Nullable Object body) throws IOException, InterruptedException {
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

    public JsonNode good(String method, String path, @Nullable Object body) throws IOException, InterruptedException {
        Reply reply = call(method, path, body);
        if (reply.status() >= 300) {
            throw new IllegalStateException(method + " " + path + " -> " + reply);
        }
        return reply.body();
    }

    /// Adds a device and makes a static token for it.
    public String device(String id) throws IOException, InterruptedException {
        good("POST", "/api/v1/devices", Map.of("id", id));
        return good("POST", "/api/v1/devices/" + id + "/credentials", Map.of("kind", "token"))
                .path("secret")
                .asString();
    }

    /// @return the rows of a statement, each an array
    public JsonNode sql(String statement) throws IOException, InterruptedException {
        return good("POST", "/api/v1/sql?format=json", Map.of("sql", statement)).path("rows");
    }

    /// @return the one number that a statement gives
    public long number(String statement) throws IOException, InterruptedException {
        return sql(statement).path(0).path(0).asLong();
    }

    /// @return whether SQL sees all that was acknowledged until now
    public boolean everythingVisible() throws IOException, InterruptedException {
        boolean visible = true;
        for (JsonNode partition : good("GET", "/api/v1/status", null).path("partitions")) {
            visible &= partition.path("visibleUpTo").asLong()
                    >= partition.path("end").asLong();
        }
        return visible;
    }

    /// Signs the tenant's first owner in with the link and makes a key.
    public static String keyBy(String base, String link) throws IOException, InterruptedException {
        HttpResponse<String> signedIn =
                HTTP.send(HttpRequest.newBuilder(URI.create(link)).build(), HttpResponse.BodyHandlers.ofString());
        String cookies = String.join(
                "; ",
                signedIn.headers().allValues("set-cookie").stream()
                        .map(cookie -> cookie.substring(0, cookie.indexOf(';')))
                        .toList());
        HttpResponse<String> me = HTTP.send(
                HttpRequest.newBuilder(URI.create(base + "/api/v1/session"))
                        .header("Cookie", cookies)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        String csrf = JSON.readTree(me.body()).path("csrf").asString();
        HttpResponse<String> made = HTTP.send(
                HttpRequest.newBuilder(URI.create(base + "/api/v1/keys"))
                        .header("Cookie", cookies)
                        .header("X-CSRF-Token", csrf)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(
                                JSON.writeValueAsString(Map.of("title", "test", "role", "owner"))))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        if (made.statusCode() != 201) {
            throw new IllegalStateException(made.body() + " " + signedIn.headers());
        }
        return JSON.readTree(made.body()).path("secret").asString();
    }
}
