package tributary.sinks.http;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tributary.model.Quote;
import tributary.sinks.Outcome;
import tributary.sinks.Parcel;
import tributary.sinks.ParcelText;
import tributary.sinks.Settled;
import tributary.sinks.Sink;

/// Writes each batch by one `_bulk` request, and looks at the answer for each document.
final class SearchSink implements Sink {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int ID_BYTES_MAX = 512;
    private static final int INDEX_LENGTH_MAX = 200;

    /// Of the same id: the very same where documents are created, one of a later time where they take the place.
    private static final int NEWER_IS_THERE = 409;

    /// The node has too much to do, or we may not: it passes, or is put right.
    private static final Set<Integer> AWAY = Set.of(401, 403, 408, 429, 502, 503, 504);

    private final SearchType.Target target;
    private final SearchType.Content content;
    private final HttpReceiver receiver;
    private final Settled settled = new Settled();

    SearchSink(SearchType.Target target, SearchType.Content content, HttpReceiver receiver) {
        this.target = target;
        this.content = content;
        this.receiver = receiver;
    }

    @Override
    public Outcome deliver(List<Parcel> batch) {
        List<Outcome> answers = new ArrayList<>();
        List<Integer> asked = new ArrayList<>();
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < batch.size(); i++) {
            Parcel parcel = batch.get(i);
            answers.add(Outcome.DONE);
            if (settled.has(parcel)) {
                continue;
            }
            Optional<String> action = action(parcel);
            if (action.isEmpty()) {
                answers.set(i, new Outcome.Refused(0, "the payload lacks what index or id ask for, or gives no name"));
                continue;
            }
            lines.append(action.get()).append('\n').append(document(parcel)).append('\n');
            asked.add(i);
        }
        if (!asked.isEmpty()) {
            Outcome outcome = receiver.send(request(lines.toString()), false, text -> read(text, asked, answers));
            if (!(outcome instanceof Outcome.Done)) {
                // nothing of it counts; what was refused here is refused again when its turn comes
                asked.forEach(i -> answers.set(i, outcome));
            }
        }
        return settled.outcome(batch, answers);
    }

    private HttpPost request(String lines) {
        HttpPost request = new HttpPost(URI.create(
                target.url() + "/_bulk?filter_path=errors,items.*.status,items.*.error.type,items.*.error.reason"));
        if (!target.apiKey().isEmpty()) {
            request.setHeader("Authorization", "ApiKey " + target.apiKey());
        } else if (!target.user().isEmpty()) {
            byte[] pair = (target.user() + ":" + target.password()).getBytes(StandardCharsets.UTF_8);
            request.setHeader("Authorization", "Basic " + Base64.getEncoder().encodeToString(pair));
        }
        request.setHeader("Content-Type", "application/x-ndjson");
        request.setEntity(new ByteArrayEntity(lines.getBytes(StandardCharsets.UTF_8), null));
        return request;
    }

    private Optional<String> action(Parcel parcel) {
        Optional<String> index = content.index()
                .fill(parcel, value -> value.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9._-]", "_"))
                .filter(name -> name.matches("[a-z0-9].*") && name.length() <= INDEX_LENGTH_MAX);
        Optional<String> id = content.id()
                .fill(parcel, UnaryOperator.identity())
                .filter(name -> !name.isEmpty() && name.getBytes(StandardCharsets.UTF_8).length <= ID_BYTES_MAX);
        if (index.isEmpty() || id.isEmpty()) {
            return Optional.empty();
        }
        ObjectNode action = JSON.createObjectNode();
        ObjectNode where = action.putObject(content.operation().word())
                .put("_index", index.get())
                .put("_id", id.get());
        if (content.operation() == SearchType.Operation.INDEX) {
            // one that comes again late does not take the place of one that is newer
            where.put("version", Math.max(0, parcel.atMillis())).put("version_type", "external_gte");
        }
        return Optional.of(JSON.writeValueAsString(action));
    }

    private String document(Parcel parcel) {
        ObjectNode envelope = ParcelText.node(parcel);
        ObjectNode document = envelope;
        if (content.body() == SearchType.Body.PAYLOAD) {
            JsonNode payload = envelope.path("payload");
            document = payload instanceof ObjectNode object
                    ? object
                    : JSON.createObjectNode().set("value", payload);
        }
        if (!content.timestamp().isEmpty() && !document.has(content.timestamp())) {
            document.put(
                    content.timestamp(), Instant.ofEpochMilli(parcel.atMillis()).toString());
        }
        return JSON.writeValueAsString(document);
    }

    /// @param asked which of the answers the items are about, in order
    private Outcome read(String text, List<Integer> asked, List<Outcome> answers) {
        try {
            JsonNode answer = JSON.readTree(text);
            if (answer.path("errors").isBoolean() && !answer.path("errors").booleanValue()) {
                return Outcome.DONE;
            }
            JsonNode items = answer.path("items");
            if (items.size() != asked.size()) {
                return Outcome.away(target.url() + " did not answer as _bulk does; look at the url");
            }
            for (int i = 0; i < items.size(); i++) {
                // {"index": {"status": 201}}
                for (JsonNode item : items.get(i).values()) {
                    answers.set(asked.get(i), outcome(item));
                }
            }
            return Outcome.DONE;
        } catch (JacksonException e) {
            return Outcome.away(target.url() + " did not answer with JSON; look at the url");
        }
    }

    private Outcome outcome(JsonNode item) {
        int status = item.path("status").asInt(0);
        if (status >= 200 && status < 300 || status == NEWER_IS_THERE) {
            return Outcome.DONE;
        }
        JsonNode error = item.path("error");
        String type = error.path("type").asString("");
        String what = "%s answered %d for it: %s %s"
                .formatted(
                        target.url(),
                        status,
                        Quote.shorten(type),
                        Quote.shorten(error.path("reason").asString("")));
        boolean noIndex =
                type.equals("index_not_found_exception") && content.index().constant();
        if (AWAY.contains(status) || noIndex || type.equals("cluster_block_exception")) {
            return new Outcome.Away(0, what, Duration.ZERO);
        }
        return status >= 500 ? new Outcome.Failed(0, what) : new Outcome.Refused(0, what);
    }

    @Override
    public void close() {
        receiver.close();
        settled.clear();
    }
}
