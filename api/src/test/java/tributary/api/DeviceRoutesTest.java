package tributary.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tributary.gateway.Checkpoint;
import tributary.gateway.DeviceRoute;
import tributary.gateway.IntakeSettings;
import tributary.gateway.http.HttpDoor;
import tributary.gateway.http.HttpSettings;
import tributary.model.DeviceId;
import tributary.model.TenantId;
import tributary.model.TopicFilter;
import tributary.registry.Dashboards;
import tributary.registry.Dashboards.DashboardName;
import tributary.registry.Device;
import tributary.registry.Principal;

/// Each route of the door for devices with each kind of caller and each stranger's id (rows 27 and 29 of
/// docs/security.md), beside the API on one server, as the program has them. What is refused is not stored.
class DeviceRoutesTest {
    @TempDir
    static Path data;

    private static World world;
    private static HttpDoor door;
    private static WebServer server;
    private static final Map<String, String> CALLERS = new LinkedHashMap<>();

    /// Who may send what for the device `pump-1`, which the device `gateway` carries: written down here a second
    /// time, independent of the code. `scoped` is an application's key whose scope is everything, `unscoped` an
    /// owner's without.
    private static final Map<String, Integer> FOR_PUMP_1 = new LinkedHashMap<>();

    static {
        FOR_PUMP_1.put("nobody", 401);
        FOR_PUMP_1.put("rotten", 401);
        FOR_PUMP_1.put("pump-1", 200);
        FOR_PUMP_1.put("gateway", 200);
        FOR_PUMP_1.put("pump-2", 403);
        FOR_PUMP_1.put("only-main", 403);
        FOR_PUMP_1.put("scoped", 200);
        FOR_PUMP_1.put("unscoped", 403);
        FOR_PUMP_1.put("elsewhere", 404);
    }

    @BeforeAll
    static void start() {
        world = new World(data);
        world.device(World.OTHER, "gateway");
        world.registry
                .devices()
                .add(new Device(
                        World.OTHER,
                        new DeviceId("pump-1"),
                        new DeviceId("gateway"),
                        "pump",
                        Map.of(),
                        "{}",
                        Instant.parse("2026-01-01T00:00:00Z")));
        world.device(World.OTHER, "pump-2");
        world.device(TenantId.MAIN, "only-main");
        world.device(World.OTHER, "deleted");
        world.registry.devices().remove(World.OTHER, new DeviceId("deleted"));
        CALLERS.put("nobody", "");
        CALLERS.put("rotten", "trk_nonsense");
        CALLERS.put("pump-1", world.token(World.OTHER, "pump-1"));
        CALLERS.put("gateway", world.token(World.OTHER, "gateway"));
        CALLERS.put("pump-2", world.token(World.OTHER, "pump-2"));
        CALLERS.put("only-main", world.token(TenantId.MAIN, "only-main"));
        CALLERS.put("scoped", key(World.OTHER, Set.of(new TopicFilter("#"))));
        CALLERS.put("unscoped", key(World.OTHER, Set.of()));
        CALLERS.put("elsewhere", key(TenantId.MAIN, Set.of(new TopicFilter("#"))));
        InstantSource clock = InstantSource.system();
        Checkpoint intake =
                new Checkpoint(IntakeSettings.DEFAULTS, world.registry.devices(), world.log, world.attempts, clock);
        door = new HttpDoor(HttpSettings.DEFAULTS, world.registry.credentials(), intake, clock);
        HttpRouting.Builder routing = HttpRouting.builder();
        door.register(routing);
        world.api.register(routing);
        server = WebServer.builder()
                .host("127.0.0.1")
                .port(0)
                .shutdownHook(false)
                .contentEncoding(HttpDoor.codings())
                .routing(routing)
                .build()
                .start();
    }

    private static String key(TenantId tenant, Set<TopicFilter> publish) {
        return world.registry
                .credentials()
                .issueKey(tenant, "test", Principal.Role.OWNER, publish, Set.of(), null)
                .secret();
    }

    @AfterAll
    static void stop() {
        server.stop();
        door.close();
        world.close();
    }

