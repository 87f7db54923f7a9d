package tributary.log;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.MessageProperties;

/// Writes messages as records into an array of its own, position and segment still open.
///
/// The body is the stamp in microseconds (8 bytes), one byte of flags (quality of service in bits 0-1, retain
/// in 2, has a device in 3, has properties in 4, origin in 5-7), then tenant, device, topic, publisher and
/// payload, and where flagged the properties. A quality of service of 3 says that a publish id follows the
/// flags, the true quality of service in its lowest two bits. Texts are UTF-8 after their length in bytes;
/// lengths are varints. For one thread at a time.
final class MessageEncoder {
    static final int QOS = 3;
    static final int WITH_ID = 3;
    static final int RETAIN = 1 << 2;
    static final int DEVICE = 1 << 3;
    static final int PROPERTIES = 1 << 4;
    static final int ORIGIN_SHIFT = 5;

    private byte[] bytes = new byte[1024];
    private int at;

    /// @return the array that holds the last record from 0 on; lent until the next call
    byte[] bytes() {
        return bytes;
    }

    /// @return the length of the record, or -1 where it is longer than `lengthMax`
    int encode(Message message, int lengthMax) {
        MessageProperties properties = message.properties();
        DeviceId device = message.device();
        long roughly = 64L
                + message.payload().length
                + 3L * (message.topic().value().length() + message.publisher().length());
        if (message.payload().length > lengthMax || roughly > Integer.MAX_VALUE / 2) {
            return -1;
        }
        at = RecordFormat.HEADER_BYTES;
        reserve((int) roughly);
        RecordFormat.putLong(bytes, at, message.receivedMicros());
        at += 8;
        boolean named = message.publishId() > 0;
        bytes[at++] = (byte) ((named ? WITH_ID : message.qos())
                | (message.retain() ? RETAIN : 0)
                | (device == null ? 0 : DEVICE)
                | (properties == MessageProperties.NONE ? 0 : PROPERTIES)
                | message.origin().ordinal() << ORIGIN_SHIFT);
        if (named) {
            number(message.publishId() << 2 | message.qos());
        }
        text(message.tenant().value());
        if (device != null) {
            text(device.value());
        }
        text(message.topic().value());
        text(message.publisher());
        blob(message.payload());
        if (properties != MessageProperties.NONE) {
            properties(properties);
        }
        if (at > lengthMax) {
            shrink();
            return -1;
        }
        RecordFormat.putInt(bytes, 0, at);
        RecordFormat.putInt(bytes, RecordFormat.CHECK_AT, RecordFormat.bodyCheck(bytes, 0, at));
        RecordFormat.putLong(bytes, RecordFormat.WORD_AT, 0);
        return at;
    }

    /// Lets a large array go, so that one large message does not hold memory for ever.
    void shrink() {
        if (bytes.length > 64 * 1024) {
            bytes = new byte[1024];
        }
    }

    private void properties(MessageProperties properties) {
        text(properties.contentType());
        text(properties.responseTopic());
        blob(properties.correlationData());
        reserve(9);
        RecordFormat.putLong(bytes, at, properties.expirySeconds());
        at += 8;
        bytes[at++] = (byte) (properties.utf8() ? 1 : 0);
        number(properties.user().size());
        for (MessageProperties.UserProperty pair : properties.user()) {
            text(pair.name());
            text(pair.value());
        }
    }

    /// An array more than needed; but the whole text at once is several times as fast as letter by letter.
    private void text(String text) {
        blob(text.getBytes(StandardCharsets.UTF_8));
    }

    private void blob(byte[] blob) {
        reserve(blob.length + 5);
        number(blob.length);
        System.arraycopy(blob, 0, bytes, at, blob.length);
        at += blob.length;
    }

    private void number(int number) {
        reserve(5);
        int rest = number;
        while ((rest & ~0x7F) != 0) {
            bytes[at++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[at++] = (byte) rest;
    }

    private void reserve(int count) {
        if (bytes.length - at < count) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, at + count));
        }
    }
}
