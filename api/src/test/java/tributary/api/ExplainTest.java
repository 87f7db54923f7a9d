package tributary.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tributary.gateway.Caller;
import tributary.gateway.Cause;
import tributary.gateway.Grounds;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.TenantId;
import tributary.registry.DeadLetters.DeadLetter;

/// "Where is my message?" over HTTP. Rules, log and dead letters are real; the lake has no files here.
class ExplainTest {
    @TempDir
    static Path data;

    private static World world;

    @BeforeAll
    static void start() {
        world = new World(data);
        world.device(TenantId.MAIN, "p1");
        world.device(TenantId.MAIN, "p2");
        world.send("PUT", world.operator, "/api/v1/sinks/hook", "{\"type\":\"echo\",\"config\":{\"say\":\"x\"}}");
        rule("hot", "SELECT temp FROM 'devices/+/telemetry' WHERE temp > 30 AND site = 'roof'", "hot/${device_id()}");
        rule("mean", "SELECT avg(temp) AS mean FROM 'devices/+/telemetry' GROUP BY clientid(), TUMBLING(1d)", "m");
        rule("deaf", "SELECT * FROM 'other/#'", "o");
    }

    @AfterAll
    static void stop() {
        world.close();
    }

    private static void rule(String name, String sql, String topic) {
        World.Reply saved = world.send(
                "PUT",
                world.operator,
                "/api/v1/rules/" + name,
                Json.text(Json.object().put("sql", sql).put("state", "on"))
                        .replace(
                                "\"state\"",
                                "\"actions\":[{\"topic\":\"" + topic + "\"},{\"sink\":\"hook\"}],\"state\""));
        assertThat(saved.status()).as(saved.text()).isEqualTo(200);
        // it sees messages from the moment when it begins to run
        RulesTest.await(() -> world.get(world.viewer, "/api/v1/rules/" + name)
                .json()
                .path("figures")
                .isObject());
    }

    private static String publish(String device, String payload) {
        int partition = world.log.partitionOf(TenantId.MAIN, new DeviceId(device), "");
        long position = world.log.end(partition);
        world.publish(TenantId.MAIN, device, payload);
        RulesTest.await(() -> world.rules.seenUpTo(partition) > position);
        return partition + "-" + position;
    }

    private static JsonNode explained(String id) {
        World.Reply reply = world.get(world.viewer, "/api/v1/messages/" + id + "/explain");
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        return reply.json();
    }

