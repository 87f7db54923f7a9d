package tributary.log;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.MessageProperties.UserProperty;
import tributary.model.TenantId;
import tributary.model.Topic;

/// Reads back what [MessageEncoder] wrote. For one thread at a time.
///
/// Names come again and again: a bounded table from their bytes to the object made last time spares the text, its
/// check and its object for nearly every record.
final class MessageDecoder {
    private static final Message.Origin[] ORIGINS = Message.Origin.values();
    private static final int NAMES = 4096;
    private static final int NAME_BYTES_MAX = 256;

    private final Names<TenantId> tenants = new Names<>(64, TenantId::new);
    private final Names<DeviceId> devices = new Names<>(NAMES, DeviceId::new);
    private final Names<Topic> topics = new Names<>(NAMES, Topic::new);
    private final Names<String> publishers = new Names<>(NAMES, text -> text);

    private byte[] bytes = new byte[0];
    private int at;

    /// @return the stamp of the record at `start`, without decoding the rest
    static long receivedMicros(byte[] bytes, int start) {
        return RecordFormat.longAt(bytes, start + RecordFormat.HEADER_BYTES);
    }

    Message decode(byte[] record, int start) {
        bytes = record;
        at = start + RecordFormat.HEADER_BYTES;
        long receivedMicros = RecordFormat.longAt(bytes, at);
        int flags = bytes[at + 8] & 0xFF;
        at += 9;
        int qos = flags & MessageEncoder.QOS;
        int publishId = 0;
        if (qos == MessageEncoder.WITH_ID) {
            int named = number();
            qos = named & MessageEncoder.QOS;
            publishId = named >>> 2;
        }
        TenantId tenant = name(tenants);
        DeviceId device = (flags & MessageEncoder.DEVICE) == 0 ? null : name(devices);
        Topic topic = name(topics);
        String publisher = name(publishers);
        byte[] payload = blob();
        MessageProperties properties = (flags & MessageEncoder.PROPERTIES) == 0 ? MessageProperties.NONE : properties();
        return new Message(
                tenant,
                device,
                topic,
                payload,
                receivedMicros,
                ORIGINS[flags >> MessageEncoder.ORIGIN_SHIFT],
                publisher,
                qos,
                (flags & MessageEncoder.RETAIN) != 0,
                properties,
                publishId);
    }

    /// @return whether the record at `start` is retained or has a publish id, without decoding the rest
    static boolean marked(byte[] record, int start) {
        int flags = record[start + RecordFormat.HEADER_BYTES + 8];
        return (flags & MessageEncoder.RETAIN) != 0 || (flags & MessageEncoder.QOS) == MessageEncoder.WITH_ID;
    }

    /// @return whose message the record at `start` is, without decoding the rest
    TenantId tenant(byte[] record, int start) {
        names(record, start);
        return name(tenants);
    }

    /// @return where the message of the record at `start` was published, without decoding the rest
    Topic topic(byte[] record, int start) {
        int flags = names(record, start);
        skip();
        if ((flags & MessageEncoder.DEVICE) != 0) {
            skip();
        }
        return name(topics);
    }

    /// Goes to the first name of a record.
    private int names(byte[] record, int start) {
        bytes = record;
        at = start + RecordFormat.HEADER_BYTES + 8;
        int flags = bytes[at++];
        if ((flags & MessageEncoder.QOS) == MessageEncoder.WITH_ID) {
            number();
        }
        return flags;
    }

    private void skip() {
        int length = number();
        at += length;
    }

    private MessageProperties properties() {
        String contentType = text();
        String responseTopic = text();
        byte[] correlationData = blob();
        long expirySeconds = RecordFormat.longAt(bytes, at);
        boolean utf8 = bytes[at + 8] != 0;
        at += 9;
        int count = number();
        List<UserProperty> user = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            user.add(new UserProperty(text(), text()));
        }
        return new MessageProperties(contentType, responseTopic, correlationData, expirySeconds, utf8, user);
    }

    private <T> T name(Names<T> names) {
        int length = number();
        T name = names.get(bytes, at, length);
        at += length;
        return name;
    }

    private String text() {
        int length = number();
        String text = new String(bytes, at, length, StandardCharsets.UTF_8);
        at += length;
        return text;
    }

    private byte[] blob() {
        int length = number();
        byte[] blob = Arrays.copyOfRange(bytes, at, at + length);
        at += length;
        return blob;
    }

    private int number() {
        int number = 0;
        for (int shift = 0; ; shift += 7) {
            byte b = bytes[at++];
            number |= (b & 0x7F) << shift;
            if (b >= 0) {
                return number;
            }
        }
    }

    /// A direct-mapped table of the names seen last; a newer one takes the place of an older one.
    private static final class Names<T> {
        private final Function<String, T> make;
        private final @Nullable Entry<T>[] entries;

        /// @param hash spares a look at bytes that are others, and that are far away where there are many names
        private record Entry<T>(int hash, byte[] bytes, T name) {}

        @SuppressWarnings("unchecked") // an array of a generic type cannot be made otherwise
        Names(int size, Function<String, T> make) {
            this.entries = (Entry<T>[]) new Entry<?>[size];
            this.make = make;
        }

        T get(byte[] bytes, int at, int length) {
            int hash = hash(bytes, at, length);
            int slot = hash & entries.length - 1;
            Entry<T> entry = entries[slot];
            if (entry != null
                    && entry.hash == hash
                    && Arrays.equals(entry.bytes, 0, entry.bytes.length, bytes, at, at + length)) {
                return entry.name;
            }
            T name = make.apply(new String(bytes, at, length, StandardCharsets.UTF_8));
            if (length <= NAME_BYTES_MAX) {
                entries[slot] = new Entry<>(hash, Arrays.copyOfRange(bytes, at, at + length), name);
            }
            return name;
        }

        /// Eight bytes a step; the last step takes some again where they do not come out even.
        private static int hash(byte[] bytes, int at, int length) {
            long hash = length;
            if (length < Long.BYTES) {
                for (int i = 0; i < length; i++) {
                    hash = hash << 8 ^ bytes[at + i];
                }
                return mix(hash);
            }
            int last = at + length - Long.BYTES;
            for (int i = at; i < last; i += Long.BYTES) {
                hash = mix(hash ^ RecordFormat.longAt(bytes, i));
            }
            return mix(hash ^ RecordFormat.longAt(bytes, last));
        }

        private static int mix(long value) {
            long spread = value * 0x9E3779B97F4A7C15L;
            return (int) (spread ^ spread >>> 32);
        }
    }
}
