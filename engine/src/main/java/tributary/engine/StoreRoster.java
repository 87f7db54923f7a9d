package tributary.engine;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.model.Micros;
import tributary.model.PlatformException;
import tributary.registry.RuleStore;
import tributary.registry.RuleStore.KeptRule;

/// The rules that the registry has. While it does not answer, those go on that it had.
final class StoreRoster implements Engine.Roster {
    private static final Logger LOG = LoggerFactory.getLogger(StoreRoster.class);

    private final RuleStore store;
    private long seen = -1;
    private boolean failing;

    StoreRoster(RuleStore store) {
        this.store = store;
    }

    @Override
    public @Nullable List<Definition> changed() {
        long now = store.changes();
        if (now == seen) {
            return null;
        }
        try {
            List<Definition> all =
                    store.working().stream().map(StoreRoster::definition).toList();
            seen = now;
            failing = false;
            return all;
        } catch (PlatformException e) {
            if (!failing) {
                LOG.warn("rules go on as they were: {}", e.detail());
                failing = true;
            }
            return null;
        }
    }

    private static Definition definition(KeptRule rule) {
        return new Definition(
                rule.tenant(),
                rule.name(),
                Micros.of(rule.createdAt()),
                rule.version(),
                rule.text().sql(),
                rule.text().sqlVersion(),
                rule.text().zone(),
                rule.text().actions(),
                switch (rule.state()) {
                    case ON -> Definition.Mode.ON;
                    case SHADOW -> Definition.Mode.SHADOW;
                    case PAUSED, DRAFT -> Definition.Mode.PAUSED;
                });
    }
}
