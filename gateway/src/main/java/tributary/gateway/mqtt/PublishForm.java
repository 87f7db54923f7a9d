package tributary.gateway.mqtt;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tributary.broker.Delivery;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.MessageProperties.UserProperty;

/// One message as PUBLISH packets: encoded once for each layout (version, QoS above 0 or not) and shared by all
/// subscribers; flags and packet identifier are patched into each copy.
final class PublishForm {
    private static final int PUBLISH = 0x30;
    private static final int DUPLICATE = 8;
    private static final int RETAIN = 1;

    private static final byte[] NOTHING = {};

    /// The length of properties where there are none.
    private static final byte[] NO_PROPERTIES = {0};

    private final Message message;

    /// Written by several loops without order: at worst the same is encoded twice.
    private final @Nullable Encoded[] layouts = new @Nullable Encoded[4];

    /// @param packetIdAt where the packet identifier is, or -1 at QoS 0
    private record Encoded(byte[] bytes, int packetIdAt) {}

    /// How one subscriber gets it.
    ///
    /// @param packetId    0 at QoS 0
    /// @param identifiers of its subscriptions, for 5.0
    /// @param alias       the topic's: positive where it stands for the topic, negative where it is told
    ///                    beside it, or 0
    record Layout(
            int version, int qos, boolean retain, boolean duplicate, int packetId, int[] identifiers, int alias) {}

    private PublishForm(Message message) {
        this.message = message;
    }

    /// @return the form that the subscribers of this delivery share
    static PublishForm of(Delivery delivery) {
        if (delivery.kept() instanceof PublishForm form) {
            return form;
        }
        PublishForm form = new PublishForm(delivery.message());
        delivery.keep(form);
        return form;
    }

    /// Writes one copy.
    ///
    /// @param elapsedSeconds since the message was received, taken off its expiry
    /// @param bytesMax       largest packet that the subscriber takes
    /// @return whether it was written; false where it is too large for this subscriber
    boolean write(ByteBuf out, Layout layout, long elapsedSeconds, long bytesMax) {
        Encoded encoded = encoded(layout, elapsedSeconds);
        if (encoded.bytes().length > bytesMax) {
            return false;
        }
        int start = out.writerIndex();
        out.writeBytes(encoded.bytes());
        int flags = layout.qos() << 1 | (layout.retain() ? RETAIN : 0) | (layout.duplicate() ? DUPLICATE : 0);
        out.setByte(start, PUBLISH | flags);
        if (encoded.packetIdAt() >= 0) {
            out.setShort(start + encoded.packetIdAt(), layout.packetId());
        }
        return true;
    }

    private Encoded encoded(Layout layout, long elapsedSeconds) {
        boolean five = layout.version() == PacketReader.VERSION_5;
        boolean own = five
                && (layout.identifiers().length > 0
                        || layout.alias() != 0
                        || message.properties().expirySeconds() >= 0);
        if (own) {
            return encode(layout, elapsedSeconds);
        }
        int index = (five ? 2 : 0) + (layout.qos() > 0 ? 1 : 0);
        Encoded known = layouts[index];
        if (known == null) {
            known = encode(layout, elapsedSeconds);
            layouts[index] = known;
        }
        return known;
    }

    private Encoded encode(Layout layout, long elapsedSeconds) {
        byte[] topic = layout.alias() > 0 ? NOTHING : message.topic().value().getBytes(StandardCharsets.UTF_8);
        ByteBuf properties =
                layout.version() == PacketReader.VERSION_5 ? properties(layout, elapsedSeconds) : Unpooled.EMPTY_BUFFER;
        int idBytes = layout.qos() > 0 ? Short.BYTES : 0;
        int length = Short.BYTES + topic.length + idBytes + properties.readableBytes() + message.payload().length;
        byte[] bytes = new byte[1 + PacketWriter.variableBytes(length) + length];
        ByteBuf packet = Unpooled.wrappedBuffer(bytes).clear().writeByte(PUBLISH);
        PacketWriter.variable(packet, length);
        packet.writeShort(topic.length).writeBytes(topic);
        int packetIdAt = layout.qos() > 0 ? packet.writerIndex() : -1;
        packet.writeZero(idBytes).writeBytes(properties).writeBytes(message.payload());
        return new Encoded(bytes, packetIdAt);
    }

    private ByteBuf properties(Layout layout, long elapsedSeconds) {
        MessageProperties said = message.properties();
        if (said == MessageProperties.NONE && layout.identifiers().length == 0 && layout.alias() == 0) {
            return Unpooled.wrappedBuffer(NO_PROPERTIES);
        }
        ByteBuf block = Unpooled.buffer(64);
        if (said.utf8()) {
            block.writeByte(Property.PAYLOAD_FORMAT_INDICATOR.code()).writeByte(1);
        }
        if (said.expirySeconds() >= 0) {
            long left = Math.max(0, said.expirySeconds() - elapsedSeconds);
            block.writeByte(Property.MESSAGE_EXPIRY_INTERVAL.code()).writeInt((int) left);
        }
        if (!said.contentType().isEmpty()) {
            block.writeByte(Property.CONTENT_TYPE.code());
            PacketWriter.text(block, said.contentType());
        }
        if (!said.responseTopic().isEmpty()) {
            block.writeByte(Property.RESPONSE_TOPIC.code());
            PacketWriter.text(block, said.responseTopic());
        }
        if (said.correlationData().length > 0) {
            block.writeByte(Property.CORRELATION_DATA.code());
            block.writeShort(said.correlationData().length).writeBytes(said.correlationData());
        }
        if (layout.alias() != 0) {
            block.writeByte(Property.TOPIC_ALIAS.code()).writeShort(Math.abs(layout.alias()));
        }
        for (int identifier : layout.identifiers()) {
            block.writeByte(Property.SUBSCRIPTION_IDENTIFIER.code());
            PacketWriter.variable(block, identifier);
        }
        for (UserProperty pair : said.user()) {
            block.writeByte(Property.USER_PROPERTY.code());
            PacketWriter.text(block, pair.name());
            PacketWriter.text(block, pair.value());
        }
        ByteBuf out = Unpooled.buffer(5 + block.readableBytes());
        PacketWriter.variable(out, block.readableBytes());
        return out.writeBytes(block);
    }
}
