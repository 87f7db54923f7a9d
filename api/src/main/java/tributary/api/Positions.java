package tributary.api;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// For each of some partitions the position to go on at, written `0:1234,1:99`: where a list or a stream continues.
record Positions(SortedMap<Integer, Long> next) {
    private static final int LENGTH_MAX = 4096;

    Positions {
        next = Collections.unmodifiableSortedMap(new TreeMap<>(next));
    }

    static Positions of(Map<Integer, Long> next) {
        return new Positions(new TreeMap<>(next));
    }

    /// @return what `text` says, or empty where it is not of that form or names a partition that is not there
    static Optional<Positions> parse(String text, int partitions) {
        if (text.length() > LENGTH_MAX) {
            return Optional.empty();
        }
        SortedMap<Integer, Long> next = new TreeMap<>();
        for (String pair : text.split(",", -1)) {
            String[] parts = pair.strip().split(":", -1);
            if (parts.length != 2 || !parts[0].matches("\\d{1,6}") || !parts[1].matches("\\d{1,18}")) {
                return Optional.empty();
            }
            int partition = Integer.parseInt(parts[0]);
            if (partition >= partitions || next.put(partition, Long.parseLong(parts[1])) != null) {
                return Optional.empty();
            }
        }
        return Optional.of(new Positions(next));
    }

    @Override
    public String toString() {
        return next.entrySet().stream()
                .map(entry -> entry.getKey() + ":" + entry.getValue())
                .collect(Collectors.joining(","));
    }
}
