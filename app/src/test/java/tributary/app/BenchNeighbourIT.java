package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `tributary bench neighbour` with tiny numbers against the real program.
class BenchNeighbourIT {
    @TempDir
    private Path data;

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void quietTenantIsMeasuredAloneAndBesideOneThatIsHeldToItsRate() throws Exception {
        try (ServerProcess server = ServerProcess.start(data)) {
            ServerProcess.Outcome outcome = ServerProcess.run(
                    "bench",
                    "neighbour",
                    "--rate",
                    "100",
                    "--limit",
                    "200",
                    "--connections",
                    "5",
                    "--duration",
                    "1s",
                    "--rounds",
                    "1",
                    "--json",
                    "--data",
                    data.toString(),
                    "--server",
                    server.http(),
                    "--mqtt-port",
                    "" + server.mqttPort());

            assertThat(outcome.exit()).as(outcome.err()).isZero();
            JsonNode figures = new JsonMapper().readTree(outcome.out());
            assertThat(figures.path("aloneMillis").path("p99").asDouble()).isPositive();
            assertThat(figures.path("besideMillis").path("p99").asDouble()).isPositive();
            assertThat(figures.path("p99Ratio").asDouble()).isPositive();
            assertThat(figures.path("noiseAcknowledged").asLong()).isPositive();
            assertThat(Rest.of(server)
                            .good("GET", "/api/v1/tenants", null)
                            .path("tenants")
                            .size())
                    .as("the other tenant is gone")
                    .isEqualTo(1);
        }
    }
}
