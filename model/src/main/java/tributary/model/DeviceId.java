package tributary.model;

import java.util.regex.Pattern;

/// The name of a device inside its tenant: one to 128 of letters, digits and `. _ - :`.
///
/// It is one level of a topic, so `/`, `+` and `#` cannot be in it; `me` is kept free, because it stands for the
/// publisher's own id in topics.
public record DeviceId(String value) implements Comparable<DeviceId> {
    private static final Pattern SHAPE = Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{N}._:-]{0,127}");

    public DeviceId {
        if (!valid(value)) {
            throw new IllegalArgumentException(
                    "a device id is 1 to 128 letters, digits and '. _ - :', beginning with a letter or digit, and not"
                            + " 'me'; was '" + Quote.shorten(value) + "'");
        }
    }

    /// @return whether `value` may name a device
    public static boolean valid(String value) {
        return SHAPE.matcher(value).matches() && !value.equals("me");
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
