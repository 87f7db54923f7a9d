package tributary.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

final class DiskTrendTest {
    private static final long MINUTE = 60_000;

    private final DiskTrend trend = new DiskTrend();

    @Test
    void daysLeftAreWhatIsFreeByWhatTheLastHourTook() {
        for (int minute = 0; minute <= 200; minute++) {
            trend.sample(minute * MINUTE, 10_000_000L - (minute < 140 ? 0 : (minute - 140) * 100L));
        }

        // 6,000 bytes in the last hour, 9,994,000 left: 1,665.7 hours
        assertThat(trend.daysLeft().orElseThrow()).isCloseTo(9_994_000 / 6_000.0 / 24, within(0.001));
    }

    @Test
    void nothingIsSaidBeforeTenMinutesAreKnown() {
        assertThat(trend.daysLeft()).isEmpty();
        for (int minute = 0; minute < 10; minute++) {
            trend.sample(minute * MINUTE, 1000 - minute);
            assertThat(trend.daysLeft()).isEmpty();
        }
        trend.sample(10 * MINUTE, 990);

        assertThat(trend.daysLeft()).isPresent();
    }

    @Test
    void aDiskThatDoesNotFillLastsForAsLongAsNobodyCanSay() {
        trend.sample(0, 100);
        trend.sample(60 * MINUTE, 200);

        assertThat(trend.daysLeft()).isEmpty();
    }

    @Test
    void aSampleIsDueOnceAMinute() {
        assertThat(trend.due(0)).isTrue();
        trend.sample(0, 100);

        assertThat(trend.due(MINUTE - 1)).isFalse();
        assertThat(trend.due(MINUTE)).isTrue();
    }
}
