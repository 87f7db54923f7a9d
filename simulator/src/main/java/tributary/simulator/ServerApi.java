package tributary.simulator;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The few calls of Tributary's REST interface that whoever plays devices needs: add them, give them
/// credentials, ask by SQL, remove them.
public final class ServerApi implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(60);
    private static final int PARALLEL_MAX = 16;

    private final URI base;
    private final String key;
    private final HttpClient http;

    /// What a device proves itself with.
    public enum Credential {
        /// A signed token that expires.
        JWT,
        /// A static token.
        TOKEN
    }

    /// A device to be added.
    ///
    /// @param parent  the device that carries it, or null
    /// @param publish topics that its credential is good for beyond its own telemetry; such a credential
    ///                is a JWT
    /// @param labels  name to value
    public record NewDevice(
            String id, @Nullable String parent, String type, List<String> publish, Map<String, String> labels) {
        public NewDevice {
            Objects.requireNonNull(id, "id");
            Objects.requireNonNull(type, "type");
            publish = List.copyOf(publish);
            labels = Map.copyOf(labels);
        }

        public NewDevice(String id, @Nullable String parent, String type) {
            this(id, parent, type, List.of(), Map.of());
        }
    }

    /// @param base `http://host:port`
    /// @param key  an API key that may administer devices
    public ServerApi(URI base, String key) {
        this.base = base;
        this.key = Objects.requireNonNull(key, "key");
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(5))
                .build();
    }

    /// Adds devices (one that exists is left as it is) and gives each a credential.
    ///
    /// @return device to secret
    public Map<String, String> provision(List<NewDevice> devices, Credential credential, Duration validFor)
            throws InterruptedException {
        return each(devices, device -> {
            addDevice(device);
            return issue(device, credential, validFor);
        });
    }

    /// Adds every device of a scenario, and gives a credential to each that opens a connection.
    ///
    /// @param labels of every device that is added
    /// @return connection to secret
    public Map<String, String> provision(
            Scenario scenario, Credential credential, Duration validFor, Map<String, String> labels)
            throws InterruptedException {
        List<NewDevice> connections = new ArrayList<>();
        List<NewDevice> carried = new ArrayList<>();
        for (Scenario.Connection connection : scenario.connections()) {
            connections.add(new NewDevice(connection.id(), null, connection.type(), connection.topics(), labels));
            connection
                    .carries()
                    .forEach(c -> carried.add(new NewDevice(c.id(), connection.id(), c.type(), List.of(), labels)));
        }
        Map<String, String> secrets = provision(connections, credential, validFor);
        add(carried);
        return secrets;
    }

    /// Makes an API key for an application that hears what the filters match.
    ///
    /// @return the secret
    public String applicationKey(String title, List<String> subscribe, Duration validFor) {
        ObjectNode body = JSON.createObjectNode()
                .put("title", title)
                .put("role", "viewer")
                .put("validFor", validFor.toSeconds() + "s");
        subscribe.forEach(body.putArray("subscribe")::add);
        return call("POST", "/api/v1/keys", body, 0).path("secret").asString("");
    }

    /// Adds another tenant, and speaks for its owner from then on.
    ///
    /// @param messageRate messages a second that it may publish
    public ServerApi tenant(String id, int messageRate) {
        JsonNode made = call("POST", "/api/v1/tenants", JSON.createObjectNode().put("id", id), 0);
        put("/api/v1/tenants/" + encode(id) + "/limits", Map.of("messageRate", messageRate));
        HttpResponse<String> signedIn =
                send(HttpRequest.newBuilder(base.resolve(made.path("link").asString("")))
                        .timeout(ANSWER_WITHIN)
                        .build());
        String cookie = signedIn.headers().allValues("set-cookie").stream()
                .map(header -> header.split(";", 2)[0])
                .collect(Collectors.joining("; "));
        JsonNode session = JSON.readTree(send(HttpRequest.newBuilder(base.resolve("/api/v1/session"))
                        .timeout(ANSWER_WITHIN)
                        .header("Cookie", cookie)
                        .build())
                .body());
        ObjectNode body = JSON.createObjectNode().put("title", "bench").put("role", "owner");
        JsonNode key = JSON.readTree(send(HttpRequest.newBuilder(base.resolve("/api/v1/keys"))
                        .timeout(ANSWER_WITHIN)
                        .header("Cookie", cookie)
                        .header("X-CSRF-Token", session.path("csrf").asString(""))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                        .build())
                .body());
        String secret = key.path("secret").asString("");
        if (secret.isEmpty()) {
            throw new ServerException(ServerException.Kind.REFUSED, "no key for the owner of " + id + ": " + key);
        }
        return new ServerApi(base, secret);
    }

    /// Adds devices that need no credential, because another one speaks for them.
    public void add(List<NewDevice> devices) throws InterruptedException {
        each(devices, device -> {
            addDevice(device);
            return "";
        });
    }

    public void remove(List<NewDevice> devices) throws InterruptedException {
        each(devices, device -> {
            call("DELETE", "/api/v1/devices/" + encode(device.id()), null, 404);
            return "";
        });
    }

    /// @return the rows of a query, each value as JSON has it
    public List<List<JsonNode>> sql(String query) {
        JsonNode answer = call("POST", "/api/v1/sql", JSON.createObjectNode().put("sql", query), 0);
        JsonNode rows = answer.path("rows");
        if (!rows.isArray()) {
            throw new ServerException(
                    ServerException.Kind.REFUSED, "POST /api/v1/sql answered without \"rows\": " + answer);
        }
        List<List<JsonNode>> all = new ArrayList<>();
        for (JsonNode row : rows) {
            List<JsonNode> values = new ArrayList<>();
            row.forEach(values::add);
            all.add(values);
        }
        return all;
    }

    /// @param path with its query
    /// @return what is there, as JSON
    public JsonNode get(String path) {
        return call("GET", path, null, 0);
    }

    /// @return what is answered, as it comes
    public String text(String path) {
        return answer("GET", path, null, 0);
    }

    /// Puts a rule, a sink, or whatever else is kept under a path.
    public void put(String path, Map<String, Object> body) {
        call("PUT", path, JSON.valueToTree(body), 0);
    }

    /// Removes what is kept under a path; that there is nothing is fine.
    public void delete(String path) {
        call("DELETE", path, null, 404);
    }

    @Override
    public void close() {
        http.close();
    }

    private void addDevice(NewDevice device) {
        ObjectNode body = JSON.createObjectNode().put("id", device.id()).put("type", device.type());
        if (device.parent() != null) {
            body.put("parent", device.parent());
        }
        if (!device.labels().isEmpty()) {
            device.labels().forEach(body.putObject("labels")::put);
        }
        call("POST", "/api/v1/devices", body, 409);
    }

    private String issue(NewDevice device, Credential credential, Duration validFor) {
        boolean signed = credential == Credential.JWT || !device.publish().isEmpty();
        ObjectNode body = JSON.createObjectNode()
                .put("kind", signed ? "jwt" : "token")
                .put("validFor", validFor.toSeconds() + "s");
        if (!device.publish().isEmpty()) {
            ArrayNode filters = body.putArray("publish");
            device.publish().forEach(filters::add);
        }
        JsonNode answer = call("POST", "/api/v1/devices/" + encode(device.id()) + "/credentials", body, 0);
        String secret = answer.path("secret").asString("");
        if (secret.isEmpty()) {
            throw new ServerException(
                    ServerException.Kind.REFUSED,
                    "the server issued a credential for " + device.id() + " without \"secret\"");
        }
        return secret;
    }

    private interface Step {
        String apply(NewDevice device);
    }

    private Map<String, String> each(List<NewDevice> devices, Step step) throws InterruptedException {
        Map<String, String> results = HashMap.newHashMap(devices.size());
        Semaphore permits = new Semaphore(PARALLEL_MAX);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> futures = new ArrayList<>(devices.size());
            for (NewDevice device : devices) {
                permits.acquire();
                futures.add(threads.submit(() -> {
                    try {
                        return step.apply(device);
                    } finally {
                        permits.release();
                    }
                }));
            }
            for (int i = 0; i < devices.size(); i++) {
                results.put(devices.get(i).id(), futures.get(i).get());
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof ServerException known ? known : new IllegalStateException(e.getCause());
        }
        return results;
    }

    /// @param tolerated a status of refusal that is fine, or 0
    private JsonNode call(String method, String path, @Nullable JsonNode body, int tolerated) {
        String answer = answer(method, path, body, tolerated);
        return answer.isBlank() ? JSON.createObjectNode() : JSON.readTree(answer);
    }

    private String answer(String method, String path, @Nullable JsonNode body, int tolerated) {
        HttpRequest.Builder request = HttpRequest.newBuilder(base.resolve(path))
                .timeout(ANSWER_WITHIN)
                .header("Authorization", "Bearer " + key)
                .header("Accept", "application/json");
        if (body == null) {
            request.method(method, HttpRequest.BodyPublishers.noBody());
        } else {
            request.header("Content-Type", "application/json")
                    .method(method, HttpRequest.BodyPublishers.ofString(body.toString()));
        }
        HttpResponse<String> answer = send(request.build());
        int status = answer.statusCode();
        if (status / 100 != 2 && status != tolerated) {
            boolean rights = status == 401 || status == 403;
            throw new ServerException(
                    rights ? ServerException.Kind.NOT_ALLOWED : ServerException.Kind.REFUSED,
                    "%s %s: HTTP %d %s%s"
                            .formatted(
                                    method,
                                    path,
                                    status,
                                    answer.body().strip(),
                                    rights ? "; give an owner's API key with --key" : ""));
        }
        return answer.body();
    }

    private HttpResponse<String> send(HttpRequest request) {
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new ServerException(
                    ServerException.Kind.UNREACHABLE,
                    "no answer from %s (%s); is it running? tributary up".formatted(base, e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ServerException(ServerException.Kind.UNREACHABLE, "interrupted while waiting for " + base);
        }
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
