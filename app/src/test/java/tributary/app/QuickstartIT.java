package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

            String publish = blocks.get(2) + "\n" + blocks.get(3);
            assertThat(blocks.get(2)).contains("mosquitto_pub").contains("curl").contains("node");
            String read = run(publish);
            assertThat(read)
                    .contains("\"accepted\":1")
                    .contains("\"ack\":1")
                    .contains("64.2")
                    .contains("1.8")
                    .contains("64.9")
                    .contains("65.3")
                    .contains("healthy");
        } finally {
            server.destroy();
            assertThat(server.waitFor(90, TimeUnit.SECONDS))
                    .as("stops when told")
                    .isTrue();
        }
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
