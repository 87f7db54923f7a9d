package tributary.simulator;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Writes JSON into a growing array that is used again and again. Not thread-safe.
final class JsonText {
    private static final long[] POWERS = {
        1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000
    };
    private static final double SCALED_MAX = 9e15;

    private byte[] bytes = new byte[256];
    private int length;

    /// @return `text` in quotes, escaped as JSON wants
    static String quoted(String text) {
        StringBuilder out = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < 0x20) {
                out.append("\\u%04x".formatted((int) c));
            } else {
                out.append(c);
            }
        }
        return out.append('"').toString();
    }

    void clear() {
        length = 0;
    }

    byte[] copy() {
        return Arrays.copyOf(bytes, length);
    }

    void add(byte[] more) {
        room(more.length);
        System.arraycopy(more, 0, bytes, length, more.length);
        length += more.length;
    }

    void add(char c) {
        room(1);
        bytes[length++] = (byte) c;
    }

    /// At most `decimals` places behind the point, without zeros at the end.
    void number(double value, int decimals) {
        double scaled = value * POWERS[decimals];
        if (!(Math.abs(scaled) < SCALED_MAX)) {
            add(Double.toString(value).getBytes(StandardCharsets.US_ASCII));
            return;
        }
        long all = (long) Math.floor(Math.abs(scaled) + 0.5);
        int places = decimals;
        while (places > 0 && all % 10 == 0) {
            all /= 10;
            places--;
        }
        if (value < 0 && all != 0) {
            add('-');
        }
        whole(all / POWERS[places]);
        if (places > 0) {
            add('.');
            long rest = all % POWERS[places];
            for (int i = places - 1; i >= 0; i--) {
                add((char) ('0' + rest / POWERS[i] % 10));
            }
        }
    }

    /// @param value at least 0
    void whole(long value) {
        room(20);
        int digits = 1;
        for (long rest = value; rest >= 10; rest /= 10) {
            digits++;
        }
        long rest = value;
        for (int i = length + digits - 1; i >= length; i--) {
            bytes[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        length += digits;
    }

    private void room(int more) {
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }
}
