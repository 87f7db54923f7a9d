package tributary.sinks;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import tributary.registry.DeadLetters;

/// Dead letters of one sink in memory.
final class MemoryLetters implements DeadLetters {
    final TreeMap<Long, DeadLetter> all = new TreeMap<>();
    int most = LETTERS_MAX;

    @Override
    public boolean add(DeadLetter letter) {
        if (!all.containsKey(letter.position()) && all.size() >= most) {
            return false;
        }
        all.put(letter.position(), letter);
        return true;
    }

    @Override
    public Optional<DeadLetter> find(String sink, long position) {
        return Optional.ofNullable(all.get(position));
    }

    @Override
    public List<DeadLetter> page(String sink, long after, int countMax) {
        return new ArrayList<>(all.tailMap(after, false).values())
                .stream().limit(countMax).toList();
    }

    @Override
    public Amount amount(String sink) {
        return new Amount(all.size(), 0);
    }

    @Override
    public boolean remove(String sink, long position) {
        return all.remove(position) != null;
    }

    @Override
    public int removeAll(String sink) {
        int count = all.size();
        all.clear();
        return count;
    }
}
