package tributary.rules;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.MessageProperties.UserProperty;
import tributary.model.Topic;
import tributary.rules.function.Cbor;
import tributary.rules.value.Json;
import tributary.rules.value.JsonReader;
import tributary.rules.value.Missing;
import tributary.rules.value.StateIn;
import tributary.rules.value.StateOut;

/// A message as rules see it. Its payload is read once, whoever asks first, for all rules.
///
/// For one thread at a time.
public final class StreamMessage {
    private static final String INGEST = "$aws/rules/";

    private final Topic topic;
    private final String device;
    private final String client;
    private final long arrivalMillis;
    private final Head head;
    private byte @Nullable [] bytes;
    private @Nullable Object payload;

    /// What else is known of a message.
    ///
    /// @param id    names the message in the log, "" where it came from none
    /// @param peer  the address that it came from, or ""
    public record Head(String id, String tenant, String peer, int qos, boolean retain, MessageProperties properties) {
        /// Nothing else is known.
        public static final Head NONE = new Head("", "", "", 0, false, MessageProperties.NONE);
    }

    private StreamMessage(Topic topic, String device, String client, long arrivalMillis, Head head) {
        this.topic = topic;
        this.device = device;
        this.client = client;
        this.arrivalMillis = arrivalMillis;
        this.head = head;
    }

    /// A message out of the log.
    ///
    /// @param id names it, such as its partition and position
    public static StreamMessage of(Message message, String id) {
        DeviceId device = message.device();
        StreamMessage made = new StreamMessage(
                seen(message.topic()),
                device == null ? message.publisher() : device.value(),
                message.publisher(),
                Math.floorDiv(message.receivedMicros(), 1000),
                new Head(id, message.tenant().value(), "", message.qos(), message.retain(), message.properties()));
        made.bytes = message.payload();
        return made;
    }

    /// A message by its parts.
    public static StreamMessage of(Topic topic, String client, byte[] payload, long arrivalMillis, Head head) {
        StreamMessage made = new StreamMessage(seen(topic), client, client, arrivalMillis, head);
        made.bytes = Objects.requireNonNull(payload, "payload");
        return made;
    }

    /// What a rule made, for the rule around it.
    static StreamMessage derived(Topic topic, String device, Object payload, long atMillis) {
        StreamMessage made = new StreamMessage(topic, device, device, atMillis, Head.NONE);
        made.payload = payload;
        return made;
    }

    /// The same message with another payload.
    StreamMessage with(Object other) {
        StreamMessage made = new StreamMessage(topic, device, client, arrivalMillis, head);
        made.payload = other;
        return made;
    }

    /// AWS lets devices publish to `$aws/rules/<rule>/<topic>`; rules see the topic behind that.
    ///
    /// @return the topic that rules see of a message that was published to `topic`
    public static Topic seen(Topic topic) {
        String value = topic.value();
        if (value.startsWith(INGEST)) {
            int end = value.indexOf('/', INGEST.length());
            if (end > 0 && end + 1 < value.length()) {
                return new Topic(value.substring(end + 1));
            }
        }
        return topic;
    }

    Topic topic() {
        return topic;
    }

    String device() {
        return device;
    }

    String client() {
        return client;
    }

    /// @return when it was accepted, milliseconds since 1970 UTC
    public long arrivalMillis() {
        return arrivalMillis;
    }

    /// @return what names it in the log, "" where it came from none
    public String id() {
        return head.id();
    }

    Head head() {
        return head;
    }

    @Nullable
    String userProperty(String name) {
        for (UserProperty property : head.properties().user()) {
            if (property.name().equals(name)) {
                return property.value();
            }
        }
        return null;
    }

    List<Object> userProperties(String name) {
        return head.properties().user().stream()
                .filter(property -> property.name().equals(name))
                .<Object>map(UserProperty::value)
                .toList();
    }

    /// The bytes as they came.
    byte[] bytes() {
        byte[] known = bytes;
        if (known == null) {
            known = Json.bytes(payload());
            bytes = known;
        }
        return known;
    }

    /// The payload as a value; bytes that are neither JSON nor CBOR by their content type stay bytes.
    Object payload() {
        return payload(READER.get());
    }

    /// Whether somebody looked into it and found neither JSON nor CBOR.
    boolean unread() {
        return payload instanceof byte[];
    }

    private Object payload(JsonReader reader) {
        Object known = payload;
        if (known == null) {
            byte[] raw = bytes();
            known = head.properties().contentType().startsWith("application/cbor") ? Cbor.read(raw) : reader.read(raw);
            known = known == Missing.UNDEFINED ? raw : known;
            payload = known;
        }
        return known;
    }

    /// Writes what rules see of the message.
    void write(StateOut out) {
        MessageProperties said = head.properties();
        out.text(topic.value()).text(device).text(client).number(arrivalMillis).value(payload());
        out.text(head.id())
                .text(head.tenant())
                .text(head.peer())
                .number(head.qos())
                .flag(head.retain());
        out.text(said.contentType())
                .text(said.responseTopic())
                .raw(said.correlationData())
                .flag(said.utf8());
        out.number(said.user().size());
        said.user().forEach(property -> out.text(property.name()).text(property.value()));
    }

    static StreamMessage read(StateIn in) {
        Topic topic = new Topic(in.text());
        String device = in.text();
        String client = in.text();
        long arrival = in.number();
        Object payload = in.value();
        String id = in.text();
        String tenant = in.text();
        String peer = in.text();
        int qos = (int) in.number();
        boolean retain = in.flag();
        String type = in.text();
        String response = in.text();
        byte[] correlation = in.raw();
        boolean utf8 = in.flag();
        List<UserProperty> user = new ArrayList<>();
        int count = in.count();
        for (int i = 0; i < count; i++) {
            user.add(new UserProperty(in.text(), in.text()));
        }
        MessageProperties said = new MessageProperties(type, response, correlation, -1, utf8, user);
        StreamMessage made =
                new StreamMessage(topic, device, client, arrival, new Head(id, tenant, peer, qos, retain, said));
        made.payload = payload;
        return made;
    }

    /// One reader a thread: it knows the keys of the messages that the thread sees.
    private static final ThreadLocal<JsonReader> READER = ThreadLocal.withInitial(JsonReader::new);
}
