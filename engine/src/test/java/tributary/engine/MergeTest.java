package tributary.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tributary.log.LogSettings;
import tributary.log.Receipt;
import tributary.log.SegmentLog;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.TenantId;
import tributary.model.Topic;
import tributary.testkit.SimulatedClock;
import tributary.testkit.SimulatedDisk;

/// The partitions of a log as one stream.
class MergeTest {
    private static final int KB = 1 << 10;

    private final SimulatedClock clock = new SimulatedClock(Instant.ofEpochSecond(1_700_000_000));
    private final List<String> taken = new ArrayList<>();
    private SegmentLog log;

    @BeforeEach
    void open() throws IOException {
        log = SegmentLog.unmanned(
                new LogSettings(2, 64 * KB, 256 * KB, 0, Duration.ofDays(1), 512 * KB),
                new SimulatedDisk(new SplittableRandom(1)),
                clock,
                new SplittableRandom(2));
    }

    /// @param micros when it arrived
    private void say(int partition, long micros, String payload) {
        int number = 0;
        while (log.partitionOf(TenantId.MAIN, null, "p" + number) != partition) {
            number++;
        }
        log.append(
                new Message(
                        TenantId.MAIN,
                        null,
                        new Topic("t"),
                        payload.getBytes(StandardCharsets.UTF_8),
                        micros,
                        Message.Origin.MQTT,
                        "p" + number,
                        1,
                        false,
                        MessageProperties.NONE),
                Receipt.NONE);
        log.step(partition);
    }

    private boolean take(Merge merge, int countMax) {
        return merge.take(merge.ends(), (batch, index, _) -> {
            taken.add(new String(batch.message(index).payload(), StandardCharsets.UTF_8));
            return taken.size() < countMax;
        });
    }

    private Merge fromTheStart() {
        Merge merge = new Merge(log);
        merge.seek(new long[2]);
        return merge;
    }

    @Test
    void messagesComeInTheOrderOfArrivalAndOfEqualOnesTheLowerPartitionFirst() {
        say(0, 10, "a");
        say(0, 30, "c");
        say(1, 20, "b");
        say(1, 30, "d");
        say(1, 31, "e");

        try (Merge merge = fromTheStart()) {
            assertThat(take(merge, 100)).isTrue();
            assertThat(taken).containsExactly("a", "b", "c", "d", "e");
            assertThat(merge.positions()).containsExactly(2, 3);
        }
    }

    @Test
    void messagesOfAPartitionKeepTheirOrderWhateverTheirStampsSay() {
        say(0, 50, "a");
        say(0, 10, "b");
        say(1, 20, "c");

        try (Merge merge = fromTheStart()) {
            take(merge, 100);
            assertThat(taken).containsExactly("c", "a", "b");
        }
    }

    @Test
    void takerThatHasEnoughGoesOnBehindTheLastOne() {
        for (int i = 0; i < 6; i++) {
            say(i % 2, i, "" + i);
        }
        try (Merge merge = fromTheStart()) {
            assertThat(take(merge, 3)).isFalse();
            assertThat(merge.positions()).containsExactly(2, 1);
            assertThat(take(merge, 100)).isTrue();
            assertThat(taken).containsExactly("0", "1", "2", "3", "4", "5");
        }
    }

    @Test
    void sameStretchIsTakenInTheSameOrderHoweverItIsCut() {
        SplittableRandom random = new SplittableRandom(5);
        for (int i = 0; i < 300; i++) {
            say(random.nextInt(2), 1000 + random.nextInt(50), "" + i);
        }
        try (Merge merge = fromTheStart()) {
            take(merge, Integer.MAX_VALUE);
        }
        List<String> whole = List.copyOf(taken);
        taken.clear();
        try (Merge merge = fromTheStart()) {
            boolean all = false;
            while (!all) {
                all = take(merge, taken.size() + 1 + random.nextInt(9));
            }
        }
        assertThat(taken).isEqualTo(whole);
    }

    @Test
    void whatTheLogLetGoOfIsPassedOverAndCounted() {
        String filler = "x".repeat(1000);
        for (int i = 0; i < 2000; i++) {
            say(0, i, i + filler);
        }
        long start = log.start(0);
        assertThat(start).isPositive();

        try (Merge merge = fromTheStart()) {
            take(merge, Integer.MAX_VALUE);
            assertThat(merge.skipped()).isEqualTo(start);
            assertThat(taken).hasSize((int) (2000 - start));
            assertThat(Arrays.stream(merge.positions()).sum()).isEqualTo(2000);
        }
    }
}
