package tributary.engine;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.MessageProperties.UserProperty;
import tributary.model.Micros;
import tributary.model.TenantId;
import tributary.model.Topic;

/// Makes messages of what rules say.
///
/// @param devices  whether a tenant has a device
/// @param depthMax how many rules one after the other it may take to make one
record RuleMessages(BiPredicate<TenantId, DeviceId> devices, InstantSource clock, int depthMax) {
    /// The user property that says how many rules it took to make a message.
    static final String DEPTH = "tributary-depth";

    /// The user property that says when, by the clock of the stream, a rule said it.
    static final String AT = "tributary-at";

    private static final String DEVICES = "devices/";

    /// @return why it becomes no message, or null
    @Nullable
    String fault(Parcel parcel, String topic) {
        if (parcel.depth() > depthMax) {
            return "a loop was cut off: it took %d rules one after the other to make this, and rules.depth-max is %d"
                    .formatted(parcel.depth(), depthMax);
        }
        String fault = Topic.fault(topic);
        if (fault != null) {
            return fault;
        }
        if (topic.charAt(0) == '$') {
            return "topics that begin with '$' are the platform's own";
        }
        if (topic.startsWith(DEVICES)) {
            DeviceId device = owner(topic);
            if (device == null || !devices.test(parcel.tenant(), device)) {
                return "there is no device that '%s' could be a message of".formatted(topic);
            }
        }
        return null;
    }

    /// @param mark a user property that tells it from others
    Message message(Parcel parcel, String topic, UserProperty mark) {
        List<UserProperty> user = new ArrayList<>();
        user.add(new UserProperty(DEPTH, Integer.toString(parcel.depth())));
        user.add(new UserProperty(AT, Long.toString(parcel.atMillis())));
        user.add(mark);
        return new Message(
                parcel.tenant(),
                owner(topic),
                new Topic(topic),
                parcel.payload(),
                Micros.of(clock.instant()),
                Message.Origin.PLATFORM,
                RuleEngine.PUBLISHER + parcel.rule(),
                1,
                false,
                new MessageProperties("application/json", "", new byte[0], -1, false, user));
    }

    /// @return whether a rule of that name made it
    static boolean made(Message message, String rule) {
        return message.origin() == Message.Origin.PLATFORM
                && message.publisher().equals(RuleEngine.PUBLISHER + rule);
    }

    /// @return when a rule said what became the message; its arrival where it does not say that
    static long atMillis(Message message) {
        for (UserProperty property : message.properties().user()) {
            if (property.name().equals(AT)) {
                return Long.parseLong(property.value());
            }
        }
        return Math.floorDiv(message.receivedMicros(), 1000);
    }

    /// @return the device that a message to this topic is of, or null
    private static @Nullable DeviceId owner(String topic) {
        if (!topic.startsWith(DEVICES)) {
            return null;
        }
        int end = topic.indexOf('/', DEVICES.length());
        String owner = topic.substring(DEVICES.length(), end < 0 ? topic.length() : end);
        return DeviceId.valid(owner) ? new DeviceId(owner) : null;
    }
}
