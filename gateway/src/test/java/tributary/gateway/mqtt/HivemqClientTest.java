package tributary.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5SubAckException;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAck;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishResult;
import com.hivemq.client.mqtt.mqtt5.message.publish.puback.Mqtt5PubAckReasonCode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HivemqClientTest {
    private final House house = new House();

    @AfterEach
    void close() {
        house.close();
    }

    @Test
    void fiveClientPublishesAndHearsAtEveryQuality() throws Exception {
        Mqtt5BlockingClient ear = five("ear", house.keys.application("acme", "#"));
        Mqtt5BlockingClient mouth = five("mouth", house.keys.device("acme", "boiler"));
        try (Mqtt5BlockingClient.Mqtt5Publishes heard = ear.publishes(MqttGlobalPublishFilter.ALL)) {
            ear.subscribeWith()
                    .topicFilter("devices/+/telemetry/#")
                    .qos(MqttQos.EXACTLY_ONCE)
                    .send();
            for (MqttQos qos : MqttQos.values()) {
                mouth.publishWith()
                        .topic("devices/me/telemetry/engine/temp")
                        .qos(qos)
                        .contentType("application/json")
                        .userProperties()
                        .add("batch", "7")
                        .applyUserProperties()
                        .payload("21.5".getBytes())
                        .send();
                Mqtt5Publish publish = heard.receive(60, TimeUnit.SECONDS).orElseThrow();
                assertThat(publish.getTopic().toString()).isEqualTo("devices/boiler/telemetry/engine/temp");
                assertThat(publish.getQos()).isEqualTo(qos);
                assertThat(publish.getContentType().orElseThrow().toString()).isEqualTo("application/json");
                assertThat(publish.getUserProperties()
                                .asList()
                                .getFirst()
                                .getValue()
                                .toString())
                        .isEqualTo("7");
                assertThat(publish.getPayloadAsBytes()).isEqualTo("21.5".getBytes());
            }
        }
        mouth.disconnect();
        ear.disconnect();
        assertThat(house.stored()).hasSize(3);
    }

    @Test
    void refusalsArriveWithTheirWords() {
        Mqtt5BlockingClient pump = five("pump", house.keys.device("acme", "pump"));
        assertThatThrownBy(() -> pump.publishWith()
                        .topic("devices/boiler/telemetry")
                        .qos(MqttQos.AT_LEAST_ONCE)
                        .send())
                .isInstanceOfSatisfying(Mqtt5PubAckException.class, e -> {
                    assertThat(e.getMqttMessage().getReasonCode()).isEqualTo(Mqtt5PubAckReasonCode.NOT_AUTHORIZED);
                    assertThat(e.getMqttMessage()
                                    .getReasonString()
                                    .orElseThrow()
                                    .toString())
                            .contains("'boiler' is not one of them");
                });
        assertThatThrownBy(() -> pump.subscribeWith().topicFilter("#").send()).isInstanceOf(Mqtt5SubAckException.class);
        pump.disconnect();
    }

    @Test
    void connackIsReadAsItWasMeant() {
        Mqtt5BlockingClient client = MqttClient.builder()
                .useMqttVersion5()
                .serverHost("127.0.0.1")
                .serverPort(house.port())
                .buildBlocking();
        Mqtt5ConnAck connack = client.connectWith()
                .keepAlive(0)
                .sessionExpiryInterval(3600)
                .simpleAuth()
                .password(house.keys.device("acme", "boiler").getBytes(StandardCharsets.UTF_8))
                .applySimpleAuth()
                .send();
        assertThat(connack.isSessionPresent()).isFalse();
        assertThat(connack.getSessionExpiryInterval()).as("as asked for").isEmpty();
        assertThat(connack.getServerKeepAlive()).hasValue(1200);
        assertThat(connack.getAssignedClientIdentifier()).isPresent();
        assertThat(connack.getRestrictions().isRetainAvailable()).isTrue();
        assertThat(connack.getRestrictions().isSharedSubscriptionAvailable()).isTrue();
        assertThat(connack.getRestrictions().isWildcardSubscriptionAvailable()).isTrue();
        assertThat(connack.getRestrictions().getReceiveMaximum()).isEqualTo(20);
        assertThat(connack.getRestrictions().getMaximumPacketSize()).isEqualTo(320 * 1024);
        client.disconnect();
    }

    @Test
    void thousandsOfPublishesInFlightAreAllStoredInOrder() {
        Mqtt5BlockingClient mouth = five("mouth", house.keys.device("acme", "boiler"));
        List<CompletableFuture<Mqtt5PublishResult>> answers = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            answers.add(mouth.toAsync()
                    .publishWith()
                    .topic("t")
                    .qos(i % 3 == 2 ? MqttQos.EXACTLY_ONCE : MqttQos.AT_LEAST_ONCE)
                    .payload(Integer.toString(i).getBytes())
                    .send());
        }
        answers.forEach(answer -> assertThat(answer.join().getError()).isEmpty());
        mouth.disconnect();
        assertThat(house.stored()).hasSize(3_000);
        assertThat(house.stored())
                .extracting(message -> Integer.parseInt(new String(message.payload())))
                .isSorted();
    }

    @Test
    void threeClientPublishesAndHears() throws Exception {
        Mqtt3BlockingClient ear = three("ear", house.keys.application("acme", "#"));
        Mqtt3BlockingClient mouth = three("mouth", house.keys.device("acme", "gw"));
        try (Mqtt3BlockingClient.Mqtt3Publishes heard = ear.publishes(MqttGlobalPublishFilter.ALL)) {
            ear.subscribeWith().topicFilter("#").qos(MqttQos.AT_LEAST_ONCE).send();
            mouth.publishWith()
                    .topic("devices/pump/telemetry")
                    .qos(MqttQos.EXACTLY_ONCE)
                    .payload("1".getBytes())
                    .send();
            assertThat(heard.receive(60, TimeUnit.SECONDS)
                            .orElseThrow()
                            .getTopic()
                            .toString())
                    .isEqualTo("devices/pump/telemetry");
        }
        mouth.disconnect();
        ear.disconnect();
    }

    private Mqtt5BlockingClient five(String id, String password) {
        Mqtt5BlockingClient client = MqttClient.builder()
                .useMqttVersion5()
                .identifier(id)
                .serverHost("127.0.0.1")
                .serverPort(house.port())
                .simpleAuth()
                .password(password.getBytes(StandardCharsets.UTF_8))
                .applySimpleAuth()
                .buildBlocking();
        client.connect();
        return client;
    }

    private Mqtt3BlockingClient three(String id, String password) {
        Mqtt3BlockingClient client = MqttClient.builder()
                .useMqttVersion3()
                .identifier(id)
                .serverHost("127.0.0.1")
                .serverPort(house.port())
                .simpleAuth()
                .username("")
                .password(password.getBytes(StandardCharsets.UTF_8))
                .applySimpleAuth()
                .buildBlocking();
        client.connect();
        return client;
    }
}
