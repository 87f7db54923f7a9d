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
    public Edited edit(DeadLetter was, String parcel) {
        DeadLetter now = all.get(was.position());
        if (now == null || !now.parcel().equals(was.parcel())) {
            return Edited.GONE;
        }
        all.put(
                now.position(),
                new DeadLetter(now.sink(), now.position(), parcel, now.reason(), now.attempts(), now.at()));
        return Edited.DONE;
    }

    @Override
    public boolean tried(DeadLetter letter) {
        return all.computeIfPresent(
                        letter.position(),
                        (_, now) -> new DeadLetter(
                                now.sink(),
                                now.position(),
                                now.parcel(),
                                letter.reason(),
                                letter.attempts(),
                                letter.at()))
                != null;
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
    public boolean remove(DeadLetter was) {
        DeadLetter now = all.get(was.position());
        return now != null && now.parcel().equals(was.parcel()) && remove(was.sink(), was.position());
    }

    @Override
    public int removeAll(String sink) {
        int count = all.size();
        all.clear();
        return count;
    }
}
