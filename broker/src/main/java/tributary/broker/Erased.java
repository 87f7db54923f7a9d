package tributary.broker;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.TenantId;

/// Whose messages were erased, and up to where in the log: sessions have places there, and are not told what was
/// there. From all threads.
final class Erased {
    private final Map<Whose, long[]> before = new ConcurrentHashMap<>(1);

    /// @param device or "" for all of the tenant
    private record Whose(TenantId tenant, String device) {}

    /// Messages before these positions are erased, by partition.
    void add(Change.Erased change) {
        before.merge(
                new Whose(change.tenant(), change.device()), change.before().clone(), Erased::later);
    }

    private static long[] later(long[] one, long[] other) {
        long[] later = Arrays.copyOf(one, Math.max(one.length, other.length));
        for (int p = 0; p < other.length; p++) {
            later[p] = Math.max(later[p], other[p]);
        }
        return later;
    }

    boolean has(Message message, int partition, long position) {
        if (before.isEmpty()) {
            return false;
        }
        DeviceId device = message.device();
        return isBefore(new Whose(message.tenant(), ""), partition, position)
                || device != null && isBefore(new Whose(message.tenant(), device.value()), partition, position);
    }

    private boolean isBefore(Whose whose, int partition, long position) {
        long[] to = before.get(whose);
        return to != null && partition < to.length && position < to[partition];
    }

    /// Forgets what the log does not have any more.
    ///
    /// @param start of each partition
    /// @return what that was
    List<Change.Erased> forget(IntToLongFunction start) {
        List<Change.Erased> forgotten = new ArrayList<>(0);
        before.forEach((whose, to) -> {
            boolean gone = IntStream.range(0, to.length).allMatch(p -> start.applyAsLong(p) >= to[p]);
            if (gone && before.remove(whose, to)) {
                forgotten.add(new Change.Erased(whose.tenant(), whose.device(), to));
            }
        });
        return forgotten;
    }

    /// Tells all of it, to be noted anew.
    void each(Consumer<Change> to) {
        List<Change> all = new ArrayList<>();
        before.forEach((whose, positions) -> all.add(new Change.Erased(whose.tenant(), whose.device(), positions)));
        all.forEach(to);
    }
}
