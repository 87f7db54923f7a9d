package tributary.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.client.mqttv3.IMqttMessageListener;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PahoClientTest {
    private final House house = new House();

    @AfterEach
    void close() {
        house.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void threeClientPublishesAndHears(int qos) throws Exception {
        BlockingQueue<String> heard = new ArrayBlockingQueue<>(10);
        try (org.eclipse.paho.client.mqttv3.MqttClient ear = three("ear", house.keys.application("acme", "#"));
                org.eclipse.paho.client.mqttv3.MqttClient mouth =
                        three("boiler", house.keys.device("acme", "boiler"))) {
            IMqttMessageListener listener =
                    (topic, message) -> heard.add(topic + " " + message + " " + message.getQos());
            ear.subscribe("devices/#", qos, listener);
            mouth.publish("t", "21.5".getBytes(), qos, false);
            assertThat(heard.poll(60, TimeUnit.SECONDS)).isEqualTo("devices/boiler/telemetry 21.5 " + qos);
            mouth.disconnect();
            ear.disconnect();
        }
    }

    @Test
    void threeClientWithAWrongTokenIsRefused() {
        assertThatThrownBy(() -> three("boiler", "wrong"))
                .isInstanceOfSatisfying(
                        org.eclipse.paho.client.mqttv3.MqttException.class,
                        e -> assertThat(e.getReasonCode())
                                .isEqualTo(
                                        org.eclipse.paho.client.mqttv3.MqttException
                                                .REASON_CODE_FAILED_AUTHENTICATION));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void fiveClientPublishesAndHears(int qos) throws Exception {
        BlockingQueue<String> heard = new ArrayBlockingQueue<>(10);
        MqttAsyncClient ear = five("ear", house.keys.application("acme", "#"), heard);
        MqttAsyncClient mouth = five("boiler", house.keys.device("acme", "boiler"), new ArrayBlockingQueue<>(10));
        ear.subscribe("devices/boiler/+", qos).waitForCompletion(60_000);
        MqttMessage message = new MqttMessage("21.5".getBytes(), qos, false, new MqttProperties());
        mouth.publish("devices/me/telemetry", message).waitForCompletion(60_000);
        assertThat(heard.poll(60, TimeUnit.SECONDS)).isEqualTo("devices/boiler/telemetry 21.5 " + qos);
        ear.unsubscribe("devices/boiler/+").waitForCompletion(60_000);
        mouth.disconnect().waitForCompletion(60_000);
        ear.disconnect().waitForCompletion(60_000);
        ear.close();
        mouth.close();
    }

    private org.eclipse.paho.client.mqttv3.MqttClient three(String user, String password)
            throws org.eclipse.paho.client.mqttv3.MqttException {
        org.eclipse.paho.client.mqttv3.MqttClient client = new org.eclipse.paho.client.mqttv3.MqttClient(
                "tcp://127.0.0.1:" + house.port(),
                "paho-" + user,
                new org.eclipse.paho.client.mqttv3.persist.MemoryPersistence());
        org.eclipse.paho.client.mqttv3.MqttConnectOptions options =
                new org.eclipse.paho.client.mqttv3.MqttConnectOptions();
        options.setUserName(user);
        options.setPassword(password.toCharArray());
        options.setMqttVersion(org.eclipse.paho.client.mqttv3.MqttConnectOptions.MQTT_VERSION_3_1_1);
        client.connect(options);
        return client;
    }

    private MqttAsyncClient five(String user, String password, BlockingQueue<String> heard) throws MqttException {
        MqttAsyncClient client = new MqttAsyncClient(
                "tcp://127.0.0.1:" + house.port(),
                "paho-" + user,
                new org.eclipse.paho.mqttv5.client.persist.MemoryPersistence());
        client.setCallback(new MqttCallback() {
            @Override
            public void messageArrived(String topic, MqttMessage message) {
                heard.add(topic + " " + message + " " + message.getQos());
            }

            @Override
            public void disconnected(MqttDisconnectResponse response) {}

            @Override
            public void mqttErrorOccurred(MqttException exception) {}

            @Override
            public void deliveryComplete(IMqttToken token) {}

            @Override
            public void connectComplete(boolean reconnect, String uri) {}

            @Override
            public void authPacketArrived(int reasonCode, MqttProperties properties) {}
        });
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setUserName(user);
        options.setPassword(password.getBytes());
        client.connect(options).waitForCompletion(60_000);
        return client;
    }
}
