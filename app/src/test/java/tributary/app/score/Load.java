package tributary.app.score;

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
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.JsonNode;
import tributary.app.Rest;
import tributary.app.ServerProcess;

/// Devices that publish, each by its door, with clients that we did not write, until it is closed.
///
/// No number is sent twice, whatever happens to the server, so that nothing may be stored twice.
final class Load implements AutoCloseable {
    private static final int PAUSE_MICROS = 300;
    private static final long AGAIN_NANOS = 200_000_000;

    private final ServerProcess server;
    private final List<Thread> threads = new ArrayList<>();
    private final List<Mqtt5AsyncClient> clients = new ArrayList<>();
    private volatile boolean running = true;

    private Load(ServerProcess server) {
        this.server = server;
    }

    static Load begin(ServerProcess server, List<Device> devices) {
        Load load = new Load(server);
        for (Device device : devices) {
            load.threads.add(Thread.ofVirtual().start(() -> load.publish(device)));
        }
        return load;
    }

    private void publish(Device device) {
        int before = device.acknowledged.size();
        while (running && server.alive()) {
            try {
                switch (device.door) {
                    case MQTT_1 -> mqtt(device, MqttQos.AT_LEAST_ONCE);
                    case MQTT_2 -> mqtt(device, MqttQos.EXACTLY_ONCE);
                    case HTTP -> http(device);
                    case WEB_SOCKET -> webSocket(device);
                }
                return;
            } catch (IOException | InterruptedException | RuntimeException e) {
                if (device.acknowledged.size() > before
                        || Thread.currentThread().isInterrupted()) {
                    return; // the server went away under it: what was acknowledged until then counts
                }
                // a busy server did not let it in in time
                LockSupport.parkNanos(AGAIN_NANOS);
            }
        }
    }

    private void mqtt(Device device, MqttQos qos) throws InterruptedException {
        Mqtt5AsyncClient client = Mqtt5Client.builder()
                .serverHost("127.0.0.1")
                .serverPort(server.mqttPort())
                .identifier(device.id)
                .simpleAuth()
                .username(device.id)
                .password(device.token.getBytes(StandardCharsets.UTF_8))
                .applySimpleAuth()
                .buildAsync();
        client.connect().join();
        synchronized (clients) {
            clients.add(client);
        }
        while (running && client.getState().isConnected()) {
            long number = device.take();
            client.publishWith()
                    .topic("t")
                    .qos(qos)
                    .payload(device.payload(number).getBytes(StandardCharsets.UTF_8))
                    .send()
                    .whenComplete((result, failure) -> {
                        if (failure == null && result.getError().isEmpty()) {
                            device.acknowledged.add(number);
                        }
                    });
            TimeUnit.MICROSECONDS.sleep(PAUSE_MICROS);
        }
    }

    private void http(Device device) throws IOException, InterruptedException {
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            while (running) {
                long number = device.take();
                HttpRequest request = HttpRequest.newBuilder(URI.create(server.http() + "/api/v1/telemetry"))
                        .header("Authorization", "Bearer " + device.token)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(device.payload(number)))
                        .build();
                if (client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() < 300) {
                    device.acknowledged.add(number);
                }
            }
        }
    }

    private void webSocket(Device device) throws InterruptedException {
        long first = device.next();
        WebSocket.Listener listener = new WebSocket.Listener() {
            private final StringBuilder text = new StringBuilder();
            private final Set<Long> refused = new HashSet<>();
            private long acknowledged;

            @Override
            public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
                text.append(part);
                if (last) {
                    JsonNode said = Rest.JSON.readTree(text.toString());
                    text.setLength(0);
                    if (said.has("refused")) {
                        refused.add(said.path("refused").asLong()); // comes before what passes it
                    }
                    long upTo = said.path("ack").asLong(0);
                    for (; acknowledged < upTo; acknowledged++) {
                        if (!refused.contains(acknowledged + 1)) {
                            device.acknowledged.add(first + acknowledged);
                        }
                    }
                }
                socket.request(1);
                return null;
            }
        };
        try (HttpClient client = HttpClient.newHttpClient()) {
            WebSocket socket = client.newWebSocketBuilder()
                    .header("Authorization", "Bearer " + device.token)
                    .buildAsync(URI.create(server.http().replace("http:", "ws:") + "/api/v1/ws"), listener)
                    .join();
            while (running && !socket.isOutputClosed()) {
                socket.sendText(device.payload(device.take()), true).join();
                TimeUnit.MICROSECONDS.sleep(PAUSE_MICROS);
            }
        }
    }

    /// Ends it; what is on its way may still be acknowledged where the server lives.
    @Override
    public void close() throws InterruptedException {
        running = false;
        TimeUnit.MILLISECONDS.sleep(server.alive() ? 500 : 0);
        for (Thread thread : threads) {
            thread.interrupt();
            thread.join(Duration.ofSeconds(10));
        }
        synchronized (clients) {
            clients.forEach(Mqtt5AsyncClient::disconnect);
        }
    }
}
