package tributary.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3BlockingClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3Client;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Clients that we did not write, over WebSocket.
class WebSocketClientsTest {
    private static final byte[] PAYLOAD = "{\"temp\":21.5}".getBytes(StandardCharsets.UTF_8);

    private final WebHouse web = new WebHouse();

    @AfterEach
    void close() {
        web.close();
    }

    @Test
    void hivemqPublishesAndHearsItself() {
        Mqtt5BlockingClient client = Mqtt5Client.builder()
                .serverHost("127.0.0.1")
                .serverPort(web.port())
                .webSocketConfig()
                .serverPath("mqtt")
                .applyWebSocketConfig()
                .simpleAuth()
                .password(application().getBytes(StandardCharsets.UTF_8))
                .applySimpleAuth()
                .buildBlocking();
        client.connect();
        try (Mqtt5BlockingClient.Mqtt5Publishes heard =
                client.publishes(com.hivemq.client.mqtt.MqttGlobalPublishFilter.ALL)) {
            client.subscribeWith().topicFilter("#").qos(MqttQos.EXACTLY_ONCE).send();
            client.publishWith()
                    .topic("a/b")
                    .qos(MqttQos.EXACTLY_ONCE)
                    .payload(PAYLOAD)
                    .send();
            assertThat(heard.receive(10, TimeUnit.SECONDS).orElseThrow().getPayloadAsBytes())
                    .isEqualTo(PAYLOAD);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        client.disconnect();
    }

    @Test
    void hivemqPublishesWith311() {
        Mqtt3BlockingClient client = Mqtt3Client.builder()
                .serverHost("127.0.0.1")
                .serverPort(web.port())
                .webSocketConfig()
                .serverPath("mqtt")
                .applyWebSocketConfig()
                .simpleAuth()
                .username("boiler")
                .password(device().getBytes(StandardCharsets.UTF_8))
                .applySimpleAuth()
                .buildBlocking();
        client.connect();
        client.publishWith()
                .topic("t")
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(PAYLOAD)
                .send();
        client.disconnect();
        assertThat(web.house.stored()).hasSize(1);
    }

    @Test
    void pahoPublishesWith311() throws Exception {
        MqttClient client = new MqttClient("ws://127.0.0.1:" + web.port() + "/mqtt", "paho", new MemoryPersistence());
        MqttConnectOptions options = new MqttConnectOptions();
        options.setUserName("boiler");
        options.setPassword(device().toCharArray());
        client.connect(options);
        client.publish("t", PAYLOAD, 2, false);
        client.disconnect();
        client.close();
        assertThat(web.house.stored()).hasSize(1);
    }

    @Test
    void pahoPublishesWith5() throws Exception {
        org.eclipse.paho.mqttv5.client.MqttClient client = new org.eclipse.paho.mqttv5.client.MqttClient(
                "ws://127.0.0.1:" + web.port() + "/mqtt",
                "paho",
                new org.eclipse.paho.mqttv5.client.persist.MemoryPersistence());
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setUserName("boiler");
        options.setPassword(device().getBytes(StandardCharsets.UTF_8));
        client.connect(options);
        client.publish("t", PAYLOAD, 1, false);
        client.disconnect();
        client.close();
        assertThat(web.house.stored()).hasSize(1);
    }

    @Test
    void mqttJsPublishesAndHearsItself(@TempDir Path folder) throws Exception {
        Assumptions.assumeTrue(onPath("npm") && onPath("node"), "npm and node are installed (apt install npm)");
        Files.writeString(folder.resolve("package.json"), "{\"private\": true}");
        run(folder, "npm", "install", "--no-audit", "--no-fund", "--loglevel=error", "mqtt@5");
        Files.writeString(folder.resolve("client.js"), """
                const mqtt = require('mqtt');
                const [url, version, password] = process.argv.slice(2);
                const client = mqtt.connect(url, {
                  protocolVersion: Number(version), username: 'any', password, reconnectPeriod: 0, keepalive: 5 });
                client.on('error', (e) => { console.error(e); process.exit(1); });
                client.on('connect', async () => {
                  await client.subscribeAsync('#', { qos: 2 });
                  const big = Buffer.alloc(100000, 120);
                  const heard = [];
                  client.on('message', (topic, payload) => {
                    heard.push(topic + ' ' + payload.length);
                    if (heard.length === 4) {
                      // beyond a keep-alive, so that pings go both ways
                      setTimeout(() => { console.log(heard.sort().join('; ')); client.end(); }, 7000);
                    }
                  });
                  await Promise.all([0, 1, 2].map((qos) => client.publishAsync('js/' + qos, 'x'.repeat(qos), { qos })));
                  await client.publishAsync('js/big', big, { qos: 1 });
                });
                """);
        for (String version : new String[] {"4", "5"}) {
            for (String url :
                    List.of("ws://127.0.0.1:" + web.port() + "/mqtt", "mqtt://127.0.0.1:" + web.house.port())) {
                String said = run(folder, "node", "client.js", url, version, application());
                assertThat(said.strip()).as(url).isEqualTo("js/0 0; js/1 1; js/2 2; js/big 100000");
            }
        }
    }

    private static boolean onPath(String program) {
        for (String folder : System.getenv("PATH").split(":")) {
            if (Files.isExecutable(Path.of(folder, program))) {
                return true;
            }
        }
        return false;
    }

    private static String run(Path folder, String... command) throws Exception {
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("said.txt").toFile())
                .start();
        boolean ended = process.waitFor(120, TimeUnit.SECONDS);
        String said = Files.readString(folder.resolve("said.txt"));
        if (!ended) {
            process.destroyForcibly();
        }
        assertThat(ended && process.exitValue() == 0)
                .as(String.join(" ", command) + "\n" + said)
                .isTrue();
        return said;
    }

    private String application() {
        return web.house.keys.application("acme", "#");
    }

    private String device() {
        return web.house.keys.device("acme", "boiler");
    }
}
