package tributary.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tributary.log.Batch;
import tributary.log.LogReader;
import tributary.model.Message;
import tributary.model.TenantId;

/// Rules over HTTP, and at work behind it.
class RulesTest {
    private static final String WARM = "{\"sql\":\"SELECT temp FROM 'env/+/temp' WHERE temp > 30\"}";

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

    private static World.Reply put(String name, String body) {
        return world.send("PUT", world.operator, "/api/v1/rules/" + name, body);
    }

    @Test
    void ruleIsSavedShownChangedAndRemoved() {
        World.Reply saved = put("warm", WARM);
        assertThat(saved.status()).as(saved.text()).isEqualTo(200);
        assertThat(saved.json().path("version").intValue()).isEqualTo(1);
        assertThat(saved.json().path("state").stringValue()).isEqualTo("draft");
        assertThat(saved.json().path("sqlVersion").stringValue()).isEqualTo("tributary");
        assertThat(saved.json().path("changedBy").stringValue()).startsWith("key:");
        assertThat(world.send("PUT", world.viewer, "/api/v1/rules/warm", WARM).status())
                .isEqualTo(403);

        World.Reply changed = put(
                "warm",
                "{\"sql\":\"SELECT temp FROM 'env/#'\",\"zone\":\"Europe/Budapest\",\"version\":1,\"state\":\"paused\","
                        + "\"actions\":[{\"topic\":\"a/${temp}\"},{\"sink\":\"mail\"}]}");
        assertThat(changed.json().path("version").intValue()).isEqualTo(2);
        assertThat(changed.json().path("actions").toString())
                .isEqualTo("[{\"topic\":\"a/${temp}\"},{\"sink\":\"mail\"}]");
        assertThat(world.get(world.viewer, "/api/v1/rules/warm/versions")
                        .json()
                        .path("versions")
                        .size())
                .isEqualTo(2);
        assertThat(world.get(world.viewer, "/api/v1/rules").text()).contains("\"warm\"");
        assertThat(world.get(world.stranger, "/api/v1/rules").text()).doesNotContain("warm");
        assertThat(world.get(world.stranger, "/api/v1/rules/warm").status()).isEqualTo(404);
        assertThat(world.get(world.stranger, "/api/v1/rules/warm/log").status()).isEqualTo(404);

        assertThat(world.send("DELETE", world.operator, "/api/v1/rules/warm", null)
                        .status())
                .isEqualTo(204);
        assertThat(world.get(world.viewer, "/api/v1/rules/warm").status()).isEqualTo(404);
        assertThat(world.get(world.viewer, "/api/v1/rules/warm/versions").status())
                .isEqualTo(404);
    }

    @Test
    void changeOfAnOldVersionIsAConflict() {
        put("stale", WARM);

        World.Reply again = put("stale", "{\"sql\":\"SELECT 1 AS one FROM 'a'\",\"version\":0}");

        assertThat(again.status()).isEqualTo(409);
        assertThat(again.detail()).contains("version 1");
        assertThat(again.json().path("type").stringValue()).isEqualTo("/problems/changed-meanwhile");
    }

    @Test
    void ruleThatCannotRunIsRefusedWithPlaceAndSuggestion() {
        World.Reply refused = put("wrong", "{\"sql\":\"SELECT temp FORM 'a'\"}");
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.text())
                .contains("/sql")
                .contains("line 1, column 13")
                .contains("did you mean 'FROM'?");
        assertThat(world.get(world.viewer, "/api/v1/rules/wrong").status()).isEqualTo(404);

