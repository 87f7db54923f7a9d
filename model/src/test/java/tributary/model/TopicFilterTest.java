package tributary.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopicFilterTest {
    @ParameterizedTest
    @CsvSource({
        "sport/tennis/player1/#, sport/tennis/player1, true",
        "sport/tennis/player1/#, sport/tennis/player1/score/wimbledon, true",
        "sport/#, sport, true",
        "#, a/b/c, true",
        "sport/tennis/+, sport/tennis/player1/ranking, false",
        "sport/+, sport, false",
        "sport/+, sport/, true",
        "+/+, /finance, true",
        "/+, /finance, true",
        "+, /finance, false",
        "#, $SYS/x, false",
        "+/monitor/Clients, $SYS/monitor/Clients, false",
        "$SYS/#, $SYS/monitor, true",
        "a/b, a/b/c, false",
        "a/+/c, a/b/d, false"
    })
    void matchesAsTheStandardSays(String filter, String topic, boolean expected) {
        assertThat(new TopicFilter(filter).matches(new Topic(topic))).isEqualTo(expected);
    }

    @Test
    void agreesWithThePlainOracleOnRandomTopics() {
        SplittableRandom random = new SplittableRandom(7);
        int matches = 0;
        for (int i = 0; i < 50_000; i++) {
            String filter = random(random, List.of("a", "b", "", "+", "$x"), random.nextInt(4) == 0);
            String topic = random(random, List.of("a", "b", "", "$x"), false);
            if (TopicFilter.fault(filter) != null || !Topic.valid(topic)) {
                continue;
            }
            boolean expected = oracle(filter, topic);
            assertThat(new TopicFilter(filter).matches(new Topic(topic)))
                    .as(filter + " ~ " + topic)
                    .isEqualTo(expected);
            matches += expected ? 1 : 0;
        }
        assertThat(matches).isGreaterThan(1000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a/#/b", "a#", "+a", "a/b+", "a/\u0000", "#/a"})
    void refusesWhatIsNoFilter(String filter) {
        assertThatThrownBy(() -> new TopicFilter(filter)).isInstanceOf(IllegalArgumentException.class);
    }

    private static String random(SplittableRandom random, List<String> levels, boolean hash) {
        StringBuilder topic = new StringBuilder();
        int count = 1 + random.nextInt(4);
        for (int i = 0; i < count; i++) {
            topic.append(i == 0 ? "" : "/").append(levels.get(random.nextInt(levels.size())));
        }
        return hash ? topic.append("/#").toString() : topic.toString();
    }

    private static boolean oracle(String filter, String topic) {
        if (topic.startsWith("$") && (filter.startsWith("+") || filter.startsWith("#"))) {
            return false;
        }
        return oracle(Arrays.asList(filter.split("/", -1)), Arrays.asList(topic.split("/", -1)));
    }

    private static boolean oracle(List<String> filter, List<String> topic) {
        if (filter.isEmpty()) {
            return topic.isEmpty();
        }
        if (filter.getFirst().equals("#")) {
            return true;
        }
        return !topic.isEmpty()
                && (filter.getFirst().equals("+") || filter.getFirst().equals(topic.getFirst()))
                && oracle(filter.subList(1, filter.size()), topic.subList(1, topic.size()));
    }
}
