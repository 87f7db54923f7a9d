package tributary.sinks.http;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import tributary.sinks.Outcome;
import tributary.sinks.Parcel;
import tributary.sinks.ParcelText;
import tributary.sinks.Sink;
import tributary.sinks.Template;

/// Sends each parcel or batch as one request.
final class Webhook implements Sink {
    /// @param token for `Authorization: Bearer`, or ""
    record Target(Template url, WebhookType.Verb verb, Map<String, Template> headers, String token) {
        Target {
            headers = Map.copyOf(headers);
        }

        @Override
        public String toString() {
            return "Target[" + verb + "]";
        }
    }

    /// @param user     for `Authorization: Basic`, or ""
    /// @param password of the user, or ""
    /// @param key      to sign with, or ""
    record Proof(String user, String password, String key) {
        @Override
        public String toString() {
            return "Proof";
        }
    }

    /// @param several whether a body holds a batch, be it of one
    record Content(
            WebhookType.Body body, Template template, WebhookType.Format format, boolean several, String contentType) {}

    private final Target target;
    private final Proof proof;
    private final Content content;
    private final HttpReceiver receiver;
    private final InstantSource clock;

    Webhook(Target target, Proof proof, Content content, HttpReceiver receiver, InstantSource clock) {
        this.target = target;
        this.proof = proof;
        this.content = content;
        this.receiver = receiver;
        this.clock = clock;
    }

    @Override
    public Outcome deliver(List<Parcel> batch) {
        if (content.several()) {
            return send(batch);
        }
        for (int done = 0; done < batch.size(); done++) {
            Outcome outcome = send(batch.subList(done, done + 1));
            if (!(outcome instanceof Outcome.Done)) {
                return outcome.after(done);
            }
        }
        return Outcome.DONE;
    }

    private Outcome send(List<Parcel> batch) {
        Parcel first = batch.getFirst();
        Optional<String> url = target.url().fill(first, HttpFields::encode);
        if (url.isEmpty()) {
            return new Outcome.Refused(0, lacks("url", target.url()));
        }
        byte[] body = body(batch).getBytes(StandardCharsets.UTF_8);
        HttpUriRequestBase request = new HttpUriRequestBase(target.verb().name(), URI.create(url.get()));
        request.setHeader("Content-Type", content.contentType());
        for (Map.Entry<String, Template> header : target.headers().entrySet()) {
            Optional<String> value = header.getValue().fill(first, UnaryOperator.identity());
            if (value.isEmpty()) {
                return new Outcome.Refused(0, lacks("header " + header.getKey(), header.getValue()));
            }
            request.setHeader(header.getKey(), value.get().replaceAll("[^\\x20-\\x7e]", "?"));
        }
        prove(request, body);
        request.setHeader(
                "Idempotency-Key",
                batch.size() == 1
                        ? first.id()
                        : first.id() + "-" + batch.getLast().position());
        request.setEntity(new ByteArrayEntity(body, null));
        return receiver.send(request, !target.url().constant());
    }

    private static String lacks(String what, Template template) {
        return "the payload lacks what the " + what + " asks for: " + template.text();
    }

    private void prove(HttpUriRequestBase request, byte[] body) {
        if (!target.token().isEmpty()) {
            request.setHeader("Authorization", "Bearer " + target.token());
        } else if (!proof.user().isEmpty()) {
            byte[] pair = (proof.user() + ":" + proof.password()).getBytes(StandardCharsets.UTF_8);
            request.setHeader("Authorization", "Basic " + Base64.getEncoder().encodeToString(pair));
        }
        if (!proof.key().isEmpty()) {
            long seconds = clock.instant().getEpochSecond();
            request.setHeader("Tributary-Timestamp", Long.toString(seconds));
            request.setHeader("Tributary-Signature", Signature.of(proof.key(), seconds, body));
        }
    }

    private String body(List<Parcel> batch) {
        if (!content.several()) {
            return one(batch.getFirst());
        }
        return switch (content.format()) {
            case ARRAY -> batch.stream().map(this::one).collect(Collectors.joining(",", "[", "]"));
            case LINES -> batch.stream().map(parcel -> one(parcel) + "\n").collect(Collectors.joining());
        };
    }

    private String one(Parcel parcel) {
        return switch (content.body()) {
            case PAYLOAD -> parcel.payload();
            case ENVELOPE -> ParcelText.text(parcel);
            case TEMPLATE -> content.template().show(parcel);
        };
    }

    @Override
    public void close() {
        receiver.close();
    }
}
