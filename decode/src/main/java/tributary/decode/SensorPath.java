package tributary.decode;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The path of the value that is being read, as bytes, and the memory of all paths seen: one String for each.
///
/// Devices send the same keys in the same order again and again, so each remembered path knows which came after it
/// last time; while the guess holds, a key costs one comparison and neither a scan nor a hash.
final class SensorPath {
    static final String EMPTY = "a sensor's name is empty; give it one";

    /// Longest path, bytes in UTF-8.
    static final int BYTES_MAX = 256;

    /// Above either, everything is forgotten and learnt anew: a stranger who invents names cannot fill the memory.
    private static final int PATHS_MAX = 32_768;

    private static final int PATHS_BYTES_MAX = 2 * 1024 * 1024;

    /// More steps to a free slot than this mean names made to collide; the memory begins anew then.
    private static final int STEPS_MAX = 64;

    /// A path seen before.
    static final class Known {
        /// Its UTF-8.
        final byte[] bytes;

        final String sensor;
        private final int hash;

        /// Whether these bytes between quotes are a JSON key of this sensor.
        final boolean key;

        /// The path that came after this one last time; itself at first.
        private Known follower;

        Known(byte[] bytes, int hash) {
            this.bytes = bytes;
            this.sensor = new String(bytes, StandardCharsets.UTF_8);
            this.hash = hash;
            this.key = bytes.length > 0 && sensor.indexOf('"') < 0 && sensor.indexOf('\\') < 0 && !sensor.equals("ts");
            this.follower = this;
        }
    }

    private final byte[] path = new byte[BYTES_MAX];
    private int length;
    private boolean rooted;

    private @Nullable Known[] table = new @Nullable Known[256];
    private int count;
    private int bytes;
    private Known last = new Known(new byte[0], 0);

    /// Begins a message whose topic names the sensor `prefix`, or none where it is empty.
    ///
    /// @return false where the prefix is too long
    boolean begin(String prefix) {
        length = 0;
        rooted = !prefix.isEmpty();
        return !rooted || append(prefix);
    }

    /// @return whether the topic names the sensor
    boolean rooted() {
        return rooted;
    }

    int mark() {
        return length;
    }

    void back(int mark) {
        length = mark;
    }

    /// Goes down to the member of that name.
    ///
    /// @return false where the path would be too long; it is unchanged then
    boolean down(byte[] source, int from, int to) {
        int dot = length == 0 ? 0 : 1;
        if (length + dot + to - from > BYTES_MAX) {
            return false;
        }
        if (dot == 1) {
            path[length++] = '.';
        }
        System.arraycopy(source, from, path, length, to - from);
        length += to - from;
        return true;
    }

    /// Goes down to the member of that name.
    boolean down(String name) {
        int mark = length;
        if (length > 0) {
            if (length == BYTES_MAX) {
                return false;
            }
            path[length++] = '.';
        }
        if (append(name)) {
            return true;
        }
        length = mark;
        return false;
    }

    /// Goes down to the element of an array.
    boolean down(int index) {
        return append("[" + index + "]");
    }

    private boolean append(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        if (length + utf8.length > BYTES_MAX) {
            return false;
        }
        System.arraycopy(utf8, 0, path, length, utf8.length);
        length += utf8.length;
        return true;
    }

    /// @return the path that most likely comes next, where only one member below the root is meant
    Known guess() {
        return last.follower;
    }

    /// Says that the guess held.
    void guessed(Known known) {
        last = known;
    }

    /// @return the sensor at the present path, or null where it cannot be one; [#fault] says why
    @Nullable
    String sensor() {
        return sensor(path, 0, length);
    }

    /// @return the sensor of that path, or null where it cannot be one
    @Nullable
    String sensor(byte[] source, int from, int to) {
        Known guess = last.follower;
        if (Arrays.equals(source, from, to, guess.bytes, 0, guess.bytes.length) && to > from) {
            last = guess;
            return guess.sensor;
        }
        int hash = hash(source, from, to);
        int slot = slot(table, hash);
        int steps = 0;
        for (Known known = table[slot]; known != null; known = table[slot]) {
            if (++steps > STEPS_MAX) {
                forget();
                break;
            }
            if (known.hash == hash && Arrays.equals(source, from, to, known.bytes, 0, known.bytes.length)) {
                last.follower = known;
                last = known;
                return known.sensor;
            }
            slot = (slot + 1) & (table.length - 1);
        }
        if (fault(source, from, to) != null) {
            return null;
        }
        return remember(Arrays.copyOfRange(source, from, to), hash).sensor;
    }

    private Known remember(byte[] owned, int hash) {
        if (count == PATHS_MAX || bytes + owned.length > PATHS_BYTES_MAX) {
            forget();
        }
        if (count * 2 >= table.length) {
            @Nullable Known[] old = table;
            table = new @Nullable Known[old.length * 2];
            for (Known known : old) {
                if (known != null) {
                    put(known);
                }
            }
        }
        Known known = new Known(owned, hash);
        put(known);
        count++;
        bytes += owned.length;
        last.follower = known;
        last = known;
        return known;
    }

    private void forget() {
        Arrays.fill(table, null);
        count = 0;
        bytes = 0;
    }

    private void put(Known known) {
        int slot = slot(table, known.hash);
        while (table[slot] != null) {
            slot = (slot + 1) & (table.length - 1);
        }
        table[slot] = known;
    }

    private static int slot(@Nullable Known[] table, int hash) {
        return hash & (table.length - 1);
    }

    private static int hash(byte[] source, int from, int to) {
        int hash = 0x9e3779b9;
        for (int i = from; i < to; i++) {
            hash = (hash ^ source[i]) * 0x01000193;
        }
        return hash ^ (hash >>> 15);
    }

    /// @return what is wrong with the present path
    String fault() {
        String fault = fault(path, 0, length);
        return fault == null ? "this sensor cannot be named" : fault;
    }

    /// @return what is wrong with these bytes as a path, or null
    static @Nullable String fault(byte[] source, int from, int to) {
        if (to == from) {
            return EMPTY;
        }
        if (to - from > BYTES_MAX) {
            return tooLong();
        }
        if (!Utf8.wellFormed(source, from, to)) {
            return "a sensor's name is not UTF-8";
        }
        byte before = '.';
        for (int i = from; i < to; i++) {
            byte c = source[i];
            if (c >= 0 && c < 0x20 || c == 0x7f) {
                return "a sensor's name has a control character; use letters, digits and '_'";
            }
            if (c == '.' && before == '.') {
                return emptyPart(source, from, to);
            }
            before = c;
        }
        return before == '.' ? emptyPart(source, from, to) : null;
    }

    static String tooLong() {
        return "a sensor's path has more than " + BYTES_MAX + " bytes; use shorter names or less nesting";
    }

    private static String emptyPart(byte[] source, int from, int to) {
        return "the sensor path '" + new String(source, from, to - from, StandardCharsets.UTF_8)
                + "' has an empty part; each part between dots has a name";
    }
}
