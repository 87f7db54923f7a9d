package tributary.sinks.http;

import java.util.Map;
import tributary.sinks.Pace;
import tributary.sinks.Parcel;
import tributary.sinks.SinkFields;
import tributary.sinks.SinkType;
import tributary.sinks.Template;

/// A line in a channel of Slack, or of what understands Slack's webhooks: Mattermost, Rocket.Chat, Discord (`/slack`).
public final class SlackType implements SinkType {
    @Override
    public String name() {
        return "slack";
    }

    @Override
    public Pace pace() {
        return Pace.SINGLE;
    }

    @Override
    public Plan plan(SinkFields fields, Place place) {
        String url = fields.requiredSecret("url", "the address that Slack gave for the channel");
        Template text = fields.template("text", "*${rule()}* ${device()} ${payload()}");
        String flaw = url.isEmpty() ? "" : HttpFields.flaw(url);
        if (!flaw.isEmpty()) {
            fields.secretProblem("url", "the secret url " + flaw.replaceAll(":.*", ""));
        }
        HttpReceiverPlan http = new HttpReceiverPlan(place, HttpFields.timeout(fields), HttpFields.tls(fields, url));
        return () -> new JsonPost(url, "", parcel -> body(parcel, text), http.receiver());
    }

    /// Slack wants these three escaped and no others.
    private static Map<String, Object> body(Parcel parcel, Template text) {
        String shown = text.show(parcel).strip();
        return Map.of("text", shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"));
    }
}
