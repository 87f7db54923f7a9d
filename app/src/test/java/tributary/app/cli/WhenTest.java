package tributary.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WhenTest {
    private static final Instant NOW = Instant.parse("2026-11-29T12:00:00Z");

    @ParameterizedTest
    @CsvSource({
        "2026-11-29T11:59:59.500Z, now",
        "2026-11-29T12:00:00Z, now",
        "2026-11-29T11:59:18Z, 42 s ago",
        "2026-11-29T11:55:30Z, 4 min ago",
        "2026-11-28T13:00:00Z, 23 h ago",
        "2026-11-27T13:00:00Z, 47 h ago",
        "2026-11-26T12:00:00Z, 3 days ago",
        "2026-09-01T00:00:00.123456Z, 2026-09-01",
        "2026-11-29T12:10:00Z, in 10 min",
        "2036-11-29T12:00:00Z, 2036-11-29",
        "never, never",
        "'', ''"
    })
    void momentIsToldAsPeopleSayIt(String moment, String told) {
        assertThat(When.told(moment, NOW)).isEqualTo(told);
    }
}
