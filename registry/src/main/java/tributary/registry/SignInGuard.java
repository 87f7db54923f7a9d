package tributary.registry;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/// Slows down whoever guesses a password: after five failures in a row for a name, each further try has to wait, twice
/// as long each time. It does not know which names exist, so it treats all alike.
///
/// A try counts as failed from its beginning until it succeeds, so that many at once are no way around. Lives in
/// memory, at most so many names; the one that was not tried for longest goes first.
final class SignInGuard {
    static final int FREE_FAILURES = 5;
    static final Duration FIRST_WAIT = Duration.ofSeconds(10);
    static final Duration WAIT_MAX = Duration.ofMinutes(15);

    private static final int NAMES_MAX = 10_000;

    private record Failures(int count, Instant last) {}

    private final Map<String, Failures> byName = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Failures> eldest) {
            return size() > NAMES_MAX;
        }
    };

    /// @return how long to wait before this name may be tried, or zero: then the try is counted
    synchronized Duration enter(String name, Instant now) {
        Failures failures = byName.get(name);
        if (failures == null) {
            byName.put(name, new Failures(1, now));
            return Duration.ZERO;
        }
        Duration wait = Duration.between(now, failures.last().plus(waitAfter(failures.count())));
        if (wait.isPositive()) {
            return wait;
        }
        byName.put(name, new Failures(failures.count() + 1, now));
        return Duration.ZERO;
    }

    synchronized void succeeded(String name) {
        byName.remove(name);
    }

    private static Duration waitAfter(int failures) {
        if (failures < FREE_FAILURES) {
            return Duration.ZERO;
        }
        int doublings = Math.min(failures - FREE_FAILURES, 10);
        Duration wait = FIRST_WAIT.multipliedBy(1L << doublings);
        return wait.compareTo(WAIT_MAX) > 0 ? WAIT_MAX : wait;
    }
}
