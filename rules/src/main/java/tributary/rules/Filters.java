package tributary.rules;

import java.util.ArrayList;
import java.util.List;
import tributary.model.TopicFilter;

/// The topics that a plan listens to, those of inner selects and joins included.
final class Filters {
    private Filters() {}

    static List<TopicFilter> of(SelectPlan plan) {
        List<TopicFilter> all = new ArrayList<>();
        add(plan, all);
        return all.stream().distinct().toList();
    }

    private static void add(SelectPlan plan, List<TopicFilter> all) {
        for (SelectPlan.SourcePlan source : plan.sources()) {
            if (source.filter() != null) {
                all.add(source.filter());
            }
            if (source.inner() != null) {
                add(source.inner(), all);
            }
        }
        for (JoinPlan join : plan.joins()) {
            if (join.filter() != null) {
                all.add(join.filter());
            }
        }
    }
}
