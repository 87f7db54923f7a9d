package tributary.app;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import tools.jackson.databind.JsonNode;

/// A device that publishes a number after the other by MQTT and knows which were acknowledged, over any number
/// of lives of the server.
final class Pump {
    static final long BASE_MILLIS = 1_790_000_000_000L;

    private final String id;
    private final String token;
    private final Set<Long> acknowledged = new ConcurrentSkipListSet<>();
    private volatile long next;

    private Pump(String id, String token) {
        this.id = id;
        this.token = token;
    }

    static Pump at(ServerProcess server, String id) throws Exception {
        return new Pump(id, Rest.of(server).device(id));
    }

    String id() {
        return id;
    }

    /// Publishes until it is told to stop, or the connection ends.
    void publish(ServerProcess server, AtomicBoolean running) throws InterruptedException {
        Mqtt5AsyncClient client = client(server);
        while (running.get()) {
            publish(client, next++);
            TimeUnit.MICROSECONDS.sleep(300);
        }
        client.disconnect();
    }

    /// Publishes `count` numbers and waits for all acknowledgements.
    void publish(ServerProcess server, int count) throws Exception {
        Mqtt5AsyncClient client = client(server);
        long end = next + count;
        while (next < end) {
            publish(client, next++);
        }
        Await.until("everything is acknowledged", Duration.ofSeconds(120), () -> acknowledged.size() >= end);
        client.disconnect().join();
    }

    private Mqtt5AsyncClient client(ServerProcess server) {
        Mqtt5AsyncClient client = Mqtt5Client.builder()
                .serverHost("127.0.0.1")
                .serverPort(server.mqttPort())
                .identifier(id)
                .simpleAuth()
                .username(id)
                .password(token.getBytes(StandardCharsets.UTF_8))
                .applySimpleAuth()
                .buildAsync();
        client.connect().join();
        return client;
    }

    private void publish(Mqtt5AsyncClient client, long number) {
        String payload = "{\"seq\":" + number + ",\"ts\":" + (BASE_MILLIS + number) + "}";
        client.publishWith()
                .topic("t")
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(payload.getBytes(StandardCharsets.UTF_8))
                .send()
                .whenComplete((result, failure) -> {
                    if (failure == null && result.getError().isEmpty()) {
                        acknowledged.add(number);
                    }
                });
    }

    /// @return what was acknowledged until now
    Set<Long> acknowledged() {
        return new TreeSet<>(acknowledged);
    }

    /// @return what SQL says of it, in the order of the log
    List<Long> stored(Rest rest) throws Exception {
        List<Long> stored = new ArrayList<>();
        for (JsonNode row : rest.sql("SELECT CAST(value AS BIGINT) FROM readings WHERE device = '" + id
                + "' AND sensor = 'seq' ORDER BY position")) {
            stored.add(row.path(0).asLong());
        }
        return stored;
    }
}
