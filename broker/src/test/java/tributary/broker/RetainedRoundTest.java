package tributary.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tributary.log.Receipt;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.TenantId;
import tributary.model.Topic;
import tributary.model.TopicFilter;
import tributary.testkit.SimulatedClock;

/// More topics emptied than it is remembered of, at the worst moments, and a kill: none of the messages comes back. The
/// broker has no threads, so that each moment is the same every time.
class RetainedRoundTest {
    private static final TenantId ACME = new TenantId("acme");
    private static final DeviceId PUMP = new DeviceId("pump");

    /// Half as many again as it is remembered of when they were emptied.
    private static final int TOPICS = 1_500;

    private static final int BYTES = 1_000;
    private static final int WEIGHT = 2;

    /// All messages together are several times what may be on its way into the journal.
    private static final Journal.Room LITTLE = new Journal.Room(1 << 20, 1 << 20);

    private final SimulatedClock clock = new SimulatedClock(Instant.ofEpochSecond(1_700_000_000));
    private final AtomicLong nanos = new AtomicLong(1);
    private final SimulatedLog journal = new SimulatedLog(new SplittableRandom(1), 1, WEIGHT);
    private SimulatedLog log = new SimulatedLog(new SplittableRandom(2), 1, 1);
    private Broker broker;

    @BeforeEach
    void open() {
        Broker.World world = new Broker.World(log, journal, new KnownDevices(), clock, nanos::get);
        broker = Broker.openUnmanned(BrokerSettings.DEFAULTS, world, LITTLE, Set.of());
    }

    private void isKilled() {
        broker.abandon();
        log.crash();
        journal.crash();
        open();
    }

    private void publishes(String publisher, int number, int bytes) {
        clock.advance(Duration.ofMillis(1));
        log.append(
                new Message(
                        ACME,
                        publisher.isEmpty() ? PUMP : null,
                        new Topic("t/" + number),
                        new byte[bytes],
                        clock.millis() * 1000,
                        Message.Origin.MQTT,
                        publisher,
                        1,
                        true,
                        MessageProperties.NONE),
                Receipt.NONE);
    }

    private void all(String publisher, int bytes) {
        for (int i = 0; i < TOPICS; i++) {
            publishes(publisher, i, bytes);
        }
    }

    /// All that is in the log is heard; the journal's disk does not answer meanwhile.
    private void reads() {
        log.settle();
        while (broker.step(Duration.ZERO)) {
            // the next batch
        }
    }

    private void settles() {
        do {
            reads();
        } while (journal.settle());
    }

    private int kept() {
        return broker.of(ACME).retained(new TopicFilter("#"), "", TOPICS).size();
    }

    private void waits(Duration time) {
        nanos.addAndGet(time.toNanos());
        clock.advance(time);
    }

    @Test
    void whatIsEmptiedWhileAllIsNotedStaysAway() {
        all("", BYTES);
        settles();
        waits(Duration.ofSeconds(6));
        long end = broker.forget();
        reads(); // begins to note all, and waits for the journal's disk

        all("", 0);
        reads();
        assertThat(kept()).isZero();
        assertThat(broker.isForgotten(end)).as("it is not all noted yet").isFalse();
        settles();
        assertThat(broker.isForgotten(end)).isTrue();
        assertThat(journal.stats().bytes() / WEIGHT)
                .as("what was emptied meanwhile is not noted")
                .isLessThan(TOPICS * BYTES / 2);
        waits(Duration.ofSeconds(6));
        settles(); // the log will not be read again from before the empty messages

        isKilled();
        assertThat(kept()).isZero();
    }

    @Test
    void whatIsErasedWhileAllIsNotedStaysAway() {
        all("", BYTES);
        settles();
        waits(Duration.ofSeconds(6));
        long end = broker.forget();
        reads();

        AtomicBoolean erased = new AtomicBoolean();
        broker.of(ACME).erase(PUMP, failure -> erased.set(failure == null));
        reads();
        assertThat(erased).as("the journal does not have it yet").isFalse();
        settles();
        assertThat(erased).isTrue();
        assertThat(broker.isForgotten(end)).isTrue();

        isKilled();
        assertThat(kept()).isZero();
    }

    /// The log still has the messages, and is read again from before them.
    @Test
    void whatIsErasedJustBeforeAKillStaysAway() {
        all("", 10);
        reads();
        AtomicBoolean erased = new AtomicBoolean();
        broker.of(ACME).erase(PUMP, failure -> erased.set(failure == null));
        settles();
        assertThat(erased).isTrue();
        assertThat(kept()).isZero();

        isKilled();
        assertThat(kept()).isZero();
    }

    /// After a start one partition may be read to its end before the other.
    @Test
    void whatOneClientPublishedAndAnotherEmptiedStaysAway() {
        log = new SimulatedLog(new SplittableRandom(2), 2, 1);
        open();
        String late = publisher(0);
        String early = publisher(1);
        for (int i = 0; i < 3 * TOPICS; i++) {
            publishes(late, TOPICS + i % 10, 10);
        }
        all(late, 10);
        reads();
        all(early, 0);
        reads();
        assertThat(kept()).isEqualTo(10);

        isKilled();
        assertThat(kept()).isEqualTo(10);
    }

    private String publisher(int partition) {
        for (int i = 0; ; i++) {
            if (log.partitionOf(ACME, null, "p" + i) == partition) {
                return "p" + i;
            }
        }
    }
}
