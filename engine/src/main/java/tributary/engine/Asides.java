package tributary.engine;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.engine.Stumble.Spot;

/// Messages at which the engine itself failed again and again: rules go on without them. Known until the process ends;
/// after a restart such a message is tried again, and set aside again.
final class Asides {
    private static final Logger LOG = LoggerFactory.getLogger(Asides.class);

    /// How often a message is tried.
    static final int TRIES = 3;

    private final Losses losses;
    private final Set<Spot> spots = ConcurrentHashMap.newKeySet();
    private @Nullable Spot last;
    private int tries;

    Asides(Losses losses) {
        this.losses = losses;
    }

    /// For the engine's thread.
    void stumbled(Stumble stumble) {
        tries = stumble.spot().equals(last) ? tries + 1 : 1;
        last = stumble.spot();
        if (tries < TRIES) {
            return;
        }
        LOG.error("rules go on without a message at which they failed {} times", tries, stumble);
        spots.add(stumble.spot());
        losses.lost(
                stumble.tenant(),
                "set-aside",
                "%s. Rules go on without it; please report this".formatted(stumble.getMessage()),
                1);
    }

    /// @return what is passed over
    Set<Spot> spots() {
        return spots;
    }

    int count() {
        return spots.size();
    }
}
