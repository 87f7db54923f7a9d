package tributary.app.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Talks REST to a server. Everything a command does is a documented call, and `-v` prints it as curl.
final class ServerClient {
    static final JsonMapper JSON = JsonMapper.builder().build();

    private final URI base;
    private final String key;
    private final Consumer<String> trace;
    private final HttpClient http;

    /// @param base  `http://127.0.0.1:8080`
    /// @param key   API key
    /// @param trust whose certificates are good, where `base` is https
    /// @param trace hears each call as a curl line; the key is named, not shown
    ServerClient(URI base, String key, SSLContext trust, Consumer<String> trace) {
        this.base = base;
        this.key = key;
        this.trace = trace;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(5))
                .sslContext(trust)
                .build();
    }

    /// Finds the server that runs on a data folder.
    ///
    /// @throws CommandFailure where none does
    static ServerClient of(Path data, Consumer<String> trace) {
        Path file = data.resolve("server.json");
        try {
            JsonNode server = JSON.readTree(Files.readString(file));
            String key = Files.readString(data.resolve("cli.key")).strip();
            return new ServerClient(URI.create(server.path("http").asString()), key, Trust.system(), trace);
        } catch (IOException | JacksonException e) {
            throw new CommandFailure(
                    ExitCode.CANNOT_CONNECT,
                    "no server runs on the data folder " + data,
                    "tributary up --data " + data + "      starts one; --server URL --key KEY names another");
        }
    }

    URI base() {
        return base;
    }

    String key() {
        return key;
    }

    /// @return a text as a piece of a path, or as the value of a parameter
    static String piece(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    JsonNode get(String path) {
        return json(send("GET", path, null, Map.of()));
    }

    JsonNode post(String path, Object body) {
        return json(send("POST", path, JSON.writeValueAsString(body), Map.of()));
    }

    JsonNode put(String path, Object body) {
        return json(send("PUT", path, JSON.writeValueAsString(body), Map.of()));
    }

    void delete(String path) {
        json(send("DELETE", path, null, Map.of()));
    }

    /// @return the answer's body as it streams in; the caller closes it
    InputStream stream(String method, String path, @Nullable Object body, Map<String, String> headers) {
        String text = body == null ? null : JSON.writeValueAsString(body);
        return send(method, path, text, headers).body();
    }

    /// Posts a body of another type.
    ///
    /// @return the answer, whatever its status
    HttpResponse<InputStream> postRaw(String path, String type, byte[] body) {
        trace.accept("curl -X POST -H \"Authorization: Bearer $TRIBUTARY_KEY\" -H 'Content-Type: " + type
                + "' --data-binary @- '" + base.resolve(path) + "'      # " + body.length + " bytes");
        return exchange(HttpRequest.newBuilder(base.resolve(path))
                .header("Authorization", "Bearer " + key)
                .header("Content-Type", type)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build());
    }

    private HttpResponse<InputStream> send(
            String method, String path, @Nullable String body, Map<String, String> headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(base.resolve(path))
                .header("Authorization", "Bearer " + key)
                .method(
                        method,
                        body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
        if (body != null) {
            request.header("Content-Type", "application/json");
        }
        headers.forEach(request::header);
        trace.accept(curl(method, path, body, headers));
        HttpResponse<InputStream> response = exchange(request.build());
        if (response.statusCode() >= 400) {
            throw failure(response);
        }
        return response;
    }

    private HttpResponse<InputStream> exchange(HttpRequest request) {
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofInputStream());
        } catch (ConnectException e) {
            throw new CommandFailure(
                    ExitCode.CANNOT_CONNECT,
                    "no server answers at " + base,
                    "tributary up      starts one; tributary status tells more");
        } catch (SSLException e) {
            throw new CommandFailure(
                    ExitCode.CANNOT_CONNECT,
                    "the certificate of " + base + " is not trusted: " + e.getMessage(),
                    "--ca FILE      names the authority to trust, such as tls/ca.pem of the server's data folder");
        } catch (IOException e) {
            throw new CommandFailure(
                    ExitCode.CANNOT_CONNECT, "the server at " + base + " broke off: " + e.getMessage(), "");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure(ExitCode.INTERRUPTED, "interrupted", "");
        }
    }

    private static CommandFailure failure(HttpResponse<InputStream> response) {
        String detail = "";
        try (InputStream body = response.body()) {
            JsonNode problem = JSON.readTree(body);
            detail = problem.path("detail").asString(problem.path("title").asString("")) + place(problem);
        } catch (IOException | JacksonException e) {
            // the status alone has to do
        }
        ExitCode code = switch (response.statusCode()) {
            case 401, 403 -> ExitCode.NOT_ALLOWED;
            case 404 -> ExitCode.NOT_FOUND;
            case 409, 412 -> ExitCode.CONFLICT;
            default -> ExitCode.FAILED;
        };
        return new CommandFailure(code, detail.isEmpty() ? "the server answered " + response.statusCode() : detail, "");
    }

    /// @return the line of a statement that is wrong, and below it a mark
    static String place(JsonNode problem) {
        JsonNode position = problem.path("position");
        if (!position.isObject()) {
            return "";
        }
        int column = position.path("column").asInt(1);
        String mark = " ".repeat(Math.clamp(column - 1, 0, 200)) + "^";
        return "\n  " + position.path("excerpt").asString("") + "\n  " + mark;
    }

    private static JsonNode json(HttpResponse<InputStream> response) {
        try (InputStream body = response.body()) {
            byte[] bytes = body.readAllBytes();
            return bytes.length == 0 ? JSON.createObjectNode() : JSON.readTree(bytes);
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.CANNOT_CONNECT, "the server broke off: " + e.getMessage(), "");
        }
    }

    private String curl(String method, String path, @Nullable String body, Map<String, String> headers) {
        StringBuilder line = new StringBuilder("curl -H \"Authorization: Bearer $TRIBUTARY_KEY\"");
        if (!method.equals("GET")) {
            line.append(" -X ").append(method);
        }
        headers.forEach((name, value) ->
                line.append(" -H '").append(name).append(": ").append(value).append('\''));
        if (body != null) {
            line.append(" -H 'Content-Type: application/json' -d '")
                    .append(body.replace("'", "'\\''"))
                    .append('\'');
        }
        return line.append(" '").append(base.resolve(path)).append('\'').toString();
    }
}
