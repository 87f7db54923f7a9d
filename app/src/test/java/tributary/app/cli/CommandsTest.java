package tributary.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

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
    void theHelpListsWhatThereIsAndNotWhatIsForTheLauncher() {
        StringWriter help = new StringWriter();

        Commands.commandLine("warm").usage(new PrintWriter(help));

        assertThat(help.toString()).contains("simulate", "bench").doesNotContain("warm-up");
    }
}
