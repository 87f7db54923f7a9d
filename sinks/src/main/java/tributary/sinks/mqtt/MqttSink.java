package tributary.sinks.mqtt;

import com.hivemq.client.mqtt.exceptions.MqttEncodeException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5MessageException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubRecException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tributary.model.Quote;
import tributary.sinks.AddressGuard;
import tributary.sinks.Outcome;
import tributary.sinks.Parcel;
import tributary.sinks.ParcelText;
import tributary.sinks.Sink;
import tributary.sinks.TlsFault;

/// Publishes to another broker and waits until it has acknowledged.
///
/// The session is a fresh one each time: what was not acknowledged is still in the outbox and is published again. Every
/// message of MQTT 5 says in the user property `tributary-bridge` where it came from: the way back leaves it out.
final class MqttSink implements Sink {
    private static final int SECONDS_MAX = 20;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /// Reasons that are about the message and not about us or the moment.
    private static final Set<String> ABOUT_THE_MESSAGE =
            Set.of("TOPIC_NAME_INVALID", "PAYLOAD_FORMAT_INVALID", "NOT_AUTHORIZED");

    private final MqttType.Target target;
    private final MqttType.Content content;
    private final boolean testing;
    private final AddressGuard guard;
    private @Nullable Peer peer;

    /// What the payload lacks.
    private static final class Lacking extends Exception {
        private static final long serialVersionUID = 1;

        Lacking(String what) {
            super(what);
        }
    }

    /// @param testing whether a connection that stands is enough where nothing is to go out
    MqttSink(MqttType.Target target, MqttType.Content content, boolean testing, AddressGuard guard) {
        this.target = target;
        this.content = content;
        this.testing = testing;
        this.guard = guard;
    }

    @Override
    public Outcome deliver(List<Parcel> batch) throws InterruptedException {
        if (content.topic().text().isEmpty() && testing) {
            return publish(List.of());
        }
        List<Peer.Post> messages = new ArrayList<>();
        Outcome refused = Outcome.DONE;
        for (Parcel parcel : batch) {
            try {
                messages.add(message(parcel));
            } catch (Lacking e) {
                refused = new Outcome.Refused(messages.size(), String.valueOf(e.getMessage()));
                break;
            }
        }
        if (messages.isEmpty()) {
            return refused;
        }
        Outcome outcome = publish(messages);
        return outcome instanceof Outcome.Done ? refused : outcome;
    }

    private Peer.Post message(Parcel parcel) throws Lacking {
        if (content.topic().text().isEmpty()) {
            throw new Lacking("this sink only brings messages in: it has no topic to publish to");
        }
        boolean many = content.values() == MqttType.Values.MANY_LEVELS;
        Optional<String> topic = content.topic().fill(parcel, many ? Topics::levels : Topics::level);
        if (topic.isEmpty() || topic.get().isEmpty()) {
            throw new Lacking("the payload lacks what the topic asks for: "
                    + content.topic().text());
        }
        return new Peer.Post(
                topic.get(),
                body(parcel),
                content.qos(),
                content.retain(),
                content.body() == MqttType.Body.BYTES ? "" : "application/json",
                content.origin(),
                parcel.id());
    }

    private byte[] body(Parcel parcel) throws Lacking {
        return switch (content.body()) {
            case PAYLOAD -> parcel.payload().getBytes(StandardCharsets.UTF_8);
            case ENVELOPE -> ParcelText.text(parcel).getBytes(StandardCharsets.UTF_8);
            // the message that says that it is a test has no such field
            case DATA -> testing ? new byte[0] : data(parcel).toString().getBytes(StandardCharsets.UTF_8);
            case BYTES -> testing ? new byte[0] : bytes(data(parcel));
        };
    }

    private static JsonNode data(Parcel parcel) throws Lacking {
        try {
            JsonNode data = JSON.readTree(parcel.payload()).path("data");
            if (!data.isMissingNode()) {
                return data;
            }
        } catch (JacksonException e) {
            throw new Lacking("the payload is no object with a field 'data'");
        }
        throw new Lacking("the payload lacks the field 'data'");
    }

    private static byte[] bytes(JsonNode data) throws Lacking {
        try {
            return Base64.getDecoder().decode(data.isString() ? data.stringValue() : "-");
        } catch (IllegalArgumentException e) {
            throw new Lacking("the field 'data' is not Base64");
        }
    }

    private Outcome publish(List<Peer.Post> messages) throws InterruptedException {
        int done = 0;
        try {
            Peer connected = connected();
            List<CompletableFuture<Optional<Throwable>>> results = new ArrayList<>();
            for (Peer.Post message : messages) {
                results.add(connected.publish(message));
            }
            for (CompletableFuture<Optional<Throwable>> result : results) {
                Optional<Throwable> error = result.get(SECONDS_MAX, TimeUnit.SECONDS);
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
        String what = name() + ": "
                + reason.or(() -> TlsFault.said(error))
                        .orElseGet(() -> Quote.shorten(String.valueOf(error.getMessage())));
        if (error instanceof MqttEncodeException
                || reason.filter(ABOUT_THE_MESSAGE::contains).isPresent()) {
            return new Outcome.Refused(done, what);
        }
        if (reason.isPresent() && peer != null && peer.connected()) {
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

    private Peer connected() throws InterruptedException, ExecutionException, TimeoutException, UnknownHostException {
        Peer known = peer;
        if (known != null && known.connected()) {
            return known;
        }
        close();
        Peer fresh = target.open(new InetSocketAddress(guard.resolve(target.host())[0], target.port()));
        peer = fresh;
        fresh.connect(Peer.Hello.CLEAN).get(SECONDS_MAX, TimeUnit.SECONDS);
        return fresh;
    }

    @Override
    public void close() {
        Peer known = peer;
        peer = null;
        if (known != null) {
            known.disconnect();
        }
    }
}
