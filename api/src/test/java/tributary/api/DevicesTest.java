package tributary.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tributary.gateway.Caller;
import tributary.gateway.Presence;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.TenantId;
import tributary.registry.Credentials.Verdict;
import tributary.registry.Device;
import tributary.registry.Principal;
import tributary.registry.Sensors;
import tributary.registry.Sensors.Kind;

/// Devices, their sensors and last values over HTTP.
class DevicesTest {
    @TempDir
    static Path data;

    private static World world;

    @BeforeAll
    static void start() {
        world = new World(data);
    }

    @AfterAll
    static void stop() {
        world.close();
    }

    @Test
    void pageIsFoundByItsPlaceInTheList() {
        for (int i = 0; i < 7; i++) {
            world.device(World.OTHER, "place-" + i);
        }
        World.Reply reply = world.get(world.stranger, "/api/v1/devices?q=place-&skip=5&limit=4");
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        assertThat(reply.json().path("total").intValue()).isEqualTo(7);
        assertThat(reply.json().path("devices").size()).isEqualTo(2);
        assertThat(reply.json().path("devices").path(0).path("id").asString("")).isEqualTo("place-5");
        assertThat(world.get(world.stranger, "/api/v1/devices?q=place-").json().has("total"))
                .isFalse();
        assertThat(world.get(world.stranger, "/api/v1/devices?skip=1&after=place-1")
                        .status())
                .isEqualTo(400);
        assertThat(world.get(world.stranger, "/api/v1/devices?skip=-1").status())
                .isEqualTo(400);
    }

    @Test
    void aCredentialIsReplacedByOneLikeItAndItIsShownWhenEachWasUsed() {
        String path = "/api/v1/devices/turned/credentials";
        world.post(world.operator, "/api/v1/devices", "{\"id\":\"turned\"}");
        JsonNode old = world.post(world.operator, path, "{\"kind\":\"token\"}").json();
        world.get(old.path("secret").asString(), "/api/v1/devices/turned");

        World.Reply replaced =
                world.post(world.operator, path + "/" + old.path("id").asString() + "/replace", "");
        assertThat(replaced.status()).isEqualTo(201);
        String fresh = replaced.json().path("secret").asString();
        assertThat(world.get(fresh, "/api/v1/devices/turned").status()).isEqualTo(200);
        JsonNode listed = world.get(world.operator, path).json().path("credentials");
        assertThat(listed).hasSize(2);
        listed.forEach(one -> {
            assertThat(one.path("kind").asString()).isEqualTo("token");
            assertThat(one.path("lastUsedAt").asString()).isNotEmpty();
            assertThat(one.toString()).doesNotContain(fresh);
        });
        assertThat(world.post(world.operator, path + "/nothing/replace", "").status())
                .isEqualTo(404);
        assertThat(world.post(
                                world.operator,
                                "/api/v1/devices/d-other/credentials/"
                                        + old.path("id").asString() + "/replace",
                                "")
                        .status())
                .isEqualTo(404);
    }

    @Test
    void aDeviceIsAddedShownChangedReplacedAndRemoved() {
        World.Reply added = world.post(world.operator, "/api/v1/devices", """
                {"id":"d1","type":"pump","labels":{"site":"brisbane","floor":"2"},"metadata":{"serial":"7","a":{"b":1}}}""");
        assertThat(added.status()).isEqualTo(201);
        assertThat(world.get(world.viewer, "/api/v1/devices/d1").json()).isEqualTo(added.json());

        World.Reply changed = world.send("PATCH", world.operator, "/api/v1/devices/d1", """
                {"labels":{"floor":null,"room":"5"},"metadata":{"a":{"c":2}}}""");
        assertThat(changed.status()).isEqualTo(200);
        assertThat(changed.json().path("type").asString()).isEqualTo("pump");
        assertThat(changed.json().path("labels")).isEqualTo(Json.read("{\"room\":\"5\",\"site\":\"brisbane\"}"));
        assertThat(changed.json().path("metadata")).isEqualTo(Json.read("{\"serial\":\"7\",\"a\":{\"b\":1,\"c\":2}}"));

        World.Reply replaced = world.send("PUT", world.operator, "/api/v1/devices/d1", "{\"type\":\"fan\"}");
        assertThat(replaced.json().path("type").asString()).isEqualTo("fan");
        assertThat(replaced.json().path("labels").isEmpty()).isTrue();

        assertThat(world.send("DELETE", world.operator, "/api/v1/devices/d1", null)
                        .status())
                .isEqualTo(204);
        assertThat(world.get(world.viewer, "/api/v1/devices/d1").status()).isEqualTo(404);
        assertThat(world.send("PATCH", world.operator, "/api/v1/devices/d1", "{}")
                        .status())
                .isEqualTo(404);
    }

