package tributary.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopicTest {
    @ParameterizedTest
    @ValueSource(strings = {"a", "/", "a/b/c", "devices/pümp/telemetry", "\uD83D\uDE00/x", "$SYS/x", " "})
    void acceptsWhatTheStandardAllows(String topic) {
        assertThat(new Topic(topic).value()).isEqualTo(topic);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a/+/b", "a/#", "a\u0000b", "a\uD83D", "\uDE00a", "a\uFFFE"})
    void refusesWhatIsNoTopic(String topic) {
        assertThatThrownBy(() -> new Topic(topic)).isInstanceOf(IllegalArgumentException.class);
        assertThat(Topic.valid(topic)).isFalse();
    }

    @Test
    void refusesTenThousandLevelsAndMoreThanSixtyFourKilobytes() {
        assertThat(Topic.valid("a/".repeat(10_000))).isFalse();
        assertThat(Topic.valid("é".repeat(32_768))).isFalse();
        assertThat(Topic.valid("é".repeat(32_767))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"me", "a/b", "", "+", "#", "a b", "-a", "a\n", "..", "x#"})
    void refusesDeviceIdsThatATopicOrAPersonCouldMisread(String id) {
        assertThat(DeviceId.valid(id)).isFalse();
        assertThatThrownBy(() -> new DeviceId(id)).hasMessageContaining("a device id is");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Main", "a_b", "../x", "", "-a", "tenant.one"})
    void refusesTenantNamesThatAFileSystemCouldMisread(String id) {
        assertThatThrownBy(() -> new TenantId(id)).hasMessageContaining("a tenant's name is");
    }

    @Test
    void errorTextsEscapeWhatAStrangerWrote() {
        assertThatThrownBy(() -> new DeviceId("a\u001b[31m\n")).hasMessageContaining("a\\u001b[31m\\u000a");
    }
}
