package tributary.sinks.kafka;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;
import tributary.model.Quote;
import tributary.sinks.AddressGuard;
import tributary.sinks.Outcome;
import tributary.sinks.Parcel;
import tributary.sinks.ParcelText;
import tributary.sinks.Sink;
import tributary.sinks.TlsFault;

/// Writes records with an idempotent producer and waits until all replicas that have to have them.
///
/// A record that was given to the producer is not given again while the producer lives: while brokers are away the
/// producer tries by itself, under the numbers that let the brokers leave out what they have, and the batch that comes
/// again here only waits on. So an outage does not change the order within a partition, and an answer that comes late
/// doubles nothing; a broker that dies may have a batch twice.
final class KafkaSink implements Sink {
    private static final int ANSWER_SECONDS_MAX = 10;
    private static final int TOPIC_LENGTH_MAX = 249;

    private final KafkaType.Target target;
    private final KafkaType.Content content;
    private final AddressGuard guard;

    /// What the producer has, by position, and has not been said to be with Kafka.
    private final Map<Long, Future<RecordMetadata>> given = new HashMap<>();

    private @Nullable KafkaProducer<byte[], byte[]> producer;

    /// Why a broker's address was not connected to, or "". Written by the producer's thread.
    private volatile String closed = "";

    KafkaSink(KafkaType.Target target, KafkaType.Content content, AddressGuard guard) {
        this.target = target;
        this.content = content;
        this.guard = guard;
    }

    @Override
    public Outcome deliver(List<Parcel> batch) throws InterruptedException {
        given.values().removeIf(answer -> answer.state() == Future.State.FAILED);
        try {
            KafkaProducer<byte[], byte[]> open = producer();
            int count = 0;
            Outcome refused = Outcome.DONE;
            for (Parcel parcel : batch) {
                if (!given.containsKey(parcel.position())) {
                    Optional<ProducerRecord<byte[], byte[]>> record = record(parcel);
                    if (record.isEmpty()) {
                        refused = new Outcome.Refused(
                                count,
                                "the payload lacks what the topic asks for, or it is no name of a topic: "
                                        + content.topic().text());
                        break;
                    }
                    given.put(parcel.position(), open.send(record.get()));
                }
                count++;
                if (answer(parcel).state() == Future.State.FAILED) {
                    // the others would wait as long
                    break;
                }
            }
            Outcome outcome = answers(batch.subList(0, count));
            return outcome instanceof Outcome.Done ? refused : outcome;
        } catch (InterruptException e) {
            // Kafka has set the mark again, and whoever waits next would be woken for nothing
            Thread.interrupted();
            throw new InterruptedException(e.getMessage());
        } catch (AddressGuard.ClosedAddress e) {
            return Outcome.away(String.valueOf(e.getMessage()));
        } catch (UnknownHostException e) {
            return Outcome.away("none of the brokers' names is known: " + target.brokers()
                    + "; look at the names, or at the name server");
        } catch (KafkaException | IllegalStateException e) {
            return startOver(0, e);
        }
    }

    private Optional<ProducerRecord<byte[], byte[]>> record(Parcel parcel) {
        Optional<String> topic = content.topic()
                .fill(parcel, value -> value.replaceAll("[^A-Za-z0-9._-]", "_"))
                .filter(name -> !name.isEmpty() && name.length() <= TOPIC_LENGTH_MAX);
        if (topic.isEmpty()) {
            return Optional.empty();
        }
        String text = switch (content.body()) {
            case PAYLOAD -> parcel.payload();
            case ENVELOPE -> ParcelText.text(parcel);
        };
        byte[] key = content.key()
                .fill(parcel, UnaryOperator.identity())
                .filter(name -> !name.isEmpty())
                .map(name -> name.getBytes(StandardCharsets.UTF_8))
                .orElse(null);
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(
                topic.get(), null, Math.max(0, parcel.atMillis()), key, text.getBytes(StandardCharsets.UTF_8));
        record.headers().add("tributary-id", parcel.id().getBytes(StandardCharsets.UTF_8));
        record.headers().add("tributary-rule", parcel.rule().getBytes(StandardCharsets.UTF_8));
        return Optional.of(record);
    }

