package tributary.gateway.mqtt;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The topics that one client published to last, found by their bytes, so that a known topic costs one comparison and
/// neither a string nor a check.
final class TopicNames {
    /// Remembered for one connection; beyond it all are forgotten at once, which is cheap and rare.
    private static final int NAMES_MAX = 256;

    /// Longer topics are not remembered: 256 of 64 KB would be 16 MB for one client.
    private static final int BYTES_MAX = 512;

    private byte[] lastBytes = {};
    private @Nullable TopicName last;
    private @Nullable Map<Key, TopicName> names;

    /// @param bytes compared and hashed by content
    private record Key(byte[] bytes) {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Key key && Arrays.equals(bytes, key.bytes);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(bytes);
        }
    }

    /// Makes a topic's text of bytes that were not seen before.
    @FunctionalInterface
    interface Check {
        String text(byte[] bytes, int length) throws MqttFault;
    }

    /// @param bytes lent; the first `length` are the topic
    /// @param check called where the topic is not known yet
    TopicName find(byte[] bytes, int length, Check check) throws MqttFault {
        TopicName before = last;
        if (before != null && Arrays.equals(lastBytes, 0, lastBytes.length, bytes, 0, length)) {
            return before;
        }
        if (length > BYTES_MAX) {
            return new TopicName(check.text(bytes, length));
        }
        byte[] own = Arrays.copyOf(bytes, length);
        Map<Key, TopicName> known = names;
        TopicName name = known == null ? null : known.get(new Key(own));
        if (name == null) {
            name = new TopicName(check.text(bytes, length));
            remember(own, name);
        }
        lastBytes = own;
        last = name;
        return name;
    }

    private void remember(byte[] own, TopicName name) {
        if (last == null) {
            return; // the first topic is often the only one: `last` is enough for it
        }
        Map<Key, TopicName> known = names;
        if (known == null) {
            known = new HashMap<>();
            names = known;
            known.put(new Key(lastBytes), last);
        } else if (known.size() >= NAMES_MAX) {
            known.clear();
        }
        known.put(new Key(own), name);
    }
}
