package tributary.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import picocli.CommandLine;

/// A line of a cheat sheet that the command line would not take is worse than none.
class CheatSheetsTest {
    static final List<String> TOPICS = CheatCommand.TOPICS;

    /// Words, quoted or not; what follows two spaces, `>` or `#` is for people.
    private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");

    @ParameterizedTest
    @FieldSource("TOPICS")
    void everyCommandIsUnderstood(String topic) {
        List<String> lines = CheatCommand.text(topic)
                .lines()
                .map(String::strip)
                .filter(line -> line.startsWith("tributary "))
                .toList();
        if (!topic.equals("publish")) {
            assertThat(lines).hasSizeGreaterThan(3);
        }
        for (String line : lines) {
            String[] words = words(line.replaceFirst("( {2,}| > ).*", "").substring("tributary ".length()));
            CommandLine command = Commands.commandLine(words);
            CommandLine.ParseResult result = command.parseArgs(words);
            assertThat(result.hasSubcommand()).as(line).isTrue();
        }
        assertThat(CheatCommand.text(topic).lines()).allMatch(line -> line.length() <= 100);
    }

    private static String[] words(String line) {
        List<String> words = new ArrayList<>();
        Matcher word = WORD.matcher(line);
        while (word.find()) {
            words.add(word.group(1) != null ? word.group(1) : word.group(2));
        }
        return words.toArray(String[]::new);
    }
}
