package tributary.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3BlockingClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3Client;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

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
            assertThat(heard.receive(60, TimeUnit.SECONDS).orElseThrow().getPayloadAsBytes())
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

    private String application() {
        return web.house.keys.application("acme", "#");
    }

    private String device() {
        return web.house.keys.device("acme", "boiler");
    }
}
