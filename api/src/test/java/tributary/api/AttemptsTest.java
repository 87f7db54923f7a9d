package tributary.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tributary.gateway.Caller;
import tributary.gateway.Cause;
import tributary.gateway.Grounds;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.TenantId;
import tributary.registry.Principal;

/// The attempts log over REST.
@Timeout(180)
class AttemptsTest {
    @TempDir
    Path data;

    private World world;

    @BeforeEach
    void start() {
        world = new World(data);
        world.device(TenantId.MAIN, "pump");
        world.device(TenantId.MAIN, "boiler");
    }

    @AfterEach
    void stop() {
        world.close();
    }

    @Test
    void linesOfTheTenantComeNewestFirstWithAllThatIsKnown() {
        note(TenantId.MAIN, "pump", Message.Origin.HTTP, "first");
        note(TenantId.MAIN, "boiler", Message.Origin.MQTT, "second");
        note(TenantId.MAIN, "boiler", Message.Origin.MQTT, "third");

        JsonNode page = world.get(world.viewer, "/api/v1/attempts").json();

        assertThat(details(page)).containsExactly("third", "first");
        JsonNode line = page.path("attempts").path(0);
        assertThat(line.path("count").intValue()).isEqualTo(2);
        assertThat(line.path("door").asString()).isEqualTo("mqtt");
        assertThat(line.path("address").asString()).isEqualTo("10.0.0.1");
        assertThat(line.path("clientId").asString()).isEqualTo("ESP-3F");
        assertThat(line.path("subject").asString()).isEqualTo("device:boiler");
        assertThat(line.path("device").asString()).isEqualTo("boiler");
        assertThat(line.path("tenant").asString()).isEqualTo("main");
        assertThat(line.path("cause").asString()).isEqualTo("publish-not-allowed");
        assertThat(Instant.parse(line.path("firstAt").asString()))
                .isBeforeOrEqualTo(Instant.parse(line.path("lastAt").asString()));
    }

    @Test
    void aTenantSeesItsOwnAndOnlyOperatorsOfMainSeeNobodys() {
        note(TenantId.MAIN, "pump", Message.Origin.MQTT, "of main");
        note(World.OTHER, "pump", Message.Origin.MQTT, "of other");
        world.attempts.note(
                Caller.of(Message.Origin.MQTT, "10.0.0.1", "x", "y"),
                Grounds.unproven(Cause.BAD_CREDENTIAL, "of nobody"));

        assertThat(details(world.get(world.owner, "/api/v1/attempts").json())).containsExactly("of main");
        assertThat(details(world.get(world.stranger, "/api/v1/attempts").json()))
                .containsExactly("of other");
        assertThat(details(world.get(world.operator, "/api/v1/installation/attempts")
                        .json()))
                .containsExactly("of nobody; there is no device 'x' in the tenant main either", "of main");
        assertThat(world.get(world.viewer, "/api/v1/installation/attempts").status())
                .isEqualTo(403);
        assertThat(world.get(world.stranger, "/api/v1/installation/attempts").status())
                .isEqualTo(403);
        assertThat(world.get(world.token(TenantId.MAIN, "pump"), "/api/v1/attempts")
                        .status())
                .isEqualTo(403);
    }

    @Test
    void linesAreFilteredByDeviceDoorAndTime() {
        note(TenantId.MAIN, "pump", Message.Origin.HTTP, "http");
        note(TenantId.MAIN, "boiler", Message.Origin.MQTT, "mqtt");

        assertThat(details(
                        world.get(world.viewer, "/api/v1/attempts?device=pump").json()))
                .containsExactly("http");
        assertThat(details(world.get(world.viewer, "/api/v1/attempts?door=mqtt").json()))
                .containsExactly("mqtt");
        assertThat(details(world.get(world.viewer, "/api/v1/attempts?since=-1h&door=http")
                        .json()))
                .containsExactly("http");
        assertThat(details(world.get(world.viewer, "/api/v1/attempts?since=now").json()))
                .isEmpty();
        assertThat(world.get(world.viewer, "/api/v1/attempts?door=window").status())
                .isEqualTo(400);
        assertThat(world.get(world.viewer, "/api/v1/attempts?after=x").status()).isEqualTo(400);
    }

