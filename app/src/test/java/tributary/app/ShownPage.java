package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The commands of a page, run in order against the packaged program, give what the page shows.
final class ShownPage {
    private final Path folder;
    private final ServerProcess server;

    /// @param folder where the commands run, with the data folder `data`
    ShownPage(Path folder, ServerProcess server) throws IOException {
        this.folder = folder;
        this.server = server;
        Files.createSymbolicLink(folder.resolve("tributary"), Checkout.root().resolve("tributary"));
    }

    /// @return how many blocks there were
    int run(String page) throws IOException, InterruptedException {
        List<MatchResult> examples = Pattern.compile("```sh\n(.*?)```\n(?:```answer\n(.*?)\n```)?", Pattern.DOTALL)
                .matcher(Files.readString(Checkout.root().resolve(page)))
                .results()
                .toList();
        for (MatchResult example : examples) {
            String said = execute(example.group(1));
            String expected = Stream.of(example.group(2).split("\\.\\.\\.", -1))
                    .map(Pattern::quote)
                    .collect(Collectors.joining(".*?"));
            assertThat(said.strip()).as(example.group(1)).matches(Pattern.compile(expected, Pattern.DOTALL));
        }
        return examples.size();
    }

    private String execute(String block) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder("sh", "-euc", block)
                .directory(folder.toFile())
                .redirectErrorStream(false)
                .redirectError(folder.resolve("errors.txt").toFile());
        builder.environment().put("URL", server.http());
        builder.environment().put("MQTT_PORT", Integer.toString(server.mqttPort()));
        builder.environment().put("TRIBUTARY_DATA", folder.resolve("data").toString());
        builder.environment().put("no_proxy", "127.0.0.1");
        Process process = builder.start();
        process.onExit().orTimeout(180, TimeUnit.SECONDS).whenComplete((_, _) -> process.destroyForcibly());
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor())
                .as(block + "\n" + said + "\n" + Files.readString(folder.resolve("errors.txt")))
                .isZero();
        return said;
    }
}
