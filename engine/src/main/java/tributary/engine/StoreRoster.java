package tributary.engine;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.model.Micros;
import tributary.model.PlatformException;
import tributary.model.TenantId;
import tributary.registry.AlertRoute;
import tributary.registry.Alerts;
import tributary.registry.Functions;
import tributary.registry.Functions.KeptFunction;
import tributary.registry.RuleStore;
import tributary.registry.RuleStore.KeptRule;
import tributary.script.Scripts;

/// The rules that the registry has. While it does not answer, those go on that it had.
final class StoreRoster implements Engine.Roster {
    private static final Logger LOG = LoggerFactory.getLogger(StoreRoster.class);

    private static final Pattern NAGGING = Pattern.compile("\\b(ESCALATE|REPEAT)\\b", Pattern.CASE_INSENSITIVE);

    private final RuleStore store;
    private final Functions functions;
    private final AlertRoute route;
    private final Alerts alerts;
    private final Scripts scripts;
    private long seen = -1;
    private boolean failing;

    /// Whether a rule says an alert again while it lasts.
    private boolean nagging;

    private long heard = -1;

    StoreRoster(RuleStore store, Functions functions, AlertRoute route, Alerts alerts, Scripts scripts) {
        this.store = store;
        this.functions = functions;
        this.route = route;
        this.alerts = alerts;
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
            nagging = all.stream().anyMatch(rule -> NAGGING.matcher(rule.sql()).find());
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

    @Override
    public List<Known> known() {
        long now = alerts.acknowledgements();
        if (now == heard || !nagging) {
            return List.of();
        }
        try {
            List<Known> all = alerts.acknowledged().stream()
                    .map(known -> new Known(
                            known.at().toEpochMilli(),
                            new Step.Change.Acknowledged(
                                    new Definition.Key(
                                            known.key().tenant(), known.key().rule()),
                                    known.key().name(),
                                    known.key().key(),
                                    known.raised().toEpochMilli())))
                    .toList();
            heard = now;
            return all;
        } catch (PlatformException e) {
            LOG.debug("who knows of alerts is asked again: {}", e.detail());
            return List.of();
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
