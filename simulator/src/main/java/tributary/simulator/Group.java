package tributary.simulator;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Devices of one kind.
///
/// @param prefix   in front of every name; values do not depend on it
/// @param pattern  of their names, with `{n}` or `{n:5}` (five digits at least) for the number from 1
/// @param gateway  who carries them, or null where each speaks for itself
record Group(
        String prefix,
        String pattern,
        String type,
        int count,
        Rhythm rhythm,
        @Nullable Gateway gateway,
        List<MessageShape> messages,
        int memorySize) {
    private static final Pattern NUMBER = Pattern.compile("\\{n(?::(\\d))?}");

    Group {
        messages = List.copyOf(messages);
    }

    /// One connection for many devices.
    ///
    /// @param pattern of its name
    /// @param devices that each carries
    record Gateway(String pattern, int devices) {}

    static boolean numbered(String pattern) {
        return NUMBER.matcher(pattern).find();
    }

    /// @return the pattern with the number in it
    static String named(String pattern, int number) {
        Matcher matcher = NUMBER.matcher(pattern);
        if (!matcher.find()) {
            return pattern;
        }
        String digits = matcher.group(1);
        String text = digits == null || digits.equals("0")
                ? Integer.toString(number)
                : String.format(Locale.ROOT, "%0" + digits + "d", number);
        return matcher.replaceFirst(text);
    }

    /// @param index from 0
    String name(int index) {
        return prefix + plainName(index);
    }

    /// @return the name without the prefix
    String plainName(int index) {
        return named(pattern, index + 1);
    }

    String connection(int index) {
        return gateway == null ? name(index) : prefix + named(gateway.pattern(), index / gateway.devices() + 1);
    }

    Group withCount(int other) {
        return new Group(prefix, pattern, type, other, rhythm, gateway, messages, memorySize);
    }

    Group withPrefix(String other) {
        return new Group(other, pattern, type, count, rhythm, gateway, messages, memorySize);
    }

    Group withGateway(Gateway other) {
        return new Group(prefix, pattern, type, count, rhythm, other, messages, memorySize);
    }
}
