package tributary.gateway;

import java.util.Set;
import tributary.model.TopicFilter;

/// Compares filters: a subscription is allowed where a filter of the scope means every topic that it means.
final class Scope {
    private static final String FIGURES = "$SYS/";

    private Scope() {}

    /// @return whether one of `scope` covers all that `filter` can match
    static boolean covers(Set<TopicFilter> scope, String filter) {
        String[] wanted = filter.split("/", -1);
        for (TopicFilter allowed : scope) {
            if (covers(allowed.value().split("/", -1), wanted)) {
                return true;
            }
        }
        return false;
    }

    /// The filter `#` means no topic that begins with `$`. A scope of `#` means all of the tenant, its figures
    /// included; any other wildcard at the first level means them as little as it does in a subscription.
    ///
    /// @return whether `scope` lets its holder hear the figures of its tenant that `filter` means
    static boolean coversFigures(Set<TopicFilter> scope, String filter) {
        if (!filter.startsWith(FIGURES)) {
            return false;
        }
        String[] wanted = filter.split("/", -1);
        for (TopicFilter allowed : scope) {
            boolean all = allowed.value().equals("#");
            if (all
                    || allowed.value().startsWith(FIGURES)
                            && covers(allowed.value().split("/", -1), wanted)) {
                return true;
            }
        }
        return false;
    }

    private static boolean covers(String[] allowed, String[] wanted) {
        for (int i = 0; i < allowed.length; i++) {
            if (allowed[i].equals("#")) {
                return true;
            }
            if (i == wanted.length || wanted[i].equals("#")) {
                return false;
            }
            if (!allowed[i].equals("+") && !allowed[i].equals(wanted[i])) {
                return false;
            }
        }
        return allowed.length == wanted.length;
    }
}
