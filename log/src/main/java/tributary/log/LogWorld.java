package tributary.log;

import java.time.InstantSource;
import java.util.Set;
import java.util.random.RandomGenerator;
import tributary.model.Disk;

/// What a log is given: everything it cannot decide itself.
///
/// @param random draws the salt of a new log
/// @param flaws  faults planted by a test
record LogWorld(Disk disk, InstantSource clock, RandomGenerator random, LogSettings settings, Set<Flaw> flaws) {
    LogWorld {
        flaws = Set.copyOf(flaws);
    }

    boolean has(Flaw flaw) {
        return flaws.contains(flaw);
    }
}
