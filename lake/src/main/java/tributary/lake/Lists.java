package tributary.lake;

import java.util.ArrayList;
import java.util.List;

/// Lists that do not change, made of others.
final class Lists {
    private Lists() {}

    static <T> List<T> plus(List<T> list, T one) {
        List<T> longer = new ArrayList<>(list);
        longer.add(one);
        return List.copyOf(longer);
    }

    static <T> List<T> without(List<T> list, T one) {
        return list.stream().filter(e -> e != one).toList();
    }
}
