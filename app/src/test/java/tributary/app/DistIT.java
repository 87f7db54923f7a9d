package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `./dev dist`: the folder, moved to another place and run by somebody without Java, Maven or Node.
class DistIT {
    private static final int MAKE_MINUTES_MAX = 15;

    @TempDir
    private Path folder;

    @Test
    void whatIsMadeRunsElsewhereWithoutJava() throws Exception {
        String made = run(MAKE_MINUTES_MAX, Checkout.root() + "/dev dist --folder");
        Path home = folder.resolve("elsewhere");
        assertThat(made.lines().toList().getLast()).contains("target/dist/tributary-");
        run(1, "cp -a '" + Checkout.root().resolve(made.lines().toList().getLast()) + "' '" + home + "'");

        // Java refuses to start where what it learnt does not fit this place, these jars or this Java
        assertThat(bare("TRIBUTARY_JAVA_OPTS=-XX:AOTMode=on ./tributary version"))
                .contains("Java 25");
        assertThat(bare("TRIBUTARY_JAVA_OPTS=-XX:AOTMode=on ./tributary help")).contains("First steps");
        try (Stream<Path> files = Files.walk(home.resolve("lib"))) {
            assertThat(files.map(file -> file.getFileName().toString())
                            .filter(name -> !name.endsWith(".jar") && !name.equals("lib")))
                    .containsExactlyInAnyOrder("tributary.aot", "tributary-client.aot");
        }
        assertThat(Files.readString(home.resolve("sbom.cdx.json"))).contains("duckdb_jdbc", "preact", "openjdk");

        Files.writeString(home.resolve("twice.js"), "function twice(x) { return 2 * x }\n");
        Files.writeString(home.resolve("rule.sql"), "SELECT twice(temp) AS t FROM 'devices/hall/#'\n");
        String said = bare("""
                ./tributary up --data data --mqtt-port 0 --http-port 0 > up.txt 2> up.err &
                trap 'kill $!; wait $!' EXIT
                until grep -q '"ready"' up.txt; do kill -0 $! || { cat up.err; exit 1; }; sleep 0.2; done
                ./tributary send --data data hall temp=21.5
                ./tributary sql --data data "SELECT device, value FROM readings"
                ./tributary function add --data data twice.js
                ./tributary rule test --data data --last 1h rule.sql
                ./tributary doctor --data data || true
                """);
        assertThat(said).contains("hall").contains("21.5").contains("{\"t\":43").contains(home + "/runtime");
    }

    private String bare(String script) throws IOException, InterruptedException {
        return run(
                5,
                "cd '" + folder.resolve("elsewhere") + "' && env -i PATH='" + onlyTheSystem() + "' HOME='" + folder
                        + "' sh -ec '" + script.replace("'", "'\\''") + "'");
    }

    /// A folder with what a small system has, and nothing of Java's.
    private Path onlyTheSystem() throws IOException {
        Path bin = folder.resolve("bin");
        if (!Files.exists(bin)) {
            Files.createDirectories(bin);
            for (String tool :
                    List.of("sh", "env", "ls", "head", "dirname", "readlink", "cat", "grep", "sleep", "kill")) {
                Path real = Path.of("/bin", tool);
                if (Files.exists(real)) {
                    Files.copy(real, bin.resolve(tool), StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
        }
        return bin;
    }

    private String run(int minutes, String script) throws IOException, InterruptedException {
        Path out = folder.resolve("out.txt");
        Process process = new ProcessBuilder("sh", "-c", script)
                .directory(Checkout.root().toFile())
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        boolean ended = process.waitFor(minutes, TimeUnit.MINUTES);
        process.destroyForcibly();
        String said = Files.readString(out, StandardCharsets.UTF_8);
        assertThat(ended && process.exitValue() == 0).as(said).isTrue();
        return said;
    }
}
