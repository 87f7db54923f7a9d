package tributary.simulator;

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Streams each device's telemetry over a WebSocket of its own; acknowledgements come in batches.
///
/// A frame is telemetry of one device, so messages for any other topic count as failed. A socket that breaks is
/// opened again with the next message.
public final class WebSocketOutput implements Output {
    private static final int UNDER_WAY_MAX = 10_000;
    private static final Duration OPEN_WITHIN = Duration.ofSeconds(10);
    private static final Pattern ACK = Pattern.compile("\"ack\"\\s*:\\s*(\\d+)");

    private final URI base;
    private final Map<String, String> secrets;
    private final HttpClient http = HttpClient.newHttpClient();
    private final UnderWay underWay = new UnderWay(UNDER_WAY_MAX);
    private final Map<String, Line> lines = new HashMap<>();

    /// @param base    `ws://host:port`
    /// @param secrets connection to bearer token
    public WebSocketOutput(URI base, Map<String, String> secrets) {
        this.base = base;
        this.secrets = Map.copyOf(secrets);
    }

    @Override
    public void send(SimulatedMessage message) throws InterruptedException {
        if (!message.topic().equals("devices/" + message.device() + "/telemetry")) {
            underWay.failUnsent();
            return;
        }
        underWay.begin();
        Line line = lines.get(message.device());
        if (line == null || line.isGone()) {
            line = open(message);
            lines.put(message.device(), line);
        }
        line.send(new String(message.payload(), StandardCharsets.UTF_8));
    }

    private Line open(SimulatedMessage message) {
        String query = message.device().equals(message.connection())
                ? ""
                : "?device=" + URLEncoder.encode(message.device(), StandardCharsets.UTF_8);
        Line line = new Line();
        try {
            line.socket = http.newWebSocketBuilder()
                    .header("Authorization", "Bearer " + secrets.getOrDefault(message.connection(), ""))
                    .connectTimeout(OPEN_WITHIN)
                    .buildAsync(base.resolve("/api/v1/ws" + query), line)
                    .join();
        } catch (CompletionException e) {
            line.gone();
        }
        return line;
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
        lines.values().forEach(Line::close);
        http.shutdownNow();
    }

    /// One socket. Sends from the run's thread, hears on the client's; what both count is guarded by the line.
    private final class Line implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();
        private @Nullable WebSocket socket;
        private CompletableFuture<?> last = CompletableFuture.completedFuture(null);
        private long sent;
        private long answered;
        private long refused;
        private boolean gone;

        synchronized boolean isGone() {
            return gone;
        }

        void send(String payload) {
            WebSocket open;
            synchronized (this) {
                open = socket;
                sent++;
                if (gone || open == null) {
                    gone();
                    return;
                }
            }
            last = last.thenCompose(_ -> open.sendText(payload, true)).exceptionally(_ -> {
                gone();
                return open;
            });
        }

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence part, boolean whole) {
            text.append(part);
            if (whole) {
                answer(text.toString());
                text.setLength(0);
            }
            from.request(1);
            return null;
        }

        private synchronized void answer(String message) {
            if (message.contains("\"refused\"")) {
                refused++;
                underWay.fail(1);
                return;
            }
            Matcher ack = ACK.matcher(message);
            if (ack.find()) {
                // All frames up to this one are durable but for those refused.
                long upTo = Long.parseLong(ack.group(1));
                int fresh = (int) Math.max(0, Math.min(upTo, sent) - answered - refused);
                answered += fresh;
                underWay.acknowledge(fresh);
            }
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
            gone();
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable problem) {
            gone();
        }

        private synchronized void gone() {
            gone = true;
            int lost = (int) (sent - answered - refused);
            answered += lost;
            underWay.fail(lost);
        }

        void close() {
            WebSocket open = socket;
            if (open != null) {
                open.sendClose(WebSocket.NORMAL_CLOSURE, "")
                        .orTimeout(1, TimeUnit.SECONDS)
                        .exceptionally(_ -> open);
            }
        }
    }
}