    private static JsonNode rule(JsonNode explained, String name) {
        return explained
                .path("rules")
                .valueStream()
                .filter(rule -> rule.path("rule").stringValue().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static String line(JsonNode explained, String station) {
        return explained
                .path("story")
                .valueStream()
                .filter(line -> line.path("station").stringValue().equals(station))
                .map(line -> line.path("state").stringValue() + " "
                        + line.path("text").stringValue())
                .findFirst()
                .orElseThrow();
    }

    @Test
    void messageThatARuleDropsSaysWhereAndWithWhichValues() {
        JsonNode told = explained(publish("p1", "{\"temp\": 31, \"site\": \"cellar\"}"));

        assertThat(line(told, "received")).startsWith("good at ").contains("over mqtt", "devices/p1/telemetry");
        assertThat(line(told, "decoded")).isEqualTo("good 2 readings");
        assertThat(told.path("readings").get(0).path("value").doubleValue()).isEqualTo(31);
        JsonNode hot = rule(told, "hot");
        assertThat(hot.path("verdict").stringValue()).isEqualTo("dropped");
        assertThat(hot.path("text").stringValue()).contains("temp was 31", "site was \"cellar\"");
        assertThat(rule(told, "mean").path("verdict").stringValue()).isEqualTo("waits");
        assertThat(rule(told, "mean").path("text").stringValue()).contains("window");
        assertThat(rule(told, "deaf").path("verdict").stringValue()).isEqualTo("deaf");
        assertThat(line(told, "sinks")).doesNotContain("hot,");
    }

    @Test
    void outputIsFoundInTheLogAndAmongDeadLetters() {
        String id = publish("p2", "{\"temp\": 35, \"site\": \"roof\"}");
        RulesTest.await(() -> topic(explained(id)).equals("delivered"));
        JsonNode said = rule(explained(id), "hot").path("said").get(0);
        String republished = said.path("outcomes").get(0).path("id").stringValue();
        assertThat(explained(republished).path("message").path("topic").stringValue())
                .isEqualTo("hot/p2");
        assertThat(said.path("outcomes").get(1).path("state").stringValue()).isEqualTo("delivered");

        String sink =
                world.registry.sinks().find(TenantId.MAIN, "hook").orElseThrow().id();
        long at = Instant.parse(said.path("at").stringValue()).toEpochMilli();
        world.registry
                .deadLetters()
                .add(new DeadLetter(
                        sink,
                        7,
                        "{\"rule\":\"hot\",\"version\":1,\"device\":\"p2\",\"at\":" + at + ",\"payload\":\"{}\"}",
                        "it said 400",
                        3,
                        Instant.EPOCH));

        JsonNode dead =
                rule(explained(id), "hot").path("said").get(0).path("outcomes").get(1);
        assertThat(dead.path("state").stringValue()).isEqualTo("dead-letter");
        assertThat(dead.path("text").stringValue()).contains("it said 400", "after 3 attempts");
        assertThat(line(explained(id), "sinks")).startsWith("bad ");
    }

    private static String topic(JsonNode told) {
        return rule(told, "hot")
                .path("said")
                .get(0)
                .path("outcomes")
                .get(0)
                .path("state")
                .stringValue();
    }

    private static JsonNode outcome(JsonNode told, String rule, int place) {
        return rule(told, rule).path("said").path(0).path("outcomes").path(place);
    }

    @Test
    void alertGoesWhereAllAlertsGoAndNowhereInATimeOfMaintenance() {
        world.device(TenantId.MAIN, "p5");
        world.device(TenantId.MAIN, "p6");
        world.send("PUT", world.operator, "/api/v1/sinks/pager", "{\"type\":\"echo\",\"config\":{\"say\":\"x\"}}");
        assertThat(world.send("PUT", world.operator, "/api/v1/alerts/route", "{\"sinks\":[\"pager\",\"hook\"]}")
                        .status())
                .isEqualTo(200);
        rule("boils", "SELECT temp FROM 'devices/+/telemetry' ALERT boils WHEN temp > 100", "boils/${device_id()}");
        World.Reply silence = world.post(
                world.operator,
                "/api/v1/silences",
                "{\"kind\":\"device\",\"what\":\"p6\",\"from\":\"-1h\",\"length\":\"2h\"}");
        assertThat(silence.status()).as(silence.text()).isBetween(200, 201);

        String loud = publish("p5", "{\"temp\": 101}");
        String hushed = publish("p6", "{\"temp\": 101}");

        RulesTest.await(() -> {
            JsonNode told = explained(loud);
            return outcome(told, "boils", 0).path("state").asString("").equals("delivered")
                    && outcome(told, "boils", 1).path("state").asString("").equals("delivered");
        });
        JsonNode places = rule(explained(loud), "boils").path("said").path(0).path("outcomes");
        assertThat(places.valueStream().map(place -> place.path("name").asString()))
                .containsExactly("boils", "boils/p5", "hook", "pager");
        assertThat(places.path(3).path("text").asString()).contains("all alerts go to it");
        RulesTest.await(() -> outcome(explained(hushed), "boils", 0)
                .path("state")
                .asString("")
                .equals("delivered"));
        for (int place = 1; place < 4; place++) {
            assertThat(outcome(explained(hushed), "boils", place).path("state").asString())
                    .isEqualTo("not-sent");
            assertThat(outcome(explained(hushed), "boils", place).path("text").asString())
                    .contains("maintenance");
        }
        world.send("PUT", world.operator, "/api/v1/alerts/route", "{\"sinks\":[]}");
    }

    @Test
    void sinkThatWasAddedLaterHasNothingOfItAndADroppedLetterIsNotDelivered() {
        world.device(TenantId.MAIN, "p7");
        World.Reply saved = world.send(
                "PUT",
                world.operator,
                "/api/v1/rules/freezes",
                "{\"sql\":\"SELECT temp FROM 'devices/+/telemetry' WHERE temp < -50\",\"state\":\"on\","
                        + "\"actions\":[{\"sink\":\"after\"}]}");
        assertThat(saved.status()).isEqualTo(200);
        RulesTest.await(() -> world.get(world.viewer, "/api/v1/rules/freezes")
                .json()
                .path("figures")
                .isObject());
        String before = publish("p7", "{\"temp\": -60}");
        assertThat(outcome(explained(before), "freezes", 0).path("text").asString())
                .contains("there is no sink");
        long said = Instant.parse(rule(explained(before), "freezes")
                        .path("said")
                        .path(0)
                        .path("at")
                        .asString())
                .toEpochMilli();
        RulesTest.await(() -> System.currentTimeMillis() > said + 1);
        world.send("PUT", world.operator, "/api/v1/sinks/after", "{\"type\":\"echo\",\"config\":{\"say\":\"x\"}}");

        JsonNode early = outcome(explained(before), "freezes", 0);
        assertThat(early.path("state").asString()).isEqualTo("not-sent");
        assertThat(early.path("text").asString()).contains("was added at");

        String behind = publish("p7", "{\"temp\": -70}");
        RulesTest.await(() -> outcome(explained(behind), "freezes", 0)
                .path("state")
                .asString("")
                .equals("delivered"));
        String sink = world.registry
                .sinks()
                .find(TenantId.MAIN, "after")
                .orElseThrow()
                .id();
        long at = Instant.parse(rule(explained(behind), "freezes")
                        .path("said")
                        .path(0)
                        .path("at")
                        .asString())
                .toEpochMilli();
        world.registry
                .deadLetters()
                .add(new DeadLetter(
                        sink,
                        7,
                        "{\"rule\":\"freezes\",\"version\":1,\"device\":\"p7\",\"at\":" + at + ",\"payload\":\"{}\"}",
                        "it said 400",
                        3,
                        Instant.EPOCH));
        assertThat(outcome(explained(behind), "freezes", 0).path("state").asString())
                .isEqualTo("dead-letter");
        assertThat(world.send("DELETE", world.operator, "/api/v1/sinks/after/dead/7", null)
                        .status())
                .isEqualTo(204);

        JsonNode dropped = outcome(explained(behind), "freezes", 0);
        assertThat(dropped.path("state").asString()).isEqualTo("unknown");
        assertThat(dropped.path("text").asString()).contains("dropped by hand");
    }

    @Test
    void ruleThatWasMadeLaterSaysThatItDidNotRun() {
        String id = publish("p1", "{\"temp\": 3}");
        rule("late", "SELECT temp FROM 'devices/#'", "late");

        JsonNode late = rule(explained(id), "late");

        assertThat(late.path("ran").stringValue()).isEqualTo("no");
        assertThat(late.path("text").stringValue()).startsWith("It did not run when the message came");
        assertThat(late.path("said")
                        .get(0)
                        .path("outcomes")
                        .get(0)
                        .path("state")
                        .stringValue())
                .isEqualTo("not-sent");
    }

    @Test
    void payloadThatCannotBeReadSaysWhy() {
        JsonNode told = explained(publish("p1", "{\"temp\": "));

        assertThat(line(told, "decoded")).startsWith("bad 0 readings; rejected: ");
        assertThat(told.path("rejected").get(0).path("reason").stringValue()).isNotEmpty();
    }

    @Test
    void deviceAndAMomentFindTheNearestMessageAndItsNeighbours() {
        world.device(TenantId.MAIN, "p3");
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            ids.add(publish("p3", "{\"temp\": " + i + "}"));
        }

        JsonNode told = world.get(world.viewer, "/api/v1/devices/p3/explain?at=-1h&within=1h")
                .json();

        assertThat(told.path("id").stringValue()).isEqualTo(ids.getFirst());
        assertThat(told.path("nearby")
                        .valueStream()
                        .map(other -> other.path("id").stringValue()))
                .containsExactlyElementsOf(ids.subList(1, 3));
    }

    @Test
    void whereNothingCameWhatWasRefusedIsShown() {
        world.device(TenantId.MAIN, "p4");
        world.attempts.note(
                Caller.of(Message.Origin.MQTT, "10.0.0.1", "p4", "ESP"),
                new Grounds(
                        Cause.PUBLISH_NOT_ALLOWED,
                        "device 'p4' may not publish there",
                        TenantId.MAIN,
                        "device:p4",
                        new DeviceId("p4")));

        JsonNode told = world.get(world.viewer, "/api/v1/devices/p4/explain").json();

        assertThat(told.path("id").isNull()).isTrue();
        assertThat(line(told, "received")).startsWith("bad no message of 'p4' came between ");
        assertThat(line(told, "rights")).contains("publish-not-allowed", "may not publish there");
        assertThat(told.path("refused")).hasSize(1);
    }

    @Test
    void strangersAndWrongNamesFindNothing() {
        String id = publish("p1", "{\"temp\": 1}");

        for (String path : List.of("/api/v1/messages/" + id + "/explain", "/api/v1/devices/p1/explain")) {
            assertThat(world.get(world.stranger, path).status()).as(path).isEqualTo(404);
        }
        assertThat(world.get(world.viewer, "/api/v1/messages/0-999999999/explain")
                        .status())
                .isEqualTo(404);
        assertThat(world.get(world.viewer, "/api/v1/messages/77-0/explain").status())
                .isEqualTo(404);
        assertThat(world.get(world.viewer, "/api/v1/messages/abc/explain").status())
                .isEqualTo(404);
        assertThat(world.get(world.viewer, "/api/v1/messages/" + id + "/explain?lead=2d")
                        .status())
                .isEqualTo(400);
    }
}
