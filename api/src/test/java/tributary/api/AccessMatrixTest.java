package tributary.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.helidon.http.Method;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.model.DeviceId;
import tributary.model.TenantId;
import tributary.registry.Dashboards;
import tributary.registry.Dashboards.DashboardName;
import tributary.registry.Principal;

/// Each route of the table with each kind of caller, and each id with each kind of stranger (HARDENING 27, 29).
class AccessMatrixTest {
    @TempDir
    static Path data;

    private static World world;
    private static final Map<String, String> CALLERS = new LinkedHashMap<>();

    /// What a device, a viewer, an operator, an owner and an owner of the tenant `main` may: written down here a
    /// second time, independent of the code.
    private static final Map<Access, String> ADMITTED = Map.of(
            Access.ANYONE, "nobody share device viewer operator owner installation",
            Access.SHARE, "share",
            Access.DEVICE, "device viewer operator owner installation",
            Access.VIEWER, "viewer operator owner installation",
            Access.OPERATOR, "operator owner installation",
            Access.OWNER, "owner installation",
            Access.MONITOR, "installation",
            Access.OPERATIONS, "installation",
            Access.INSTALLATION, "installation");

    @BeforeAll
    static void start() {
        ApiSettings d = ApiSettings.DEFAULTS;
        ApiSettings settings = new ApiSettings(
                d.bodyBytesMax(),
                100,
                100,
                d.streamLagMax(),
                d.streamStuck(),
                d.heartbeat(),
                d.queryTimeoutMax(),
                false,
                false,
                List.of(),
                "test",
                data);
        world = new World(data, settings);
        world.device(World.OTHER, "pump-1");
        world.device(TenantId.MAIN, "only-main");
        world.device(TenantId.MAIN, "deleted");
        world.registry.devices().remove(TenantId.MAIN, new DeviceId("deleted"));
        CALLERS.put("nobody", "");
        CALLERS.put("device", world.token(World.OTHER, "pump-1"));
        CALLERS.put("share", share());
        CALLERS.put("viewer", world.key(World.OTHER, Principal.Role.VIEWER));
        CALLERS.put("operator", world.key(World.OTHER, Principal.Role.OPERATOR));
        CALLERS.put("owner", world.key(World.OTHER, Principal.Role.OWNER));
        CALLERS.put("installation", world.owner);
    }

    private static String share() {
        DashboardName hall = new DashboardName(World.OTHER, "hall");
        world.registry
                .dashboards()
                .save(hall, new Dashboards.Text("t", "title: t\nwidgets: []"), OptionalInt.empty(), "t", Instant.now());
        return world.registry
                .shares()
                .make(hall, "{}", Duration.ofHours(1), "t")
                .orElseThrow()
                .secret();
    }

    @AfterAll
    static void stop() {
        world.close();
    }

