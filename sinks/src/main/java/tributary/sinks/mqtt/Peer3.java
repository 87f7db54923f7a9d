package tributary.sinks.mqtt;

import com.hivemq.client.internal.mqtt.message.connect.MqttConnect;
import com.hivemq.client.internal.mqtt.message.connect.mqtt3.Mqtt3ConnectView;
import com.hivemq.client.mqtt.MqttClientBuilder;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.datatypes.MqttTopicFilter;
import com.hivemq.client.mqtt.exceptions.MqttDecodeException;
import com.hivemq.client.mqtt.mqtt3.Mqtt3AsyncClient;
import com.hivemq.client.mqtt.mqtt3.message.connect.Mqtt3Connect;
import com.hivemq.client.mqtt.mqtt3.message.connect.Mqtt3ConnectBuilder;
import com.hivemq.client.mqtt.mqtt3.message.publish.Mqtt3Publish;
import com.hivemq.client.mqtt.mqtt3.message.subscribe.Mqtt3Subscribe;
import com.hivemq.client.mqtt.mqtt3.message.subscribe.Mqtt3Subscription;
import com.hivemq.client.mqtt.mqtt3.message.unsubscribe.Mqtt3Unsubscribe;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5Connect;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import tributary.model.MessageProperties;
import tributary.model.Quote;

/// A broker that speaks MQTT 3.1.1: messages say nothing about themselves, and nobody is told why one is not taken.
final class Peer3 implements Peer {
    /// It cannot be told, as with MQTT 5, what is too large for us, and would send that again and again. So it
    /// is as much as any setting lets in: what is too large for that alone is refused, acknowledged and gone.
    private static final int PACKET_BYTES_MAX = 16 << 20;

    private final Mqtt3AsyncClient client;
    private final MqttType.Target target;
    private volatile String ended = "";

    Peer3(MqttClientBuilder builder, MqttType.Target target) {
        this.client = builder.useMqttVersion3()
                .addDisconnectedListener(context -> ended(context.getCause()))
                .buildAsync();
        this.target = target;
    }

    @Override
    public boolean connected() {
        return client.getState().isConnected();
    }

    @Override
    public CompletableFuture<Boolean> connect(Hello hello) {
        Mqtt3ConnectBuilder connect =
                Mqtt3Connect.builder().cleanSession(hello.clean()).keepAlive(KEEP_ALIVE_SECONDS);
        Mqtt3Connect packet = target.user().isEmpty()
                ? connect.build()
                : connect.simpleAuth()
                        .username(target.user())
                        .password(target.password().getBytes(StandardCharsets.UTF_8))
                        .applySimpleAuth()
                        .build();
        return client.connect(limited(packet)).thenApply(answer -> answer.isSessionPresent());
    }

    /// The client reads no packet beyond its limit, be it told to the other side or not, but its door for 3.1.1 does
    /// not ask for one.
    private static Mqtt3Connect limited(Mqtt3Connect packet) {
        Mqtt5Connect five = ((Mqtt3ConnectView) packet)
                .getDelegate()
                .extend()
                .restrictions()
                .maximumPacketSize(PACKET_BYTES_MAX)
                .applyRestrictions()
                .build();
        return Mqtt3ConnectView.of((MqttConnect) five);
    }

    private String tooLarge() {
        return "a message over there is larger than " + (PACKET_BYTES_MAX >> 20) + " MB. It is not read, and stands in"
                + " the way of those behind it: take it away there, from the session of client " + target.clientId();
    }

    private void ended(Throwable cause) {
        for (Throwable next = cause; next != null; next = next.getCause()) {
            if (next instanceof MqttDecodeException) {
                String what = String.valueOf(next.getMessage());
                ended = what.contains("maximum packet size")
                        ? tooLarge()
                        : "what it sent is no MQTT: " + Quote.shorten(what);
            }
        }
    }

    @Override
    public String ended() {
        return ended;
    }

    @Override
    public CompletableFuture<Optional<Throwable>> publish(Post post) {
        return client.publish(Mqtt3Publish.builder()
                        .topic(post.topic())
                        .qos(MqttQos.values()[post.qos()])
                        .retain(post.retain())
                        .payload(post.payload())
                        .build())
                .thenApply(_ -> Optional.empty());
    }

    @Override
    public void listen(Consumer<Arrived> listener) {
        client.publishes(
                MqttGlobalPublishFilter.ALL,
                message -> listener.accept(new Arrived(
                        message.getTopic().toString(),
                        message.getPayloadAsBytes(),
                        message.getQos().getCode(),
                        message.isRetain(),
                        MessageProperties.NONE,
                        message::acknowledge)),
                true);
    }

    @Override
    public CompletableFuture<?> subscribe(List<String> filters, int qos) {
        List<Mqtt3Subscription> all = filters.stream()
                .map(filter -> Mqtt3Subscription.builder()
                        .topicFilter(filter)
                        .qos(MqttQos.values()[qos])
                        .build())
                .toList();
        return client.subscribe(Mqtt3Subscribe.builder().addSubscriptions(all).build());
    }

    @Override
    public CompletableFuture<?> unsubscribe(List<String> filters) {
        return client.unsubscribe(Mqtt3Unsubscribe.builder()
                .addTopicFilters(filters.stream().map(MqttTopicFilter::of))
                .build());
    }

    @Override
    public CompletableFuture<?> disconnect() {
        return client.disconnect();
    }
}
