package tributary.sinks.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tributary.model.Quote;
import tributary.sinks.Pace;
import tributary.sinks.SinkFields;
import tributary.sinks.SinkTls;
import tributary.sinks.SinkType;
import tributary.sinks.Template;

/// Records in topics of Kafka, with the device as their key.
public final class KafkaType implements SinkType {
    private static final int BROKERS_MAX = 20;

    /// What a record holds.
    enum Body {
        PAYLOAD,
        ENVELOPE
    }

    /// How records are made smaller on their way.
    enum Compression {
        NONE,
        GZIP,
        ZSTD;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// How a user and a password are shown to the brokers.
    enum Sasl {
        SCRAM_SHA_512,
        SCRAM_SHA_256,
        PLAIN;

        /// @return as Kafka writes it
        String word() {
            return name().replace('_', '-');
        }
    }

    /// A broker to ask first; it names the others.
    record Broker(String host, int port) {
        @Override
        public String toString() {
            return host.indexOf(':') < 0 ? host + ":" + port : "[" + host + "]:" + port;
        }
    }

    /// Where and as whom.
    ///
    /// @param encrypted whether by TLS
    /// @param user      or ""
    /// @param password  or ""
    record Target(
            List<Broker> brokers,
            boolean encrypted,
            SinkTls tls,
            String clientId,
            Sasl sasl,
            String user,
            String password) {
        Target {
            brokers = List.copyOf(brokers);
        }

        @Override
        public String toString() {
            return "Target" + brokers;
        }
    }

    /// What is written.
    record Content(Template topic, Template key, Body body, Compression compression) {}

    @Override
    public String name() {
        return "kafka";
    }

    @Override
    public Pace pace() {
        return Pace.batches(500, Duration.ZERO);
    }

    @Override
    public Plan plan(SinkFields fields, Place place) {
        String topic = fields.required("topic", "where to write, such as readings or site-${device()}");
        if (!topic.replaceAll("\\$\\{[^}]*}", "").matches("[A-Za-z0-9._-]{0,249}")) {
            fields.problem(
                    "topic", "topic has letters, digits, '.', '_' and '-' alone, was '" + Quote.shorten(topic) + "'");
        }
        Content content = new Content(
                fields.template("topic", ""),
                fields.template("key", "${device()}"),
                fields.choice("body", Body.PAYLOAD),
                fields.choice("compression", Compression.NONE));
        boolean encrypted = fields.flag("tls", true);
        Target target = new Target(
                brokers(fields),
                encrypted,
                SinkTls.read(fields, encrypted ? "" : "tls is off"),
                "tributary-" + place.tenant() + "-" + place.name() + (place.testing() ? "-test" : ""),
                fields.choice("sasl", Sasl.SCRAM_SHA_512),
                fields.text("user", ""),
                fields.secret("password"));
        if (target.user().isEmpty() != target.password().isEmpty()) {
            fields.problem("user", "user and the secret password belong together");
        }
        if (control(target.user()) || control(target.password())) {
            fields.secretProblem("password", "user and password have no line ends and the like");
        }
        return () -> new KafkaSink(target, content, place.guard());
    }

    private static boolean control(String text) {
        return text.chars().anyMatch(Character::isISOControl);
    }

    private static List<Broker> brokers(SinkFields fields) {
        List<Broker> brokers = new ArrayList<>();
        String text = fields.required("brokers", "which brokers to ask first, such as kafka-1:9092, kafka-2:9092");
        for (String one : text.split(",")) {
            String broker = one.strip();
            int colon = broker.lastIndexOf(':');
            String host = colon < 0 ? broker : broker.substring(0, colon);
            String port = colon < 0 ? "" : broker.substring(colon + 1);
            if (host.matches("\\[[0-9a-fA-F:.]+]")) {
                host = host.substring(1, host.length() - 1);
            } else if (!host.matches("[A-Za-z0-9._-]+")) {
                port = "";
            }
            if (port.matches("\\d{1,5}") && Integer.parseInt(port) >= 1 && Integer.parseInt(port) <= 65_535) {
                brokers.add(new Broker(host, Integer.parseInt(port)));
            } else if (!text.isBlank()) {
                fields.problem("brokers", "brokers are host:port, parted by commas, was '" + Quote.shorten(one) + "'");
            }
        }
        if (brokers.size() > BROKERS_MAX) {
            fields.problem("brokers", "brokers are at most " + BROKERS_MAX + "; Kafka names the others by itself");
        }
        return brokers;
    }
}
