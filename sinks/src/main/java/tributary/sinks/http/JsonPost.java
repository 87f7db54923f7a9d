package tributary.sinks.http;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import tools.jackson.databind.json.JsonMapper;
import tributary.sinks.Outcome;
import tributary.sinks.Parcel;
import tributary.sinks.Sink;

/// Posts a JSON object for each parcel to one address.
final class JsonPost implements Sink {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final String url;
    private final String token;
    private final Function<Parcel, Map<String, Object>> body;
    private final HttpReceiver receiver;

    /// @param token for `Authorization: Bearer`, or ""
    JsonPost(String url, String token, Function<Parcel, Map<String, Object>> body, HttpReceiver receiver) {
        this.url = url;
        this.token = token;
        this.body = body;
        this.receiver = receiver;
    }

    @Override
    public Outcome deliver(List<Parcel> batch) {
        for (int done = 0; done < batch.size(); done++) {
            HttpPost request = new HttpPost(URI.create(url));
            if (!token.isEmpty()) {
                request.setHeader("Authorization", "Bearer " + token);
            }
            request.setHeader("Content-Type", "application/json");
            byte[] bytes = JSON.writeValueAsString(body.apply(batch.get(done))).getBytes(StandardCharsets.UTF_8);
            request.setEntity(new ByteArrayEntity(bytes, null));
            Outcome outcome = receiver.send(request, false);
            if (!(outcome instanceof Outcome.Done)) {
                return outcome.after(done);
            }
        }
        return Outcome.DONE;
    }

    @Override
    public void close() {
        receiver.close();
    }
}
