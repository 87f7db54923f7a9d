package tributary.sinks.mqtt;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttClientBuilder;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.exceptions.MqttEncodeException;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5MessageException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubRecException;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5Connect;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5ConnectBuilder;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishResult;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import tributary.model.Quote;
import tributary.sinks.AddressGuard;
import tributary.sinks.Outcome;
import tributary.sinks.Parcel;
import tributary.sinks.ParcelText;
import tributary.sinks.Sink;

/// Publishes to another broker and waits until it has acknowledged.
///
/// The session is a fresh one each time: what was not acknowledged is still in the outbox and is published again. Every
/// message says in the user property `tributary-bridge` where it came from, so that a bridge back can leave it out.
final class MqttSink implements Sink {
    private static final int SECONDS_MAX = 20;
    private static final int KEEP_ALIVE_SECONDS = 30;

    /// Reasons that are about the message and not about us or the moment.
    private static final Set<String> ABOUT_THE_MESSAGE =
            Set.of("TOPIC_NAME_INVALID", "PAYLOAD_FORMAT_INVALID", "NOT_AUTHORIZED");

    private final MqttType.Target target;
    private final MqttType.Content content;
    private final String origin;
    private final AddressGuard guard;
    private @Nullable Mqtt5AsyncClient client;

    MqttSink(MqttType.Target target, MqttType.Content content, String origin, AddressGuard guard) {
        this.target = target;
        this.content = content;
        this.origin = origin;
        this.guard = guard;
    }

    @Override
    public Outcome deliver(List<Parcel> batch) throws InterruptedException {
        List<Mqtt5Publish> messages = new ArrayList<>();
        Outcome refused = Outcome.DONE;
        for (Parcel parcel : batch) {
            Optional<String> topic = content.topic().fill(parcel, Topics::level);
            if (topic.isEmpty() || topic.get().isEmpty()) {
                refused = new Outcome.Refused(
                        messages.size(),
                        "the payload lacks what the topic asks for: "
                                + content.topic().text());
                break;
            }
            messages.add(message(topic.get(), parcel));
        }
        Outcome outcome = publish(messages);
        return outcome instanceof Outcome.Done ? refused : outcome;
    }

    private Mqtt5Publish message(String topic, Parcel parcel) {
        String text = switch (content.body()) {
            case PAYLOAD -> parcel.payload();
            case ENVELOPE -> ParcelText.text(parcel);
        };
        return Mqtt5Publish.builder()
                .topic(topic)
                .qos(MqttQos.values()[content.qos()])
                .retain(content.retain())
                .contentType("application/json")
                .payload(text.getBytes(StandardCharsets.UTF_8))
                .userProperties()
                .add("tributary-bridge", origin)
                .add("tributary-id", parcel.id())
                .applyUserProperties()
                .build();
    }

    private Outcome publish(List<Mqtt5Publish> messages) throws InterruptedException {
        if (messages.isEmpty()) {
            return Outcome.DONE;
        }
        int done = 0;
        try {
            Mqtt5AsyncClient connected = connected();
            List<CompletableFuture<Mqtt5PublishResult>> results = new ArrayList<>();
            for (Mqtt5Publish message : messages) {
                results.add(connected.publish(message));
            }
            for (CompletableFuture<Mqtt5PublishResult> result : results) {
                Optional<Throwable> error =
                        result.get(SECONDS_MAX, TimeUnit.SECONDS).getError();
                if (error.isPresent()) {
                    return failed(done, error.get());
                }
                done++;
            }
            return Outcome.DONE;
        } catch (ExecutionException e) {
            return failed(done, e.getCause() == null ? e : e.getCause());
        } catch (TimeoutException e) {
            close();
            return Outcome.away(name() + " did not acknowledge within " + SECONDS_MAX + " s")
                    .after(done);
        } catch (AddressGuard.ClosedAddress e) {
            return Outcome.away(String.valueOf(e.getMessage()));
        } catch (UnknownHostException e) {
            return Outcome.away("there is no host " + target.host() + "; look at the name, or at the name server");
        }
    }

    private Outcome failed(int done, Throwable error) {
        Optional<String> reason = reason(error);
        String what = name() + ": " + reason.orElse(Quote.shorten(String.valueOf(error.getMessage())));
        if (error instanceof MqttEncodeException
                || reason.filter(ABOUT_THE_MESSAGE::contains).isPresent()) {
            return new Outcome.Refused(done, what);
        }
        if (reason.isPresent() && client != null && client.getState().isConnected()) {
            return new Outcome.Failed(done, what);
        }
        close();
        return Outcome.away(what).after(done);
    }

    private static Optional<String> reason(Throwable error) {
        return switch (error) {
            case Mqtt5PubAckException e ->
                Optional.of(e.getMqttMessage().getReasonCode().name());
            case Mqtt5PubRecException e ->
                Optional.of(e.getMqttMessage().getReasonCode().name());
            case Mqtt5MessageException e -> Optional.of(Quote.shorten(String.valueOf(e.getMessage())));
            default -> Optional.empty();
        };
    }

    private String name() {
        return "the broker at " + target.host() + ":" + target.port();
    }

    private Mqtt5AsyncClient connected()
            throws InterruptedException, ExecutionException, TimeoutException, UnknownHostException {
        Mqtt5AsyncClient known = client;
        if (known != null && known.getState().isConnected()) {
            return known;
        }
        close();
        InetSocketAddress address = new InetSocketAddress(guard.resolve(target.host())[0], target.port());
        MqttClientBuilder builder =
                MqttClient.builder().identifier(target.clientId()).serverAddress(address);
        if (target.tls()) {
            builder = builder.sslWithDefaultConfig();
        }
        Mqtt5AsyncClient fresh = builder.useMqttVersion5().buildAsync();
        client = fresh;
        fresh.connect(connect()).get(SECONDS_MAX, TimeUnit.SECONDS);
        return fresh;
    }

    private Mqtt5Connect connect() {
        Mqtt5ConnectBuilder connect = Mqtt5Connect.builder().cleanStart(true).keepAlive(KEEP_ALIVE_SECONDS);
        if (!target.user().isEmpty()) {
            return connect.simpleAuth()
                    .username(target.user())
                    .password(target.password().getBytes(StandardCharsets.UTF_8))
                    .applySimpleAuth()
                    .build();
        }
        return connect.build();
    }

    @Override
    public void close() {
        Mqtt5AsyncClient known = client;
        client = null;
        if (known != null) {
            known.disconnect();
        }
    }
}
