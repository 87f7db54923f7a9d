package tributary.api;

import java.util.List;
import tributary.engine.RuleCheck;
import tributary.engine.RuleEngine;
import tributary.engine.RuleFunctions;
import tributary.model.TenantId;
import tributary.registry.RuleStore;
import tributary.registry.RuleStore.KeptRule;

/// The rules that depend on functions and tables, so that none of these goes while a rule needs it.
record Dependents(RuleStore rules, RuleEngine engine) {
    private static final int NAMED_MAX = 5;

    /// @param then the functions and tables that there would be
    /// @return the names of some rules that can run now, and could not with those
    List<String> broken(TenantId tenant, RuleFunctions then) {
        RuleFunctions now = engine.functions(tenant);
        return rules.all(tenant).stream()
                .filter(rule -> RuleCheck.flaw(rule.text(), now).isEmpty()
                        && RuleCheck.flaw(rule.text(), then).isPresent())
                .limit(NAMED_MAX)
                .map(KeptRule::name)
                .toList();
    }

    /// @param then what there would be after something is removed
    /// @param what rules do with it, such as `Rules call f()`
    /// @throws ProblemException where a rule could not run any more
    void spare(TenantId tenant, RuleFunctions then, String what) {
        List<String> broken = broken(tenant, then);
        if (!broken.isEmpty()) {
            throw new ProblemException(
                    ProblemCode.IN_USE,
                    "%s: %s. Change or remove them first.".formatted(what, String.join(", ", broken)));
        }
    }
}
