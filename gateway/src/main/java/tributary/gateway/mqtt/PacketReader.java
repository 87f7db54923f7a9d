package tributary.gateway.mqtt;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tributary.broker.Attachment.ShowRetained;
import tributary.gateway.mqtt.Packet.Acknowledgement;
import tributary.gateway.mqtt.Packet.Acknowledgement.Kind;
import tributary.gateway.mqtt.Property.Place;
import tributary.model.MessageProperties.UserProperty;
import tributary.model.Topic;

/// Takes packets from the bytes of a connection: one pass, no exception and no allocation for a packet that is not
/// complete yet. One reader serves all connections of an event loop.
final class PacketReader {
    static final int VERSION_3_1_1 = 4;

    /// Mosquitto sets it when it connects as a bridge by 3.1.1. In no standard.
    private static final int BRIDGE = 0x80;
    static final int VERSION_5 = 5;

    /// What a client that has not signed in may send at most.
    static final int CONNECT_BYTES_MAX = 64 * 1024;

    private static final int CONNECT = 1;
    private static final int PUBLISH = 3;
    private static final int PUBACK = 4;
    private static final int PUBREC = 5;
    private static final int PUBREL = 6;
    private static final int PUBCOMP = 7;
    private static final int SUBSCRIBE = 8;
    private static final int UNSUBSCRIBE = 10;
    private static final int PINGREQ = 12;
    private static final int DISCONNECT = 14;
    private static final int AUTH = 15;

    private static final ShowRetained[] SHOW_RETAINED = ShowRetained.values();
    /// The reason codes that a client may give (5.0, 2.4) in PUBACK and PUBREC,
    private static final Set<Integer> ANSWERS = Set.of(0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99);

    /// in PUBREL and PUBCOMP,
    private static final Set<Integer> COMPLETIONS = Set.of(0x00, 0x92);

    /// and in DISCONNECT.
    private static final Set<Integer> GOODBYES =
            Set.of(0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x97, 0x98, 0x99);

    /// The name of the protocol as it stands in CONNECT.
    private static final byte[] NAME = {0, 4, 'M', 'Q', 'T', 'T'};

    private static final int USER_PROPERTIES_MAX = 256;
    private static final int FILTERS_MAX = 1_000;
    private static final int HEADER_BYTES_MAX = 5;

    private byte[] scratch = new byte[1024];

    /// The packet at hand, valid during [#next] only.
    private ByteBuf in = Unpooled.EMPTY_BUFFER;

    private int at;
    private int end;

    /// What the reader has to know of a connection.
    ///
    /// @param version  protocol level, or 0 before CONNECT
    /// @param bytesMax largest packet
    record Context(int version, int bytesMax, TopicNames topics) {}

    /// Takes the next packet if all of it is there.
    ///
    /// @return the packet, or null where more bytes are needed; then nothing was taken
    @Nullable
    Packet next(ByteBuf bytes, Context context) throws MqttFault {
        int available = bytes.readableBytes();
        if (available < 1) {
            return null;
        }
        int start = bytes.readerIndex();
        int first = bytes.getUnsignedByte(start);
        checkFirst(first, context);
        int length = 0;
        int header = 1;
        int digit;
        do {
            if (header == HEADER_BYTES_MAX) {
                throw MqttFault.malformed("the remaining length has more than four bytes");
            }
            if (available <= header) {
                return null;
            }
            digit = bytes.getUnsignedByte(start + header);
            length |= (digit & 0x7F) << 7 * (header - 1);
            header++;
        } while (digit >= 0x80);
        if (header > 2 && digit == 0 && context.version() == VERSION_5) {
            throw MqttFault.malformed("the remaining length is written with more bytes than needed");
        }
        if (length + header > context.bytesMax()) {
            throw new MqttFault(
                    ReasonCode.PACKET_TOO_LARGE,
                    "the packet has " + (length + header) + " bytes and at most " + context.bytesMax()
                            + " are allowed (mqtt.packet-bytes-max); send the payload in parts");
        }
        if (available - header < length) {
            return null;
        }
        in = bytes;
        at = start + header;
        end = at + length;
        Packet packet = packet(first, context);
        if (at != end) {
            throw MqttFault.malformed("the packet is longer than its content");
        }
        bytes.readerIndex(end);
        return packet;
    }

