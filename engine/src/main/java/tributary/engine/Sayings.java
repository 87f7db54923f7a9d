package tributary.engine;

import java.util.ArrayList;
import java.util.List;

/// What was said in the step that is under way.
final class Sayings {
    private List<Said> said = new ArrayList<>();
    private long weight;

    void add(Said one) {
        said.add(one);
        weight += one.weight();
    }

    boolean isEmpty() {
        return said.isEmpty();
    }

    /// @return roughly how many bytes it takes
    long weight() {
        return weight;
    }

    /// @return all of it; the next step begins with nothing
    List<Said> take() {
        List<Said> all = said;
        said = new ArrayList<>();
        weight = 0;
        return all;
    }
}
