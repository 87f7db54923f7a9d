package tributary.sinks.http;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tributary.model.Quote;
import tributary.sinks.Pace;
import tributary.sinks.SinkFields;
import tributary.sinks.SinkType;
import tributary.sinks.Template;

/// A push message to phones and desktops through ntfy, on ntfy.sh or a server of one's own.
public final class NtfyType implements SinkType {
    private static final int TAGS_MAX = 10;

    @Override
    public String name() {
        return "ntfy";
    }

    @Override
    public Pace pace() {
        return Pace.SINGLE;
    }

    @Override
    public Plan plan(SinkFields fields, Place place) {
        String url = fields.text("url", "https://ntfy.sh");
        String topic = fields.required("topic", "the topic that the phones are subscribed to");
        if (!topic.isBlank() && !topic.matches("[-_A-Za-z0-9]{1,64}")) {
            fields.problem(
                    "topic", "topic is 1 to 64 letters, digits, '-' and '_', was '" + Quote.shorten(topic) + "'");
        }
        String flaw = HttpFields.flaw(url);
        if (!flaw.isEmpty()) {
            fields.problem("url", "url " + flaw + ", was '" + Quote.shorten(url) + "'");
        }
        Template title = fields.template("title", "${rule()}");
        Template message = fields.template("message", "${device()} ${payload()}");
        int priority = fields.number("priority", 3, 1, 5);
        List<String> tags = Arrays.stream(fields.text("tags", "").split(","))
                .map(String::strip)
                .filter(tag -> !tag.isEmpty())
                .toList();
        if (tags.size() > TAGS_MAX) {
            fields.problem("tags", "tags are at most " + TAGS_MAX);
        }
        String token = fields.secret("token");
        if (!token.matches("[ -~]*")) {
            fields.secretProblem("token", "the secret token is printable ASCII");
        }
        HttpReceiverPlan http = new HttpReceiverPlan(place, HttpFields.timeout(fields), HttpFields.tls(fields, url));
        return () -> new JsonPost(
                url,
                token,
                parcel -> {
                    Map<String, Object> body = new LinkedHashMap<>();
                    body.put("topic", topic);
                    body.put("title", title.show(parcel).strip());
                    body.put("message", message.show(parcel).strip());
                    body.put("priority", priority);
                    body.put("tags", tags);
                    return body;
                },
                http.receiver());
    }
}
