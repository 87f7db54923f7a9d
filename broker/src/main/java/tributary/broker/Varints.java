package tributary.broker;

/// Numbers of 0 and more in as few bytes as they need: seven bits a byte, the lowest first.
final class Varints {
    private Varints() {}

    /// @return where the next one goes
    static int put(byte[] bytes, int at, long value) {
        int to = at;
        long rest = value;
        while (rest >>> 7 != 0) {
            bytes[to++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[to++] = (byte) rest;
        return to;
    }

    static long get(byte[] bytes, int at) {
        long value = 0;
        int from = at;
        for (int shift = 0; ; shift += 7) {
            byte b = bytes[from++];
            value |= (b & 0x7FL) << shift;
            if (b >= 0) {
                return value;
            }
        }
    }

    /// @return where the number at `at` ends
    static int end(byte[] bytes, int at) {
        int end = at;
        while (bytes[end++] < 0) {
            // another byte of the same number
        }
        return end;
    }
}
