package tributary.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tributary.engine.TopicTemplate.Filled;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.TenantId;
import tributary.model.Topic;
import tributary.registry.RuleStore.Text;
import tributary.rules.Lookups;
import tributary.rules.Output;
import tributary.rules.Rule;
import tributary.rules.StreamMessage;

class TopicTemplateTest {
    /// @return what a rule that passes everything on says of the payload
    private static Output output(String payload) {
        Text text = new Text("SELECT * FROM '#'", "tributary", "UTC", "", List.of());
        if (!(RuleCheck.compile(text, "test", Lookups.none()) instanceof Rule.Compiled.Ready(Rule rule))) {
            throw new AssertionError("the rule does not compile");
        }
        List<Output> said = new ArrayList<>();
        rule.start(said::add)
                .message(StreamMessage.of(
                        new Message(
                                TenantId.MAIN,
                                new DeviceId("pump-1"),
                                new Topic("devices/pump-1/telemetry"),
                                payload.getBytes(StandardCharsets.UTF_8),
                                1_700_000_000_000_000L,
                                Message.Origin.MQTT,
                                "pump-1",
                                1,
                                false,
                                MessageProperties.NONE),
                        "0-0"));
        return said.getFirst();
    }

    private static Filled fill(String template, String payload) {
        return new TopicTemplate(template).fill(output(payload), "hot");
    }

    @Test
    void placesAreFilledFromTheDeviceTheRuleAndWhatIsSaid() {
        assertThat(fill("out/${device_id()}/${rule_id()}/${door.name}/${n}", "{\"door\":{\"name\":\"d1\"},\"n\":7}"))
                .isEqualTo(new Filled.To("out/pump-1/hot/d1/7"));
        assertThat(fill("out/fixed", "{}")).isEqualTo(new Filled.To("out/fixed"));
    }

    @Test
    void valueThatIsNotThereOrEmptyIsAFailureWithItsName() {
        assertThat(fill("out/${door}", "{}"))
                .isInstanceOfSatisfying(
                        Filled.Failed.class,
                        failed -> assertThat(failed.what()).contains("${door}").contains("has none"));
        assertThat(fill("out/${door}", "{\"door\":\"\"}")).isInstanceOf(Filled.Failed.class);
    }

    @Test
    void valueCannotLeaveItsLevel() {
        for (String value : List.of("a/b", "+", "#", "a/#")) {
            assertThat(fill("out/${door}", "{\"door\":\"" + value + "\"}"))
                    .as(value)
                    .isInstanceOf(Filled.Failed.class);
        }
    }

    @Test
    void valueCannotMakeATopicOfThePlatform() {
        assertThat(fill("${door}/x", "{\"door\":\"$events\"}")).isInstanceOf(Filled.Failed.class);
    }

    @Test
    void templateThatIsNoneIsRefusedWhenItIsRead() {
        for (String template : List.of("out/${}", "out/${a b}", "out/${topic(2)}", "$events/x", "", "out/+/x", "a/#")) {
            assertThatThrownBy(() -> new TopicTemplate(template))
                    .as(template)
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void onlyTemplatesWithPlacesVary() {
        assertThat(new TopicTemplate("a/b").varies()).isFalse();
        assertThat(new TopicTemplate("a/${b}").varies()).isTrue();
    }
}
