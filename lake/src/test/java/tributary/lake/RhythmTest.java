package tributary.lake;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class RhythmTest {
    private static final long SECOND = 1_000_000;

    private final DeviceSeries device = new DeviceSeries("pump-1");
    private long now = 1_000 * SECOND;

    private void hear(int messages, long every) {
        for (int i = 0; i < messages; i++) {
            now += every;
            device.heard(now);
        }
    }

    private Lake.Rhythm rhythm() {
        Lake.Rhythm known = device.rhythm();
        assertThat(known).isNotNull();
        return known;
    }

    @Test
    void whoWasNeverHeardHasNone() {
        assertThat(device.rhythm()).isNull();
    }

    @Test
    void itIsKnownAfterAFewMessages() {
        hear(3, 10 * SECOND);
        assertThat(rhythm().intervalMicros()).isZero();
        hear(1, 10 * SECOND);
        assertThat(rhythm().intervalMicros()).isEqualTo(10 * SECOND);
        assertThat(rhythm().lastMicros()).isEqualTo(now);
    }

    @Test
    void whatIsMissingIsCountedByTheUsualGap() {
        hear(20, 10 * SECOND);
        assertThat(rhythm().missed(now + 9 * SECOND)).isZero();
        assertThat(rhythm().missed(now + 31 * SECOND)).isEqualTo(3);
    }

    @Test
    void aShortSilenceOfAFastDeviceIsNone() {
        hear(20, SECOND / 10);
        assertThat(rhythm().missed(now + 9 * SECOND)).isZero();
        assertThat(rhythm().missed(now + 11 * SECOND)).isEqualTo(110);
    }

    @Test
    void oneLongSilenceDoesNotMakeTheNextOneUsual() {
        hear(20, 10 * SECOND);
        hear(1, 12 * 3600 * SECOND);
        hear(1, 10 * SECOND);
        assertThat(rhythm().intervalMicros()).isLessThan(30 * SECOND);
    }

    @Test
    void aDeviceThatSentItsPastAtOnceIsKnownByItsPresentSoon() {
        hear(10_000, 100);
        hear(12, SECOND);
        assertThat(rhythm().intervalMicros()).isBetween(SECOND / 2, SECOND);
    }

    @Test
    void aClockThatWentBackMovesNothing() {
        hear(5, 10 * SECOND);
        long last = now;
        device.heard(now - 3600 * SECOND);
        assertThat(rhythm().lastMicros()).isEqualTo(last);
        assertThat(rhythm().intervalMicros()).isEqualTo(10 * SECOND);
    }
}
