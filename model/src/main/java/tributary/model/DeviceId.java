package tributary.model;

/// The name of a device inside its tenant: one to 128 of letters, digits and `. _ - :`.
///
/// It is one level of a topic, so `/`, `+` and `#` cannot be in it; `me` is kept free, because it stands for the
/// publisher's own id in topics.
public record DeviceId(String value) implements Comparable<DeviceId> {
    private static final int CHARACTERS_MAX = 128;
    private static final String MARKS = "._-:";

    public DeviceId {
        if (!valid(value)) {
            throw new IllegalArgumentException(
                    "a device id is 1 to 128 letters, digits and '. _ - :', beginning with a letter or digit, and not"
                            + " 'me'; was '" + Quote.shorten(value) + "'");
        }
    }

    /// Every message of every device is asked this, so it is a loop and not a regular expression.
    ///
    /// @return whether `value` may name a device
    public static boolean valid(String value) {
        int characters = 0;
        for (int i = 0; i < value.length(); ) {
            int character = value.codePointAt(i);
            if (!letterOrNumber(character) && (characters == 0 || MARKS.indexOf(character) < 0)) {
                return false;
            }
            i += Character.charCount(character);
            characters++;
        }
        return characters > 0 && characters <= CHARACTERS_MAX && !value.equals("me");
    }

    private static boolean letterOrNumber(int character) {
        return switch (Character.getType(character)) {
            case Character.UPPERCASE_LETTER,
                    Character.LOWERCASE_LETTER,
                    Character.TITLECASE_LETTER,
                    Character.MODIFIER_LETTER,
                    Character.OTHER_LETTER,
                    Character.DECIMAL_DIGIT_NUMBER,
                    Character.LETTER_NUMBER,
                    Character.OTHER_NUMBER -> true;
            default -> false;
        };
    }

    @Override
    public int compareTo(DeviceId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
