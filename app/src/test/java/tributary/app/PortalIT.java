package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The portal in a real browser against the real program: the files of `portal/test`, each of whose tests is one here.
class PortalIT {
    private static final Path PORTAL = Checkout.root().resolve("portal");
    private static final Path CHROMIUM = Path.of("/usr/bin/chromium-headless-shell");

    @TempDir
    private Path data;

    @TestFactory
    @Timeout(value = 30, unit = TimeUnit.MINUTES)
    List<DynamicTest> thePortalDoesWhatItsTestsSay() throws Exception {
        assertThat(PORTAL.resolve("target/portal/assets"))
                .as("the portal was not built; Node.js 20.19 or newer has to be on the PATH")
                .isDirectory();
        assertThat(CHROMIUM)
                .as("apt install chromium-headless-shell: the tests drive Debian's own")
                .isExecutable();
        Path report = PORTAL.resolve("target/playwright.json");
        Files.deleteIfExists(report);
        Path said = PORTAL.resolve("target/playwright.txt");
        try (ServerProcess server = ServerProcess.demo(data)) {
            ProcessBuilder tests = new ProcessBuilder("node", "node_modules/@playwright/test/cli.js", "test")
                    .directory(PORTAL.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(said.toFile());
            tests.environment().put("TRIBUTARY_URL", server.http());
            tests.environment().put("TRIBUTARY_KEY", server.key());
            tests.environment().put("TRIBUTARY_MQTT_PORT", Integer.toString(server.mqttPort()));
            tests.environment().put("CHROMIUM", CHROMIUM.toString());
            tests.environment().put("JAVA", System.getProperty("java.home") + "/bin/java");
            Process running = tests.start();
            if (!running.waitFor(25, TimeUnit.MINUTES)) {
                running.descendants().forEach(ProcessHandle::destroyForcibly);
                running.destroyForcibly();
                throw new AssertionError("the browser's tests did not end:\n" + Files.readString(said));
            }
        }
        assertThat(report).as(Files.readString(said)).exists();
        List<DynamicTest> tests = new ArrayList<>();
        collect(JsonMapper.builder().build().readTree(Files.readString(report)), tests);
        assertThat(tests).as(Files.readString(said)).hasSizeGreaterThan(30);
        return tests;
    }

    @Test
    void everyFileOfThePortalIsFormattedAsNpmRunFormatDoesIt() throws Exception {
        Path said = PORTAL.resolve("target/prettier.txt");
        Process check = new ProcessBuilder("npm", "run", "--silent", "format:check")
                .directory(PORTAL.toFile())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        assertThat(check.waitFor(2, TimeUnit.MINUTES)).isTrue();
        assertThat(check.exitValue())
                .as("run `npm run format` in portal/:\n" + Files.readString(said))
                .isZero();
    }

    /// Suites nest: a file, then what groups its tests.
    private static void collect(JsonNode node, List<DynamicTest> into) {
        for (JsonNode suite : node.path("suites")) {
            collect(suite, into);
        }
        for (JsonNode spec : node.path("specs")) {
            String name =
                    spec.path("file").asString() + ": " + spec.path("title").asString();
            JsonNode result = spec.path("tests").path(0).path("results").path(0);
            into.add(DynamicTest.dynamicTest(
                    name,
                    () -> assertThat(spec.path("ok").asBoolean())
                            .as(result.path("errors").toPrettyString())
                            .isTrue()));
        }
    }
}
