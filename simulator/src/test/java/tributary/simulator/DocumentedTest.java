package tributary.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// `docs/simulator.md` names every word of the language, no other, and its example is good.
class DocumentedTest {
    private static final Path PAGE = Path.of("../docs/simulator.md");

    @Test
    void everyWordIsDocumentedAndEveryDocumentedWordExists() throws IOException {
        assertThat(words("### Generators")).containsExactlyElementsOf(Words.GENERATORS);
        assertThat(words("### Joins of values")).containsExactlyElementsOf(Words.VALUE_JOINS);
        assertThat(words("### Filters\n")).containsExactlyElementsOf(Words.FILTERS);
        assertThat(words("### Joins of messages")).containsExactlyElementsOf(Words.MESSAGE_JOINS);
        assertThat(words("### Filters of messages")).containsExactlyElementsOf(Words.MESSAGE_FILTERS);
    }

    @Test
    void everyDocumentedOptionIsUnderstood() throws IOException {
        String page = Files.readString(PAGE);
        for (String word : Words.GENERATORS) {
            Matcher row = Pattern.compile("\\| `" + word + "` \\| ([^|]*) \\|").matcher(page);
            assertThat(row.find()).isTrue();
            for (String option : row.group(1).replace("`", "").split(", ")) {
                // A value of a wrong kind is a mistake about the option; an unknown key would be another one.
                List<String> mistakes = new ArrayList<>();
                if (Scenario.parse("x", sensor(word, option)) instanceof Scenario.Loaded.Mistaken mistaken) {
                    mistakes.addAll(mistaken.problems());
                }
                assertThat(mistakes).noneMatch(text -> text.contains("unknown key"));
            }
        }
    }

    @Test
    void theVehicleGivesWhatThePageSays() throws IOException {
        String page = Files.readString(PAGE);

        Arrays.stream(Vehicle.Gives.values()).forEach(gives -> assertThat(page).contains("`" + gives.word() + "`"));
    }

    @Test
    void theExampleIsGoodAndSendsWhatThePageSays() throws IOException {
        String page = Files.readString(PAGE);
        String yaml = page.substring(page.indexOf("```yaml\n") + 8, page.indexOf("\n```\n"));

        Scenario scenario = Loads.parsed(yaml);

        assertThat(scenario.deviceCount()).isEqualTo(20);
        List<SimulatedMessage> messages = new ArrayList<>();
        scenario.device(0).messages(1000, messages::add);
        assertThat(messages).isNotEmpty();
        assertThat(messages.getFirst().topic()).isEqualTo("devices/bed-01/telemetry");
        assertThat(new String(messages.getFirst().payload()))
                .matches("\\{\"ts\":\\d+,\"soil\":\\{\"moisture\":[\\d.]+,\"temperature\":[\\d.]+},"
                        + "\"air\":\\{\"temperature\":[\\d.]+},\"warmest\":[\\d.]+,\"door\":(true|false)}");
    }

    @Test
    void theExampleInEveryWordUsesEveryWord() throws IOException {
        String yaml = Files.readString(Path.of("src/test/resources/every-word.yaml"));
        List<String> all = new ArrayList<>(Words.GENERATORS);
        all.addAll(Words.VALUE_JOINS);
        all.addAll(Words.FILTERS);
        all.addAll(Words.MESSAGE_FILTERS);

        assertThat(all).allMatch(word -> yaml.contains(word + ":"));
        assertThat(Words.MESSAGE_JOINS).allMatch(word -> yaml.contains("join: " + word));
    }

    private static String sensor(String word, String option) {
        return """
                name: x
                devices:
                  - name: d
                    sensors:
                      v: {%s: {%s: 1}}
                """.formatted(word, option);
    }

    private static List<String> words(String heading) throws IOException {
        String page = Files.readString(PAGE);
        assertThat(page).contains(heading);
        String section = page.substring(page.indexOf(heading) + heading.length());
        section = section.substring(0, section.indexOf("\n#"));
        return section.lines()
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.substring(3, line.indexOf('`', 3)))
                .toList();
    }
}