    @Test
    void aDeviceShowsWhetherItIsConnectedThroughWhomAndWhyNotAnyMore() {
        world.device(TenantId.MAIN, "box");
        world.registry
                .devices()
                .add(new Device(
                        TenantId.MAIN, new DeviceId("probe"), new DeviceId("box"), "", Map.of(), "{}", Instant.now()));
        String secret = world.token(TenantId.MAIN, "box");
        Principal box = ((Verdict.Accepted) world.registry.credentials().verify(secret)).principal();
        JsonNode never = connection("probe");
        assertThat(never.path("connected").asBoolean()).isFalse();
        assertThat(never.path("endedAt").isNull()).isTrue();

        Presence.Link link = world.presence.connect(box, Caller.of(Message.Origin.MQTT, "10.0.0.7", null, "c1"));
        link.carries(new DeviceId("probe"));
        assertThat(connection("box").path("connected").asBoolean()).isTrue();
        assertThat(connection("box").path("through").isNull()).isTrue();
        assertThat(connection("probe").path("through").asString()).isEqualTo("box");
        assertThat(connection("probe").path("door").asString()).isEqualTo("mqtt");
        assertThat(Instant.parse(connection("probe").path("since").asString())).isBeforeOrEqualTo(Instant.now());

        link.end("goodbye", "the client said goodbye");
        assertThat(connection("probe").path("connected").asBoolean()).isFalse();
        assertThat(connection("probe").path("since").isNull()).isTrue();
        assertThat(connection("box").path("reason").asString()).isEqualTo("the client said goodbye");
        assertThat(world.get(world.stranger, "/api/v1/devices/box").status()).isEqualTo(404);
    }

    private static JsonNode connection(String device) {
        return world.get(world.viewer, "/api/v1/devices/" + device).json().path("connection");
    }

    @Test
    void aSecondDeviceOfTheSameNameIsAConflictThatSaysSo() {
        world.device(TenantId.MAIN, "twin");
        World.Reply reply = world.post(world.operator, "/api/v1/devices", "{\"id\":\"twin\"}");
        assertThat(reply.status()).isEqualTo(409);
        assertThat(reply.problem()).isEqualTo("/problems/already-exists");
        assertThat(reply.detail()).contains("twin");
    }