    @Test
    void everyRouteAdmitsExactlyTheRolesOfItsAccess() {
        List<String> wrong = new ArrayList<>();
        for (Route route : world.api.routes()) {
            CALLERS.forEach((caller, key) -> {
                boolean admitted =
                        List.of(ADMITTED.get(route.access()).split(" ")).contains(caller);
                String own = caller.equals("installation") ? "only-main" : "pump-1";
                boolean destroys = admitted && route.method().equals(Method.DELETE);
                int status = ask(route, key, path(route, destroys ? "never-was" : own), "");
                // a link to a dashboard is nothing at all elsewhere
                int refused = caller.equals("nobody") || caller.equals("share") ? 401 : 403;
                // signing in with no name is refused by the sign-in itself, after the gate
                if (admitted ? status == 401 || status == 403 : status != refused) {
                    wrong.add("%s as %s: %d".formatted(route, caller, status));
                }
            });
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void everyRouteThatNeedsACredentialRefusesARottenOne() {
        for (Route route : world.api.routes()) {
            if (route.access() != Access.ANYONE) {
                for (String rotten :
                        List.of("trk_nonsense", "trl_nonsense", "a.b.c", "x".repeat(9000), world.owner + "x")) {
                    assertThat(ask(route, rotten, path(route, "pump-1"), ""))
                            .as(route.toString())
                            .isEqualTo(401);
                }
            }
        }
    }

    @Test
    void anIdOfAnotherTenantOfNobodyAndOfTheDeadIsTheSame404() {
        List<String> wrong = new ArrayList<>();
        for (Route route : world.api.routes()) {
            if (route.access() == Access.ANYONE || route.places().isEmpty()) {
                continue;
            }
            for (String key : List.of(CALLERS.get("owner"), CALLERS.get("device"))) {
                String body = route.shape().body() == null ? null : "{}";
                List<String> answers = new ArrayList<>();
                for (String id : List.of("only-main", "never-was", "deleted", "%2e%2e", "a%00b", "main", "1")) {
                    World.Reply reply = world.send(route.method().text(), key, path(route, id), body);
                    answers.add(reply.status() + " " + reply.text());
                }
                if (answers.stream().distinct().count() > 1
                        || !answers.getFirst().startsWith("404")
                                && !answers.getFirst().startsWith("403")) {
                    wrong.add(route + " " + answers.stream().distinct().toList());
                }
            }
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void anIdInAParameterIsCheckedLikeOneInThePath() {
        String owner = CALLERS.get("owner");
        for (String path : List.of(
                "/api/v1/messages?device=%s",
                "/api/v1/live?device=%s",
                "/api/v1/attempts?device=%s",
                "/api/v1/attempts/live?device=%s",
                "/api/v1/devices?parent=%s",
                "/api/v1/series?series=%s:temp")) {
            List<String> answers = new ArrayList<>();
            for (String id : List.of("only-main", "never-was", "deleted")) {
                World.Reply reply = world.get(owner, path.formatted(id));
                answers.add(reply.status() + " " + reply.text());
            }
            assertThat(answers.stream().distinct()).as(path).hasSize(1).allMatch(answer -> answer.startsWith("404"));
        }
    }

    @Test
    void aDeviceReadsItselfAndNoOtherOfItsTenant() {
        world.device(World.OTHER, "pump-2");
        String device = CALLERS.get("device");
        for (Route route : world.api.routes()) {
            if (route.access() == Access.DEVICE && route.places().equals(List.of("device"))) {
                assertThat(ask(route, device, path(route, "pump-1"), ""))
                        .as(route.toString())
                        .isEqualTo(200);
                assertThat(ask(route, device, path(route, "pump-2"), ""))
                        .as(route.toString())
                        .isEqualTo(404);
            }
        }
        assertThat(world.get(device, "/api/v1/series?series=pump-2:temp").status())
                .isEqualTo(404);
        assertThat(world.get(device, "/api/v1/messages?device=pump-2").status()).isEqualTo(404);
    }

    @Test
    void whatIsNotListedIsTheSame404ForEverybody() {
        List<String> answers = new ArrayList<>();
        for (String key : CALLERS.values()) {
            for (String path :
                    List.of("/api/v1/nothing", "/api", "/actuator/heapdump", "/api/v2/devices", "/api/v1/devices/")) {
                World.Reply reply = world.get(key, path);
                answers.add(reply.status() + " " + reply.text());
            }
        }
        assertThat(answers.stream().distinct()).hasSize(1).first().asString().startsWith("404");
    }

    private static String path(Route route, String id) {
        String path = route.path().replace("{device}", id);
        for (String place : route.places()) {
            path = path.replace("{" + place + "}", place.equals("tenant") ? id.equals("pump-1") ? "other" : id : id);
        }
        StringBuilder query = new StringBuilder();
        for (Route.Param param : route.shape().query()) {
            if (param.required()) {
                String value = param.name().equals("series")
                        ? "pump-1:temp"
                        : param.name().equals("q") ? "1" : param.name().equals("want") ? "alerts" : "x";
                query.append(query.isEmpty() ? "?" : "&")
                        .append(param.name())
                        .append('=')
                        .append(value);
            }
        }
        return path + query;
    }

    /// Asks and looks at the status only: live streams never end.
    private static int ask(Route route, String key, String path, String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(world.uri(path));
        if (!key.isEmpty()) {
            request.header("Authorization", "Bearer " + key);
        }
        if (route.shape().body() != null) {
            request.header("Content-Type", "application/json");
        }
        request.method(
                route.method().text(),
                route.method().equals(Method.GET)
                                || body.isEmpty() && route.shape().body() == null
                        ? HttpRequest.BodyPublishers.noBody()
                        : HttpRequest.BodyPublishers.ofString("{}"));
        try {
            HttpResponse<InputStream> response =
                    world.http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
            response.body().close();
            return response.statusCode();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(route + ": " + e, e);
        }
    }
}
