package tributary.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tributary.model.Settings;
import tributary.model.TenantId;

/// Health, status, figures, and what every answer has in common.
class PlatformTest {
    @TempDir
    static Path data;

    private static World world;

    @BeforeAll
    static void start() {
        ApiSettings settings = ApiSettings.read(new Settings(Map.of("api.cors-origins", "https://charts.example.org")));
        world = new World(data, settings);
    }

    @AfterAll
    static void stop() {
        world.close();
    }

    @Test
    void readyIsSaidOnlyWhenEveryStationIs() {
        assertThat(world.get("", "/health/live").status()).isEqualTo(200);
        world.api.waitFor("mqtt", "the port is not open yet");
        World.Reply waiting = world.get("", "/health/ready");
        assertThat(waiting.status()).isEqualTo(503);
        assertThat(waiting.json().path("reasons").path(0).asString()).isEqualTo("mqtt: the port is not open yet");
        assertThat(world.get(world.viewer, "/api/v1/status").text()).contains("mqtt: the port is not open yet");
        world.api.ready("mqtt");
        assertThat(world.get("", "/health/ready").status()).isEqualTo(200);
    }

    @Test
    void statusSaysHowFarQueriesAreBehindTheLog() {
        world.device(TenantId.MAIN, "st");
        world.publish(TenantId.MAIN, "st", "{\"t\":1}");
        Counter.builder("tributary.refused")
                .tag("door", "mqtt")
                .tag("reason", "TOO_LARGE")
                .register(world.api.meters())
                .increment(3);
        FunctionCounter.builder("tributary.refused", this, _ -> 2)
                .tag("door", "all")
                .tag("reason", "NOT_ALLOWED")
                .register(world.api.meters());
        JsonNode status = world.get(world.viewer, "/api/v1/status").json();
        assertThat(status.path("refused").path("NOT_ALLOWED").longValue()).isEqualTo(2);
        assertThat(status.path("partitions").size()).isEqualTo(3);
        long ends = 0;
        for (JsonNode partition : status.path("partitions")) {
            assertThat(partition.path("visibleUpTo")).isEqualTo(partition.path("end"));
            ends += partition.path("end").longValue();
        }
        assertThat(ends).isEqualTo(status.path("log").path("appended").longValue());
        assertThat(status.path("lagRecords").longValue()).isZero();
        assertThat(status.path("version").asString()).isEqualTo("test");
        assertThat(status.path("refused").path("TOO_LARGE").longValue()).isEqualTo(3);
        assertThat(status.path("disk").path("freeBytes").longValue()).isPositive();
        assertThat(status.path("query").toString()).isEqualTo("{\"walls\":[\"memory\"],\"missing\":[\"no network\"]}");
    }

    @Test
    void figuresOfTheInstallationAreNotShownToOtherTenants() {
        JsonNode status = world.get(world.stranger, "/api/v1/status").json();
        assertThat(status.has("partitions")).isTrue();
        for (String field : List.of("rates", "log", "lake", "query", "refused", "disk", "liveStreams")) {
            assertThat(status.has(field)).as(field).isFalse();
        }
        assertThat(world.send("GET", world.stranger, "/metrics", null, "X-Forwarded-For", "10.0.0.1")
                        .status())
                .isEqualTo(403);
    }

    @Test
    void metricsNeedACredentialUnlessTheCallerIsThisMachineItself() {
        World.Reply local = world.get("", "/metrics");
        assertThat(local.status()).isEqualTo(200);
        assertThat(local.text())
                .contains("tributary_log_appended_total")
                .contains("tributary_lake_lag_records")
                .contains("jvm_memory_used_bytes")
                .contains("tributary_http_requests_total{method=\"GET\",route=\"/metrics\",status=\"200\"}"
                        .substring(0, 40));
        assertThat(world.send("GET", "", "/metrics", null, "X-Forwarded-For", "10.0.0.1")
                        .status())
                .isEqualTo(401);
        assertThat(world.send("GET", "", "/metrics", null, "Forwarded", "for=10.0.0.1")
                        .status())
                .isEqualTo(401);
        assertThat(world.send("GET", world.viewer, "/metrics", null, "X-Forwarded-For", "10.0.0.1")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void noSecretIsInAnyOutput() {
        world.device(TenantId.MAIN, "canary");
        String secret = world.token(TenantId.MAIN, "canary");
        world.get(secret, "/api/v1/session");
        world.get(secret + "x", "/api/v1/session?token=" + secret);
        for (String path :
                List.of("/metrics", "/openapi.json", "/api/v1/status", "/api/v1/devices/canary/credentials")) {
            assertThat(world.get(world.owner, path).text())
                    .as(path)
                    .doesNotContain(secret)
                    .doesNotContain(world.owner);
        }
    }

    @Test
    void onlyConfiguredOriginsMayCallAndNeverWithCookies() {
        World.Reply allowed =
                world.send("GET", world.viewer, "/api/v1/devices", null, "Origin", "https://charts.example.org");
        assertThat(allowed.header("Access-Control-Allow-Origin")).isEqualTo("https://charts.example.org");
        assertThat(allowed.header("Access-Control-Allow-Credentials")).isEmpty();
        World.Reply other = world.send("GET", world.viewer, "/api/v1/devices", null, "Origin", "https://evil.example");
        assertThat(other.header("Access-Control-Allow-Origin")).isEmpty();
        World.Reply preflight =
                world.send("OPTIONS", "", "/api/v1/devices", null, "Origin", "https://charts.example.org");
        assertThat(preflight.status()).isEqualTo(204);
        assertThat(preflight.header("Access-Control-Allow-Headers")).contains("Authorization");
    }

    @Test
    void settingsSayWhatIsWrongWithThem() {
        Settings settings = new Settings(new HashMap<>(Map.of("api.cors-origins", "*", "api.heartbeat", "soon")));
        ApiSettings.read(settings);
        assertThat(settings.problems()).hasSize(2);
        assertThat(settings.problems().getFirst()).contains("without '*'");
        assertThat(ApiSettings.read(new Settings(Map.of()))).isEqualTo(ApiSettings.DEFAULTS);
    }

    @Test
    void aRequestThatCannotBeReadIsAProblemToo() throws IOException {
        for (String target : List.of("/api/v1/devices?q=%zz", "/api/v1/devices/%zz", "/api/v1/devices?%00=1")) {
            String answer =
                    raw("GET " + target + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + world.viewer + "\r\n\r\n");
            assertThat(answer).as(target).startsWith("HTTP/1.1 400").doesNotContain("Exception");
        }
    }

    @Test
    void theHostHeaderIsInNoAnswer() throws IOException {
        for (String target :
                List.of("/openapi.json", "/api/v1/nothing", "/api/v1/session/link?t=x", "/api/v1/devices")) {
            String answer = raw("GET " + target + " HTTP/1.1\r\nHost: evil.example\r\nAuthorization: Bearer "
                    + world.viewer + "\r\n\r\n");
            assertThat(answer).as(target).doesNotContain("evil.example");
        }
    }

    /// Sends a request as it stands and gives the first part of the answer: the headers and the body of an error fit.
    private static String raw(String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), world.server.port())) {
            socket.setSoTimeout(60_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            byte[] answer = new byte[64 * 1024];
            int length = Math.max(0, socket.getInputStream().read(answer));
            return new String(answer, 0, length, StandardCharsets.UTF_8);
        }
    }
}
