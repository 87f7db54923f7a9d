package tributary.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class CompleteCommandTest {
    @Test
    void commandsAreFoundAndThoseForTheLauncherAreNot() {
        assertThat(CompleteCommand.found(List.of("s"))).contains("send", "sql", "simulate", "status", "sink");
        assertThat(CompleteCommand.found(List.of("w"))).isEmpty();
        assertThat(CompleteCommand.found(List.of(""))).contains("up", "demo").doesNotContain("complete", "warm-up");
    }

    @Test
    void commandsBelowACommandAreFound() {
        assertThat(CompleteCommand.found(List.of("device", "")))
                .contains("add", "ls", "show", "rm")
                .doesNotContain("up");
        assertThat(CompleteCommand.found(List.of("sink", "dead", "r"))).containsExactly("retry");
    }

    @Test
    void optionsOfTheCommandAreFound() {
        assertThat(CompleteCommand.found(List.of("device", "add", "x", "--"))).contains("--type", "--parent", "--json");
        assertThat(CompleteCommand.found(List.of("up", "--mq"))).containsExactly("--mqtt-port");
    }

    @Test
    void placesThatAreAListAreFoundAndThoseThatAreFreeAreNot() {
        assertThat(CompleteCommand.found(List.of("cheat", "s"))).containsExactly("sinks", "sql", "start");
        assertThat(CompleteCommand.found(List.of("snippet", "ard"))).containsExactly("arduino");
        assertThat(CompleteCommand.found(List.of("device", "add", "x", "--type", "")))
                .isEmpty();
    }
}
