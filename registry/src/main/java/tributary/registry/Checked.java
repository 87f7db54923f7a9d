package tributary.registry;

import java.nio.charset.StandardCharsets;
import tributary.model.Quote;

/// Checks of texts that people and devices bring. Whatever both databases can keep byte by byte is allowed.
final class Checked {
    private Checked() {}

    /// @return the text itself
    /// @throws IllegalArgumentException where it is too long or no database can keep it
    static String text(String what, String text, int bytesMax) {
        int bytes = text.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > bytesMax) {
            throw new IllegalArgumentException(
                    "%s has at most %d bytes, this one has %d".formatted(what, bytesMax, bytes));
        }
        if (!storable(text)) {
            throw new IllegalArgumentException(
                    "%s has no NUL and no unpaired surrogate: '%s'".formatted(what, Quote.shorten(text)));
        }
        return text;
    }

    /// @return whether both databases give the text back as it is
    static boolean storable(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0) {
                return false;
            }
            if (Character.isSurrogate(c)) {
                boolean pair = Character.isHighSurrogate(c)
                        && i + 1 < text.length()
                        && Character.isLowSurrogate(text.charAt(i + 1));
                if (!pair) {
                    return false;
                }
                i++;
            }
        }
        return true;
    }
}
