package tributary.engine;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.model.Micros;
import tributary.model.PlatformException;
import tributary.model.TenantId;
import tributary.registry.AlertRoute;
import tributary.registry.Functions;
import tributary.registry.Functions.KeptFunction;
import tributary.registry.RuleStore;
import tributary.registry.RuleStore.KeptRule;
import tributary.script.Scripts;

/// The rules that the registry has. While it does not answer, those go on that it had.
final class StoreRoster implements Engine.Roster {
    private static final Logger LOG = LoggerFactory.getLogger(StoreRoster.class);

    private final RuleStore store;
    private final Functions functions;
    private final AlertRoute route;
    private final Scripts scripts;
    private long seen = -1;
    private boolean failing;

    StoreRoster(RuleStore store, Functions functions, AlertRoute route, Scripts scripts) {
        this.store = store;
        this.functions = functions;
        this.route = route;
        this.scripts = scripts;
    }

    @Override
    public @Nullable List<Definition> changed() {
        long now = store.changes() + functions.changes() + route.changes();
        if (now == seen) {
            return null;
        }
        try {
            Map<TenantId, List<KeptFunction>> known = functions.all();
            Map<TenantId, List<String>> routes = route.all();
            List<Definition> all = store.working().stream()
                    .map(rule -> definition(rule, known.getOrDefault(rule.tenant(), List.of()))
                            .alertingTo(routes.getOrDefault(rule.tenant(), List.of())))
                    .toList();
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

    private Definition definition(KeptRule rule, List<KeptFunction> own) {
        return definition(rule, new RuleFunctions(rule.tenant(), RuleFunctions.texts(own), scripts));
    }

    static Definition definition(KeptRule rule, RuleFunctions callable) {
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
                },
                callable.calledBy(rule.text()));
    }
}
