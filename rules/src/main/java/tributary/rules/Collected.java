package tributary.rules;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What the expressions of a select need beside themselves: each thing once, however often it is written.
final class Collected<T> {
    private final Map<String, Integer> places = new LinkedHashMap<>();
    private final List<T> things = new ArrayList<>();

    /// How a thing is made when it is first wanted.
    interface Maker<T> {
        T make();
    }

    /// @param text what says that two are the same
    /// @return its place
    int place(String text, Maker<T> maker) {
        Integer known = places.get(text);
        if (known != null) {
            return known;
        }
        // Made before it gets its place: what it needs itself stands before it.
        T made = maker.make();
        places.put(text, things.size());
        things.add(made);
        return things.size() - 1;
    }

    List<T> all() {
        return List.copyOf(things);
    }

    int size() {
        return things.size();
    }
}
