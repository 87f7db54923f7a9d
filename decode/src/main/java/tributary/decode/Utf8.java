package tributary.decode;

/// Tells well-formed UTF-8 from other bytes (Unicode 15, table 3-7): no overlong forms, no surrogates.
final class Utf8 {
    private Utf8() {}

    /// @return whether the bytes from `from` to before `to` are well-formed
    static boolean wellFormed(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to) {
            byte lead = bytes[i];
            if (lead >= 0) {
                i++;
                continue;
            }
            int length = length(lead & 0xff);
            if (length == 0 || i + length > to || !second(lead & 0xff, bytes[i + 1] & 0xff)) {
                return false;
            }
            for (int k = 2; k < length; k++) {
                if ((bytes[i + k] & 0xc0) != 0x80) {
                    return false;
                }
            }
            i += length;
        }
        return true;
    }

    private static int length(int lead) {
        if (lead >= 0xc2 && lead <= 0xdf) {
            return 2;
        }
        if (lead >= 0xe0 && lead <= 0xef) {
            return 3;
        }
        return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
    }

    private static boolean second(int lead, int second) {
        int min = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
        int max = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
        return min <= second && second <= max;
    }
}
