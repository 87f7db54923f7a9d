package tributary.gateway.mqtt;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tributary.model.MessageProperties;
import tributary.model.MessageProperties.UserProperty;

/// The properties that a client put into one packet; most put none: [#NONE].
final class Properties {
    static final Properties NONE = new Properties();

    private static final byte[] NO_BYTES = {};

    private final Map<Property, Object> values = new EnumMap<>(Property.class);
    private final List<UserProperty> user = new ArrayList<>(0);

    /// @return whether there was none of that kind before
    boolean put(Property property, Object value) {
        return values.putIfAbsent(property, value) == null;
    }

    void addUser(UserProperty pair) {
        user.add(pair);
    }

    int userCount() {
        return user.size();
    }

    boolean has(Property property) {
        return values.containsKey(property);
    }

    long number(Property property, long otherwise) {
        return values.get(property) instanceof Long value ? value : otherwise;
    }

    @Nullable
    String text(Property property) {
        return values.get(property) instanceof String value ? value : null;
    }

    byte[] bytes(Property property) {
        return values.get(property) instanceof byte[] value ? value : NO_BYTES;
    }

    /// @return what of it belongs to the message and travels with it
    MessageProperties ofMessage() {
        if (values.isEmpty() && user.isEmpty()) {
            return MessageProperties.NONE;
        }
        String contentType = text(Property.CONTENT_TYPE);
        String responseTopic = text(Property.RESPONSE_TOPIC);
        return new MessageProperties(
                contentType == null ? "" : contentType,
                responseTopic == null ? "" : responseTopic,
                bytes(Property.CORRELATION_DATA),
                number(Property.MESSAGE_EXPIRY_INTERVAL, -1),
                number(Property.PAYLOAD_FORMAT_INDICATOR, 0) == 1,
                user);
    }

    /// Names the kinds only: values may be secrets.
    @Override
    public String toString() {
        return values.keySet() + " and " + user.size() + " user properties";
    }
}
