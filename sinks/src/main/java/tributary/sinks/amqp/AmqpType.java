package tributary.sinks.amqp;

import java.time.Duration;
import tributary.model.Quote;
import tributary.sinks.Pace;
import tributary.sinks.SinkFields;
import tributary.sinks.SinkTls;
import tributary.sinks.SinkType;
import tributary.sinks.Template;

/// Messages by AMQP 1.0: to ActiveMQ, RabbitMQ, Azure Event Hubs and Service Bus.
public final class AmqpType implements SinkType {
    /// What a message holds.
    enum Body {
        PAYLOAD,
        ENVELOPE
    }

    /// Where and as whom.
    ///
    /// @param encrypted whether by TLS
    /// @param user      or ""
    /// @param password  or ""
    record Target(String host, int port, boolean encrypted, SinkTls tls, String address, String user, String password) {
        @Override
        public String toString() {
            return "Target[" + host + ":" + port + " " + address + "]";
        }
    }

    /// What is sent.
    record Content(Template subject, Body body) {}

    @Override
    public String name() {
        return "amqp";
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
                fields.number("port", tls ? 5671 : 5672, 1, 65_535),
                tls,
                SinkTls.read(fields, tls ? "" : "tls is off"),
                fields.required("address", "the queue, topic or event hub to send to"),
                fields.text("user", ""),
                fields.secret("password"));
        if (target.user().isEmpty() != target.password().isEmpty()) {
            fields.problem("user", "user and the secret password belong together");
        }
        Content content = new Content(fields.template("subject", ""), fields.choice("body", Body.PAYLOAD));
        return () -> new AmqpSink(target, content, place);
    }
}
