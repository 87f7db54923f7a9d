package tributary.sinks.http;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import tributary.model.Quote;
import tributary.sinks.Pace;
import tributary.sinks.SinkFields;
import tributary.sinks.SinkType;
import tributary.sinks.Template;

/// Requests to an address of the tenant's choice.
public final class WebhookType implements SinkType {
    private static final Set<String> OURS = Set.of(
            "host",
            "content-length",
            "content-type",
            "transfer-encoding",
            "connection",
            "upgrade",
            "te",
            "trailer",
            "expect");
    private static final int HEADERS_MAX = 20;

    /// Which method.
    enum Verb {
        POST,
        PUT,
        PATCH
    }

    /// What a body holds.
    enum Body {
        /// The payload as the rule made it.
        PAYLOAD,
        /// The payload, and beside it what is known about it.
        ENVELOPE,
        /// The text of the field `template`.
        TEMPLATE
    }

    /// How several are one body.
    enum Format {
        /// A JSON list.
        ARRAY,
        /// One JSON value a line.
        LINES
    }

    @Override
    public String name() {
        return "webhook";
    }

    @Override
    public Pace pace() {
        return Pace.SINGLE;
    }

    @Override
    public Plan plan(SinkFields fields, Place place) {
        Webhook.Target target = new Webhook.Target(
                url(fields), fields.choice("method", Verb.POST), headers(fields), fields.secret("token"));
        String user = fields.text("user", "");
        Webhook.Proof proof = new Webhook.Proof(user, fields.secret("password"), fields.secret("signing-key"));
        boolean several = fields.number("batch-count", 1, 1, 10_000) > 1;
        Webhook.Content content = new Webhook.Content(
                fields.choice("body", Body.PAYLOAD),
                fields.template("template", "${payload()}"),
                fields.choice("format", Format.ARRAY),
                several,
                fields.text("content-type", "application/json"));
        check(fields, target, proof, content);
        HttpReceiverPlan http = new HttpReceiverPlan(
                place,
                HttpFields.timeout(fields),
                HttpFields.tls(fields, target.url().text()));
        return () -> new Webhook(target, proof, content, http.receiver(), place.clock());
    }

    private static Template url(SinkFields fields) {
        String text = fields.required("url", "where to send, such as https://example.com/hook");
        Template url = fields.template("url", "");
        String flaw = text.isBlank() ? "" : HttpFields.flaw(HttpFields.filled(text));
        if (!flaw.isEmpty()) {
            fields.problem("url", "url " + flaw + ", was '" + Quote.shorten(text) + "'");
        }
        if (HttpFields.hostIsOpen(text)) {
            fields.problem("url", "url must name its host as it stands; places such as ${device()} go behind it");
        }
        return url;
    }

    private static Map<String, Template> headers(SinkFields fields) {
        Map<String, Template> headers = new LinkedHashMap<>();
        fields.texts("headers", HEADERS_MAX).forEach((name, text) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if (!name.matches("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")) {
                fields.problem("headers", "headers: '" + Quote.shorten(name) + "' is no name of a header");
            } else if (lower.equals("authorization") || lower.equals("proxy-authorization")) {
                fields.problem(
                        "headers",
                        "headers: " + name + " is a secret; give the secret token, or user and the secret password");
            } else if (OURS.contains(lower)) {
                fields.problem("headers", "headers: " + name + " is written by Tributary itself");
            } else {
                try {
                    headers.put(name, Template.of(text));
                } catch (IllegalArgumentException e) {
                    fields.problem("headers", "headers: " + name + ": " + e.getMessage());
                }
            }
        });
        return headers;
    }

    private static void check(SinkFields fields, Webhook.Target target, Webhook.Proof proof, Webhook.Content content) {
        if (content.several()) {
            boolean varies = !target.url().constant()
                    || target.headers().values().stream().anyMatch(header -> !header.constant());
            if (varies) {
                fields.problem(
                        "batch-count", "batch-count must be 1 where url or headers differ from parcel to parcel");
            }
            if (content.body() == Body.TEMPLATE) {
                fields.problem("batch-count", "batch-count must be 1 where the body is a template");
            }
        }
        if (proof.user().isEmpty() != proof.password().isEmpty()) {
            fields.problem("user", "user and the secret password belong together");
        }
        if (!proof.user().isEmpty() && !target.token().isEmpty()) {
            fields.problem("user", "give either the secret token or user and password");
        }
        if (!content.contentType().matches("[ -~]{1,200}")) {
            fields.problem("content-type", "content-type is 1 to 200 printable ASCII characters");
        }
        for (String secret : List.of(target.token(), proof.user(), proof.password())) {
            if (!secret.matches("[ -~]*")) {
                fields.secretProblem("token", "token, user and password are printable ASCII");
            }
        }
    }
}
