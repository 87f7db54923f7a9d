package tributary.app.score;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import tributary.app.Await;
import tributary.app.Rest;
import tributary.app.ServerProcess;

/// Somebody sets the machine's clock, from an hour back to three days ahead, and back again, under load: no
/// alert is said early, late or twice, no session ends early or late, and what waits for one comes once.
final class ClockTrial implements Trial {
    private static final int WAITING = 20;
    private static final Duration LONG = Duration.ofSeconds(120);

    @Override
    public String name() {
        return "clock";
    }

    @Override
    public String what(int rounds) {
        return "the clock is set " + rounds
                + " times, from an hour back to three days ahead: sessions and alerts go by the" + " time that passed";
    }

    @Override
    public int rounds(boolean whole) {
        return whole ? 500 : 15;
    }

    @Override
    public Score run(Path work, int rounds) throws Exception {
        SplittableRandom random = new SplittableRandom(Long.getLong("score.seed", 20261128L));
        Path data = Files.createDirectories(work.resolve("data"));
        WallClock clock = new WallClock(work);
        try (ServerProcess server = ServerProcess.start(data, clock.environment())) {
            Ledger ledger = Ledger.open(server, data);
            Rest rest = ledger.other(server);
            rule(rest, "early", "30m");
            rule(rest, "once", "3s");
            String token = rest.device("ears");
            visit(server, "ears", token, 3600);
            visit(server, "brief", token, 4);
            Mqtt5BlockingClient mouth = client(server, "mouth", token);
            mouth.connect();
            for (int i = 0; i < WAITING; i++) {
                publish(mouth, "in", "{\"n\":" + i + "}");
            }
            publish(mouth, "early", "{\"at\":1}");
            publish(mouth, "once", "{\"at\":1}");
            mouth.disconnect();
            try (Load _ = Load.begin(server, ledger.devices())) {
                for (int round = 0; round < rounds; round++) {
                    clock.off(Duration.ofSeconds(random.nextLong(-3600, 3 * 86_400)));
                    TimeUnit.MILLISECONDS.sleep(random.nextInt(50, 900));
                    clock.off(random.nextInt(3) > 0 ? Duration.ZERO : Duration.ofHours(-1));
                    TimeUnit.MILLISECONDS.sleep(random.nextInt(50, 900));
                }
                clock.off(Duration.ofHours(-1));
                String once = "SELECT count(*) FROM messages WHERE topic = 'said/once'";
                Await.until("an alert is said although the clock is an hour back", LONG, () -> rest.number(once) > 0);
                Await.until(
                        "a session ends although the clock is an hour back",
                        LONG,
                        () -> !rest.good("GET", "/api/v1/sessions", null)
                                .toString()
                                .contains("\"brief\""));
                clock.off(Duration.ZERO);
            }
            int heard = hear(server, token);
            Map<String, Object> more = new LinkedHashMap<>();
            more.put("saidEarly", rest.number("SELECT count(*) FROM messages WHERE topic = 'said/early'"));
            more.put("saidOnce", rest.number("SELECT count(*) FROM messages WHERE topic = 'said/once'"));
            more.put("heard", heard);
            if (!more.equals(Map.of("saidEarly", 0L, "saidOnce", 1L, "heard", WAITING))) {
                throw new AssertionError("none early, one at its time, and all that waited once: " + more);
            }
            return ledger.compare(name(), server, Map.of());
        }
    }

    /// An alert of a topic on which nothing comes any more.
    private static void rule(Rest rest, String topic, String silence) throws Exception {
        String sql = "SELECT topic(3) AS t FROM 'devices/ears/%s' ALERT silent PER topic(3) WHEN ABSENT %s"
                .formatted(topic, silence);
        rest.good(
                "PUT",
                "/api/v1/rules/" + topic,
                Map.of("sql", sql, "state", "on", "actions", List.of(Map.of("topic", "said/" + topic))));
    }

    private static Mqtt5BlockingClient client(ServerProcess server, String id, String token) {
        return Mqtt5Client.builder()
                .serverHost("127.0.0.1")
                .serverPort(server.mqttPort())
                .identifier(id)
                .simpleAuth()
                .username("ears")
                .password(token.getBytes(StandardCharsets.UTF_8))
                .applySimpleAuth()
                .buildBlocking();
    }

    private static void publish(Mqtt5BlockingClient client, String topic, String payload) {
        client.publishWith()
                .topic("devices/me/" + topic)
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(payload.getBytes(StandardCharsets.UTF_8))
                .send();
    }

    /// Leaves a session that stays for so long.
    private static void visit(ServerProcess server, String id, String token, long seconds) {
        Mqtt5BlockingClient client = client(server, id, token);
        client.connectWith().cleanStart(false).sessionExpiryInterval(seconds).send();
        client.subscribeWith()
                .topicFilter("devices/me/in")
                .qos(MqttQos.AT_LEAST_ONCE)
                .send();
        client.disconnectWith().sessionExpiryInterval(seconds).send();
    }

    /// @return how many different messages came to the session that was left, or -1 where one came twice or none is
    /// there
    private static int hear(ServerProcess server, String token) throws InterruptedException {
        Mqtt5BlockingClient client = client(server, "ears", token);
        List<String> heard = new ArrayList<>();
        try (Mqtt5BlockingClient.Mqtt5Publishes all = client.publishes(MqttGlobalPublishFilter.ALL)) {
            boolean there = client.connectWith()
                    .cleanStart(false)
                    .sessionExpiryInterval(0)
                    .send()
                    .isSessionPresent();
            publish(client, "in", "{\"n\":\"last\"}");
            String text = "";
            while (there && !text.contains("last")) {
                Optional<Mqtt5Publish> next = all.receive(LONG.toSeconds(), TimeUnit.SECONDS);
                if (next.isEmpty()) {
                    break;
                }
                text = new String(next.get().getPayloadAsBytes(), StandardCharsets.UTF_8);
                heard.add(text);
            }
        }
        client.disconnect();
        return heard.stream().distinct().count() == heard.size() ? heard.size() - 1 : -1;
    }
}
