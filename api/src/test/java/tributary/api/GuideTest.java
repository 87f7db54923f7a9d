package tributary.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Runs every shell block of `docs/api.md`, in order.
class GuideTest {
    @TempDir
    Path data;

    @Test
    void everyBlockOfTheGuideWorks() throws IOException, InterruptedException {
        String page = Files.readString(RouteTableTest.root().resolve("docs/api.md"));
        Matcher blocks = Pattern.compile("(?ms)^```sh\\n(.*?)^```").matcher(page);
        int count = 0;
        try (World world = new World(data)) {
            while (blocks.find()) {
                count++;
                // what real SQL gives is tried with the real engine; here the statement is a script of the stand-in
                String block = blocks.group(1).replaceAll("SELECT [^\"]*", "3");
                ProcessBuilder shell = new ProcessBuilder("sh", "-eu", "-c", block).redirectErrorStream(true);
                shell.environment().put("URL", world.uri("").toString());
                shell.environment().put("KEY", world.owner);
                Process process = shell.start();
                String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                assertThat(process.waitFor()).as(block + "\n" + output).isZero();
            }
        }
        assertThat(count).isGreaterThan(7);
    }
}
