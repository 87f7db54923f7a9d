package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.mqtt3.Mqtt3BlockingClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3Client;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// What SQL says of who came and went over a kill and a clean stop of the real process.
class EventsIT {
    private static final String KINDS = "SELECT kind, cause FROM events WHERE device = 'boiler' ORDER BY position";

    @TempDir
    private Path data;

    @Test
    @Timeout(value = 8, unit = TimeUnit.MINUTES)
    void killLeavesNoGoodbyeAndStopLeavesOneOfTheServer() throws Exception {
        String token;
        try (ServerProcess server = ServerProcess.start(data)) {
            token = Rest.of(server).device("boiler");
            connect(server, token);
            await(server, KINDS, List.of("first-seen", "connected"));
            server.kill();
        }
        try (ServerProcess server = ServerProcess.start(data)) {
            await(
                    server,
                    "SELECT kind FROM events WHERE device IS NULL AND subject IS NULL",
                    List.of("started", "started"));
            assertThat(Rest.of(server)
                            .good("GET", "/api/v1/devices/boiler", null)
                            .path("connection")
                            .path("connected")
                            .asBoolean())
                    .isFalse();
            await(server, KINDS, List.of("first-seen", "connected"));
            connect(server, token);
            await(server, KINDS, List.of("first-seen", "connected", "connected"));
            assertThat(server.stop()).isZero();
        }
        try (ServerProcess server = ServerProcess.start(data)) {
            await(server, KINDS, List.of("first-seen", "connected", "connected", "disconnected server-shutting-down"));
            await(
                    server,
                    "SELECT count(*)::VARCHAR FROM events WHERE kind = 'started'"
                            + " AND ts > (SELECT max(ts) FROM events WHERE kind = 'disconnected')",
                    List.of("1"));
            assertThat(sql(server, "SELECT sensor FROM readings WHERE sensor LIKE '%reason%' OR text LIKE '%started%'"))
                    .isEmpty();
            assertThat(sql(server, "SELECT reason FROM rejected")).isEmpty();
        }
    }

    private static void connect(ServerProcess server, String token) {
        Mqtt3BlockingClient client = Mqtt3Client.builder()
                .identifier("it-" + UUID.randomUUID())
                .serverHost("127.0.0.1")
                .serverPort(server.mqttPort())
                .simpleAuth()
                .username("boiler")
                .password(token.getBytes(StandardCharsets.UTF_8))
                .applySimpleAuth()
                .buildBlocking();
        client.connect();
    }

    private static void await(ServerProcess server, String sql, List<String> rows) throws Exception {
        Instant deadline = Instant.now().plus(Duration.ofSeconds(60));
        List<String> seen = sql(server, sql);
        while (!seen.equals(rows) && Instant.now().isBefore(deadline)) {
            Thread.sleep(50);
            seen = sql(server, sql);
        }
        assertThat(seen).as(sql).isEqualTo(rows);
    }

    private static List<String> sql(ServerProcess server, String sql) throws Exception {
        List<String> rows = new ArrayList<>();
        for (JsonNode row : Rest.of(server).sql(sql)) {
            List<String> cells = new ArrayList<>();
            row.forEach(cell -> {
                if (!cell.isNull()) {
                    cells.add(cell.asString());
                }
            });
            rows.add(String.join(" ", cells));
        }
        return rows;
    }
}
