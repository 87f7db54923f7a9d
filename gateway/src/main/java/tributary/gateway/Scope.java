package tributary.gateway;

import java.util.Set;
import tributary.model.TopicFilter;

/// Compares filters: a subscription is allowed where a filter of the scope means every topic that it means.
final class Scope {
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
