package tributary.sinks.amqp;

import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.qpid.protonj2.client.Client;
import org.apache.qpid.protonj2.client.ClientOptions;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.ConnectionOptions;
import org.apache.qpid.protonj2.client.DeliveryMode;
import org.apache.qpid.protonj2.client.DeliveryState;
import org.apache.qpid.protonj2.client.DurabilityMode;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Modified;
import org.apache.qpid.protonj2.client.Rejected;
import org.apache.qpid.protonj2.client.Sender;
import org.apache.qpid.protonj2.client.SenderOptions;
import org.apache.qpid.protonj2.client.Tracker;
import org.apache.qpid.protonj2.client.exceptions.ClientConnectionSecuritySaslException;
import org.apache.qpid.protonj2.client.exceptions.ClientException;
import org.apache.qpid.protonj2.client.exceptions.ClientSendTimedOutException;
import org.apache.qpid.protonj2.engine.impl.ProtonDeliveryTagGenerator;
import org.jspecify.annotations.Nullable;
import tributary.model.Quote;
import tributary.sinks.AddressGuard;
import tributary.sinks.Outcome;
import tributary.sinks.Parcel;
import tributary.sinks.ParcelText;
import tributary.sinks.Settled;
import tributary.sinks.Sink;
import tributary.sinks.SinkType;
import tributary.sinks.TlsFault;

/// Sends each batch over one link and waits until the broker has settled every message.
///
/// A broker takes or refuses each message for itself: a queue that is full refuses one and may take the next. So of a
/// device one message is on its way at a time, and its order holds; those of different devices go together.
final class AmqpSink implements Sink {
    private static final int ANSWER_SECONDS_MAX = 20;
    private static final int SEND_MILLIS_MAX = 10_000;
    private static final int CLOSE_MILLIS_MAX = 1000;

    /// The broker's moment or our rights are to blame, not the message.
    private static final Set<String> ABOUT_THE_BROKER = Set.of(
            "amqp:resource-limit-exceeded",
            "amqp:unauthorized-access",
            "amqp:not-found",
            "amqp:resource-locked",
            "amqp:internal-error",
            "com.microsoft:server-busy",
            "com.microsoft:timeout");

    /// How user and password are shown.
    private static final List<String> SHOWING_WHO = List.of("SCRAM-SHA-512", "SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN");

    private final AmqpType.Target target;
    private final AmqpType.Content content;
    private final SinkType.Place place;

    private final Settled settled = new Settled();

    private @Nullable Client client;
    private @Nullable Sender sender;

    AmqpSink(AmqpType.Target target, AmqpType.Content content, SinkType.Place place) {
        this.target = target;
        this.content = content;
        this.place = place;
    }

    @Override
    public Outcome deliver(List<Parcel> batch) throws InterruptedException {
        Map<Long, Tracker> sent = new HashMap<>();
        int done = 0;
        try {
            Sender open = sender();
            while (done < batch.size()) {
                List<Parcel> wave = wave(batch.subList(done, batch.size()));
                Outcome outcome = send(open, wave, sent);
                if (!(outcome instanceof Outcome.Done)) {
                    return outcome.after(done);
                }
                done += wave.size();
                sent.clear();
            }
            return Outcome.DONE;
        } catch (ClientException | ExecutionException | TimeoutException e) {
            note(sent);
            disconnect();
            if (Thread.interrupted()) {
                throw new InterruptedException(e.getMessage());
            }
            return Outcome.away(
                    e instanceof TimeoutException
                            ? "%s did not settle within %d s".formatted(name(), ANSWER_SECONDS_MAX)
                            : name() + ": " + said(e));
        } catch (AddressGuard.ClosedAddress e) {
            return Outcome.away(String.valueOf(e.getMessage()));
        } catch (UnknownHostException e) {
            return Outcome.away("there is no host " + target.host() + "; look at the name, or at the name server");
        } catch (GeneralSecurityException e) {
            return Outcome.away("TLS cannot begin: " + e.getMessage());
        }
    }

    /// @return as many of the first as are of different devices
    private static List<Parcel> wave(List<Parcel> parcels) {
        Set<String> devices = new HashSet<>();
        int count = 0;
        while (count < parcels.size() && devices.add(parcels.get(count).device())) {
            count++;
        }
        return parcels.subList(0, count);
    }

    private Outcome send(Sender open, List<Parcel> wave, Map<Long, Tracker> sent)
            throws ClientException, InterruptedException, ExecutionException, TimeoutException {
        Outcome stopped = Outcome.DONE;
        int given = 0;
        for (Parcel parcel : wave) {
            try {
                if (!settled.has(parcel)) {
                    sent.put(parcel.position(), open.send(message(parcel)));
                }
                given++;
            } catch (ClientSendTimedOutException e) {
                stopped = Outcome.away(name() + " takes no more for now; " + target.address() + " may be full")
                        .after(given);
                break;
            }
        }
        Outcome outcome = answers(wave.subList(0, given), sent);
        return outcome instanceof Outcome.Done ? stopped : outcome;
    }

