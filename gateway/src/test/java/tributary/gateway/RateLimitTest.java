package tributary.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RateLimitTest {
    private static final String HOLDER = "acme";
    private static final long SECOND = 1_000_000;

    private long now = 1_767_225_600 * SECOND;

    @ParameterizedTest
    @CsvSource({
        // messages a second, clients, how far one may be before another
        "      1,    3,     1",
        "    120,    6,     2",
        "    999,   20,     5",
        " 10_000,    4, 1_000",
        "100_000,   20,   500",
        "100_000, 2000,   200",
    })
    void thoseWhoWaitGoInTurnAndTheWholeRateIsUsed(String rate, int clients, String aheadMax) {
        int perSecond = number(rate);
        RateLimit limit = new RateLimit(perSecond);
        useUp(limit, perSecond);
        Crowd crowd = new Crowd(limit, clients);
        long begun = now;

        crowd.run(begun + 5 * SECOND);

        int[] sent = crowd.sent;
        int most = Arrays.stream(sent).max().orElseThrow();
        int least = Arrays.stream(sent).min().orElseThrow();
        assertThat(most - least).as("%s", Arrays.toString(sent)).isLessThanOrEqualTo(number(aheadMax));
        assertThat(Arrays.stream(sent).sum()).isBetween(Math.toIntExact(perSecond * 49L / 10) - 1, 5 * perSecond);
    }

    @Test
    void whoAsksMoreOftenHasNothingOfIt() {
        RateLimit limit = new RateLimit(100);
        useUp(limit, 100);
        int[] sent = new int[2];
        for (int tick = 0; tick < 5_000; tick++) {
            now += 1_000;
            sent[0] += admitted(limit, "hasty") ? 1 : 0;
            while (tick % 20 == 0 && admitted(limit, "patient")) {
                sent[1]++;
            }
        }

        assertThat(sent[1]).as("%s", Arrays.toString(sent)).isBetween(240, 250);
        assertThat(sent[0]).isBetween(240, 260);
    }

    @Test
    void placesOfThoseWhoDoNotComeBackAreForOthers() {
        RateLimit limit = new RateLimit(100);
        useUp(limit, 100);
        int sent = 0;
        for (int i = 0; i < 20_000; i++) { // each only once, ten times as many as may
            now += 1_000;
            sent += admitted(limit, i) ? 1 : 0;
        }

        assertThat(sent).isBetween(1_600, 2_000);
    }

    @Test
    void nothingIsLeftOfThoseWhoWaitedInVain() {
        RateLimit limit = new RateLimit(10);
        useUp(limit, 10);
        for (int i = 0; i < 50; i++) {
            assertThat(admitted(limit, i)).isFalse();
        }

        now += 60 * SECOND;

        useUp(limit, 10);
        assertThat(admitted(limit, "next")).isFalse();
    }

    @Test
    void whatAnotherLimitRefusedIsKeptForTheSameSender() {
        RateLimit limit = new RateLimit(2);
        assertThat(limit.take(HOLDER, now)).isTrue();
        assertThat(limit.take(HOLDER, now)).isTrue();
        limit.keep(HOLDER, "a", now + SECOND / 10);

        assertThat(limit.turn(HOLDER, "b", now)).isEqualTo(SECOND / 2);
        now += SECOND / 10;
        assertThat(admitted(limit, "a")).isTrue();
        assertThat(admitted(limit, "a")).isFalse();
    }

    @Test
    void clockThatIsSetBackKeepsNobodyWaiting() {
        RateLimit limit = new RateLimit(1);
        useUp(limit, 1);
        assertThat(admitted(limit, "a")).isFalse();

        now -= 3_600 * SECOND;

        assertThat(admitted(limit, "a")).isTrue();
        assertThat(limit.turn(HOLDER, "a", now)).isLessThanOrEqualTo(SECOND);
    }

    @Test
    void fullAllowancesAreForgottenAndUsedOnesAreNot() {
        RateLimit limit = new RateLimit(1);
        assertThat(limit.take("busy", now)).isTrue();
        for (int i = 0; i < 100_000; i++) {
            limit.take(i, now);
        }
        assertThat(limit.size()).isEqualTo(100_001);
        assertThat(limit.take("busy", now)).isFalse();

        now += 2 * SECOND;
        assertThat(limit.take("busy", now)).isTrue();
        for (int i = 0; i < 60_000; i++) {
            limit.take("later" + i, now);
        }

        assertThat(limit.size()).isLessThan(100_500);
        assertThat(limit.take("busy", now)).isFalse();
    }

    private static int number(String text) {
        return Integer.parseInt(text.replace("_", ""));
    }

    private void useUp(RateLimit limit, int messages) {
        for (int i = 0; i < messages; i++) {
            assertThat(admitted(limit, "filler")).isTrue();
        }
    }

    private boolean admitted(RateLimit limit, Object who) {
        return limit.take(HOLDER, now) || limit.turn(HOLDER, who, now) == 0;
    }

    /// Clients with an endless backlog, each woken by a timer that knows milliseconds only and is late now and then.
    private final class Crowd {
        private final RateLimit limit;
        private final int[] sent;
        private final PriorityQueue<Wake> wakes = new PriorityQueue<>();
        private final SplittableRandom random = new SplittableRandom(7);

        Crowd(RateLimit limit, int clients) {
            this.limit = limit;
            this.sent = new int[clients];
            for (int client = 0; client < clients; client++) {
                wakes.add(new Wake(now, client));
            }
        }

        void run(long until) {
            while (wakes.element().at() <= until) {
                Wake wake = wakes.remove();
                now = Math.max(now, wake.at());
                long wait = 0;
                while (limit.take(HOLDER, now) || (wait = limit.turn(HOLDER, wake.client(), now)) == 0) {
                    sent[wake.client()]++;
                }
                long millis = Math.ceilDiv(now + wait, 1_000L) + (random.nextInt(10) == 0 ? 1 : 0);
                wakes.add(new Wake(millis * 1_000, wake.client()));
            }
        }
    }

    private record Wake(long at, int client) implements Comparable<Wake> {
        @Override
        public int compareTo(Wake other) {
            return at == other.at ? Integer.compare(client, other.client) : Long.compare(at, other.at);
        }
    }
}
