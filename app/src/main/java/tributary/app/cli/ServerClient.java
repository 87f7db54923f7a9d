package tributary.app.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Talks REST to a server. Everything a command does is a documented call, and `-v` prints it as curl.
///
/// Over the JDK's older client: the newer one costs a command that asks one question a third of a second, most of
/// it at the end, where Java waits for its threads (docs/decisions/0017).
final class ServerClient {
    static final JsonMapper JSON = JsonMapper.builder().build();

    private static final int CONNECT_MILLIS = 5_000;

    static {
        // What a broken line may have brought to the server is not sent a second time behind the command's back.
        System.setProperty("sun.net.http.retryPost", "false");
    }

    /// What a server said.
    ///
    /// @param retryAfterSeconds when to try again, or -1
    /// @param body              as it streams in; whoever asked closes it
    record Answer(int status, long retryAfterSeconds, InputStream body) {}

    private final URI base;
    private final String key;
    private final Consumer<String> trace;
    private final @Nullable SSLContext trust;

    /// @param base  `http://127.0.0.1:8080`
    /// @param key   API key
    /// @param trust whose certificates are good, where `base` is https; null: the system's
    /// @param trace hears each call as a curl line; the key is named, not shown
    ServerClient(URI base, String key, @Nullable SSLContext trust, Consumer<String> trace) {
        if (!"http".equalsIgnoreCase(base.getScheme()) && !"https".equalsIgnoreCase(base.getScheme())) {
            throw new CommandFailure(
                    ExitCode.USAGE, base + " is no address of a server", "--server http://127.0.0.1:8080");
        }
        this.base = base;
        this.key = key;
        this.trace = trace;
        this.trust = trust;
    }

    /// Finds the server that runs on a data folder.
    ///
    /// @throws CommandFailure where none does
    static ServerClient of(Path data, Consumer<String> trace) {
        Path file = data.resolve("server.json");
        try {
            JsonNode server = JSON.readTree(Files.readString(file));
            String key = Files.readString(data.resolve("cli.key")).strip();
            return new ServerClient(URI.create(server.path("http").asString()), key, null, trace);
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

    /// Puts a field into a body, where there is something to put.
    static void put(Map<String, Object> body, String field, @Nullable Object value) {
        if (value != null) {
            body.put(field, value);
        }
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
        return send(method, path, text, headers).body;
    }

    /// Posts a body of another type.
    ///
    /// @return the answer, whatever its status
    Answer postRaw(String path, String type, byte[] body) {
        trace.accept("curl -X POST -H \"Authorization: Bearer $TRIBUTARY_KEY\" -H 'Content-Type: " + type
                + "' --data-binary @- '" + base.resolve(path) + "'      # " + body.length + " bytes");
        return exchange("POST", path, body, Map.of("Content-Type", type));
    }

    private Answer send(String method, String path, @Nullable String body, Map<String, String> headers) {
        trace.accept(curl(method, path, body, headers));
        Map<String, String> all = new LinkedHashMap<>(headers);
        if (body != null) {
            all.put("Content-Type", "application/json");
        }
        Answer answer = exchange(method, path, body == null ? null : body.getBytes(StandardCharsets.UTF_8), all);
        if (answer.status >= 400) {
            throw failure(answer);
        }
        return answer;
    }

    private Answer exchange(String method, String path, byte @Nullable [] body, Map<String, String> headers) {
        try {
            HttpURLConnection call =
                    (HttpURLConnection) base.resolve(path).toURL().openConnection();
            if (trust != null && call instanceof HttpsURLConnection secure) {
                secure.setSSLSocketFactory(trust.getSocketFactory());
            }
            call.setConnectTimeout(CONNECT_MILLIS);
            call.setInstanceFollowRedirects(false);
            call.setRequestMethod(method);
            call.setRequestProperty("Accept", "*/*");
            call.setRequestProperty("Authorization", "Bearer " + key);
            headers.forEach(call::setRequestProperty);
            if (body != null) {
                call.setDoOutput(true);
                try (OutputStream out = call.getOutputStream()) {
                    out.write(body);
                }
            }
            int status = call.getResponseCode();
            InputStream in = status >= 400 ? call.getErrorStream() : call.getInputStream();
            return new Answer(
                    status,
                    call.getHeaderFieldLong("Retry-After", -1),
                    in == null ? InputStream.nullInputStream() : in);
        } catch (ConnectException | UnknownHostException | SocketTimeoutException e) {
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
        }
    }

    private static CommandFailure failure(Answer answer) {
        String detail = "";
        try (InputStream body = answer.body) {
            JsonNode problem = JSON.readTree(body);
            detail = problem.path("detail").asString(problem.path("title").asString("")) + place(problem);
        } catch (IOException | JacksonException e) {
            // the status alone has to do
        }
        ExitCode code = switch (answer.status) {
            case 401, 403 -> ExitCode.NOT_ALLOWED;
            case 404 -> ExitCode.NOT_FOUND;
            case 409, 412 -> ExitCode.CONFLICT;
            default -> ExitCode.FAILED;
        };
        return new CommandFailure(code, detail.isEmpty() ? "the server answered " + answer.status : detail, "");
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

    private static JsonNode json(Answer answer) {
        try (InputStream body = answer.body) {
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
