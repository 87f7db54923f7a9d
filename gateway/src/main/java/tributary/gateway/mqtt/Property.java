package tributary.gateway.mqtt;

import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The properties of MQTT 5.0 (2.2.2.2) with the shape of their value and the packets that a client may put them in.
enum Property {
    PAYLOAD_FORMAT_INDICATOR(0x01, Shape.BOOLEAN, Place.PUBLISH, Place.WILL),
    MESSAGE_EXPIRY_INTERVAL(0x02, Shape.FOUR_BYTES, Place.PUBLISH, Place.WILL),
    CONTENT_TYPE(0x03, Shape.TEXT, Place.PUBLISH, Place.WILL),
    RESPONSE_TOPIC(0x08, Shape.TEXT, Place.PUBLISH, Place.WILL),
    CORRELATION_DATA(0x09, Shape.BINARY, Place.PUBLISH, Place.WILL),
    SUBSCRIPTION_IDENTIFIER(0x0B, Shape.VARIABLE, Place.SUBSCRIBE),
    SESSION_EXPIRY_INTERVAL(0x11, Shape.FOUR_BYTES, Place.CONNECT, Place.DISCONNECT),
    ASSIGNED_CLIENT_IDENTIFIER(0x12, Shape.TEXT),
    SERVER_KEEP_ALIVE(0x13, Shape.TWO_BYTES),
    AUTHENTICATION_METHOD(0x15, Shape.TEXT, Place.CONNECT, Place.AUTH),
    AUTHENTICATION_DATA(0x16, Shape.BINARY, Place.CONNECT, Place.AUTH),
    REQUEST_PROBLEM_INFORMATION(0x17, Shape.BOOLEAN, Place.CONNECT),
    WILL_DELAY_INTERVAL(0x18, Shape.FOUR_BYTES, Place.WILL),
    REQUEST_RESPONSE_INFORMATION(0x19, Shape.BOOLEAN, Place.CONNECT),
    RESPONSE_INFORMATION(0x1A, Shape.TEXT),
    SERVER_REFERENCE(0x1C, Shape.TEXT),
    REASON_STRING(0x1F, Shape.TEXT, Place.ACKNOWLEDGEMENT, Place.DISCONNECT, Place.AUTH),
    RECEIVE_MAXIMUM(0x21, Shape.TWO_BYTES, Place.CONNECT),
    TOPIC_ALIAS_MAXIMUM(0x22, Shape.TWO_BYTES, Place.CONNECT),
    TOPIC_ALIAS(0x23, Shape.TWO_BYTES, Place.PUBLISH),
    MAXIMUM_QOS(0x24, Shape.BOOLEAN),
    RETAIN_AVAILABLE(0x25, Shape.BOOLEAN),
    USER_PROPERTY(
            0x26,
            Shape.PAIR,
            Place.CONNECT,
            Place.WILL,
            Place.PUBLISH,
            Place.ACKNOWLEDGEMENT,
            Place.SUBSCRIBE,
            Place.UNSUBSCRIBE,
            Place.DISCONNECT,
            Place.AUTH),
    MAXIMUM_PACKET_SIZE(0x27, Shape.FOUR_BYTES, Place.CONNECT),
    WILDCARD_SUBSCRIPTION_AVAILABLE(0x28, Shape.BOOLEAN),
    SUBSCRIPTION_IDENTIFIER_AVAILABLE(0x29, Shape.BOOLEAN),
    SHARED_SUBSCRIPTION_AVAILABLE(0x2A, Shape.BOOLEAN);

    /// How a value is written.
    enum Shape {
        BOOLEAN,
        TWO_BYTES,
        FOUR_BYTES,
        VARIABLE,
        TEXT,
        BINARY,
        PAIR
    }

    /// Packets from a client that carry properties; the four acknowledgements allow the same ones.
    enum Place {
        CONNECT,
        WILL,
        PUBLISH,
        ACKNOWLEDGEMENT,
        SUBSCRIBE,
        UNSUBSCRIBE,
        DISCONNECT,
        AUTH
    }

    private static final @Nullable Property[] BY_CODE = new @Nullable Property[0x2B];

    static {
        for (Property property : values()) {
            BY_CODE[property.code] = property;
        }
    }

    private final int code;
    private final Shape shape;
    private final Set<Place> places;

    Property(int code, Shape shape, Place... places) {
        this.code = code;
        this.shape = shape;
        this.places = EnumSet.noneOf(Place.class);
        this.places.addAll(Set.of(places));
    }

    /// @return the property with that identifier, or null where there is none
    static @Nullable Property of(int code) {
        return code < BY_CODE.length ? BY_CODE[code] : null;
    }

    int code() {
        return code;
    }

    Shape shape() {
        return shape;
    }

    /// @return whether a client may put it into that packet
    boolean allowedIn(Place place) {
        return places.contains(place);
    }
}