    private Outcome answers(List<Parcel> parcels, Map<Long, Tracker> sent)
            throws InterruptedException, ExecutionException, TimeoutException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(ANSWER_SECONDS_MAX);
        List<Outcome> answers = new ArrayList<>();
        for (Parcel parcel : parcels) {
            Tracker tracker = sent.get(parcel.position());
            if (tracker == null) {
                answers.add(Outcome.DONE);
            } else {
                long left = Math.max(0, deadline - System.nanoTime());
                tracker.settlementFuture().get(left, TimeUnit.NANOSECONDS);
                answers.add(outcome(tracker.remoteState()));
            }
        }
        return settled.outcome(parcels, answers);
    }

    private Outcome outcome(@Nullable DeliveryState state) {
        return switch (state) {
            case Rejected rejected -> {
                String condition = String.valueOf(rejected.getCondition());
                String what = "%s rejected it: %s %s"
                        .formatted(name(), condition, Quote.shorten(String.valueOf(rejected.getDescription())));
                yield ABOUT_THE_BROKER.contains(condition) ? Outcome.away(what) : new Outcome.Refused(0, what);
            }
            case Modified modified
            when modified.isUndeliverableHere() ->
                new Outcome.Refused(0, name() + " says that it cannot be delivered there");
            case DeliveryState other when other.isAccepted() -> Outcome.DONE;
            case null, default -> new Outcome.Failed(0, name() + " gave it back; nobody may be there to take it");
        };
    }

    /// The connection broke: what the broker said before that counts.
    private void note(Map<Long, Tracker> sent) {
        sent.forEach((position, tracker) -> {
            DeliveryState state = tracker.remoteState();
            if (state != null && state.isAccepted()) {
                settled.take(position);
            }
        });
    }

    private Message<byte[]> message(Parcel parcel) throws ClientException {
        String text = switch (content.body()) {
            case PAYLOAD -> parcel.payload();
            case ENVELOPE -> ParcelText.text(parcel);
        };
        Message<byte[]> message = Message.create(text.getBytes(StandardCharsets.UTF_8))
                .durable(true)
                .messageId(parcel.id())
                .contentType("application/json")
                .creationTime(parcel.atMillis())
                .property("rule", parcel.rule());
        if (!parcel.device().isEmpty()) {
            // who keeps messages of a group in order does so for the device; Event Hubs call it the partition's key
            message.groupId(parcel.device())
                    .property("device", parcel.device())
                    .annotation("x-opt-partition-key", parcel.device());
        }
        String subject = content.subject().show(parcel);
        return subject.isEmpty() ? message : message.subject(subject);
    }

    private String name() {
        return "the broker at " + target.host() + ":" + target.port();
    }

    private static String said(Exception e) {
        Optional<String> tls = TlsFault.said(e);
        if (tls.isPresent()) {
            return tls.get();
        }
        Throwable last = e;
        while (last.getCause() != null
                && last.getCause() != last
                && !(last instanceof ClientConnectionSecuritySaslException)) {
            last = last.getCause();
        }
        String what = Quote.shorten(String.valueOf(last.getMessage()));
        return last instanceof ClientConnectionSecuritySaslException
                ? "it does not know the user, or the password is another (" + what + ")"
                : what;
    }

    private Sender sender() throws ClientException, UnknownHostException, GeneralSecurityException {
        Sender known = sender;
        if (known != null) {
            return known;
        }
        disconnect();
        String address = place.guard().resolve(target.host())[0].getHostAddress();
        String id = "tributary-" + place.tenant() + "-" + place.name() + (place.testing() ? "-test" : "");
        Client fresh = Client.create(new ClientOptions().id(id));
        client = fresh;
        Connection connection = fresh.connect(address, target.port(), options());
        Sender open = connection.openSender(target.address(), link(connection));
        sender = awaited(open);
        return open;
    }

    private static SenderOptions link(Connection connection) throws ClientException {
        SenderOptions options = new SenderOptions()
                .deliveryMode(DeliveryMode.AT_LEAST_ONCE)
                .sendTimeout(SEND_MILLIS_MAX)
                .openTimeout(SEND_MILLIS_MAX)
                .deliveryTagGeneratorSupplier(ProtonDeliveryTagGenerator.BUILTIN.SEQUENTIAL::createGenerator);
        Map<String, Object> server = connection.properties();
        if (server != null && "RabbitMQ".equals(server.get("product"))) {
            // It makes the queue that a link leads to. Unless asked for one that lasts it makes one of memory
            // alone, and accepts durable messages that its next start has forgotten.
            options.targetOptions().durabilityMode(DurabilityMode.UNSETTLED_STATE);
        }
        return options;
    }

    private static Sender awaited(Sender open) throws ClientException {
        try {
            return open.openFuture().get(SEND_MILLIS_MAX, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClientException("interrupted", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new ClientException(e instanceof TimeoutException ? "the link was not opened in time" : said(e), e);
        }
    }

    private ConnectionOptions options() throws GeneralSecurityException {
        ConnectionOptions options = new ConnectionOptions();
        options.virtualHost(target.host());
        options.openTimeout(SEND_MILLIS_MAX).requestTimeout(SEND_MILLIS_MAX).closeTimeout(CLOSE_MILLIS_MAX);
        options.reconnectEnabled(false);
        options.transportOptions().allowNativeIO(false).connectTimeout(SEND_MILLIS_MAX);
        if (target.encrypted()) {
            options.sslEnabled(true);
            options.sslOptions().verifyHost(true).sslContextOverride(NamedTls.of(target.host(), target.tls()));
        }
        if (!target.user().isEmpty()) {
            options.user(target.user()).password(target.password());
            // the client would take the first that the broker names, also that of a nobody
            SHOWING_WHO.forEach(options.saslOptions()::addAllowedMechanism);
        }
        return options;
    }

    private void disconnect() {
        Client known = client;
        client = null;
        sender = null;
        if (known != null) {
            known.closeAsync();
        }
    }

    @Override
    public void close() {
        disconnect();
        settled.clear();
    }
}
