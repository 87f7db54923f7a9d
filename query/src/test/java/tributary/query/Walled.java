package tributary.query;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/// Runs statements in a worker that has every wall but the gate.
final class Walled {
    private Walled() {}

    /// @param data     where the engine's library was unpacked by an earlier query
    /// @param folder   the folder that the worker may read
    /// @param canaries texts that no answer may show
    /// @return a line of the walls, then `DONE` or `FAILED` for each statement, and `SHOWED` before the one that
    ///         showed a canary
    static List<String> run(Path data, Path folder, List<String> statements, String... canaries) throws Exception {
        Path file = Files.createTempFile(data, "attempts", ".sql");
        Files.write(file, statements);
        Path library;
        try (Stream<Path> files = Files.list(data.resolve("tmp/query"))) {
            library = files.filter(path -> path.toString().endsWith(".lib"))
                    .findFirst()
                    .orElseThrow();
        }
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        List<String> command = new ArrayList<>(List.of(
                System.getProperty("java.home") + "/bin/java",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                classPath,
                "tributary.query.worker.PastTheGate",
                library.toString(),
                folder.toString(),
                file.toString(),
                String.join(",", canaries),
                System.getProperty("java.home")));
        Arrays.stream(classPath.split(File.pathSeparator))
                .filter(entry -> Files.exists(Path.of(entry)))
                .forEach(command::add);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        List<String> said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
        assertThat(process.waitFor()).as(String.join("\n", said)).isZero();
        return said;
    }
}
