package tributary.sinks.http;

import java.time.Duration;
import java.util.Locale;
import tributary.model.Quote;
import tributary.sinks.Pace;
import tributary.sinks.SinkFields;
import tributary.sinks.SinkType;
import tributary.sinks.Template;

/// Documents in indices of OpenSearch or Elasticsearch.
public final class SearchType implements SinkType {
    /// What a document holds.
    enum Body {
        PAYLOAD,
        ENVELOPE
    }

    /// What becomes of a document that has the id of one that is there.
    enum Operation {
        /// It takes its place.
        INDEX,
        /// The one that is there stays: data streams take nothing else.
        CREATE;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// Where and as whom.
    ///
    /// @param url    without `/_bulk`
    /// @param apiKey or ""
    record Target(String url, String user, String password, String apiKey) {
        @Override
        public String toString() {
            return "Target[" + url + "]";
        }
    }

    /// What is written.
    ///
    /// @param timestamp the field that gets the stream's time, or ""
    record Content(Template index, Template id, Operation operation, Body body, String timestamp) {}

    @Override
    public String name() {
        return "opensearch";
    }

    @Override
    public Pace pace() {
        return Pace.batches(500, Duration.ofMillis(200));
    }

    @Override
    public Plan plan(SinkFields fields, Place place) {
        String url = fields.required("url", "where it is, such as https://search.example.com:9200");
        String flaw = url.isBlank() ? "" : HttpFields.flaw(url);
        if (!flaw.isEmpty()) {
            fields.problem("url", "url " + flaw + ", was '" + Quote.shorten(url) + "'");
        } else if (url.indexOf('?') >= 0) {
            fields.problem("url", "url must not have a ?, was '" + Quote.shorten(url) + "'");
        }
        Target target = new Target(
                url.replaceAll("/+$", ""),
                fields.text("user", ""),
                fields.secret("password"),
                fields.secret("api-key"));
        if (target.user().isEmpty() != target.password().isEmpty()) {
            fields.problem("user", "user and the secret password belong together");
        }
        if (!target.user().isEmpty() && !target.apiKey().isEmpty()) {
            fields.problem("user", "give either the secret api-key or user and password");
        }
        if (!(target.user() + target.password() + target.apiKey()).matches("[ -~]*")) {
            fields.secretProblem("api-key", "api-key, user and password are printable ASCII");
        }
        String index = fields.required("index", "where documents go, such as readings or readings-${device()}");
        if (!index.replaceAll("\\$\\{[^}]*}", "").matches("|[a-z0-9][a-z0-9._-]{0,199}")) {
            fields.problem(
                    "index",
                    "index begins with a small letter or digit and has small letters, digits, '.', '_' and '-', was '"
                            + Quote.shorten(index) + "'");
        }
        Content content = new Content(
                fields.template("index", ""),
                fields.template("id", "${id()}"),
                fields.choice("operation", Operation.INDEX),
                fields.choice("body", Body.PAYLOAD),
                fields.text("timestamp", "@timestamp"));
        HttpReceiverPlan http = new HttpReceiverPlan(place, HttpFields.timeout(fields), HttpFields.tls(fields, url));
        return () -> new SearchSink(target, content, http.receiver());
    }
}