    /// @return the protocol level where the bytes begin as a CONNECT of MQTT does, and 0 where they do not, or not yet
    static int announcedLevel(ByteBuf bytes) {
        int at = bytes.readerIndex();
        int last = bytes.writerIndex();
        if (at >= last || bytes.getUnsignedByte(at++) != CONNECT << 4) {
            return 0;
        }
        for (int i = 0; i < 4 && at < last; i++) {
            if (bytes.getUnsignedByte(at++) < 0x80) {
                break;
            }
        }
        boolean whole = last - at > NAME.length;
        return whole && ByteBufUtil.equals(bytes, at, Unpooled.wrappedBuffer(NAME), 0, NAME.length)
                ? bytes.getUnsignedByte(at + NAME.length)
                : 0;
    }

    private static void checkFirst(int first, Context context) throws MqttFault {
        int type = first >> 4;
        if (context.version() == 0 && first != CONNECT << 4) {
            throw MqttFault.protocol(
                    first == 0x16
                            ? "TLS hello on the plain port: connect without TLS"
                            : type == CONNECT
                                    ? "flags of CONNECT are not 0"
                                    : "the first packet is not CONNECT: is this an MQTT client?");
        }
        int flags = first & 0x0F;
        int wanted = type == PUBREL || type == SUBSCRIBE || type == UNSUBSCRIBE ? 2 : 0;
        if (type != PUBLISH && flags != wanted) {
            throw MqttFault.malformed("flags of packet type " + type + " are " + flags + " and not " + wanted);
        }
    }

    private Packet packet(int first, Context context) throws MqttFault {
        int version = context.version();
        return switch (first >> 4) {
            case CONNECT -> connect();
            case PUBLISH -> publish(first & 0x0F, context);
            case PUBACK -> acknowledgement(Kind.PUBACK, version);
            case PUBREC -> acknowledgement(Kind.PUBREC, version);
            case PUBREL -> acknowledgement(Kind.PUBREL, version);
            case PUBCOMP -> acknowledgement(Kind.PUBCOMP, version);
            case SUBSCRIBE -> subscribe(version);
            case UNSUBSCRIBE -> unsubscribe(version);
            case PINGREQ -> new Packet.Ping();
            case DISCONNECT -> disconnect(version);
            case AUTH -> auth(version);
            default -> throw MqttFault.protocol("packet type " + (first >> 4) + " does not come from a client");
        };
    }

    private Packet publish(int flags, Context context) throws MqttFault {
        int qos = flags >> 1 & 3;
        boolean duplicate = (flags & 8) != 0;
        if (qos == 3) {
            throw MqttFault.malformed("QoS 3 does not exist");
        }
        if (qos == 0 && duplicate) {
            throw MqttFault.malformed("a PUBLISH of QoS 0 is never a duplicate");
        }
        boolean five = context.version() == VERSION_5;
        int topicLength = twoBytes();
        need(topicLength);
        if (scratch.length < topicLength) {
            scratch = new byte[65_536];
        }
        in.getBytes(at, scratch, 0, topicLength);
        at += topicLength;
        if (topicLength == 0 && !five) {
            throw new MqttFault(ReasonCode.TOPIC_NAME_INVALID, "a topic has at least one character");
        }
        TopicName topic =
                topicLength == 0 ? null : context.topics().find(scratch, topicLength, PacketReader::topicText);
        int packetId = qos == 0 ? 0 : packetId();
        Properties properties = five ? properties(Place.PUBLISH) : Properties.NONE;
        byte[] payload = new byte[end - at];
        in.getBytes(at, payload);
        at = end;
        return new Packet.Publish(topic, qos, duplicate, (flags & 1) != 0, packetId, payload, properties);
    }

    private static String topicText(byte[] bytes, int length) throws MqttFault {
        String text = Utf8.text(bytes, 0, length);
        if (text.indexOf('+') >= 0 || text.indexOf('#') >= 0) {
            throw new MqttFault(ReasonCode.TOPIC_NAME_INVALID, "a topic to publish to has no wildcard ('+', '#')");
        }
        return text;
    }

