package tributary.sinks;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/// A receiver that does what a test says, and remembers what it took.
final class ScriptedSink implements Sink {
    final List<Parcel> taken = new ArrayList<>();
    final List<Integer> batches = new ArrayList<>();
    final Deque<Function<List<Parcel>, Outcome>> script = new ArrayDeque<>();
    final Set<String> poison = new HashSet<>();

    /// The next delivery ends so.
    void then(Outcome outcome) {
        script.add(batch -> {
            take(batch, outcome);
            return outcome;
        });
    }

    private void take(List<Parcel> batch, Outcome outcome) {
        int count = switch (outcome) {
            case Outcome.Done _ -> batch.size();
            case Outcome.Away away -> away.done();
            case Outcome.Failed failed -> failed.done();
            case Outcome.Refused refused -> refused.done();
            case Outcome.Lost _ -> 0;
        };
        taken.addAll(batch.subList(0, count));
    }

    @Override
    public Outcome deliver(List<Parcel> batch) {
        batches.add(batch.size());
        if (!script.isEmpty()) {
            return script.poll().apply(batch);
        }
        if (batch.stream().anyMatch(parcel -> poison.contains(parcel.payload()))) {
            return new Outcome.Refused(0, "400 that is poison");
        }
        taken.addAll(batch);
        return Outcome.DONE;
    }

    List<String> payloads() {
        return taken.stream().map(Parcel::payload).toList();
    }

    @Override
    public void close() {}
}