    @Test
    void everyRouteForDevicesAdmitsExactlyWhoMayPublishThere() {
        List<String> wrong = new ArrayList<>();
        for (DeviceRoute route : List.of(
                DeviceRoute.DEVICE_TELEMETRY,
                DeviceRoute.SENSOR_TELEMETRY,
                DeviceRoute.MESSAGE,
                DeviceRoute.BATCH,
                DeviceRoute.STREAM)) {
            FOR_PUMP_1.forEach((caller, expected) -> {
                long before = world.log.stats().appended();
                int status = status(route, ask(route, CALLERS.get(caller), "pump-1"));
                long stored = world.log.stats().appended() - before;
                // a WebSocket that is not asked for stores nothing
                boolean stores = expected == 200 && !route.upgrades();
                if (status != expected || stored != (stores ? 1 : 0)) {
                    wrong.add("%s as %s: %d and %d stored".formatted(route, caller, status, stored));
                }
            });
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void ownTelemetryIsTakenFromDevicesOnly() {
        for (DeviceRoute route : List.of(DeviceRoute.TELEMETRY, DeviceRoute.WRITE)) {
            CALLERS.forEach((caller, key) -> {
                long before = world.log.stats().appended();
                int status = ask(route, key, "pump-1").status();
                boolean device = caller.startsWith("pump") || caller.equals("gateway") || caller.equals("only-main");
                assertThat(status / 100 == 2)
                        .as(route + " as " + caller + ": " + status)
                        .isEqualTo(device);
                assertThat(status == 401)
                        .as(route + " as " + caller + ": " + status)
                        .isEqualTo(caller.equals("nobody") || caller.equals("rotten"));
                assertThat(world.log.stats().appended() - before)
                        .as(route + " as " + caller)
                        .isEqualTo(device ? 1 : 0);
            });
        }
    }

    @Test
    void linkToADashboardPublishesNothing() {
        DashboardName hall = new DashboardName(World.OTHER, "hall");
        world.registry
                .dashboards()
                .save(hall, new Dashboards.Text("t", "title: t\nwidgets: []"), OptionalInt.empty(), "t", Instant.now());
        String link = world.registry
                .shares()
                .make(hall, "{}", Duration.ofHours(1), "t")
                .orElseThrow()
                .secret();
        long before = world.log.stats().appended();

        for (DeviceRoute route : DeviceRoute.values()) {
            if (route != DeviceRoute.MQTT) {
                assertThat(status(route, ask(route, link, "pump-1")))
                        .as(route.toString())
                        .isEqualTo(401);
            }
        }
        assertThat(world.log.stats().appended()).isEqualTo(before);
    }

    @Test
    void anIdOfAnotherTenantOfNobodyAndOfTheDeadIsAnsweredTheSame() {
        List<String> wrong = new ArrayList<>();
        for (DeviceRoute route : List.of(
                DeviceRoute.DEVICE_TELEMETRY,
                DeviceRoute.SENSOR_TELEMETRY,
                DeviceRoute.MESSAGE,
                DeviceRoute.BATCH,
                DeviceRoute.STREAM)) {
            for (String caller : List.of("pump-1", "gateway", "scoped", "unscoped")) {
                List<String> answers = new ArrayList<>();
                for (String id : List.of("only-main", "never-was", "deleted")) {
                    World.Reply answer = ask(route, CALLERS.get(caller), id);
                    answers.add(status(route, answer) + " " + answer.text().replace(id, "ID"));
                }
                boolean refused = answers.getFirst().startsWith(caller.equals("scoped") ? "404" : "403");
                if (answers.stream().distinct().count() > 1 || !refused) {
                    wrong.add(route + " as " + caller + ": " + answers);
                }
            }
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void everyRouteOfTheDocumentIsServedAndTakesNoOtherMethod() {
        for (DeviceRoute route : DeviceRoute.values()) {
            World.Reply answer = ask(route, "", "pump-1");
            assertThat(answer.status()).as(route.toString()).isEqualTo(route == DeviceRoute.MQTT ? 426 : 401);
            if (!route.upgrades()) {
                World.Reply other = send(request(path(route, "pump-1"), CALLERS.get("pump-1"))
                        .method("PUT", HttpRequest.BodyPublishers.ofString("{}"))
                        .build());
                assertThat(other.status()).as(route.toString()).isEqualTo(405);
                assertThat(other.header("Allow")).isEqualTo("POST");
            }
        }
    }

    /// @return how the one message of a request ended: that of a batch stands in the answer
    private static int status(DeviceRoute route, World.Reply answer) {
        if (route == DeviceRoute.BATCH && answer.status() == 200) {
            JsonNode told = answer.json();
            String code = told.path("rejected").path(0).path("code").asString("");
            return switch (code) {
                case "" -> 200;
                case "forbidden" -> 403;
                case "unknown-device" -> 404;
                default -> throw new AssertionError(answer.text());
            };
        }
        // without an upgrade whoever is welcome is told that this is a WebSocket
        return answer.status() == 426 || answer.status() == 204 ? 200 : answer.status();
    }

    private static World.Reply ask(DeviceRoute route, String key, String device) {
        HttpRequest.Builder request = request(path(route, device), key);
        String body = switch (route) {
            case TELEMETRY, DEVICE_TELEMETRY, MESSAGE -> "{\"a\":1}";
            case SENSOR_TELEMETRY -> "1";
            case BATCH -> "{\"device\":\"" + device + "\",\"readings\":{\"a\":1}}";
            case WRITE -> "a v=1";
            case STREAM, MQTT -> "";
        };
        return send(
                route.upgrades()
                        ? request.GET().build()
                        : request.POST(HttpRequest.BodyPublishers.ofString(body))
                                .build());
    }

    private static String path(DeviceRoute route, String device) {
        return switch (route) {
            case TELEMETRY, BATCH, WRITE, MQTT -> route.path();
            case DEVICE_TELEMETRY -> "/api/v1/devices/" + device + "/telemetry";
            case SENSOR_TELEMETRY -> "/api/v1/devices/" + device + "/telemetry/motor/rpm";
            case MESSAGE -> "/api/v1/messages/devices/" + device + "/state";
            case STREAM -> route.path() + "?device=" + device;
        };
    }

    private static HttpRequest.Builder request(String path, String key) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path));
        if (!key.isEmpty()) {
            request.header("Authorization", "Bearer " + key);
        }
        return request;
    }

    private static World.Reply send(HttpRequest request) {
        return new World.Reply(world.send(request));
    }
}
