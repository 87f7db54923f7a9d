package tributary.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The example of the module's README, line by line.
class ReadmeTest {
    @Test
    void theExampleWritesWhatTheReadmeSays() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        // begin
        Scenario scenario = switch (Scenario.load("pump")) {
            case Scenario.Loaded.Good(Scenario good) -> good.withCount(3);
            case Scenario.Loaded.Mistaken(List<String> problems) ->
                throw new IllegalArgumentException(problems.toString());
        };
        try (Output lines = new LineOutput(out)) {
            ScenarioRun.Pace pace = ScenarioRun.Pace.historyOnly(Duration.ofMinutes(1));
            new ScenarioRun(scenario, lines, pace, InstantSource.system()).run();
        }
        // end

        assertThat(out.toString(StandardCharsets.UTF_8).lines()).hasSize(180);
    }

    @Test
    void theReadmeShowsThisExample() throws Exception {
        String source = Files.readString(Path.of("src/test/java/tributary/simulator/ReadmeTest.java"));
        String code = source.substring(source.indexOf("// begin") + 8, source.indexOf("// end"));
        String readme = Files.readString(Path.of("README.md"));
        String shown = readme.substring(readme.indexOf("```java") + 7);

        assertThat(plain(shown.substring(0, shown.indexOf("```")))).isEqualTo(plain(code));
    }

    private static String plain(String text) {
        return text.replaceAll("\\s+", "");
    }
}
