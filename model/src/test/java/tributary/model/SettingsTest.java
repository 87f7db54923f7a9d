package tributary.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SettingsTest {
    @Test
    void readsEveryKindOfValue() {
        Settings settings = new Settings(
                Map.of("a.port", "1884", "a.wait", "250ms", "a.room", "64MB", "a.on", "true", "a.kind", "left-over"));

        assertThat(settings.number("a.port", 1, 0, 65_535)).isEqualTo(1884);
        assertThat(settings.duration("a.wait", Duration.ZERO, Duration.ZERO, Duration.ofDays(1)))
                .isEqualTo(Duration.ofMillis(250));
        assertThat(settings.bytes("a.room", 1, 1, Long.MAX_VALUE)).isEqualTo(64L << 20);
        assertThat(settings.flag("a.on", false)).isTrue();
        assertThat(settings.choice("a.kind", Kind.RIGHT)).isEqualTo(Kind.LEFT_OVER);
        assertThat(settings.problems()).isEmpty();
    }

    @Test
    void reportsAllMistakesTogetherWithKeyValueAndWhatIsAllowed() {
        Settings settings = new Settings(Map.of(
                "mqtt.port", "70000", "mqtt.wait", "soon", "mqtt.room", "-1", "mqtt.kind", "up", "mqtt.prot", "1"));

        settings.number("mqtt.port", 1883, 0, 65_535);
        settings.duration("mqtt.wait", Duration.ofSeconds(90), Duration.ofSeconds(1), Duration.ofHours(18));
        settings.bytes("mqtt.room", 1 << 20, 1, 1L << 30);
        settings.choice("mqtt.kind", Kind.RIGHT);

        assertThat(settings.problems())
                .containsExactly(
                        "mqtt.port must be a whole number from 0 to 65535, was '70000'",
                        "mqtt.wait must be a time from 1s to 18h, such as 250ms, 30s, 5m, 12h or 7d, was 'soon'",
                        "mqtt.room must be a size from 1 to 1GB, such as 4096, 64KB, 512MB or 2GB, was '-1'",
                        "mqtt.kind must be one of left-over, right, was 'up'",
                        "mqtt.prot is not a setting; did you mean mqtt.port?");
    }

    @Test
    void aSizeTooLargeForAnyMachineIsAMistakeAndNoCrash() {
        Settings settings = new Settings(Map.of("a.room", "999999999999TB"));

        assertThat(settings.bytes("a.room", 5, 1, Long.MAX_VALUE)).isEqualTo(5);
        assertThat(settings.problems()).hasSize(1);
    }

    private enum Kind {
        LEFT_OVER,
        RIGHT
    }
}
