package tributary.simulator;

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Posts each message over HTTP, one after the other for each device, so that a device's order holds.
public final class HttpOutput implements Output {
    private static final int UNDER_WAY_MAX = 1000;
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(30);

    private final URI base;
    private final Map<String, String> secrets;
    private final HttpClient http;
    private final UnderWay underWay = new UnderWay(UNDER_WAY_MAX);
    private final Map<String, CompletableFuture<Void>> last = new HashMap<>();

    /// @param base    `http://host:port`
    /// @param secrets connection to bearer token
    public HttpOutput(URI base, Map<String, String> secrets) {
        this.base = base;
        this.secrets = Map.copyOf(secrets);
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(5))
                .build();
    }

    @Override
    public void send(SimulatedMessage message) throws InterruptedException {
        underWay.begin();
        HttpRequest request = HttpRequest.newBuilder(base.resolve(path(message)))
                .timeout(ANSWER_WITHIN)
                .header("Authorization", "Bearer " + secrets.getOrDefault(message.connection(), ""))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(message.payload()))
                .build();
        CompletableFuture<Void> before = last.getOrDefault(message.device(), CompletableFuture.completedFuture(null));
        last.put(message.device(), before.thenCompose(_ -> post(request)));
    }

    @Override
    public void flush() {
        // every message is on its way at once
    }

    @Override
    public boolean drain() throws InterruptedException {
        return underWay.drain();
    }

    @Override
    public long acknowledged() {
        return underWay.acknowledged();
    }

    @Override
    public long failed() {
        return underWay.failed();
    }

    @Override
    public void close() {
        http.shutdownNow();
    }

    private CompletableFuture<Void> post(HttpRequest request) {
        return http.sendAsync(request, HttpResponse.BodyHandlers.discarding()).handle(this::count);
    }

    private @Nullable Void count(@Nullable HttpResponse<Void> answer, @Nullable Throwable problem) {
        if (answer != null && answer.statusCode() / 100 == 2) {
            underWay.acknowledge(1);
        } else {
            underWay.fail(1);
        }
        return null;
    }

    /// Telemetry goes to the device's own route, any other topic to that of messages.
    private static String path(SimulatedMessage message) {
        String telemetry = "devices/" + message.device() + "/telemetry";
        String escaped = Arrays.stream(message.topic().split("/", -1))
                .map(level -> URLEncoder.encode(level, StandardCharsets.UTF_8).replace("+", "%20"))
                .collect(Collectors.joining("/"));
        boolean own = message.topic().equals(telemetry) || message.topic().startsWith(telemetry + "/");
        return own ? "/api/v1/" + escaped : "/api/v1/messages/" + escaped;
    }
}
