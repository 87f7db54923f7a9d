package tributary.sinks.mqtt;

import java.time.Duration;
import tributary.model.Quote;
import tributary.sinks.Pace;
import tributary.sinks.SinkFields;
import tributary.sinks.SinkType;
import tributary.sinks.Template;

/// Messages to another MQTT broker, by MQTT 5. What it does not take now waits in the outbox.
public final class MqttType implements SinkType {
    /// What a message holds.
    enum Body {
        PAYLOAD,
        ENVELOPE
    }

    /// Where and as whom.
    ///
    /// @param user     or ""
    /// @param password or ""
    record Target(String host, int port, boolean tls, String clientId, String user, String password) {
        @Override
        public String toString() {
            return "Target[" + host + ":" + port + "]";
        }
    }

    /// What is published.
    record Content(Template topic, int qos, boolean retain, Body body) {}

    @Override
    public String name() {
        return "mqtt";
    }

    @Override
    public Pace pace() {
        return Pace.batches(100, Duration.ZERO);
    }

    @Override
    public Plan plan(SinkFields fields, Place place) {
        String host = fields.required("host", "where the broker is");
        if (!host.matches("[A-Za-z0-9._:-]*")) {
            fields.problem("host", "host is one name or address, was '" + Quote.shorten(host) + "'");
        }
        boolean tls = fields.flag("tls", true);
        Target target = new Target(
                host,
                fields.number("port", tls ? 8883 : 1883, 1, 65_535),
                tls,
                fields.text("client-id", "tributary-" + place.tenant() + "-" + place.name())
                        + (place.testing() ? "-test" : ""),
                fields.text("user", ""),
                fields.secret("password"));
        String topic = fields.required("topic", "where to publish, such as site/${device()}/alarms");
        if (topic.startsWith("$") && !topic.startsWith("${") || Topics.wild(topic)) {
            fields.problem(
                    "topic",
                    "topic has no '+', no '#' and no '$' at its beginning, was '" + Quote.shorten(topic) + "'");
        }
        Content content = new Content(
                fields.template("topic", ""),
                fields.number("qos", 1, 0, 2),
                fields.flag("retain", false),
                fields.choice("body", Body.PAYLOAD));
        String origin = place.tenant() + "/" + place.name();
        return () -> new MqttSink(target, content, origin, place.guard());
    }
}
