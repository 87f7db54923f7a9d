package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A page's shell blocks, run in a folder that has the launcher in it.
final class Page {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Path folder;
    private int ran;

    Page(Path folder) throws IOException {
        this.folder = folder;
        Files.createSymbolicLink(folder.resolve("tributary"), Checkout.root().resolve("tributary"));
    }

    /// The ports of a server that may have had to take others than the page names, because something else has them.
    record Ports(Map<String, String> byName) {
        static Ports of(String ready) {
            JsonNode line = JSON.readTree(ready.substring(ready.indexOf("{\"event\""), ready.lastIndexOf('}') + 1));
            Map<String, String> ports = new TreeMap<>();
            Map.of("mqtt", "1883", "mqtts", "8883", "http", "8080", "https", "8443")
                    .forEach((way, usual) -> {
                        String url = line.path(way).asString("");
                        if (!url.isEmpty()) {
                            ports.put(usual, url.substring(url.lastIndexOf(':') + 1));
                        }
                    });
            return new Ports(ports);
        }

        /// @return the block with these ports in it
        String in(String block) {
            return Pattern.compile("\\b(?:1883|8883|8080|8443)\\b")
                    .matcher(block)
                    .replaceAll(port -> byName.getOrDefault(port.group(), port.group()));
        }
    }

    /// @return the blocks of `docs/NAME` in order
    static List<String> blocks(String name) throws IOException {
        return Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(Checkout.root().resolve("docs").resolve(name)))
                .results()
                .map(block -> block.group(1).strip())
                .toList();
    }

    /// Starts a block that goes on, and waits until it says `ready`.
    Process start(String block, Path output) throws IOException, InterruptedException {
        Process process = shell("exec " + block, output);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(180);
        while (!Files.readString(output).contains("\"ready\"")) {
            assertThat(process.isAlive() && System.nanoTime() < deadline)
                    .as("the server said\n" + Files.readString(output))
                    .isTrue();
            TimeUnit.MILLISECONDS.sleep(100);
        }
        return process;
    }

    /// Runs a block to its end, which has to be good.
    ///
    /// @return what it said
    String run(String block) throws IOException, InterruptedException {
        Path output = folder.resolve("block-" + ran++ + ".txt");
        Process process = shell("set -e\n" + block, output);
        boolean ended = process.waitFor(300, TimeUnit.SECONDS);
        String said = Files.readString(output);
        if (!ended) {
            process.destroyForcibly();
        }
        assertThat(ended && process.exitValue() == 0)
                .as("the block\n%s\nsaid\n%s", block, said)
                .isTrue();
        return said;
    }

    private Process shell(String script, Path output) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", script)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("TRIBUTARY_"));
        return builder.start();
    }
}
