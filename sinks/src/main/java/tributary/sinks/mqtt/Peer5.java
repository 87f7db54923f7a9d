package tributary.sinks.mqtt;

import com.hivemq.client.mqtt.MqttClientBuilder;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.datatypes.MqttTopicFilter;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5Connect;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5ConnectBuilder;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PayloadFormatIndicator;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishBuilder;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishResult;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5Subscribe;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5Subscription;
import com.hivemq.client.mqtt.mqtt5.message.unsubscribe.Mqtt5Unsubscribe;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import tributary.model.MessageProperties;
import tributary.model.MessageProperties.UserProperty;

/// A broker that speaks MQTT 5.
final class Peer5 implements Peer {
    /// How many may be on their way to us is the other broker's to say: Mosquitto 2.0 goes beyond what we would ask for
    /// when it goes on with a session, and [Inbound] counts bytes.
    private static final int PACKET_BYTES_MAX = 1 << 20;

    private final Mqtt5AsyncClient client;
    private final MqttType.Target target;

    Peer5(MqttClientBuilder builder, MqttType.Target target) {
        this.client = builder.useMqttVersion5().buildAsync();
        this.target = target;
    }

    @Override
    public boolean connected() {
        return client.getState().isConnected();
    }

    @Override
    public CompletableFuture<Boolean> connect(Hello hello) {
        Mqtt5ConnectBuilder connect = Mqtt5Connect.builder()
                .cleanStart(hello.clean())
                .sessionExpiryInterval(hello.expirySeconds())
                .keepAlive(KEEP_ALIVE_SECONDS)
                .restrictions()
                .maximumPacketSize(PACKET_BYTES_MAX)
                .applyRestrictions();
        Mqtt5Connect packet = target.user().isEmpty()
                ? connect.build()
                : connect.simpleAuth()
                        .username(target.user())
                        .password(target.password().getBytes(StandardCharsets.UTF_8))
                        .applySimpleAuth()
                        .build();
        return client.connect(packet).thenApply(answer -> answer.isSessionPresent());
    }

    @Override
    public CompletableFuture<Optional<Throwable>> publish(Post post) {
        Mqtt5PublishBuilder.Complete message = Mqtt5Publish.builder()
                .topic(post.topic())
                .qos(MqttQos.values()[post.qos()])
                .retain(post.retain())
                .payload(post.payload());
        if (!post.contentType().isEmpty()) {
            message = message.contentType(post.contentType());
        }
        return client.publish(message.userProperties()
                        .add(ORIGIN, post.origin())
                        .add(ID, post.id())
                        .applyUserProperties()
                        .build())
                .thenApply(Mqtt5PublishResult::getError);
    }

    @Override
    public void listen(Consumer<Arrived> listener) {
        client.publishes(MqttGlobalPublishFilter.ALL, message -> listener.accept(arrived(message)), true);
    }

    private static Arrived arrived(Mqtt5Publish message) {
        MessageProperties properties = new MessageProperties(
                message.getContentType().map(Object::toString).orElse(""),
                message.getResponseTopic().map(Object::toString).orElse(""),
                message.getCorrelationData().map(Peer5::bytes).orElseGet(() -> new byte[0]),
                message.getMessageExpiryInterval().orElse(-1),
                message.getPayloadFormatIndicator()
                        .filter(Mqtt5PayloadFormatIndicator.UTF_8::equals)
                        .isPresent(),
                message.getUserProperties().asList().stream()
                        .map(pair -> new UserProperty(
                                pair.getName().toString(), pair.getValue().toString()))
                        .toList());
        return new Arrived(
                message.getTopic().toString(),
                message.getPayloadAsBytes(),
                message.getQos().getCode(),
                message.isRetain(),
                properties,
                message::acknowledge);
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    @Override
    public CompletableFuture<?> subscribe(List<String> filters, int qos) {
        List<Mqtt5Subscription> all = filters.stream()
                .map(filter -> Mqtt5Subscription.builder()
                        .topicFilter(filter)
                        .qos(MqttQos.values()[qos])
                        .retainAsPublished(true)
                        .build())
                .toList();
        return client.subscribe(Mqtt5Subscribe.builder().addSubscriptions(all).build());
    }

    @Override
    public CompletableFuture<?> unsubscribe(List<String> filters) {
        return client.unsubscribe(Mqtt5Unsubscribe.builder()
                .addTopicFilters(filters.stream().map(MqttTopicFilter::of))
                .build());
    }

    @Override
    public CompletableFuture<?> disconnect() {
        return client.disconnect();
    }
}