        JsonNode checked = world.post(world.viewer, "/api/v1/rules/check", "{\"sql\":\"SELECT temp FORM 'a'\"}")
                .json();
        assertThat(checked.path("good").booleanValue()).isFalse();
        assertThat(checked.path("line").intValue()).isEqualTo(1);
        assertThat(checked.path("column").intValue()).isEqualTo(13);
        assertThat(checked.path("suggestion").stringValue()).isEqualTo("FROM");
        assertThat(world.post(world.viewer, "/api/v1/rules/check", WARM)
                        .json()
                        .path("topics")
                        .toString())
                .isEqualTo("[\"env/+/temp\"]");
        for (String wrong : new String[] {
            "\"zone\":\"Moon\"",
            "\"actions\":[{\"topic\":\"$SYS/x\"}]",
            "\"actions\":[{\"topic\":\"a/#\"}]",
            "\"actions\":[{\"topic\":\"a/${f(x)}\"}]",
            "\"actions\":[{}]",
            "\"sqlVersion\":\"1\"",
            "\"state\":\"off\""
        }) {
            assertThat(put("wrong", "{\"sql\":\"SELECT temp FROM 'a'\"," + wrong + "}")
                            .status())
                    .as(wrong)
                    .isEqualTo(400);
        }
    }

    @Test
    void ruleAtWorkPublishesCountsAndShowsWhatItFailedAt() {
        put(
                "hot",
                "{\"sql\":\"SELECT temp, topic(2) AS dev FROM 'hall/+/temp' WHERE temp > 30\",\"state\":\"on\","
                        + "\"actions\":[{\"topic\":\"hot/${dev}\"},{\"topic\":\"site/${site}\"}]}");
        await(() -> world.get(world.viewer, "/api/v1/rules/hot")
                .json()
                .path("figures")
                .isObject());

        world.publish(TenantId.MAIN, null, "hall/a/temp", "{\"temp\":31}".getBytes(StandardCharsets.UTF_8));
        world.publish(TenantId.MAIN, null, "hall/b/temp", "{\"temp\":29}".getBytes(StandardCharsets.UTF_8));
        world.publish(World.OTHER, null, "hall/c/temp", "{\"temp\":33}".getBytes(StandardCharsets.UTF_8));

        await(() -> inLog("hot/a"));
        await(() -> world.get(world.viewer, "/api/v1/rules/hot")
                        .json()
                        .path("figures")
                        .path("taken")
                        .intValue()
                == 2);
        JsonNode log = world.get(world.viewer, "/api/v1/rules/hot/log").json();
        assertThat(log.path("figures").toString()).startsWith("{\"taken\":2,\"said\":1,\"failed\":1,");
        assertThat(log.path("figures").path("microsAMessage").doubleValue()).isPositive();
        JsonNode dearest =
                world.get(world.viewer, "/api/v1/status").json().path("rules").path("dearest");
        assertThat(dearest.path(0).path("tenant").asString()).isEqualTo("main");
        assertThat(dearest.path(0).path("microsAMessage").doubleValue()).isPositive();
        assertThat(world.get(world.stranger, "/api/v1/status").json().has("rules"))
                .isFalse();
        assertThat(log.path("said").path(0).path("payload").stringValue()).isEqualTo("{\"temp\":31,\"dev\":\"a\"}");
        assertThat(log.path("failed").path(0).path("what").stringValue()).contains("${site}");
        assertThat(log.path("failed").path(0).path("topic").stringValue()).isEqualTo("hall/a/temp");
        assertThat(inLog("hot/c")).isFalse();
    }

    @Test
    void messagesThatAreNotAsTheyWereMeantAreCounted() {
        put("timed", "{\"sql\":\"SELECT v FROM 'yard/+' TIMESTAMP BY ts LATE DROP WHERE v > 1\",\"state\":\"shadow\"}");
        await(() -> world.get(world.viewer, "/api/v1/rules/timed")
                .json()
                .path("figures")
                .isObject());

        for (String payload : List.of(
                "{\"v\":1,\"ts\":2000}",
                "{\"v\":2,\"ts\":1000}",
                "{\"v\":3}",
                "{\"v\":4,\"ts\":99999999999999}",
                "no JSON")) {
            world.publish(TenantId.MAIN, null, "yard/a", payload.getBytes(StandardCharsets.UTF_8));
        }

        await(() -> world.get(world.viewer, "/api/v1/rules/timed")
                        .json()
                        .path("figures")
                        .path("unread")
                        .intValue()
                == 1);
        assertThat(world.get(world.viewer, "/api/v1/rules/timed")
                        .json()
                        .path("figures")
                        .toString())
                .contains("\"late\":1,\"skewed\":1,\"unstamped\":2,\"unread\":1,");
        JsonNode tested = world.post(
                        world.operator,
                        "/api/v1/rules/test",
                        "{\"sql\":\"SELECT v FROM 'yard/+' TIMESTAMP BY ts LATE DROP WHERE v > 1\"}")
                .json();
        assertThat(tested.path("late").intValue()).isEqualTo(1);
        assertThat(tested.path("unread").intValue()).isEqualTo(1);
    }

    @Test
    void sinkThatIsNotThereIsWarnedOfAndWhatGoesToItIsAFailure() {
        String rule = "{\"sql\":\"SELECT v FROM 'stray'\",\"state\":\"on\",\"actions\":[{\"sink\":\"nowhere\"}]}";
        assertThat(world.post(world.operator, "/api/v1/rules/check", rule)
                        .json()
                        .path("warnings")
                        .toString())
                .contains("there is no sink 'nowhere'");
        assertThat(put("stray", rule).status()).isEqualTo(200);
        await(() -> world.get(world.viewer, "/api/v1/rules/stray")
                .json()
                .path("figures")
                .isObject());

        world.publish(TenantId.MAIN, null, "stray", "{\"v\":1}".getBytes(StandardCharsets.UTF_8));

        await(() -> world.get(world.viewer, "/api/v1/rules/stray/log")
                .json()
                .path("failed")
                .path(0)
                .path("what")
                .asString("")
                .contains("there is no sink 'nowhere'"));
    }

    @Test
    void commandGoesToADeviceOfTheTenantAndToNoOther() {
        world.device(TenantId.MAIN, "valve-1");
        world.device(World.OTHER, "valve-2");
        World.Reply saved = put(
                "valves",
                "{\"sql\":\"SELECT valve, 'shut' AS do FROM 'leak'\",\"state\":\"on\","
                        + "\"actions\":[{\"command\":\"${valve}/set\"}]}");
        assertThat(saved.status()).as(saved.text()).isEqualTo(200);
        assertThat(saved.json().path("actions").toString()).isEqualTo("[{\"command\":\"${valve}/set\"}]");
        await(() -> world.get(world.viewer, "/api/v1/rules/valves")
                .json()
                .path("figures")
                .isObject());

        for (String valve : new String[] {"valve-2", "none", "a/b", "valve-1"}) {
            world.publish(
                    TenantId.MAIN, null, "leak", ("{\"valve\":\"" + valve + "\"}").getBytes(StandardCharsets.UTF_8));
        }

        await(() -> inLog("devices/valve-1/commands/set"));
        await(() -> world.get(world.viewer, "/api/v1/rules/valves/log")
                        .json()
                        .path("failed")
                        .size()
                == 3);
        assertThat(inLog("devices/valve-2/commands/set")).isFalse();
        assertThat(inLog("devices/none/commands/set")).isFalse();
        assertThat(put("valves", "{\"actions\":[{\"command\":\"/set\"}]}").text())
                .contains("a command begins with a device");
        assertThat(put("valves", "{\"actions\":[{\"command\":\"a b#/set\"}]}").status())
                .isEqualTo(400);
    }

    @Test
    void shadowShowsAndSendsNothing() {
        put("shadow", "{\"sql\":\"SELECT v FROM 'shade'\",\"state\":\"shadow\",\"actions\":[{\"topic\":\"never\"}]}");
        await(() -> world.get(world.viewer, "/api/v1/rules/shadow")
                .json()
                .path("figures")
                .isObject());

        world.publish(TenantId.MAIN, null, "shade", "{\"v\":1}".getBytes(StandardCharsets.UTF_8));

        await(() -> world.get(world.viewer, "/api/v1/rules/shadow/log")
                        .json()
                        .path("said")
                        .size()
                == 1);
        assertThat(world.get(world.viewer, "/api/v1/rules/shadow/log")
                        .json()
                        .path("said")
                        .path(0)
                        .path("sent")
                        .booleanValue())
                .isFalse();
        assertThat(inLog("never")).isFalse();
        assertThat(world.post(world.operator, "/api/v1/rules/shadow/state", "{\"state\":\"draft\"}")
                        .status())
                .isEqualTo(200);
        await(() -> world.get(world.viewer, "/api/v1/rules/shadow")
                .json()
                .path("figures")
                .isNull());
    }

    private static JsonNode stormOf(String key, JsonNode line) {
        return world.get(
                        key,
                        "/api/v1/alerts/storm?rule=doors&name=too_warm&from=%s&to=%s"
                                .formatted(
                                        line.path("alikeSince").stringValue(),
                                        line.path("raisedAt").stringValue()))
                .json()
                .path("alerts");
    }

    private static JsonNode alerts(String query) {
        return world.get(world.viewer, "/api/v1/alerts" + query).json().path("alerts");
    }

    @Test
    void alertIsRaisedOnceAcknowledgedAndCleared() {
        put(
                "doors",
                "{\"sql\":\"SELECT topic(2) AS door, temp FROM 'doors/+' ALERT too_warm SEVERITY major PER topic(2)"
                        + " WHEN temp > 8 CLEAR WHEN temp < 6\",\"state\":\"on\"}");
        await(() -> world.get(world.viewer, "/api/v1/rules/doors")
                .json()
                .path("figures")
                .isObject());
        for (String door : new String[] {"a", "b", "a"}) {
            world.publish(TenantId.MAIN, null, "doors/" + door, "{\"temp\":9}".getBytes(StandardCharsets.UTF_8));
        }
        await(() -> alerts("?rule=doors").size() == 2);

        JsonNode storm = alerts("?rule=doors&grouped=true");
        assertThat(storm.size()).isEqualTo(1);
        assertThat(storm.path(0).path("alike").intValue()).isEqualTo(2);
        assertThat(stormOf(world.viewer, storm.path(0)).size()).isEqualTo(2);
        assertThat(stormOf(world.stranger, storm.path(0)).size()).isZero();
        String which = "{\"rule\":\"doors\",\"name\":\"too_warm\",\"key\":\"\\\"a\\\"\"}";
        assertThat(world.post(world.viewer, "/api/v1/alerts/acknowledge", which).status())
                .isEqualTo(403);
        assertThat(world.post(world.stranger, "/api/v1/alerts/acknowledge", which)
                        .status())
                .isEqualTo(404);
        World.Reply known = world.post(world.operator, "/api/v1/alerts/acknowledge", which);
        assertThat(known.status()).as(known.text()).isEqualTo(200);
        assertThat(known.json().path("acknowledgedBy").stringValue()).startsWith("key:");
        assertThat(known.json().path("severity").stringValue()).isEqualTo("major");
        assertThat(known.json().path("raises").intValue()).isEqualTo(1);
        assertThat(world.get(world.stranger, "/api/v1/alerts")
                        .json()
                        .path("alerts")
                        .size())
                .isZero();

        String all = "{\"rule\":\"doors\",\"name\":\"too_warm\",\"from\":\"%s\",\"to\":\"%s\"}"
                .formatted(
                        storm.path(0).path("alikeSince").stringValue(),
                        storm.path(0).path("raisedAt").stringValue());
        String path = "/api/v1/alerts/acknowledge-storm";
        assertThat(world.post(world.viewer, path, all).status()).isEqualTo(403);
        assertThat(world.post(world.stranger, path, all).text()).isEqualTo("{\"acknowledged\":0}");
        assertThat(world.post(world.operator, path, all).text()).isEqualTo("{\"acknowledged\":1}");
        assertThat(alerts("?rule=doors&state=raised").size()).isZero();
        assertThat(world.post(world.operator, path, all.replace("Z\"}", "\"}")).text())
                .contains("a time: now");

        world.publish(TenantId.MAIN, null, "doors/a", "{\"temp\":5}".getBytes(StandardCharsets.UTF_8));

        await(() -> alerts("?rule=doors&state=cleared").size() == 1);
        assertThat(alerts("?rule=doors").size()).isEqualTo(1);
    }

    private static long repeated(String key) {
        return world.get(world.viewer, "/api/v1/alerts/history?rule=nags&limit=1000")
                .json()
                .path("events")
                .valueStream()
                .filter(event -> event.path("what").stringValue().equals("repeated")
                        && event.path("key").stringValue().equals(key))
                .count();
    }

    @Test
    void alertOfWhichSomebodyKnowsIsNotRepeated() {
        put(
                "nags",
                "{\"sql\":\"SELECT v FROM 'nags/+' ALERT nag PER topic(2) WHEN v > 8 REPEAT EVERY 1s\","
                        + "\"state\":\"on\"}");
        await(() -> world.get(world.viewer, "/api/v1/rules/nags")
                .json()
                .path("figures")
                .isObject());
        for (String key : new String[] {"a", "b"}) {
            world.publish(TenantId.MAIN, null, "nags/" + key, "{\"v\":9}".getBytes(StandardCharsets.UTF_8));
        }
        await(() -> alerts("?rule=nags").size() == 2);

        World.Reply known = world.post(
                world.operator,
                "/api/v1/alerts/acknowledge",
                "{\"rule\":\"nags\",\"name\":\"nag\",\"key\":\"\\\"a\\\"\"}");

        assertThat(known.status()).as(known.text()).isEqualTo(200);
        // both were raised at about the same time: the other one shows that time goes on
        await(() -> repeated("\"b\"") >= repeated("\"a\"") + 3);
        world.send("DELETE", world.operator, "/api/v1/rules/nags", null);
    }

    @Test
    void testBenchSaysWhatARuleWouldHaveSaidAndWhen() {
        for (int i = 0; i < 50; i++) {
            world.publish(TenantId.MAIN, null, "bench", ("{\"v\":" + i + "}").getBytes(StandardCharsets.UTF_8));
            world.publish(World.OTHER, null, "bench", "{\"v\":99}".getBytes(StandardCharsets.UTF_8));
        }
        String body = "{\"sql\":\"SELECT v FROM 'bench' WHERE v >= 47\"";

        JsonNode report =
                world.post(world.operator, "/api/v1/rules/test", body + "}").json();

        assertThat(report.path("complete").booleanValue()).isTrue();
        assertThat(report.path("taken").intValue()).isEqualTo(50);
        assertThat(report.path("saidCount").intValue()).isEqualTo(3);
        assertThat(report.path("said").path(2).path("payload").stringValue()).isEqualTo("{\"v\":49}");
        assertThat(report.path("begins").isNull()).isTrue();
        assertThat(report.path("steps").path(0).toString())
                .isEqualTo("{\"name\":\"where\",\"passed\":3,\"dropped\":47,\"waits\":0,\"said\":0}");
        assertThat(world.post(world.operator, "/api/v1/rules/test", body + ",\"shown\":1,\"warmUp\":\"1h\"}")
                        .json()
                        .path("said"))
                .hasSize(1);
        assertThat(world.post(world.operator, "/api/v1/rules/test", body + ",\"warmUp\":\"8d\"}")
                        .status())
                .isEqualTo(400);
        assertThat(world.post(world.operator, "/api/v1/rules/test", body + ",\"to\":\"-1h\"}")
                        .json()
                        .path("taken")
                        .intValue())
                .isZero();
        assertThat(world.post(world.operator, "/api/v1/rules/test", body + ",\"from\":\"now\"}")
                        .status())
                .isEqualTo(400);
        assertThat(world.post(world.operator, "/api/v1/rules/test", "{\"sql\":\"SELECT\"}")
                        .status())
                .isEqualTo(400);
    }

    @Test
    void testBenchNamesTheTopicsThatThereWereWhereNoneMatched() {
        world.publish(TenantId.MAIN, null, "sheds/1", "{}".getBytes(StandardCharsets.UTF_8));
        world.publish(World.OTHER, null, "not/yours", "{}".getBytes(StandardCharsets.UTF_8));

        JsonNode unmatched = tried("SELECT v FROM 'shed/#'", "-1h").path("unmatched");

        assertThat(unmatched.path("filters").toString()).isEqualTo("[\"shed/#\"]");
        // rules of other tests may say something meanwhile
        assertThat(unmatched.path("topics").size()).isBetween(1, 3);
        assertThat(unmatched.path("topics").toString()).doesNotContain("not/yours");
        assertThat(tried("SELECT v FROM 'sheds/#'", "-1h").has("unmatched")).isFalse();
    }

    private static JsonNode tried(String sql, String from) {
        return world.post(
                        world.operator,
                        "/api/v1/rules/test",
                        Json.object().put("sql", sql).put("from", from).toString())
                .json();
    }

    private static boolean inLog(String topic) {
        try (LogReader reader = world.log.reader()) {
            for (int partition = 0; partition < world.log.partitions(); partition++) {
                reader.seek(partition, 0);
                for (Batch batch = reader.next(partition); batch != null; batch = reader.next(partition)) {
                    for (int i = 0; i < batch.size(); i++) {
                        Message message = batch.message(i);
                        if (message.topic().value().equals(topic)
                                && message.publisher().startsWith("rule:")) {
                            return true;
                        }
                    }
                }
            }
        }
        return false;
    }

    static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            LockSupport.parkNanos(10_000_000);
        }
    }
}
