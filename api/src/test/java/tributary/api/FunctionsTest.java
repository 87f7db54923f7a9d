package tributary.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tributary.model.TenantId;

/// Functions in JavaScript over HTTP, and in rules at work.
class FunctionsTest {
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

    private static World.Reply put(String name, String text) {
        return put(world.operator, name, text);
    }

    private static World.Reply put(String key, String name, String text) {
        return world.send(
                "PUT",
                key,
                "/api/v1/functions/" + name,
                Json.object().put("text", text).toString());
    }

    private static void rule(String name, String sql) {
        World.Reply saved = world.send(
                "PUT",
                world.operator,
                "/api/v1/rules/" + name,
                Json.object().put("sql", sql).put("state", "on").toString());
        assertThat(saved.status()).as(saved.text()).isEqualTo(200);
        RulesTest.await(() -> world.get(world.viewer, "/api/v1/rules/" + name)
                .json()
                .path("figures")
                .isObject());
    }

    private static JsonNode log(String rule) {
        return world.get(world.viewer, "/api/v1/rules/" + rule + "/log").json();
    }

    private static void publish(String topic, String payload) {
        world.publish(TenantId.MAIN, null, topic, payload.getBytes(StandardCharsets.UTF_8));
    }

    private static void said(String rule, int count) {
        RulesTest.await(() -> log(rule).path("figures").path("said").intValue() == count);
    }

    @Test
    void functionIsSavedShownChangedAndRemoved() {
        World.Reply saved = put("celsius", "function celsius(f) { return (f - 32) * 5 / 9; }");
        assertThat(saved.status()).as(saved.text()).isEqualTo(200);
        assertThat(saved.json().path("version").intValue()).isEqualTo(1);
        assertThat(saved.json().path("parameters").toString()).isEqualTo("[\"f\"]");
        assertThat(put(world.viewer, "celsius", "function celsius() {}").status())
                .isEqualTo(403);

        assertThat(put("celsius", "function celsius(f) { return f; }")
                        .json()
                        .path("version")
                        .intValue())
                .isEqualTo(2);
        assertThat(world.get(world.viewer, "/api/v1/functions/celsius/versions")
                        .json()
                        .path("versions")
                        .size())
                .isEqualTo(2);
        assertThat(world.get(world.viewer, "/api/v1/functions").text()).contains("\"celsius\"");
        assertThat(world.get(world.stranger, "/api/v1/functions").text()).doesNotContain("celsius");

        assertThat(world.send("DELETE", world.operator, "/api/v1/functions/celsius", null)
                        .status())
                .isEqualTo(204);
        assertThat(world.get(world.viewer, "/api/v1/functions/celsius").status())
                .isEqualTo(404);
    }

    @Test
    void whatCannotBeReadIsRefusedWithItsPlace() {
        assertThat(put("wrong", "function wrong(a) {\n  return 1 +;\n}").text())
                .contains("line 2, column 13: Expected an operand but found ;");
        assertThat(put("wrong", "function other(a) {}").text()).contains("a function 'other'");
        assertThat(put("abs", "function abs(a) {}").text()).contains("every rule has a function 'abs' already");
        assertThat(world.get(world.viewer, "/api/v1/functions/wrong").status()).isEqualTo(404);
        World.Reply checked = world.post(
                world.operator, "/api/v1/functions/check", "{\"name\":\"good\",\"text\":\"function good() {}\"}");
        assertThat(checked.json().path("good").booleanValue()).isTrue();
    }

    @Test
    void ruleCallsItLiveAndOnTheTestBenchAlike() {
        put("twice", "function twice(x) { return {of: x, is: 2 * x, at: Date.now(), chance: Math.random()}; }");
        rule("doubles", "SELECT twice(v) AS d, twice(gone).is AS none FROM 'twice' WHERE twice(v).is > 2");

        publish("twice", "{\"v\":1}");
        publish("twice", "{\"v\":2}");
        publish("twice", "{\"v\":3}");

        said("doubles", 2);
        JsonNode report = world.post(
                        world.operator,
                        "/api/v1/rules/test",
                        "{\"sql\":\"SELECT twice(v) AS d, twice(gone).is AS none FROM 'twice' WHERE twice(v).is > 2\"}")
                .json();
        String last = log("doubles").path("said").path(0).path("payload").stringValue();
        assertThat(last).contains("\"is\":").contains("\"chance\":0.");
        assertThat(report.path("said").toString()).contains(last.replace("\"", "\\\""));
        assertThat(report.path("saidCount").intValue()).isEqualTo(2);
    }

