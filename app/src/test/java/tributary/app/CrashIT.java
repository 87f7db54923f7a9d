package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// The promise under `kill -9`: what was acknowledged is there, once, in order; nothing is there that was not sent.
///
/// A real process is killed again and again under load through all three doors, a fifth of the times while it is still
/// recovering from the kill before.
class CrashIT {
    private static final Duration SOON = Duration.ofSeconds(30);

    private static final int KILLS = 20;
    private static final long BASE_MILLIS = 1_790_000_000_000L;

    @TempDir
    private Path data;

    /// What one device did: every number below `next` was sent, those in `acknowledged` were promised.
    private static final class Ledger {
        private final String device;
        private final String token;
        private final Set<Long> acknowledged = new ConcurrentSkipListSet<>();
        private volatile long next;

        private Ledger(String device, String token) {
            this.device = device;
            this.token = token;
        }

        String payload(long number) {
            return "{\"seq\":" + number + ",\"ts\":" + (BASE_MILLIS + number) + "}";
        }
    }

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void whatWasAcknowledgedIsStoredOnceAndInOrderAfterEveryKill() throws Exception {
        SplittableRandom random = new SplittableRandom(20261121);
        Map<String, Ledger> ledgers = new ConcurrentHashMap<>();
        ServerProcess server = ServerProcess.start(data);
        for (String device : List.of("mqtt-1", "mqtt-2", "http-1", "ws-1")) {
            ledgers.put(device, new Ledger(device, Rest.of(server).device(device)));
        }
        for (int kill = 0; kill < KILLS; kill++) {
            if (kill % 5 != 4) {
                loadUntilKilled(server, ledgers, 200 + random.nextInt(900));
            } else {
                server.kill();
            }
            server = ServerProcess.start(data);
        }
        try {
            long acknowledged = ledgers.values().stream()
                    .mapToLong(l -> l.acknowledged.size())
                    .sum();
            Await.until("everything becomes visible", SOON, Rest.of(server)::everythingVisible);
            for (Ledger ledger : ledgers.values()) {
                check(Rest.of(server), ledger);
            }
            System.out.printf("%d kills, %d acknowledged, all stored once%n", KILLS, acknowledged);
            assertThat(server.stop()).as("a graceful stop after all the others").isZero();
        } finally {
            server.close();
        }
    }

    private static void check(Rest rest, Ledger ledger) throws Exception {
        List<Long> stored = new ArrayList<>();
        for (JsonNode row : rest.sql("SELECT CAST(value AS BIGINT) FROM readings WHERE device = '" + ledger.device
                + "' AND sensor = 'seq' ORDER BY position")) {
            stored.add(row.path(0).asLong());
        }
        Set<Long> distinct = new TreeSet<>(stored);
        assertThat(ledger.acknowledged)
                .as(ledger.device + " was acknowledged something")
                .isNotEmpty();
        assertThat(stored).as(ledger.device + ": no row twice").hasSameSizeAs(distinct);
        assertThat(stored).as(ledger.device + ": in the order sent").isSorted();
        assertThat(distinct)
                .as(ledger.device + ": every acknowledged message is stored")
                .containsAll(ledger.acknowledged);
        assertThat(stored.getLast())
                .as(ledger.device + ": nothing that was never sent")
                .isLessThan(ledger.next);
    }

    private static void loadUntilKilled(ServerProcess server, Map<String, Ledger> ledgers, int millis)
            throws Exception {
        AtomicBoolean running = new AtomicBoolean(true);
        List<Thread> threads = new ArrayList<>();
        for (Ledger ledger : ledgers.values()) {
            threads.add(Thread.ofVirtual().start(() -> {
                try {
                    switch (ledger.device.substring(0, 2)) {
                        case "mq" -> mqtt(server, ledger, running);
                        case "ht" -> http(server, ledger, running);
                        default -> webSocket(server, ledger, running);
                    }
                } catch (IOException | InterruptedException | RuntimeException e) {
                    // the server was killed under it: what was acknowledged until then counts
                }
            }));
        }
        TimeUnit.MILLISECONDS.sleep(millis);
        server.kill();
        running.set(false);
        for (Thread thread : threads) {
            thread.interrupt();
            thread.join(Duration.ofSeconds(10));
        }
    }

    private static void mqtt(ServerProcess server, Ledger ledger, AtomicBoolean running) throws InterruptedException {
        Mqtt5AsyncClient client = Mqtt5Client.builder()
                .serverHost("127.0.0.1")
                .serverPort(server.mqttPort())
                .identifier(ledger.device)
                .simpleAuth()
                .username(ledger.device)
                .password(ledger.token.getBytes(StandardCharsets.UTF_8))
                .applySimpleAuth()
                .buildAsync();
        client.connect().join();
        MqttQos qos = ledger.device.endsWith("1") ? MqttQos.AT_LEAST_ONCE : MqttQos.EXACTLY_ONCE;
        while (running.get()) {
            long number = ledger.next++;
            client.publishWith()
                    .topic("t")
                    .qos(qos)
                    .payload(ledger.payload(number).getBytes(StandardCharsets.UTF_8))
                    .send()
                    .whenComplete((result, failure) -> {
                        if (failure == null && result.getError().isEmpty()) {
                            ledger.acknowledged.add(number);
                        }
                    });
            TimeUnit.MICROSECONDS.sleep(300);
        }
    }

    private static void http(ServerProcess server, Ledger ledger, AtomicBoolean running)
            throws IOException, InterruptedException {
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            while (running.get()) {
                long number = ledger.next++;
                HttpRequest request = HttpRequest.newBuilder(URI.create(server.http() + "/api/v1/telemetry"))
                        .header("Authorization", "Bearer " + ledger.token)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(ledger.payload(number)))
                        .build();
                if (client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() < 300) {
                    ledger.acknowledged.add(number);
                }
            }
        }
    }

    private static void webSocket(ServerProcess server, Ledger ledger, AtomicBoolean running)
            throws InterruptedException {
        long first = ledger.next;
        WebSocket.Listener listener = new WebSocket.Listener() {
            private final StringBuilder text = new StringBuilder();
            private long acknowledged;

            @Override
            public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
                text.append(part);
                if (last) {
                    long upTo = Rest.JSON.readTree(text.toString()).path("ack").asLong(0);
                    text.setLength(0);
                    for (; acknowledged < upTo; acknowledged++) {
                        ledger.acknowledged.add(first + acknowledged);
                    }
                }
                socket.request(1);
                return null;
            }
        };
        try (HttpClient client = HttpClient.newHttpClient()) {
            WebSocket socket = client.newWebSocketBuilder()
                    .header("Authorization", "Bearer " + ledger.token)
                    .buildAsync(URI.create(server.http().replace("http:", "ws:") + "/api/v1/ws"), listener)
                    .join();
            while (running.get()) {
                socket.sendText(ledger.payload(ledger.next++), true).join();
                TimeUnit.MICROSECONDS.sleep(300);
            }
        }
    }
}