    private Packet connect() throws MqttFault {
        String name = text();
        int level = oneByte();
        boolean bridge = level == (VERSION_3_1_1 | BRIDGE);
        int version = bridge ? VERSION_3_1_1 : level;
        if (!name.equals("MQTT") || version != VERSION_3_1_1 && version != VERSION_5) {
            at = end;
            return new Packet.Connect(otherVersion(version), false, true, 0, "", null, null, null, Properties.NONE);
        }
        int flags = oneByte();
        boolean hasWill = (flags & 0x04) != 0;
        int willQos = flags >> 3 & 3;
        boolean willRetain = (flags & 0x20) != 0;
        boolean hasPassword = (flags & 0x40) != 0;
        boolean hasUserName = (flags & 0x80) != 0;
        if ((flags & 1) != 0) {
            throw MqttFault.malformed("the reserved flag of CONNECT is set");
        }
        if (willQos == 3 || !hasWill && (willQos != 0 || willRetain)) {
            throw MqttFault.malformed("the flags of the will contradict each other");
        }
        if (version == VERSION_3_1_1 && hasPassword && !hasUserName) {
            throw MqttFault.malformed("a password without a user name");
        }
        int keepAliveSeconds = twoBytes();
        Properties properties = version == VERSION_5 ? properties(Place.CONNECT) : Properties.NONE;
        if (properties.has(Property.AUTHENTICATION_DATA) && !properties.has(Property.AUTHENTICATION_METHOD)) {
            throw MqttFault.protocol("authentication data without a method");
        }
        String clientId = text();
        Packet.Will will = hasWill ? will(version, willQos, willRetain) : null;
        String userName = hasUserName ? text() : null;
        String password = hasPassword ? latin(binary()) : null;
        return new Packet.Connect(
                version, bridge, (flags & 2) != 0, keepAliveSeconds, clientId, will, userName, password, properties);
    }

    /// Stands for a protocol that is not spoken here; the answer has the form of 3.1.1 up to level 4, else that of 5.0.
    private static int otherVersion(int level) {
        return level <= VERSION_3_1_1 ? 3 : Math.max(level, 6);
    }

