package tributary.sinks.mqtt;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttClientBuilder;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import tributary.model.Quote;
import tributary.model.TopicFilter;
import tributary.sinks.Inlet;
import tributary.sinks.Pace;
import tributary.sinks.Sink;
import tributary.sinks.SinkFields;
import tributary.sinks.SinkTls;
import tributary.sinks.SinkType;
import tributary.sinks.Source;
import tributary.sinks.Template;

/// Messages to and from another MQTT broker. What it does not take now waits in the outbox; what it has for us while
/// we are away waits there.
public final class MqttType implements SinkType {
    private static final int FILTERS_MAX = 20;

    /// What a message holds.
    enum Body {
        PAYLOAD,
        ENVELOPE,
        /// Of the payload the field `data`.
        DATA,
        /// The bytes that the field `data` is in Base64.
        BYTES
    }

    /// How much of a topic a value may be.
    enum Values {
        ONE_LEVEL,
        MANY_LEVELS
    }

    /// Where and as whom.
    ///
    /// @param encrypted whether by TLS
    /// @param five      whether MQTT 5 is spoken, or else 3.1.1
    /// @param user      or ""
    /// @param password  or ""
    record Target(
            String host,
            int port,
            boolean encrypted,
            SinkTls tls,
            boolean five,
            String clientId,
            String user,
            String password) {
        /// @return the same under another client id
        Target as(String other) {
            return new Target(host, port, encrypted, tls, five, other, user, password);
        }

        /// Nothing is connected yet.
        Peer open(InetSocketAddress address) {
            MqttClientBuilder builder =
                    MqttClient.builder().identifier(clientId).serverAddress(address);
            if (encrypted) {
                try {
                    builder = builder.sslConfig()
                            .trustManagerFactory(tls.trusted())
                            .keyManagerFactory(tls.own())
                            .applySslConfig();
                } catch (GeneralSecurityException e) {
                    throw new IllegalStateException("what was read as a certificate is none any more", e);
                }
            }
            return five ? new Peer5(builder, this) : new Peer3(builder, this);
        }

        @Override
        public String toString() {
            return "Target[" + host + ":" + port + "]";
        }
    }

    /// What is published.
    ///
    /// @param topic empty where nothing goes out
    record Content(Template topic, Values values, int qos, boolean retain, Body body, String origin) {}

    /// Both directions.
    private record Bridge(Target target, Content content, Inbound.Way way, Place place) implements Plan {
        @Override
        public Sink open() {
            return new MqttSink(
                    place.testing() ? target.as(target.clientId() + "-test") : target,
                    content,
                    place.testing(),
                    place.guard());
        }

        @Override
        public Optional<Source> source(Inlet inlet) {
            return way.filters().isEmpty()
                    ? Optional.empty()
                    : Optional.of(Inbound.open(
                            way,
                            new Inbound.Link(
                                    place.tenant(), place.name(), target.as(target.clientId() + "-in"), place.guard()),
                            new Remembered(place.state().resolve("subscribed")),
                            inlet,
                            place.clock()));
        }
    }

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
        Target target = target(fields, place);
        String origin = place.tenant() + "/" + place.name() + "/" + place.id();
        Inbound.Way way = way(fields, origin);
        String topic = fields.text("topic", "");
        if (topic.isBlank() && way.filters().isEmpty()) {
            fields.problem(
                    "topic",
                    "topic is missing: where to publish, such as site/${device()}/alarms; or subscribe, where only"
                            + " messages from there are wanted");
        }
        if (topic.startsWith("$") && !topic.startsWith("${") || Topics.wild(topic)) {
            fields.problem(
                    "topic",
                    "topic has no '+', no '#' and no '$' at its beginning, was '" + Quote.shorten(topic) + "'");
        }
        Content content = new Content(
                fields.template("topic", ""),
                fields.choice("topic-values", Values.ONE_LEVEL),
                fields.number("qos", 1, 0, 2),
                fields.flag("retain", false),
                fields.choice("body", Body.PAYLOAD),
                origin);
        if (!target.five() && !topic.isBlank()) {
            String out = Topics.filter(topic, content.values() == Values.MANY_LEVELS);
            way.filters().stream()
                    .filter(in -> Topics.overlap(in, out))
                    .findFirst()
                    .ifPresent(in -> fields.problem(
                            "subscribe",
                            ("what goes to '%s' would come back by '%s', and messages of 3.1.1 do not say where they"
                                            + " came from; use topics apart from each other, or version=5")
                                    .formatted(Quote.shorten(topic), Quote.shorten(in))));
        }
        return new Bridge(target, content, way, place);
    }

    private static Target target(SinkFields fields, Place place) {
        String host = fields.required("host", "where the broker is");
        if (!host.matches("[A-Za-z0-9._:-]*")) {
            fields.problem("host", "host is one name or address, was '" + Quote.shorten(host) + "'");
        }
        boolean tls = fields.flag("tls", true);
        String version = fields.text("version", "5");
        if (!version.equals("5") && !version.equals("3.1.1")) {
            fields.problem("version", "version is 5 or 3.1.1, was '" + Quote.shorten(version) + "'");
        }
        return new Target(
                host,
                fields.number("port", tls ? 8883 : 1883, 1, 65_535),
                tls,
                SinkTls.read(fields, tls ? "" : "tls is off"),
                !version.equals("3.1.1"),
                fields.text("client-id", "tributary-" + place.tenant() + "-" + place.name()),
                fields.text("user", ""),
                fields.secret("password"));
    }

    private static Inbound.Way way(SinkFields fields, String origin) {
        String text = fields.text("subscribe", "");
        List<String> filters = Arrays.stream(text.split(","))
                .map(String::strip)
                .filter(filter -> !filter.isEmpty())
                .distinct()
                .toList();
        String remote = fields.text("remote-prefix", "");
        String local = fields.text("local-prefix", "");
        for (String filter : filters) {
            String fault = TopicFilter.fault(filter);
            if (fault != null || filter.chars().anyMatch(Character::isISOControl)) {
                fields.problem(
                        "subscribe",
                        (fault == null ? "a filter has no control characters" : fault) + ": '" + Quote.shorten(filter)
                                + "'");
            } else if (!filter.startsWith(remote)) {
                fields.problem(
                        "subscribe",
                        "every filter begins with remote-prefix, '%s' does not begin with '%s'"
                                .formatted(Quote.shorten(filter), Quote.shorten(remote)));
            }
        }
        if (filters.size() > FILTERS_MAX) {
            fields.problem("subscribe", "subscribe has at most " + FILTERS_MAX + " filters, was " + filters.size());
        }
        prefix(fields, "remote-prefix", remote);
        prefix(fields, "local-prefix", local);
        return new Inbound.Way(
                filters,
                fields.number("subscribe-qos", 1, 1, 2),
                remote,
                local,
                fields.duration("session-keep", Duration.ofDays(7), Duration.ofMinutes(1), Duration.ofDays(365)),
                origin);
    }

    private static void prefix(SinkFields fields, String name, String prefix) {
        if (!prefix.isEmpty() && (!prefix.endsWith("/") || prefix.startsWith("$") || Topics.wild(prefix))) {
            fields.problem(
                    name,
                    name + " is whole levels and ends in '/', without '+', '#' and '$', was '" + Quote.shorten(prefix)
                            + "'");
        }
    }
}
