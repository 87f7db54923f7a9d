package tributary.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import tributary.model.TenantId;
import tributary.model.Topic;
import tributary.model.TopicFilter;
import tributary.rules.Lookups;

class TopicIndexTest {
    private static RuleAtWork rule(String name, String... filters) {
        String from = "'" + String.join("', '", filters) + "'";
        Definition definition = new Definition(
                TenantId.MAIN, name, 1, 1, "SELECT * FROM " + from, "tributary", "UTC", List.of(), Definition.Mode.ON);
        return new RuleAtWork(definition, Lookups.none(), new RuleFigures(), new Sayings());
    }

    private static List<String> names(List<RuleAtWork> rules) {
        return rules.stream().map(rule -> rule.definition().name()).toList();
    }

    private static List<String> listeners(TopicIndex index, String topic) {
        return names(index.listeners(new Topic(topic)));
    }

    @Test
    void ruleListensToWhatItsFilterMatches() {
        TopicIndex index = new TopicIndex(
                List.of(rule("exact", "a/b"), rule("one", "a/+"), rule("all", "a/#"), rule("every", "#")));

        assertThat(listeners(index, "a/b")).containsExactly("exact", "one", "all", "every");
        assertThat(listeners(index, "a/c")).containsExactly("one", "all", "every");
        assertThat(listeners(index, "a")).as("'#' matches the level above it").containsExactly("all", "every");
        assertThat(listeners(index, "a/b/c")).containsExactly("all", "every");
        assertThat(listeners(index, "a/")).as("an empty level is one").containsExactly("one", "all", "every");
        assertThat(listeners(index, "b")).containsExactly("every");
    }

    @Test
    void wildcardsAtTheFrontDoNotMatchThePlatformsTopics() {
        TopicIndex index = new TopicIndex(List.of(rule("every", "#"), rule("one", "+/b"), rule("events", "$events/#")));

        assertThat(listeners(index, "$events/b")).containsExactly("events");
        assertThat(listeners(index, "x/b")).containsExactly("every", "one");
    }

    @Test
    void ruleWithSeveralFiltersIsThereOnceAndInItsPlace() {
        TopicIndex index = new TopicIndex(List.of(rule("b", "x/+", "x/#"), rule("a", "x/y")));

        assertThat(listeners(index, "x/y")).containsExactly("b", "a");
        assertThat(listeners(index, "x/y")).as("remembered").containsExactly("b", "a");
    }

    @Test
    void anyFiltersAndTopicsAgreeWithMatchingOneByOne() {
        SplittableRandom random = new SplittableRandom(7);
        List<String> levels = List.of("a", "b", "c", "");
        for (int round = 0; round < 200; round++) {
            List<RuleAtWork> rules = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                rules.add(rule("r" + i, filter(random, levels)));
            }
            TopicIndex index = new TopicIndex(rules);
            for (int i = 0; i < 10; i++) {
                Topic topic = new Topic("t/" + levels.get(random.nextInt(4)) + "/" + levels.get(random.nextInt(4)));
                List<String> expected = names(rules.stream()
                        .filter(rule -> rule.filters().stream().anyMatch(filter -> filter.matches(topic)))
                        .toList());

                assertThat(names(index.listeners(topic)))
                        .as("%s of %s", topic, names(rules))
                        .isEqualTo(expected);
            }
        }
    }

    private static String filter(SplittableRandom random, List<String> levels) {
        StringBuilder filter = new StringBuilder("t");
        int depth = 1 + random.nextInt(3);
        for (int i = 0; i < depth; i++) {
            int choice = random.nextInt(6);
            if (choice == 5) {
                return filter.append("/#").toString();
            }
            filter.append('/').append(choice == 4 ? "+" : levels.get(choice));
        }
        assertThat(TopicFilter.fault(filter.toString())).isNull();
        return filter.toString();
    }
}
