package tributary.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Matching against an oracle that is too slow to be wrong: the filter as a regular expression. Texts are drawn from a
/// seed over a small alphabet, so that matches are frequent; `-Dtributary.fuzz=100000000` makes it run longer.
class TopicFuzzTest {
    private static final int RUNS = Integer.getInteger("tributary.fuzz", 200_000);
    private static final String[] PIECES = {
        "a", "b", "/", "/", "+", "#", "$", "\u00e9", "\ud83d\ude00", "ab", "\0", "\ud83d"
    };

    @Test
    void filterMeansWhatItsRegularExpressionMeans() {
        SplittableRandom random = new SplittableRandom(20_260_102);
        int matched = 0;
        int compared = 0;
        for (int run = 0; run < RUNS; run++) {
            String filter = text(random);
            String topic = text(random);
            if (TopicFilter.fault(filter) != null || Topic.fault(topic) != null) {
                continue;
            }
            boolean expected = oracle(filter, topic);
            assertThat(new TopicFilter(filter).matches(new Topic(topic)))
                    .as("'%s' means '%s'", filter, topic)
                    .isEqualTo(expected);
            compared++;
            matched += expected ? 1 : 0;
        }
        assertThat(compared).isGreaterThan(RUNS / 50);
        assertThat(matched).isGreaterThan(RUNS / 500);
    }

    @Test
    void filterIsGoodWhereEveryWildcardIsAWholeLevel() {
        SplittableRandom random = new SplittableRandom(20_260_103);
        Pattern good = Pattern.compile("(?:(?:\\+|[^+#/]*)/)*(?:\\+|#|[^+#/]*)");
        for (int run = 0; run < RUNS; run++) {
            String filter = text(random);
            boolean expected = !filter.isEmpty()
                    && good.matcher(filter).matches()
                    && filter.indexOf('\0') < 0
                    && !filter.matches("(?s).*[\\ud800-\\udfff].*");
            assertThat(TopicFilter.fault(filter) == null).as("'%s'", filter).isEqualTo(expected);
        }
    }

    /// What Jazzer found worth keeping stays good without it.
    @Test
    void corpusIsJudgedInEveryBuild() throws Exception {
        Path folder = Path.of(
                Objects.requireNonNull(TopicFuzzTest.class.getResource("TopicFuzzInputs/anyTextsMatchAsTheOracleSays"))
                        .toURI());
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> all = files.toList();
            for (Path file : all) {
                TopicFuzz.judge(Files.readAllBytes(file));
            }
            assertThat(all).isNotEmpty();
        }
    }

    private static String text(SplittableRandom random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(8); i > 0; i--) {
            text.append(PIECES[random.nextInt(PIECES.length)]);
        }
        return text.toString();
    }

    /// The filter as a regular expression (MQTT 5.0, 4.7).
    static boolean oracle(String filter, String topic) {
        if (topic.startsWith("$") && (filter.startsWith("+") || filter.startsWith("#"))) {
            return false;
        }
        StringBuilder regex = new StringBuilder();
        for (String level : filter.split("/", -1)) {
            if (level.equals("#")) {
                // also the parent level itself
                regex.append(regex.isEmpty() ? ".*" : "(?:/.*)?");
            } else {
                regex.append(regex.isEmpty() ? "" : "/").append(level.equals("+") ? "[^/]*" : Pattern.quote(level));
            }
        }
        return Pattern.compile(regex.toString(), Pattern.DOTALL).matcher(topic).matches();
    }
}