    private Future<RecordMetadata> answer(Parcel parcel) {
        Future<RecordMetadata> answer = given.get(parcel.position());
        if (answer == null) {
            throw new IllegalStateException("parcel " + parcel.position() + " was not given to the producer");
        }
        return answer;
    }

    /// Waits for the answers, in order.
    private Outcome answers(List<Parcel> parcels) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(ANSWER_SECONDS_MAX);
        int done = 0;
        for (Parcel parcel : parcels) {
            try {
                long left = Math.max(0, deadline - System.nanoTime());
                answer(parcel).get(left, TimeUnit.NANOSECONDS);
                given.remove(parcel.position());
                done++;
            } catch (TimeoutException e) {
                return Outcome.away("%s did not acknowledge within %d s%s"
                                .formatted(name(), ANSWER_SECONDS_MAX, closed.isEmpty() ? "" : ": " + closed))
                        .after(done);
            } catch (ExecutionException e) {
                return failed(done, e.getCause() == null ? e : e.getCause());
            }
        }
        return Outcome.DONE;
    }

    private Outcome failed(int done, Throwable cause) {
        String what = name() + ": " + said(cause);
        return switch (Blame.of(cause)) {
            case RECORD -> new Outcome.Refused(done, what);
            // a topic that the definition names is put right; one that a payload names is the payload's fault
            case TOPIC -> content.topic().constant() ? Outcome.away(what).after(done) : new Outcome.Refused(done, what);
            case MOMENT ->
                Outcome.away(closed.isEmpty() ? what : name() + ": " + closed).after(done);
            case PRODUCER -> startOver(done, cause);
        };
    }

    /// The producer is of no use any more: it does not know its numbers, or who it is.
    private Outcome startOver(int done, Throwable cause) {
        closeProducer();
        given.values().removeIf(answer -> answer.state() != Future.State.SUCCESS);
        return Outcome.away(name() + ": " + said(cause)).after(done);
    }

    private static String said(Throwable cause) {
        return TlsFault.said(cause)
                .orElseGet(() -> cause.getClass().getSimpleName().replace("Exception", "") + " "
                        + Quote.shorten(String.valueOf(cause.getMessage())));
    }

    private String name() {
        return "Kafka at " + target.brokers().getFirst();
    }

    private KafkaProducer<byte[], byte[]> producer() throws UnknownHostException {
        KafkaProducer<byte[], byte[]> known = producer;
        if (known != null) {
            return known;
        }
        check();
        closed = "";
        KafkaProducer<byte[], byte[]> fresh =
                GuardedProducer.open(target, content.compression().word(), this::resolve);
        producer = fresh;
        return fresh;
    }

    /// At least one of the brokers has an address, and none of them one that is not for sinks.
    private void check() throws UnknownHostException {
        UnknownHostException unknown = null;
        int found = 0;
        for (KafkaType.Broker broker : target.brokers()) {
            try {
                guard.resolve(broker.host());
                found++;
            } catch (AddressGuard.ClosedAddress e) {
                throw e;
            } catch (UnknownHostException e) {
                unknown = e;
            }
        }
        if (found == 0 && unknown != null) {
            throw unknown;
        }
    }

    /// For each connection, whoever named the host.
    private InetAddress[] resolve(String host) throws UnknownHostException {
        try {
            InetAddress[] addresses = guard.resolve(host);
            closed = "";
            return addresses;
        } catch (AddressGuard.ClosedAddress e) {
            closed = String.valueOf(e.getMessage());
            throw e;
        }
    }

    private void closeProducer() {
        KafkaProducer<byte[], byte[]> known = producer;
        producer = null;
        if (known != null) {
            known.close(Duration.ZERO);
        }
    }

    @Override
    public void close() {
        closeProducer();
        given.clear();
    }
}
