package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tributary.app.cli.CommandRun;

/// What scripts read of the command line: names, and documents; and what a person reads.
class ListsIT {
    private static final String RULE = "SELECT temperature FROM 'devices/+/telemetry' WHERE temperature > 80";

    @TempDir
    private static Path folder;

    private static String data;
    private static ServerProcess server;

    @BeforeAll
    static void start() throws IOException {
        data = folder.resolve("data").toString();
        server = ServerProcess.start(Path.of(data));
    }

    @AfterAll
    static void stop() throws InterruptedException {
        server.close();
    }

    @Test
    void namesAloneAndADocumentALine() throws Exception {
        Path files = Files.createDirectory(folder.resolve("files"));
        Files.writeString(files.resolve("hot.yaml"), "rules:\n  hot:\n    sql: \"" + RULE + "\"\n");
        JsonNode planned = Rest.JSON.readTree(out(7, "diff", "-f", files.toString(), "--json"));
        assertThat(planned.path("do").asString()).isEqualTo("add");
        assertThat(planned.path("what").asString()).isEqualTo("rule hot");
        assertThat(out(0, "apply", "-f", files.toString(), "--json").strip()).isEqualTo(planned.toString());
        Rest.of(server).good("PUT", "/api/v1/rules/cold", Map.of("sql", RULE.replace("> 80", "< 2")));

        assertThat(out(0, "rule", "ls", "-q").lines()).containsExactlyInAnyOrder("hot", "cold");
        assertThat(out(0, "rule", "ls")).contains("NAME", "STATE", "hot", "cold");
        assertThat(out(0, "rule", "ls", "--json").lines())
                .hasSize(2)
                .allMatch(line -> Rest.JSON.readTree(line).path("name").isString());
        for (String what : List.of("sink", "ca")) {
            assertThat(out(0, what, "ls", "-q")).as(what).isEmpty();
        }
    }

    /// `script` gives it a terminal, at which a person would sit.
    @Test
    void aPersonReadsHowLongAgoAProgramWhen() throws Exception {
        Rest.of(server).device("pump-1");

        assertThat(out(0, "device", "ls")).containsPattern("pump-1 .* \\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d.*Z");
        assertThat(ServerProcess.runUnder(
                                List.of("sh", "-c", "script -qec \"set -f; $*\" /dev/null", "sh"),
                                "device",
                                "ls",
                                "--data",
                                data)
                        .out())
                .containsPattern("pump-1 .* (now|\\d+ (s|min) ago) ");
    }

    private static String out(int exit, String... arguments) {
        String[] all = Arrays.copyOf(arguments, arguments.length + 2);
        all[arguments.length] = "--data";
        all[arguments.length + 1] = data;
        CommandRun run = CommandRun.of(all);
        assertThat(run.exit()).as(run.err()).isEqualTo(exit);
        return run.out();
    }
}
