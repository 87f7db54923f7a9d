package tributary.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tributary.model.TenantId;

/// Limits of one tenant over REST: shown with their use, set by the installation's owner, holding at once.
@Timeout(180)
class TenantLimitsTest {
    private static final String LIMITS = "/api/v1/tenants/other/limits";
    private static final long PATIENCE_NANOS = 120_000_000_000L;

    @TempDir
    Path data;

    private World world;

    @BeforeEach
    void start() {
        world = new World(data);
    }

    @AfterEach
    void stop() {
        world.close();
    }

    private JsonNode limit(String key, String name) {
        World.Reply reply = world.get(key, LIMITS);
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        for (JsonNode limit : reply.json().path("limits")) {
            if (limit.path("name").asString("").equals(name)) {
                return limit;
            }
        }
        throw new AssertionError("no limit " + name + " in " + reply.text());
    }

    private World.Reply set(String body) {
        return world.send("PUT", world.owner, LIMITS, body);
    }

    @Test
    void whatTheSettingsSayHoldsUntilSomebodySetsAnother() {
        JsonNode before = limit(world.owner, "devices");
        assertThat(before.path("limit").longValue()).isEqualTo(250_000);
        assertThat(before.path("own").booleanValue()).isFalse();
        assertThat(before.path("setting").asString("")).isEqualTo("registry.devices-per-tenant");

        World.Reply answer = set("{\"devices\":1,\"streams\":2}");

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.json().path("tenant").asString("")).isEqualTo("other");
        assertThat(limit(world.owner, "devices").path("limit").longValue()).isEqualTo(1);
        assertThat(limit(world.owner, "devices").path("own").booleanValue()).isTrue();
        assertThat(limit(world.owner, "devices").path("usual").longValue()).isEqualTo(250_000);
        assertThat(limit(world.stranger, "streams").path("limit").longValue())
                .as("read by the tenant's own owner")
                .isEqualTo(2);

        assertThat(set("{\"devices\":null}").status()).isEqualTo(200);
        assertThat(limit(world.owner, "devices").path("own").booleanValue()).isFalse();
        assertThat(limit(world.owner, "streams").path("own").booleanValue())
                .as("what is not there is unset")
                .isFalse();
    }

    @Test
    void devicesBeyondTheLimitAreRefusedFromTheAnswerOn() {
        String add = "{\"id\":\"%s\"}";
        assertThat(world.post(world.stranger, "/api/v1/devices", add.formatted("a"))
                        .status())
                .isEqualTo(201);
        set("{\"devices\":1}");
        assertThat(limit(world.owner, "devices").path("use").longValue()).isEqualTo(1);

        World.Reply refused = world.post(world.stranger, "/api/v1/devices", add.formatted("b"));
        assertThat(refused.status()).isBetween(400, 499);
        assertThat(refused.detail()).contains("its most of 1 devices").contains("own limit 'devices'");

        set("{\"devices\":2}");
        assertThat(world.post(world.stranger, "/api/v1/devices", add.formatted("b"))
                        .status())
                .isEqualTo(201);
    }

    @Test
    void liveStreamsAreHeldToTheLimitAndCounted() throws Exception {
        set("{\"streams\":1}");
        try (LiveClient _ = new LiveClient(world, world.stranger, "/api/v1/live?kind=messages", "")) {
            until(
                    "the stream is counted",
                    () -> limit(world.owner, "streams").path("use").longValue() == 1);
            World.Reply second = world.get(world.stranger, "/api/v1/live?kind=messages");
            assertThat(second.status()).isEqualTo(429);
            assertThat(second.detail()).contains("There may be 1 live streams").contains("own limit 'streams'");
        }
    }

    @Test
    void useIsWhatTheTenantHasAndNobodyElse() throws Exception {
        world.device(World.OTHER, "pump-1");
        world.device(TenantId.MAIN, "pump-1");
        world.device(TenantId.MAIN, "pump-2");
        until("the rate is seen", () -> {
            for (int i = 0; i < 50; i++) {
                world.publish(World.OTHER, null, "plant/line", "1".getBytes(StandardCharsets.UTF_8));
            }
            return limit(world.owner, "messageRate").path("use").longValue() > 0;
        });
        assertThat(limit(world.owner, "devices").path("use").longValue()).isEqualTo(1);
        assertThat(limit(world.owner, "deviceRate").has("use")).isFalse();
    }

    @Test
    void mistakesAreToldWithWhatIsAllowedAndChangeNothing() {
        set("{\"streams\":5}");
        World.Reply wrong = set("{\"streams\":0,\"devices\":\"many\",\"device\":3}");
        assertThat(wrong.status()).isEqualTo(400);
        assertThat(wrong.text())
                .contains("a whole number from 1 to 10000")
                .contains("a whole number from 1 to 10000000")
                .contains("did you mean devices?");
        assertThat(limit(world.owner, "streams").path("limit").longValue()).isEqualTo(5);
        assertThat(world.send("PUT", world.owner, "/api/v1/tenants/nobody/limits", "{}")
                        .status())
                .isEqualTo(404);
        assertThat(world.send("PUT", world.stranger, LIMITS, "{}").status())
                .as("nobody raises their own")
                .isEqualTo(403);
        assertThat(world.get(world.stranger, "/api/v1/tenants/main/limits").status())
                .isEqualTo(404);
    }

    private static void until(String what, BooleanSupplier happened) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (!happened.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(deadline);
            Thread.sleep(100);
        }
    }
}
