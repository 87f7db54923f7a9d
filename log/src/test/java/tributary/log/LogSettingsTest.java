package tributary.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tributary.model.Settings;

class LogSettingsTest {
    @Test
    void nothingSaidMeansTheDefaults() {
        Settings settings = new Settings(Map.of());

        assertThat(LogSettings.read(settings)).isEqualTo(LogSettings.DEFAULTS);
        assertThat(settings.problems()).isEmpty();
    }

    @Test
    void everyKeyIsRead() {
        Settings settings = new Settings(Map.of(
                "log.partitions", "3",
                "log.segment-bytes", "8MB",
                "log.queue-bytes", "2MB",
                "log.tail-bytes", "0",
                "log.keep", "2h",
                "log.size-max", "1GB"));

        assertThat(LogSettings.read(settings))
                .isEqualTo(new LogSettings(3, 8 << 20, 2 << 20, 0, Duration.ofHours(2), 1 << 30));
        assertThat(settings.problems()).isEmpty();
    }

    @Test
    void aSizeThatHoldsTooFewSegmentsIsAProblemWithItsNumbers() {
        Settings settings = new Settings(Map.of("log.size-max", "64MB"));

        LogSettings.read(settings);

        assertThat(settings.problems()).singleElement().asString().contains("log.size-max must hold four segments");
    }
}
