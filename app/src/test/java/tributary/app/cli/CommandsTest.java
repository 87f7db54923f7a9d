package tributary.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tributary.app.server.Version;

class CommandsTest {
    @Test
    void everyCommandIsFoundUnderTheNameThatItSays() {
        CommandLine all = Commands.commandLine();

        assertThat(all.getSubcommands())
                .containsKeys("up", "demo", "send", "tail", "sql", "device", "simulate", "bench", "status", "version");
        all.getSubcommands()
                .forEach((name, command) ->
                        assertThat(command.getCommandSpec().name()).isEqualTo(name));
    }

    @Test
    void aCommandLineThatBeginsWithANameReadsOnlyThatCommand() {
        CommandLine one = Commands.commandLine("version");

        assertThat(one.getSubcommands()).containsOnlyKeys("version", "help");
    }

    @Test
    void everyListIsPrintedInEveryForm() {
        List<String> lists = new ArrayList<>();
        lists(Commands.commandLine(), lists);

        assertThat(lists).hasSizeGreaterThan(9);
        assertThat(ListedFields.all()).containsKeys(lists.toArray(String[]::new));
    }

    private static void lists(CommandLine line, List<String> lists) {
        CommandSpec spec = line.getCommandSpec();
        if (spec.name().equals("ls")) {
            lists.add(spec.qualifiedName());
        }
        line.getSubcommands().values().forEach(below -> lists(below, lists));
    }

    @Test
    void theVersionIsOneDocumentForAScript() {
        StringWriter out = new StringWriter();

        int exit = Commands.commandLine("version").setOut(new PrintWriter(out)).execute("version", "--json");

        assertThat(exit).isZero();
        JsonNode version = new JsonMapper().readTree(out.toString());
        assertThat(version.path("version").asString("")).isEqualTo(Version.TEXT);
        assertThat(version.path("java").asString("")).startsWith("2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"version --help --no-color", "version --no-color --help", "--no-color version --help"})
    void helpIsPlainWhereThatIsWished(String arguments) {
        StringWriter out = new StringWriter();
        CommandLine line = Commands.commandLine()
                .setOut(new PrintWriter(out))
                .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.ON));

        line.execute(arguments.split(" "));
        assertThat(out.toString()).contains("Usage: ", "--no-color").doesNotContain("\u001b");
    }

    @Test
    void theHelpListsWhatThereIsAndNotWhatIsForTheLauncher() {
        StringWriter help = new StringWriter();

        Commands.commandLine("warm").usage(new PrintWriter(help));

        assertThat(help.toString()).contains("simulate", "bench").doesNotContain("warm-up");
    }
}
