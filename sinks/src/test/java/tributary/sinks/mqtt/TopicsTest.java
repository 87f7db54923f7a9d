package tributary.sinks.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TopicsTest {
    @Test
    void beginningOfATopicIsReplaced() {
        assertThat(Topics.map("site/a/b", "site/", "in/")).hasValue("in/a/b");
        assertThat(Topics.map("site/a", "", "in/")).hasValue("in/site/a");
        assertThat(Topics.map("site", "site/", "in/")).isEmpty();
        assertThat(Topics.map("site/", "site/", "")).isEmpty();
    }

    @Test
    void valueKeepsItsLevelsAndNothingElseThatMeansSomething() {
        assertThat(Topics.levels("a/+/#")).isEqualTo("a/_/_");
        assertThat(Topics.levels("$SYS/x")).isEqualTo("_SYS/x");
        assertThat(Topics.level("a/$b")).isEqualTo("a__b");
    }

    @Test
    void filterOfATemplateMatchesAllThatItCanBecome() {
        assertThat(Topics.filter("a/x${b}/c", false)).isEqualTo("a/+/c");
        assertThat(Topics.filter("a/x${b}/c", true)).isEqualTo("a/#");
        assertThat(Topics.filter("${b}", true)).isEqualTo("#");
        assertThat(Topics.filter("a/b", true)).isEqualTo("a/b");
    }

    @Test
    void filtersOverlapWhereATopicMatchesBoth() {
        assertThat(Topics.overlap("a/+", "+/b")).isTrue();
        assertThat(Topics.overlap("a/#", "a/b/c")).isTrue();
        assertThat(Topics.overlap("a/#", "a")).isTrue();
        assertThat(Topics.overlap("a/+", "a/b/c")).isFalse();
        assertThat(Topics.overlap("a/b", "a/c")).isFalse();
        assertThat(Topics.overlap("a/b/+", "a/b")).isFalse();
    }
}
