package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tributary.app.cli.CommandRun;

/// `tributary simulate` against the real program, over each door that it has for devices.
class SimulateIT {
    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir
    private static Path folder;

    private static Path data;
    private static ServerProcess server;

    @BeforeAll
    static void start() throws IOException {
        data = folder.resolve("data");
        server = ServerProcess.start(data);
    }

    @AfterAll
    static void stop() throws InterruptedException {
        server.close();
    }

    @ParameterizedTest
    @CsvSource({"mqtt, mqtt, 21", "http, http, 22", "ws, websocket, 23"})
    void devicesPublishOverTheDoorThatWasChosen(String way, String origin, int count) throws Exception {
        CommandRun played = simulate("pump", "--over", way, "--max", Integer.toString(count));

        assertThat(played.err()).contains("%1$d sent, %1$d acknowledged, 0 failed".formatted(count));
        assertThat(played.exit()).isZero();
        Rest rest = Rest.of(server);
        Await.until("SQL sees what was acknowledged", SOON, rest::everythingVisible);
        assertThat(rest.number("SELECT count(*) FROM messages WHERE topic LIKE 'devices/pump-%'"
                        + " AND lower(origin) = '" + origin + "'"))
                .isEqualTo(count);
    }

    @Test
    void otherTopicsGoOverHttpToo() throws Exception {
        CommandRun played = simulate("heart-rate", "--over", "http", "--count", "10", "--max", "30");

        assertThat(played.err()).contains("30 sent, 30 acknowledged, 0 failed");
        Rest rest = Rest.of(server);
        Await.until("SQL sees what was acknowledged", SOON, rest::everythingVisible);
        assertThat(rest.number("SELECT count(*) FROM messages WHERE topic LIKE 'health/hr/%'"))
                .isPositive();
    }

    @Test
    void scenarioThatNoWebSocketCarriesIsRefused() throws Exception {
        CommandRun refused = simulate("heart-rate", "--over", "ws", "--count", "2", "--max", "1");

        assertThat(refused.exit()).isEqualTo(2);
        assertThat(refused.err()).contains("carries the telemetry of one device", "health/hr/", "--over http");
    }

    @Test
    void scriptReadsWhatBecameOfTheMessages() throws Exception {
        CommandRun played = simulate("car-fleet", "--count", "3", "--max", "5", "--json");

        assertThat(Rest.JSON.readTree(played.out()))
                .isEqualTo(Rest.JSON.readTree("{\"sent\":5,\"acknowledged\":5,\"failed\":0}"));
    }

    @Test
    void wayThatThereIsNotIsRefused() throws Exception {
        CommandRun refused = simulate("pump", "--over", "carrier-pigeon");

        assertThat(refused.exit()).isEqualTo(2);
        assertThat(refused.err()).contains("--over is mqtt, http or ws, and not 'carrier-pigeon'");
    }

    @Test
    void interruptedItSaysWhatItDidAndEndsWith130() throws Exception {
        Path said = folder.resolve("interrupted.txt");
        List<String> line = new ArrayList<>(
                // whoever runs the tests in the background of a shell gives them a SIGINT that is ignored
                List.of("env", "--default-signal=INT"));
        line.addAll(ServerProcess.line("simulate", "pump", "--data", data.toString(), "--count", "2"));
        Process process = new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        try {
            Await.until(
                    "it publishes",
                    Duration.ofSeconds(120),
                    () -> Files.readString(said).contains("publishing; Ctrl-C stops"));
            assertThat(new ProcessBuilder("kill", "-INT", Long.toString(process.pid()))
                            .start()
                            .waitFor())
                    .isZero();
            assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        assertThat(process.exitValue()).isEqualTo(130);
        assertThat(Files.readString(said)).containsPattern("\\d+ sent, \\d+ acknowledged, 0 failed");
    }

    private static CommandRun simulate(String scenario, String... more) {
        String[] all = new String[more.length + 6];
        System.arraycopy(new String[] {"simulate", scenario, "--data", data.toString(), "--speed", "0"}, 0, all, 0, 6);
        System.arraycopy(more, 0, all, 6, more.length);
        return CommandRun.of(all);
    }
}
