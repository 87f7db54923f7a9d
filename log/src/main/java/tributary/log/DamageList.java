package tributary.log;

import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.log.Log.Damage;

/// The damage found since start, each stretch once.
final class DamageList {
    private static final Logger LOG = LoggerFactory.getLogger(DamageList.class);

    /// A disk that is beyond help shall not fill the memory too; the log file names the rest.
    private static final int COUNT_MAX = 1000;

    private final List<Damage> found = new ArrayList<>();

    synchronized void add(Damage damage) {
        for (Damage known : found) {
            if (known.partition() == damage.partition()
                    && known.first() <= damage.first()
                    && damage.end() <= known.end()
                    && (damage.first() < damage.end() || known.detail().equals(damage.detail()))) {
                return;
            }
        }
        LOG.error(
                "damage: partition {} positions {} to {}: {}",
                damage.partition(),
                damage.first(),
                damage.end(),
                damage.detail());
        if (found.size() < COUNT_MAX) {
            found.add(damage);
        }
    }

    synchronized List<Damage> list() {
        return List.copyOf(found);
    }
}