    /// Tokens are ASCII; other bytes stay distinct and match nothing.
    private static String latin(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private Packet.Will will(int version, int qos, boolean retain) throws MqttFault {
        Properties properties = version == VERSION_5 ? properties(Place.WILL) : Properties.NONE;
        String topic = text();
        String fault = Topic.fault(topic);
        if (fault != null) {
            throw new MqttFault(ReasonCode.TOPIC_NAME_INVALID, "the will's topic: " + fault);
        }
        return new Packet.Will(topic, binary(), qos, retain, properties);
    }

    private Packet acknowledgement(Kind kind, int version) throws MqttFault {
        int packetId = packetId();
        int reasonCode = 0;
        if (version == VERSION_5 && at < end) {
            reasonCode = reasonCode(kind == Kind.PUBACK || kind == Kind.PUBREC ? ANSWERS : COMPLETIONS);
            if (at < end) {
                properties(Place.ACKNOWLEDGEMENT);
            }
        }
        return new Acknowledgement(kind, packetId, reasonCode);
    }

    private Packet subscribe(int version) throws MqttFault {
        int packetId = packetId();
        Properties properties = version == VERSION_5 ? properties(Place.SUBSCRIBE) : Properties.NONE;
        List<Packet.Subscribe.Request> requests = new ArrayList<>(1);
        while (at < end) {
            String filter = text();
            int options = oneByte();
            int reserved = version == VERSION_5 ? 0xC0 : 0xFC;
            if ((options & reserved) != 0) {
                throw MqttFault.malformed("reserved options of a subscription are set: " + options);
            }
            if ((options & 3) == 3 || (options & 0x30) == 0x30) {
                throw MqttFault.protocol("QoS 3 and retain handling 3 do not exist");
            }
            boolean noLocal = (options & 4) != 0;
            if (noLocal && filter.startsWith("$share/")) {
                throw MqttFault.protocol("no-local and a shared subscription exclude each other");
            }
            limit(requests.size());
            requests.add(new Packet.Subscribe.Request(
                    filter, options & 3, noLocal, (options & 8) != 0, SHOW_RETAINED[options >> 4 & 3]));
        }
        if (requests.isEmpty()) {
            throw MqttFault.protocol("SUBSCRIBE without a topic filter");
        }
        return new Packet.Subscribe(packetId, requests, properties);
    }

    private Packet unsubscribe(int version) throws MqttFault {
        int packetId = packetId();
        if (version == VERSION_5) {
            properties(Place.UNSUBSCRIBE);
        }
        List<String> filters = new ArrayList<>(1);
        while (at < end) {
            limit(filters.size());
            filters.add(text());
        }
        if (filters.isEmpty()) {
            throw MqttFault.protocol("UNSUBSCRIBE without a topic filter");
        }
        return new Packet.Unsubscribe(packetId, filters);
    }

    private static void limit(int filters) throws MqttFault {
        if (filters == FILTERS_MAX) {
            throw new MqttFault(ReasonCode.QUOTA_EXCEEDED, "more than " + FILTERS_MAX + " topic filters in one packet");
        }
    }

    private Packet disconnect(int version) throws MqttFault {
        int reasonCode = 0;
        Properties properties = Properties.NONE;
        if (version == VERSION_5 && at < end) {
            reasonCode = reasonCode(GOODBYES);
            if (at < end) {
                properties = properties(Place.DISCONNECT);
            }
        }
        return new Packet.Disconnect(reasonCode, properties);
    }

    private Packet auth(int version) throws MqttFault {
        if (version != VERSION_5) {
            throw MqttFault.protocol("packet type 15 does not exist in MQTT 3.1.1");
        }
        if (at < end) {
            oneByte();
            if (at < end) {
                properties(Place.AUTH);
            }
        }
        return new Packet.Auth();
    }

    private Properties properties(Place place) throws MqttFault {
        int length = variable();
        if (length == 0) {
            return Properties.NONE;
        }
        need(length);
        int packetEnd = end;
        end = at + length;
        Properties properties = new Properties();
        while (at < end) {
            Property property = Property.of(variable());
            if (property == null) {
                throw MqttFault.malformed("a property of unknown kind");
            }
            if (!property.allowedIn(place)) {
                // PUBLISH has this one, but only the server puts it there (3.3.4)
                boolean ours = property == Property.SUBSCRIPTION_IDENTIFIER && place == Place.PUBLISH;
                String detail = property + " does not belong into " + place;
                throw ours ? MqttFault.protocol(detail + " from a client") : MqttFault.malformed(detail);
            }
            property(property, properties);
        }
        end = packetEnd;
        return properties;
    }

    private void property(Property property, Properties properties) throws MqttFault {
        Object value = switch (property.shape()) {
            case BOOLEAN -> (long) bit(property);
            case TWO_BYTES -> (long) twoBytes();
            case FOUR_BYTES -> fourBytes();
            case VARIABLE -> (long) variable();
            case TEXT -> text();
            case BINARY -> binary();
            case PAIR -> new UserProperty(text(), text());
        };
        if (value instanceof UserProperty pair) {
            if (properties.userCount() == USER_PROPERTIES_MAX) {
                throw new MqttFault(ReasonCode.QUOTA_EXCEEDED, "more than " + USER_PROPERTIES_MAX + " user properties");
            }
            properties.addUser(pair);
        } else if (!properties.put(property, value)) {
            throw MqttFault.protocol(property + " occurs twice");
        }
        boolean positive = property == Property.RECEIVE_MAXIMUM
                || property == Property.MAXIMUM_PACKET_SIZE
                || property == Property.SUBSCRIPTION_IDENTIFIER;
        if (positive && value.equals(0L)) {
            throw MqttFault.protocol(property + " is 0");
        }
        if (property == Property.RESPONSE_TOPIC && Topic.fault((String) value) != null) {
            throw MqttFault.protocol("the response topic: " + Topic.fault((String) value));
        }
    }

    private int bit(Property property) throws MqttFault {
        int value = oneByte();
        if (value > 1) {
            throw MqttFault.protocol(property + " is neither 0 nor 1");
        }
        return value;
    }

    private int packetId() throws MqttFault {
        int id = twoBytes();
        if (id == 0) {
            throw MqttFault.malformed("a packet identifier is not 0");
        }
        return id;
    }

    private String text() throws MqttFault {
        byte[] bytes = binary();
        return Utf8.text(bytes, 0, bytes.length);
    }

    private byte[] binary() throws MqttFault {
        int length = twoBytes();
        need(length);
        byte[] bytes = new byte[length];
        in.getBytes(at, bytes);
        at += length;
        return bytes;
    }

    private int variable() throws MqttFault {
        int value = 0;
        for (int shift = 0; shift < 28; shift += 7) {
            int digit = oneByte();
            value |= (digit & 0x7F) << shift;
            if (digit < 0x80) {
                if (digit == 0 && shift > 0) {
                    throw MqttFault.malformed("a length is written with more bytes than needed");
                }
                return value;
            }
        }
        throw MqttFault.malformed("a length has more than four bytes");
    }

    private int reasonCode(Set<Integer> allowed) throws MqttFault {
        int code = oneByte();
        if (!allowed.contains(code)) {
            throw MqttFault.protocol("this packet has no reason code " + code);
        }
        return code;
    }

    private int oneByte() throws MqttFault {
        need(1);
        return in.getUnsignedByte(at++);
    }

    private int twoBytes() throws MqttFault {
        need(2);
        at += 2;
        return in.getUnsignedShort(at - 2);
    }

    private long fourBytes() throws MqttFault {
        need(4);
        at += 4;
        return in.getUnsignedInt(at - 4);
    }

    private void need(int bytes) throws MqttFault {
        if (end - at < bytes) {
            throw MqttFault.malformed("the packet is shorter than its content");
        }
    }
}
