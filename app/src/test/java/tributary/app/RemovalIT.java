package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Erasing and removing from the shell, against a running server.
class RemovalIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir
    static Path data;

    private static ServerProcess server;
    private static Rest rest;

    @BeforeAll
    static void start() throws IOException {
        // rows in memory are erased once they are in files
        server = ServerProcess.start(data, "--set", "lake.idle-age=1s");
        rest = Rest.of(server);
    }

    @AfterAll
    static void stop() throws InterruptedException {
        server.close();
    }

    private static ServerProcess.Outcome run(String... command) throws IOException, InterruptedException {
        String[] whole = new String[command.length + 2];
        System.arraycopy(command, 0, whole, 0, command.length);
        whole[command.length] = "--data";
        whole[command.length + 1] = data.toString();
        return ServerProcess.run(whole);
    }

    private static void publish(String token, String device, String payload) throws IOException, InterruptedException {
        Rest.Reply reply = new Rest(server.http(), token).call("POST", "/api/v1/telemetry", payload);
        assertThat(reply.status()).as(device + " " + reply).isBetween(200, 299);
    }

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void deviceThatIsErasedFromTheShellIsInNoTable() throws Exception {
        publish(rest.device("pump-7"), "pump-7", "{\"temp\": 21.5}");
        publish(rest.device("pump-8"), "pump-8", "{\"temp\": 8.5}");
        Await.until(
                "both are in the table",
                PATIENCE,
                () -> rest.number("SELECT count(*) FROM readings WHERE device LIKE 'pump-%'") == 2);

        ServerProcess.Outcome asked = run("device", "erase", "pump-7");
        assertThat(asked.exit()).as("nobody can be asked here: " + asked).isEqualTo(2);
        assertThat(asked.err()).contains("It cannot be undone").contains("--yes");
        assertThat(rest.good("GET", "/api/v1/erasures", null).path("erasures")).isEmpty();

        ServerProcess.Outcome erased = run("device", "erase", "pump-7", "--yes");
        assertThat(erased.exit()).as(erased.toString()).isZero();
        assertThat(erased.err()).contains("its data is being erased").contains("tributary device erasures");

        Await.until(
                "no row of it is seen",
                PATIENCE,
                () -> rest.number("SELECT count(*) FROM readings WHERE device = 'pump-7'") == 0);
        assertThat(rest.number("SELECT count(*) FROM readings WHERE device = 'pump-8'"))
                .isEqualTo(1);
        assertThat(rest.call("GET", "/api/v1/devices/pump-7", null).status())
                .as("the device itself stays")
                .isEqualTo(200);
        assertThat(run("device", "erasures").out())
                .contains("DEVICE", "PHASE", "pump-7")
                .doesNotContain("pump-8");
    }

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void tenantThatIsRemovedFromTheShellIsOffAndNobodyGetsInAnyMore() throws Exception {
        ServerProcess.Outcome added = run("tenant", "add", "acme", "--title", "Acme");
        assertThat(added.exit()).as(added.toString()).isZero();
        Rest theirs =
                new Rest(server.http(), Rest.keyBy(server.http(), added.out().strip()));
        String token = theirs.device("boiler");
        publish(token, "boiler", "{\"temp\": 99.5}");
        CountDownLatch off = new CountDownLatch(1);
        Mqtt5BlockingClient client = Mqtt5Client.builder()
                .identifier("acme-boiler")
                .serverHost("127.0.0.1")
                .serverPort(server.mqttPort())
                .simpleAuth()
                .username("boiler")
                .password(token.getBytes(StandardCharsets.UTF_8))
                .applySimpleAuth()
                .addDisconnectedListener(_ -> off.countDown())
                .buildBlocking();
        client.connect();
        assertThat(run("tenant", "ls", "-q").out()).isEqualTo("acme\nmain\n");

        ServerProcess.Outcome asked = run("tenant", "rm", "acme");
        assertThat(asked.exit()).as("nobody can be asked here: " + asked).isEqualTo(2);
        assertThat(asked.err()).contains("erase all that it sent").contains("--yes");
        assertThat(off.getCount()).isEqualTo(1);

        ServerProcess.Outcome removed = run("tenant", "rm", "acme", "--yes");

        assertThat(removed.exit()).as(removed.toString()).isZero();
        assertThat(removed.err()).contains("removed acme").contains("tributary tenant removals");
        assertThat(off.await(60, TimeUnit.SECONDS)).as("its connection ends").isTrue();
        assertThat(theirs.call("GET", "/api/v1/devices", null).status()).isEqualTo(401);
        assertThat(new Rest(server.http(), token)
                        .call("POST", "/api/v1/telemetry", "{\"temp\": 1}")
                        .status())
                .isEqualTo(401);
        assertThat(run("tenant", "ls", "-q").out()).isEqualTo("main\n");
        Await.until("its data is being erased", PATIENCE, () -> !phase().equals("stopping"));
        Await.until("the shell says how far it is", PATIENCE, () -> {
            String before = phase();
            String said = run("tenant", "removals").out();
            // where it came further meanwhile nobody knows which of the two was said
            return before.equals(phase()) && said.contains("TENANT") && said.contains("acme") && said.contains(before);
        });
        assertThat(run("tenant", "rm", "acme", "--yes").exit()).as("not found").isEqualTo(3);
        ServerProcess.Outcome main = run("tenant", "rm", "main", "--yes");
        assertThat(main.exit()).as(main.toString()).isNotZero();
        assertThat(main.err()).contains("the operator's own");
    }

    private static String phase() throws IOException, InterruptedException {
        return rest.good("GET", "/api/v1/tenant-removals", null)
                .path("removals")
                .path(0)
                .path("phase")
                .asString("");
    }
}