    @Test
    void pagesGoOnWhereTheLastOneEnded() {
        for (int i = 0; i < 7; i++) {
            world.attempts.note(
                    Caller.of(Message.Origin.MQTT, "10.0.0." + i, "", ""), grounds(TenantId.MAIN, "pump", "" + i));
        }
        List<String> seen = new ArrayList<>();
        String after = "";
        do {
            JsonNode page =
                    world.get(world.viewer, "/api/v1/attempts?limit=3" + after).json();
            seen.addAll(details(page));
            after = page.has("next") ? "&after=" + page.path("next").asString() : "";
        } while (!after.isEmpty());
        assertThat(seen).containsExactly("6", "5", "4", "3", "2", "1", "0");
    }

    @Test
    void aFollowerSeesEachLineWithinASecondAndResumesBehindTheLast() throws Exception {
        note(TenantId.MAIN, "pump", Message.Origin.MQTT, "before");
        String id;
        try (BufferedReader stream = follow(world.viewer, "/api/v1/attempts/live", "")) {
            note(World.OTHER, "pump", Message.Origin.MQTT, "of other");
            note(TenantId.MAIN, "pump", Message.Origin.HTTP, "seen");
            List<String> event = next(stream);
            assertThat(event.get(1)).contains("\"detail\":\"seen\"");
            id = event.getFirst();
        }
        note(TenantId.MAIN, "boiler", Message.Origin.HTTP, "missed");
        try (BufferedReader stream = follow(world.viewer, "/api/v1/attempts/live", id)) {
            assertThat(next(stream).get(1)).contains("\"detail\":\"missed\"");
        }
        try (BufferedReader stream = follow(world.viewer, "/api/v1/attempts/live?since=-1h", "")) {
            assertThat(next(stream).get(1)).contains("\"detail\":\"before\"");
        }
    }

    @Test
    void aFollowerOfTheInstallationSeesNobodysToo() throws Exception {
        try (BufferedReader stream = follow(world.operator, "/api/v1/installation/attempts/live", "")) {
            world.attempts.note(
                    Caller.of(Message.Origin.MQTT, "10.0.0.1", "", ""),
                    Grounds.unproven(Cause.WRONG_PORT, "TLS hello on the plain port"));
            assertThat(next(stream).get(1)).contains("\"cause\":\"wrong-port\"", "\"tenant\":null");
        }
    }

    @Test
    void aFollowerThatLosesItsRightIsEnded() throws Exception {
        String key = world.registry
                .credentials()
                .issueKey(TenantId.MAIN, "t", Principal.Role.VIEWER, Set.of(), Set.of(), null)
                .secret();
        try (BufferedReader stream = follow(key, "/api/v1/attempts/live", "")) {
            world.registry.credentials().issued(TenantId.MAIN, null).stream()
                    .filter(issue -> issue.title().equals("t"))
                    .forEach(issue -> world.registry.credentials().revoke(TenantId.MAIN, issue.credential()));
            assertThat(next(stream).get(1)).contains("\"reason\":\"credential\"");
        }
    }

    private void note(TenantId tenant, String device, Message.Origin door, String sentence) {
        world.attempts.note(Caller.of(door, "10.0.0.1", "", "ESP-3F"), grounds(tenant, device, sentence));
    }

    private static Grounds grounds(TenantId tenant, String device, String sentence) {
        return new Grounds(Cause.PUBLISH_NOT_ALLOWED, sentence, tenant, "device:" + device, new DeviceId(device));
    }

    private static List<String> details(JsonNode page) {
        List<String> details = new ArrayList<>();
        page.path("attempts").forEach(line -> details.add(line.path("detail").asString()));
        return details;
    }

    /// Opens a stream and waits until it has begun.
    private BufferedReader follow(String key, String path, String lastEventId) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(world.uri(path)).header("Authorization", "Bearer " + key);
        if (!lastEventId.isEmpty()) {
            request.header("Last-Event-ID", lastEventId);
        }
        HttpResponse<InputStream> response =
                world.http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        assertThat(response.statusCode()).isEqualTo(200);
        BufferedReader reader = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
        while (!reader.readLine().startsWith(": tributary attempt stream")) {}
        return reader;
    }

    /// @return id and data of the next event
    private static List<String> next(BufferedReader stream) throws Exception {
        String id = "";
        for (String line = stream.readLine(); line != null; line = stream.readLine()) {
            if (line.startsWith("id: ")) {
                id = line.substring(4);
            } else if (line.startsWith("data: ")) {
                return List.of(id, line);
            }
        }
        throw new AssertionError("the stream ended");
    }
}