    @Test
    void changedFunctionIsCalledFromThenOn() {
        put("label", "function label() { return 'old'; }");
        rule("labels", "SELECT label() AS l FROM 'label'");
        publish("label", "{}");
        RulesTest.await(() -> log("labels").path("said").toString().contains("old"));

        put("label", "function label() { return 'new'; }");

        RulesTest.await(() -> {
            publish("label", "{}");
            return log("labels").path("said").toString().contains("new");
        });
    }

    @Test
    void runawayIsStoppedAndCountedWhileOthersGoOn() {
        put("spin", "function spin(v) { for (;;); }");
        put("fails", "function fails(v) {\n  return v.a.b;\n}");
        rule("spins", "SELECT spin(v) AS s FROM 'spin'");
        rule("failing", "SELECT fails(v) AS s FROM 'spin'");
        rule("calm", "SELECT v FROM 'spin'");

        for (int i = 0; i < 50; i++) {
            publish("spin", "{\"v\":" + i + "}");
        }

        said("calm", 50);
        RulesTest.await(() -> log("spins").path("figures").path("failed").intValue() == 50);
        assertThat(log("spins").path("figures").path("said").intValue()).isZero();
        assertThat(log("spins").path("failed").toString()).contains("spin() ran away before");
        assertThat(log("failing").path("failed").path(0).path("what").stringValue())
                .isEqualTo("fails() failed: line 2, column 10: TypeError: Cannot read property 'b' of undefined");
    }

    @Test
    void runawayRestsInAllRulesThatCallIt() {
        put("loops", "function loops(v) { for (;;); }");
        put("ends", "function ends(v) { return v; }");
        rule("a-loops", "SELECT loops(v) AS s FROM 'loops'");
        rule("b-loops", "SELECT loops(v) AS s FROM 'loops'");
        rule("c-ends", "SELECT ends(v) AS s FROM 'loops'");

        publish("loops", "{\"v\":1}");

        said("c-ends", 1);
        assertThat(log("a-loops").path("failed").path(0).path("what").stringValue())
                .startsWith("loops() was stopped");
        assertThat(log("b-loops").path("failed").path(0).path("what").stringValue())
                .startsWith("loops() ran away before; rules call it again from ");
    }

    @Test
    void functionThatRulesCallStaysUntilTheyDoNot() {
        put("used", "function used(a) { return a; }");
        rule("uses", "SELECT used(v) AS u FROM 'used'");

        World.Reply refused = world.send("DELETE", world.operator, "/api/v1/functions/used", null);
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.detail()).contains("used()").contains("uses");
        assertThat(put("used", "function used(a, b) { return a; }").text()).contains("uses");

        world.send("DELETE", world.operator, "/api/v1/rules/uses", null);
        assertThat(world.send("DELETE", world.operator, "/api/v1/functions/used", null)
                        .status())
                .isEqualTo(204);
    }

    @Test
    void callThatDoesNotFitIsRefusedWhenTheRuleIsSaved() {
        put("pair", "function pair(a, b) { return [a, b]; }");

        World.Reply refused =
                world.send("PUT", world.operator, "/api/v1/rules/bad", "{\"sql\":\"SELECT pair(v) AS p FROM 'a'\"}");
        assertThat(refused.text()).contains("line 1, column 8").contains("pair() takes 2 arguments, found 1");
        World.Reply foreign = world.send(
                "PUT",
                world.key(World.OTHER, tributary.registry.Principal.Role.OPERATOR),
                "/api/v1/rules/bad",
                "{\"sql\":\"SELECT pair(v, v) AS p FROM 'a'\"}");
        assertThat(foreign.text()).contains("there is no function pair()");
    }
}
