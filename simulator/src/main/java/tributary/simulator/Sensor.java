package tributary.simulator;

import java.util.List;

/// One named value of a group's devices.
///
/// @param path     the parts of the name: `vibration.x` is two, and the payload nests them
/// @param decimals at most so many behind the point
/// @param stepTicks it has a value only at every so many ticks
record Sensor(List<String> path, Signal signal, Kind kind, int decimals, long stepTicks) {
    Sensor {
        path = List.copyOf(path);
    }

    String name() {
        return String.join(".", path);
    }

    /// What the numbers of its signal stand for: themselves, false and true, or places in a list of words.
    sealed interface Kind permits Numbers, Flags, Texts {}

    record Numbers() implements Kind {}

    record Flags() implements Kind {}

    /// @param words what each number means, as JSON texts with their quotes
    record Texts(List<String> words) implements Kind {
        public Texts {
            words = List.copyOf(words);
        }
    }
}
