package tributary.sinks;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// For receivers that answer for each parcel of a batch. What they took behind one that they did not take is
/// remembered, so that it is not sent a second time when the rest of the batch comes again.
public final class Settled {
    private final Set<Long> taken = new HashSet<>();

    /// @return whether the receiver has it
    public boolean has(Parcel parcel) {
        return taken.contains(parcel.position());
    }

    /// The receiver has it, though nobody was told yet.
    public void take(long position) {
        taken.add(position);
    }

    /// @param batch   in order
    /// @param answers one for each of the first of the batch
    /// @return what became of the batch as a whole
    public Outcome outcome(List<Parcel> batch, List<Outcome> answers) {
        int done = 0;
        Outcome first = Outcome.DONE;
        for (int i = 0; i < answers.size(); i++) {
            boolean good = answers.get(i) instanceof Outcome.Done;
            if (first instanceof Outcome.Done && good) {
                done++;
                taken.remove(batch.get(i).position());
            } else if (good) {
                taken.add(batch.get(i).position());
            } else if (first instanceof Outcome.Done) {
                first = answers.get(i).after(done);
            }
        }
        return first;
    }

    public void clear() {
        taken.clear();
    }
}
