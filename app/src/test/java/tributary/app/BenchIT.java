package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tributary.app.cli.CommandRun;

/// Profiles of `tributary bench` that ask by SQL, with tiny numbers against the real program. No figure is judged: what
/// is measured depends on the machine.
class BenchIT {
    @TempDir
    private static Path folder;

    private static Path data;
    private static ServerProcess server;

    @BeforeAll
    static void start() throws IOException {
        data = folder.resolve("data");
        server = ServerProcess.start(data, "--set", "lake.seal-age=1s", "--set", "lake.idle-age=1s");
    }

    @AfterAll
    static void stop() throws InterruptedException {
        server.close();
    }

    @Test
    void readingsAreAskedForUntilTheyAreVisibleBesideALoad() throws Exception {
        String devices = "SELECT count(*) FROM devices";
        long before = Rest.of(server).number(devices);

        JsonNode figures = bench("visible --rate 200 --connections 3 --duration 1s --warm-up 0s");

        assertThat(figures.path("good").asBoolean()).isTrue();
        assertThat(figures.path("probes").asLong()).isPositive();
        assertThat(figures.path("besideAcknowledged").asLong()).isPositive();
        for (String key : List.of("ackMillis", "visibleMillis", "publishedToVisibleMillis", "questionMillis")) {
            assertThat(figures.path(key).path("p50").asDouble()).as(key).isPositive();
            assertThat(figures.path(key).path("p99").asDouble()).as(key).isPositive();
        }
        assertThat(Rest.of(server).number(devices)).isEqualTo(before);
    }

    @Test
    void theFleetSaysWhatAReadingWeighsInParquet() {
        JsonNode figures =
                bench("fleet --vehicles 60 --connections 2 --duration 2s --warm-up 0s --visible-within 120s");

        assertThat(figures.path("good").asBoolean()).isTrue();
        assertThat(figures.path("readingsAtRest").asLong())
                .isGreaterThanOrEqualTo(figures.path("storedReadings").asLong());
        assertThat(figures.path("bytesPerReading").asDouble()).isBetween(0.1, 100.0);
    }

    @Test
    void aStartIsMeasuredUntilTheFirstReadingIsInSql() {
        String fresh = folder.resolve("fresh").toString();
        List<String> arguments = new ArrayList<>(List.of("bench", "start", "--json", "--data", fresh, "--"));
        arguments.addAll(ServerProcess.line("up", "--data", fresh, "--mqtt-port", "{port}", "--http-port", "0"));

        JsonNode figures = run(arguments);
        double ready = figures.path("readySeconds").asDouble();
        double accepted = figures.path("firstAcceptedSeconds").asDouble();
        assertThat(ready).isPositive();
        assertThat(accepted).isGreaterThan(ready);
        assertThat(figures.path("visibleSeconds").asDouble()).isGreaterThanOrEqualTo(accepted);
    }

    private static JsonNode bench(String options) {
        List<String> arguments = new ArrayList<>(List.of("bench"));
        arguments.addAll(List.of(options.split(" ")));
        arguments.addAll(List.of(
                "--json",
                "--data",
                data.toString(),
                "--server",
                server.http(),
                "--mqtt-port",
                Integer.toString(server.mqttPort())));
        return run(arguments);
    }

    private static JsonNode run(List<String> arguments) {
        CommandRun run = CommandRun.of(arguments.toArray(String[]::new));
        assertThat(run.exit()).as(run.err() + run.out()).isZero();
        return Rest.JSON.readTree(run.out());
    }
}
