package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `tributary bench lake` with tiny numbers against the real program.
class BenchLakeIT {
    @TempDir
    private Path data;

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void fillsAHistoryAndMeasuresEveryQuestionAboutIt() throws Exception {
        try (ServerProcess server = ServerProcess.start(data)) {
            ServerProcess.Outcome outcome = ServerProcess.run(
                    "bench",
                    "lake",
                    "--readings",
                    "20000",
                    "--devices",
                    "20",
                    "--rounds",
                    "2",
                    "--settle",
                    "0s",
                    "--peers",
                    data.resolve("none").toString(),
                    "--json",
                    "--data",
                    data.toString(),
                    "--server",
                    server.http(),
                    "--mqtt-port",
                    "" + server.mqttPort());

            assertThat(outcome.exit()).as(outcome.err()).isZero();
            JsonNode figures = new JsonMapper().readTree(outcome.out());
            for (String question : List.of(
                    "latest",
                    "hour",
                    "day",
                    "dayByFiveMinutes",
                    "yearByDay",
                    "byHour",
                    "byHourInSlots",
                    "top",
                    "topInSlots")) {
                assertThat(figures.path(question + "Millis").path("p50").asDouble())
                        .as(question)
                        .isPositive();
            }
            // so few rows may not be in files yet
            assertThat(figures.path("bytesPerReading").asDouble(-1)).isBetween(0.0, 100.0);
            assertThat(outcome.err()).contains("no QuestDB");
            assertThat(Rest.of(server)
                            .sql("SELECT count(*) FROM devices")
                            .get(0)
                            .path(0)
                            .asInt())
                    .isZero();
        }
    }
}