    @Test
    void everyMistakeOfABodyIsNamedAtOnceWithWhatWasMeant() {
        World.Reply reply = world.post(world.operator, "/api/v1/devices", """
                {"id":7,"tpye":"pump","labels":{"a":1},"tenantId":"other","metadata":[]}""");
        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.problem()).isEqualTo("/problems/invalid-body");
        List<String> errors = new ArrayList<>();
        reply.json()
                .path("errors")
                .forEach(error -> errors.add(error.path("where").asString() + " "
                        + error.path("what").asString()));
        assertThat(errors)
                .containsExactlyInAnyOrder(
                        "/id must be a text, was 7",
                        "/tpye is not a field here; did you mean type?",
                        "/labels/a must be a text, was 1",
                        "/tenantId is not a field here; there are id, parent, type, labels, metadata",
                        "/metadata must be an object, was []");
    }

    @Test
    void fieldsThatOnlyTheServerSetsAreRefused() {
        for (String field : List.of("tenant", "createdAt", "createdBy", "role", "offset", "__proto__")) {
            World.Reply reply =
                    world.post(world.operator, "/api/v1/devices", "{\"id\":\"mass\",\"" + field + "\":\"other\"}");
            assertThat(reply.status()).as(field).isEqualTo(400);
        }
        assertThat(world.get(world.viewer, "/api/v1/devices/mass").status()).isEqualTo(404);
    }

    @Test
    void aBodyThatIsNotJsonNamesThePlace() {
        World.Reply reply = world.post(world.operator, "/api/v1/devices", "{\"id\":\"x\",\n oops}");
        assertThat(reply.problem()).isEqualTo("/problems/invalid-json");
        assertThat(reply.detail()).contains("line 2");
        assertThat(world.post(world.operator, "/api/v1/devices", "{\"id\":\"x\",\"id\":\"y\"}")
                        .status())
                .isEqualTo(400);
        assertThat(world.post(world.operator, "/api/v1/devices", "{} {}").status())
                .isEqualTo(400);
        assertThat(world.post(world.operator, "/api/v1/devices", "").detail()).contains("empty");
        assertThat(world.post(world.operator, "/api/v1/devices", "[".repeat(10_000))
                        .status())
                .isEqualTo(400);
    }

    @Test
    void aBodyOfAnotherTypeOrTooLargeIsRefused() {
        World.Reply form = world.send(
                "POST", world.operator, "/api/v1/devices", null, "Content-Type", "application/x-www-form-urlencoded");
        assertThat(form.status()).isEqualTo(415);
        World.Reply large = world.post(world.operator, "/api/v1/devices", "{\"id\":\"" + "x".repeat(300_000) + "\"}");
        assertThat(large.status()).isEqualTo(413);
        assertThat(large.detail()).contains("api.body-bytes-max");
    }

    @Test
    void aNameThatCannotBeOneSaysWhatCan() {
        for (String id : List.of("", "a/b", "me", "+", "#", "..", "a b", "x\\u0000y", "\\u202egnp", "x'--")) {
            World.Reply reply = world.post(world.operator, "/api/v1/devices", "{\"id\":\"" + id + "\"}");
            assertThat(reply.status()).as(id).isEqualTo(400);
            assertThat(reply.detail()).as(id).startsWith("/id");
        }
    }

    @Test
    void textsOfAnyKindComeBackAsTheyWere() {
        String nasty = "<script>alert(1)</script>'; DROP TABLE devices;-- \\ \"x\" 😀 ‮ =cmd()";
        String body = Json.text(Json.object()
                .put("id", "nasty")
                .put("type", nasty)
                .set("labels", Json.object().put("x\"; DROP", nasty)));
        assertThat(world.post(world.operator, "/api/v1/devices", body).status()).isEqualTo(201);
        World.Reply shown = world.get(world.viewer, "/api/v1/devices/nasty");
        assertThat(shown.json().path("type").asString()).isEqualTo(nasty);
        assertThat(shown.json().path("labels").path("x\"; DROP").asString()).isEqualTo(nasty);
        assertThat(shown.header("Content-Type")).isEqualTo("application/json");
        assertThat(shown.header("Content-Security-Policy")).contains("default-src 'none'");
    }

    @Test
    void pagesCoverTheWholeListWithoutGapOrDuplicate() {
        for (int i = 0; i < 23; i++) {
            world.device(TenantId.MAIN, "page-%02d".formatted(i));
        }
        List<String> seen = new ArrayList<>();
        String after = "";
        int pages = 0;
        do {
            JsonNode page = world.get(world.viewer, "/api/v1/devices?q=page-&limit=5&after=" + after)
                    .json();
            page.path("devices").forEach(device -> seen.add(device.path("id").asString()));
            after = page.path("next").asString("");
            pages++;
        } while (!after.isEmpty());
        assertThat(pages).isEqualTo(5);
        assertThat(seen).hasSize(23).doesNotHaveDuplicates().isSorted();
    }

    @Test
    void theListIsNarrowedByTextTypeLabelAndParent() {
        world.post(world.operator, "/api/v1/devices", "{\"id\":\"gw-1\",\"type\":\"gateway\"}");
        world.post(
                world.operator,
                "/api/v1/devices",
                "{\"id\":\"leaf-1\",\"type\":\"leaf\",\"parent\":\"gw-1\",\"labels\":{\"site\":\"perth\",\"a\":\"b\"}}");
        for (String query : List.of("q=eaf-1", "type=leaf", "label=site%3Dperth&label=a%3Db", "parent=gw-1")) {
            JsonNode page = world.get(world.viewer, "/api/v1/devices?" + query).json();
            assertThat(page.path("devices").size()).as(query).isEqualTo(1);
            assertThat(page.path("devices").path(0).path("id").asString()).isEqualTo("leaf-1");
        }
        assertThat(world.get(world.viewer, "/api/v1/devices?label=site%3Dperth&label=a%3Dc")
                        .json()
                        .path("devices")
                        .size())
                .isZero();
        JsonNode children =
                world.get(world.viewer, "/api/v1/devices/gw-1/children").json();
        assertThat(children.path("devices").path(0).path("id").asString()).isEqualTo("leaf-1");
    }

    @Test
    void aTreeThatCannotBeIsTheCallersMistake() {
        world.device(TenantId.MAIN, "upper");
        world.post(world.operator, "/api/v1/devices", "{\"id\":\"lower\",\"parent\":\"upper\"}");
        World.Reply loop = world.send("PATCH", world.operator, "/api/v1/devices/upper", "{\"parent\":\"lower\"}");
        assertThat(loop.status()).isEqualTo(400);
        assertThat(loop.detail()).contains("lower");
        world.device(World.OTHER, "foreign");
        World.Reply foreign = world.send("PATCH", world.operator, "/api/v1/devices/upper", "{\"parent\":\"foreign\"}");
        World.Reply unknown = world.send("PATCH", world.operator, "/api/v1/devices/upper", "{\"parent\":\"unknown\"}");
        assertThat(foreign.status()).isEqualTo(400);
        assertThat(foreign.text()).isEqualTo(unknown.text());
    }

    @Test
    void aWrongParameterIsNamedWithWhatWasMeant() {
        World.Reply reply = world.get(world.viewer, "/api/v1/devices?limt=5&type=a&type=b&label=x");
        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.text()).contains("did you mean limit?").contains("may be given once");
        assertThat(world.get(world.viewer, "/api/v1/devices?limit=0").status()).isEqualTo(400);
        assertThat(world.get(world.viewer, "/api/v1/devices?limit=501").detail())
                .contains("1 to 500");
        assertThat(world.get(world.viewer, "/api/v1/devices?label=x").detail()).contains("name=value");
    }

    @Test
    void aPathWithAnotherMethodSaysWhichItTakes() {
        World.Reply reply = world.send("PUT", world.operator, "/api/v1/devices", "{}");
        assertThat(reply.status()).isEqualTo(405);
        assertThat(reply.header("Allow")).isEqualTo("GET, POST");
    }

    @Test
    void sensorsAreListedAndDescribed() {
        world.device(TenantId.MAIN, "s1");
        DeviceId id = new DeviceId("s1");
        Instant now = Instant.parse("2026-11-21T00:00:00Z");
        world.registry
                .sensors()
                .discovered(List.of(
                        new Sensors.Seen(TenantId.MAIN, id, "temp", Kind.NUMBER, now),
                        new Sensors.Seen(TenantId.MAIN, id, "gyro[0]", Kind.NUMBER, now)));
        World.Reply described = world.send(
                "PATCH",
                world.operator,
                "/api/v1/devices/s1/sensors/gyro%5B0%5D",
                "{\"unit\":\"°/s\",\"min\":-250,\"max\":250}");
        assertThat(described.status()).as(described.text()).isEqualTo(200);
        World.Reply cleared =
                world.send("PATCH", world.operator, "/api/v1/devices/s1/sensors/gyro%5B0%5D", "{\"min\":null}");
        assertThat(cleared.json().path("min").isNull()).isTrue();
        assertThat(cleared.json().path("unit").asString()).isEqualTo("°/s");
        assertThat(world.get(world.viewer, "/api/v1/devices/s1/sensors")
                        .json()
                        .path("sensors")
                        .size())
                .isEqualTo(2);
        assertThat(world.send("PATCH", world.operator, "/api/v1/devices/s1/sensors/none", "{}")
                        .status())
                .isEqualTo(404);
        assertThat(world.send("PATCH", world.operator, "/api/v1/devices/s1/sensors/temp", "{\"min\":5,\"max\":1}")
                        .detail())
                .contains("must not be above max");
    }

    @Test
    void theLastValueOfEachSensorIsShownAsWhatItIs() {
        world.device(TenantId.MAIN, "l1");
        world.publish(TenantId.MAIN, "l1", "{\"temp\":20,\"open\":true,\"name\":\"true\",\"ts\":1690000000000}");
        world.publish(TenantId.MAIN, "l1", "{\"temp\":21.5,\"ts\":1690000001000}");
        JsonNode values =
                world.get(world.viewer, "/api/v1/devices/l1/latest").json().path("values");
        assertThat(Json.text(values))
                .contains("\"sensor\":\"temp\",\"ts\":\"2023-07-22T04:26:41Z\",\"value\":21.5")
                .contains("\"sensor\":\"open\",\"ts\":\"2023-07-22T04:26:40Z\",\"value\":true")
                .contains("\"sensor\":\"name\",\"ts\":\"2023-07-22T04:26:40Z\",\"text\":\"true\"");
    }

    @Test
    void theLastValuesOfManyDevicesAreOfTheCallersTenantAndAsAskedFor() {
        for (String id : new String[] {"m1", "m2", "m3"}) {
            world.post(
                    world.operator,
                    "/api/v1/devices",
                    "{\"id\":\"" + id + "\",\"type\":\"many\",\"labels\":{\"hall\":\"" + id + "\"}}");
            world.publish(TenantId.MAIN, id, "{\"temp\":20,\"rpm\":7}");
        }
        world.device(World.OTHER, "m1");
        String path = "/api/v1/latest?type=many&sensor=temp";

        JsonNode first = world.get(world.viewer, path + "&limit=2").json();
        assertThat(first.path("next").stringValue()).isEqualTo("m2");
        assertThat(Json.text(first)).contains("\"value\":20").doesNotContain("rpm");
        assertThat(world.get(world.viewer, path + "&after=m2").json().path("devices"))
                .hasSize(1);
        assertThat(world.get(world.viewer, path + "&label=hall=m3").json().path("devices"))
                .hasSize(1);
        assertThat(world.get(world.viewer, "/api/v1/latest?device=m1").json().path("devices"))
                .hasSize(1);
        String stranger = world.key(World.OTHER, Principal.Role.OWNER);
        assertThat(world.get(stranger, path).json().path("devices")).isEmpty();
        assertThat(world.get(stranger, "/api/v1/latest?device=m2").status()).isEqualTo(404);
    }

    @Test
    void aPageOfLastValuesIsOfTheDevicesThatThereAreNow() {
        String path = "/api/v1/latest?type=now";
        String device = "{\"id\":\"%s\",\"type\":\"%s\"}";
        assertThat(world.get(world.viewer, path).json().path("devices")).isEmpty();
        world.post(world.operator, "/api/v1/devices", device.formatted("n1", "now"));
        world.post(world.operator, "/api/v1/devices", device.formatted("n2", "now"));
        assertThat(world.get(world.viewer, path).json().path("devices")).hasSize(2);
        assertThat(world.get(world.viewer, path + "&limit=1")
                        .json()
                        .path("next")
                        .stringValue())
                .isEqualTo("n1");

        world.send("PATCH", world.operator, "/api/v1/devices/n2", "{\"type\":\"then\"}");
        assertThat(world.get(world.viewer, path).json().path("devices")).hasSize(1);
        assertThat(world.get(world.viewer, path + "&limit=1").json().has("next"))
                .isFalse();
        world.send("DELETE", world.operator, "/api/v1/devices/n1", "");
        assertThat(world.get(world.viewer, path).json().path("devices")).isEmpty();
    }
}
