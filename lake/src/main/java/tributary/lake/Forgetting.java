package tributary.lake;

import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import tributary.registry.Sensors;

/// Newest values and segments belong to the lake's thread; care asks here that some be forgotten, or changed.
final class Forgetting {
    private static final long ANSWER_SECONDS_MAX = 10;

    private final Queue<Ask> asks = new ConcurrentLinkedQueue<>();
    private volatile boolean closed;

    private record Ask(Work work, CompletableFuture<Boolean> answer) {}

    /// What the lake's thread is to do.
    interface Work {
        /// @return whether it could be done now
        boolean done(Hands hands);
    }

    /// What it can do for others.
    interface Hands {
        /// Sends what there is of readings and rejected messages on its way into files.
        ///
        /// @return whether nothing of it is left
        boolean freeze(TenantTail tail);

        /// Sensors are there that the registry may not know yet.
        ///
        /// @return true
        boolean met(List<Sensors.Seen> sensors);
    }

    /// What is to be forgotten: newest values that came before a position. Positions and not clocks decide, for clocks
    /// are put back.
    ///
    /// @param device null for all devices
    /// @param before by device: a position in its partition
    /// @param files  the tenant's readings when `left` was read from them
    /// @param left   by device and sensor, parted by a NUL: the newest value that files still have
    record Which(
            @Nullable String device,
            ToLongFunction<String> before,
            List<Snapshot.DataFile> files,
            Map<String, Lake.LatestValue> left) {
        // the lists are compared by identity and not copied

        static String key(String device, String sensor) {
            return device + "\0" + sensor;
        }
    }

    /// @return whether the lake's thread has done it; it does not where rows are on their way into files just now
    boolean ask(TenantTail tail, Which which) throws InterruptedException {
        return ask(_ -> tail.forget(which));
    }

    /// @return whether the lake's thread has done it
    boolean ask(Work work) throws InterruptedException {
        Ask ask = new Ask(work, new CompletableFuture<>());
        asks.add(ask);
        if (closed) {
            return false; // nobody answers any more
        }
        try {
            return ask.answer.get(ANSWER_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException e) {
            return false;
        }
    }

    /// Nobody waits for an answer any more.
    void close() {
        closed = true;
        for (Ask ask = asks.poll(); ask != null; ask = asks.poll()) {
            ask.answer.complete(false);
        }
    }

    /// For the lake's thread.
    void answer(Hands hands) {
        for (Ask ask = asks.poll(); ask != null; ask = asks.poll()) {
            ask.answer.complete(ask.work.done(hands));
        }
    }
}
