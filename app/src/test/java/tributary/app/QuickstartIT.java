package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The README's shell blocks, run in order in an empty folder, as a newcomer would.
class QuickstartIT {
    @TempDir
    private Path folder;

    @Test
    void theReadmeDoesWhatItSays() throws Exception {
        Files.createSymbolicLink(folder.resolve("tributary"), Checkout.root().resolve("tributary"));
        List<String> blocks = blocks();
        assertThat(blocks.getFirst().strip()).isEqualTo("./tributary demo");
        Process server = shell("exec " + blocks.getFirst().strip(), "server.txt");
        try {
            awaitText(folder.resolve("server.txt"), "\"ready\"", server);
            String first = run(blocks.get(1));
            assertThat(first).contains("my-first").contains("21.5");

            assertThat(blocks.get(2)).contains("mosquitto_pub").contains("curl").contains("node");
            assertThat(run(blocks.get(2))).contains("\"accepted\":1").contains("\"ack\":1");
            // A newcomer reads the next block first, longer than SQL needs to see what was acknowledged.
            Await.until("SQL sees the four readings", Duration.ofSeconds(90), this::everythingIsSeen);
            readsBack(blocks.get(3));
        } finally {
            server.destroy();
            assertThat(server.waitFor(90, TimeUnit.SECONDS))
                    .as("stops when told")
                    .isTrue();
        }
    }

    /// The block by itself, in a shell that knows nothing of the one before; every command has to say its part.
    private void readsBack(String block) throws IOException, InterruptedException {
        String between = "---- the next command";
        List<String> said = List.of(run(block.strip().replaceAll("(?<!\\\\)\n", "\necho '" + between + "'\n"))
                .split(between));
        assertThat(said).as(block).hasSize(5);

        String sql = said.get(0);
        List<String> rows = sql.lines().filter(row -> row.contains("T")).toList();
        assertThat(rows).as(sql).hasSize(4);
        for (String value : List.of("64.2", "64.9", "65.3")) {
            assertThat(rows.stream().filter(row -> row.matches(".* temperature +" + value)))
                    .as("%s in the answer of SQL%n%s", value, sql)
                    .hasSize(1);
        }
        assertThat(rows.stream().filter(row -> row.matches(".* pressure +1\\.8")))
                .as(sql)
                .hasSize(1);

        assertThat(said.get(1)).contains("boiler-7", "temperature", "65.3", "pressure", "1.8");
        List<String> series = new ArrayList<>();
        Rest.JSON
                .readTree(said.get(2).strip())
                .path("rows")
                .forEach(row -> series.add(row.path(1).asString() + " " + row.path(3)));
        assertThat(series).containsExactly("temperature 64.2", "temperature 64.9", "temperature 65.3");
        assertThat(said.get(3).lines().filter(line -> !line.isBlank())).hasSize(3);
        assertThat(said.get(4)).contains("healthy");
    }

    private boolean everythingIsSeen() throws IOException, InterruptedException {
        String key = Files.readString(folder.resolve("tributary-data/cli.key")).strip();
        return new Rest("http://127.0.0.1:8080", key).number("SELECT count(*) FROM readings WHERE device = 'boiler-7'")
                == 4;
    }

    private static List<String> blocks() throws IOException {
        String readme = Files.readString(Checkout.root().resolve("README.md"));
        return Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL)
                .matcher(readme)
                .results()
                .map((MatchResult block) -> block.group(1))
                .filter(block -> !block.contains("./dev"))
                .toList();
    }

    private String run(String block) throws IOException, InterruptedException {
        Process process = shell("set -e\n" + block, "block.txt");
        boolean ended = process.waitFor(300, TimeUnit.SECONDS);
        String said = Files.readString(folder.resolve("block.txt"));
        if (!ended) {
            process.destroyForcibly();
        }
        assertThat(ended && process.exitValue() == 0)
                .as(
                        "the block\n%s\nsaid\n%s\nand the server\n%s",
                        block, said, Files.readString(folder.resolve("server.txt")))
                .isTrue();
        return said;
    }

    private Process shell(String script, String output) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", script)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(output).toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("TRIBUTARY_"));
        return builder.start();
    }

    private static void awaitText(Path file, String text, Process writer) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(180);
        while (!Files.readString(file).contains(text)) {
            assertThat(writer.isAlive() && System.nanoTime() < deadline)
                    .as("the server said\n" + Files.readString(file))
                    .isTrue();
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }
}
