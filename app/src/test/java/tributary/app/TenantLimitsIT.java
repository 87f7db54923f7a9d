package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Limits of one tenant set from the shell, against a running server with traffic.
class TenantLimitsIT {
    @TempDir
    static Path data;

    private static ServerProcess server;

    @BeforeAll
    static void start() throws IOException {
        server = ServerProcess.start(data);
    }

    @AfterAll
    static void stop() throws InterruptedException {
        server.close();
    }

    private static ServerProcess.Outcome limits(String... more) throws IOException, InterruptedException {
        String[] whole = new String[more.length + 4];
        whole[0] = "tenant";
        whole[1] = "limits";
        System.arraycopy(more, 0, whole, 2, more.length);
        whole[more.length + 2] = "--data";
        whole[more.length + 3] = data.toString();
        return ServerProcess.run(whole);
    }

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void limitFromTheShellHoldsAtOnceAndIsTakenAwayAgain() throws Exception {
        Rest rest = Rest.of(server);
        Rest pump = new Rest(server.http(), rest.device("pump-1"));
        assertThat(many(pump)).as("as the settings say: no limit").isEqualTo(200);

        ServerProcess.Outcome set = limits("main", "--set", "messageRate=1", "--set", "devices=1");
        assertThat(set.exit()).as(set.toString()).isZero();
        assertThat(set.err()).contains("it holds from now on, without a restart");
        assertThat(set.out())
                .containsPattern("messageRate +\\d+ +1 +its own")
                .containsPattern("devices +1 +1 +its own")
                .containsPattern("streams +0 +20 +api.streams-per-tenant-max");

        assertThat(many(pump)).as("many more at once than one a second").isEqualTo(429);
        assertThat(rest.call("POST", "/api/v1/devices", Map.of("id", "pump-2")).status())
                .isEqualTo(400);

        ServerProcess.Outcome wrong = limits("main", "--set", "messageRate=-1");
        assertThat(wrong.exit()).as(wrong.toString()).isNotZero();
        assertThat(wrong.err()).contains("a whole number from 0 to 100000000");
        ServerProcess.Outcome unset = limits("main", "--unset", "messageRate", "--unset", "devices");
        assertThat(unset.exit()).as(unset.toString()).isZero();
        assertThat(unset.out()).doesNotContain("its own");

        assertThat(many(pump)).isEqualTo(200);
        rest.device("pump-2");
        assertThat(rest.good("GET", "/api/v1/audit", null).toString())
                .contains("\"action\":\"setTenantLimits\"")
                .contains("{tenant=main}");
    }

    /// @return what the server says of more messages in one request than a second may have
    private static int many(Rest pump) throws IOException, InterruptedException {
        return pump.call(
                        "POST",
                        "/api/v1/telemetry/batch",
                        "{\"device\": \"me\", \"readings\": [{\"temp\": 1}]}\n".repeat(200))
                .status();
    }
}
