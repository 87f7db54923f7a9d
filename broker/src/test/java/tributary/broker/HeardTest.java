package tributary.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.broker.Heard.State;
import tributary.model.TenantId;
import tributary.model.Topic;

/// What became of a message, asked from outside.
class HeardTest {
    private static final long HOUR = 3600;
    private static final Topic STOP = new Topic("pump/stop");

    private BrokerHouse house;

    @BeforeEach
    void open(@TempDir Path folder) {
        house = new BrokerHouse(
                folder, new BrokerSettings(100, Duration.ofDays(2), 1_000, 1 << 20, Duration.ofDays(1), 100, 1 << 20));
    }

    @AfterEach
    void close() {
        house.close();
    }

    /// Publishes and tells where it is.
    private int[] place() throws Exception {
        long[] before = ends();
        house.publishes(STOP.value(), "now");
        for (int p = 0; p < before.length; p++) {
            if (house.log.end(p) > before[p]) {
                return new int[] {p, (int) before[p]};
            }
        }
        throw new AssertionError("not there");
    }

    private long[] ends() {
        long[] ends = new long[house.log.partitions()];
        for (int p = 0; p < ends.length; p++) {
            ends[p] = house.log.end(p);
        }
        return ends;
    }

    private List<Heard> heard(int[] place) {
        return house.broker.of(BrokerHouse.ACME).heard(STOP, place[0], place[1]);
    }

    private void becomes(int[] place, State state) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (heard(place).stream().noneMatch(one -> one.state() == state) && System.nanoTime() < deadline) {
            TimeUnit.MILLISECONDS.sleep(10);
        }
        assertThat(heard(place)).extracting(Heard::state).containsExactly(state);
    }

    @Test
    void nobodyListens() throws Exception {
        house.client("other").open(true, 0, null, true).hears("pump/start", 1);
        assertThat(heard(place())).isEmpty();
    }

    @Test
    void whoAcknowledgesHasIt() throws Exception {
        house.client("c").open(true, 0, null, true).hears("pump/#", 1);
        int[] place = place();
        becomes(place, State.ACKNOWLEDGED);
        assertThat(heard(place).getFirst()).isEqualTo(new Heard("c", null, true, State.ACKNOWLEDGED));
        assertThat(house.broker.of(new TenantId("other")).heard(STOP, place[0], place[1]))
                .isEmpty();
    }

    @Test
    void whoDoesNotAcknowledgeHasItUnderWay() throws Exception {
        house.client("c").open(true, 0, null, false).hears("pump/#", 1);
        becomes(place(), State.UNDER_WAY);
    }

    @Test
    void whoHearsAtQosZeroWasSentIt() throws Exception {
        house.client("c").open(true, 0, null, true).hears("pump/#", 0);
        becomes(place(), State.SENT);
    }

    @Test
    void itWaitsForWhoIsAwayAlsoOverARestartAndIsAcknowledgedThen() throws Exception {
        house.client("c").open(false, HOUR, null, true).hears("pump/#", 1).goes();
        int[] place = place();
        becomes(place, State.WAITING);
        assertThat(heard(place).getFirst().connected()).isFalse();
        house.restarts();
        becomes(place, State.WAITING);
        house.client("c").open(false, HOUR, null, true);
        becomes(place, State.ACKNOWLEDGED);
    }

    @Test
    void whoSubscribedAfterwardsDidNotHearIt() throws Exception {
        int[] place = place();
        house.client("c").open(true, 0, null, true).hears("pump/#", 1);
        assertThat(heard(place)).isEmpty();
    }
}
