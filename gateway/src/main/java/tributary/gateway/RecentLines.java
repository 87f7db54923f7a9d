package tributary.gateway;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import tributary.model.TenantId;

/// The newest lines of one tenant, the least lately repeated dropped first.
///
/// Equal refusals share a line with a count. Of one address so many lines are kept apart, and so many new ones are
/// taken a second; what is beyond shares a line with all others of its address, then with all others of its cause, so
/// that nobody pushes the others' lines out by calling himself something else each time.
///
/// All under one lock, held for a few steps, or for a copy of the lines by a reader.
final class RecentLines {
    /// Lines of one address that are kept apart.
    static final int OF_HOLDER_MAX = 50;

    /// New lines a second.
    static final int NEW_A_SECOND = 100;

    /// A line that repeats is shown again at the second, fourth, eighth ... time, and when this passed.
    static final long SHOWN_EVERY_MICROS = 2_000_000;

    private final @Nullable TenantId tenant;
    private final AtomicLong sequence;
    private final LinkedHashMap<Refusal.Source, Line> lines = new LinkedHashMap<>();
    private final Map<String, Integer> ofHolder = new HashMap<>();
    private long second;
    private int newInSecond;

    /// What changes of a line.
    private static final class Line {
        long sequence;
        long firstMicros;
        long lastMicros;
        long shownMicros;
        long count;
        String sentence = "";
    }

    /// @param tenant   whose lines these are, or null for nobody's
    /// @param sequence where numbers for lines come from
    RecentLines(@Nullable TenantId tenant, AtomicLong sequence) {
        this.tenant = tenant;
        this.sequence = sequence;
    }

    /// @param max lines to keep
    /// @return the line where it is to be shown: it is new, or has repeated for long enough
    synchronized @Nullable Attempt note(Refusal refusal, int max) {
        Refusal.Source source = place(refusal);
        Line line = lines.get(source);
        boolean isNew = line == null;
        if (line == null) {
            line = new Line();
            line.firstMicros = refusal.atMicros();
            ofHolder.merge(source.holder(), 1, Integer::sum);
        }
        line.count++;
        line.lastMicros = refusal.atMicros();
        line.sentence = refusal.sentence();
        lines.putLast(source, line);
        trim(max);
        boolean show =
                isNew || Long.bitCount(line.count) == 1 || refusal.atMicros() - line.shownMicros >= SHOWN_EVERY_MICROS;
        if (!show) {
            return null;
        }
        line.shownMicros = refusal.atMicros();
        line.sequence = sequence.incrementAndGet();
        return attempt(source, line);
    }

    private Refusal.Source place(Refusal refusal) {
        Refusal.Source own = refusal.source();
        if (lines.containsKey(own)) {
            return own;
        }
        Refusal.Source shared = ofHolder.getOrDefault(own.holder(), 0) < OF_HOLDER_MAX ? own : own.ofHolder();
        if (lines.containsKey(shared)) {
            return shared;
        }
        long now = refusal.atMicros() / 1_000_000;
        if (now != second) {
            second = now;
            newInSecond = 0;
        }
        return newInSecond++ < NEW_A_SECOND ? shared : own.ofAll();
    }

    /// Forgets the oldest beyond `max`.
    synchronized void trim(int max) {
        while (lines.size() > max) {
            Refusal.Source dropped = lines.pollFirstEntry().getKey();
            ofHolder.computeIfPresent(dropped.holder(), (_, count) -> count == 1 ? null : count - 1);
        }
    }

    synchronized void copyTo(List<Attempt> list) {
        lines.forEach((source, line) -> list.add(attempt(source, line)));
    }

    private Attempt attempt(Refusal.Source source, Line line) {
        return new Attempt(
                line.sequence,
                tenant,
                line.firstMicros,
                line.lastMicros,
                line.count,
                source.door(),
                source.address(),
                source.userName(),
                source.clientId(),
                source.subject(),
                source.device(),
                source.cause(),
                line.sentence);
    }
}
