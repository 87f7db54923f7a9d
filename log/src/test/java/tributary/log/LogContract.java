package tributary.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tributary.model.Fault;
import tributary.model.Message;
import tributary.model.Topic;

/// What every log promises. Subclasses say how to open one, and how to let it do its work.
abstract class LogContract {
    static final long KB = 1 << 10;
    static final long MB = 1 << 20;
    static final Duration KEEP_ALL = Duration.ofDays(36_500);
    static final LogSettings SMALL = new LogSettings(2, 64 * KB, 256 * KB, 32 * KB, KEEP_ALL, 64 * MB);

    private final List<Log> opened = new ArrayList<>();

    /// Opens the log of this test; the same one each time.
    abstract Log openLog(LogSettings settings) throws IOException;

    /// Returns when all that was appended has been told its outcome.
    abstract void settle(Log log);

    Log open(LogSettings settings) throws IOException {
        Log log = openLog(settings);
        opened.add(log);
        return log;
    }

    @AfterEach
    void closeAll() {
        opened.forEach(Log::close);
    }

    Told append(Log log, Message message) {
        Told told = new Told();
        log.append(message, told);
        return told;
    }

    List<Told> appendAndSettle(Log log, String device, int count) {
        List<Told> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(append(log, Samples.telemetry(device, "{\"n\":" + i + "}", 1_000_000L * i)));
            if (i % 200 == 199) {
                settle(log);
            }
        }
        settle(log);
        return all;
    }

    static List<Message> readAll(LogReader reader) {
        List<Message> all = new ArrayList<>();
        for (Batch batch = reader.poll(Duration.ZERO); batch != null; batch = reader.poll(Duration.ZERO)) {
            for (int i = 0; i < batch.size(); i++) {
                all.add(batch.message(i));
            }
        }
        return all;
    }

    static LogReader fromTheStart(Log log) {
        LogReader reader = log.reader();
        for (int partition = 0; partition < log.partitions(); partition++) {
            reader.seek(partition, 0);
        }
        return reader;
    }

    static String text(Message message) {
        return new String(message.payload(), StandardCharsets.UTF_8);
    }

    @Test
    void everyFieldOfAMessageIsReadBackAsItWasAppended() throws IOException {
        Log log = open(SMALL);
        Message message = Samples.everything();

        Told told = append(log, message);
        settle(log);

        assertThat(told.isDurable()).isTrue();
        assertThat(readAll(fromTheStart(log))).containsExactly(message);
    }

    @Test
    void everyFieldOfAMessageIsReadBackAfterReopening() throws IOException {
        Log log = open(SMALL);
        append(log, Samples.everything());
        append(log, Samples.telemetry("boiler-7", "21.5"));
        log.close();

        List<Message> read = readAll(fromTheStart(open(SMALL)));

        assertThat(read).containsExactlyInAnyOrder(Samples.everything(), Samples.telemetry("boiler-7", "21.5"));
    }

    @Test
    void whoseARecordIsAndWhereItWasPublishedIsToldWithoutDecodingIt() throws IOException {
        Log log = open(SMALL);
        append(log, Samples.telemetry("boiler-7", "1"));
        append(log, Samples.telemetry("boiler-7", "2").as(Message.EXACTLY_ONCE + 9));
        append(log, Samples.everything());
        settle(log);

        List<String> seen = new ArrayList<>();
        try (LogReader reader = fromTheStart(log)) {
            for (Batch batch = reader.poll(Duration.ZERO); batch != null; batch = reader.poll(Duration.ZERO)) {
                for (int i = 0; i < batch.size(); i++) {
                    Message message = batch.message(i);
                    assertThat(batch.tenant(i)).isEqualTo(message.tenant());
                    assertThat(batch.topic(i)).isEqualTo(message.topic());
                    seen.add(message.publishId() + (batch.marked(i) ? " marked" : ""));
                }
            }
        }
        assertThat(seen)
                .containsExactlyInAnyOrder("0", Message.EXACTLY_ONCE + 9 + " marked", Message.WILL + 7 + " marked");
    }

    @Test
    void messagesOfADeviceAreReadInTheOrderOfTheirAppends() throws IOException {
        Log log = open(SMALL);

        appendAndSettle(log, "boiler-7", 5000);

        List<Message> read = readAll(fromTheStart(log));
        assertThat(log.damage()).isEmpty();
        assertThat(read.size()).isEqualTo(5000);
        for (int i = 0; i < read.size(); i++) {
            assertThat(text(read.get(i))).isEqualTo("{\"n\":" + i + "}");
        }
    }

    @Test
    void positionsBeginAtZeroAndGrowByOne() throws IOException {
        Log log = open(SMALL);

        List<Told> told = appendAndSettle(log, "boiler-7", 300);

        for (int i = 0; i < told.size(); i++) {
            assertThat(told.get(i).position()).isEqualTo(i);
        }
        int partition = told.getFirst().partition();
        assertThat(log.start(partition)).isZero();
        assertThat(log.end(partition)).isEqualTo(300);
    }

    @Test
    void positionsGoOnAfterReopening() throws IOException {
        Log log = open(SMALL);
        appendAndSettle(log, "boiler-7", 3);
        log.close();

        Log again = open(SMALL);
        Told told = append(again, Samples.telemetry("boiler-7", "more"));
        settle(again);

        assertThat(told.position()).isEqualTo(3);
        assertThat(readAll(fromTheStart(again))).hasSize(4);
        assertThat(again.damage()).isEmpty();
    }

    @Test
    void anEmptyLogIsReadAsEmpty() throws IOException {
        Log log = open(SMALL);

        assertThat(readAll(fromTheStart(log))).isEmpty();
        assertThat(log.end(0)).isZero();
        assertThat(log.positionAt(0, Instant.EPOCH)).isZero();
        assertThat(log.damage()).isEmpty();
    }

    @Test
    void everyReceiptIsToldExactlyOnce() throws IOException {
        Log log = open(SMALL);

        List<Told> told = new ArrayList<>(appendAndSettle(log, "boiler-7", 100));
        told.add(append(log, Samples.telemetry("boiler-7", "at the end")));
        log.close();
        told.add(append(log, Samples.telemetry("boiler-7", "too late")));

        assertThat(told).allMatch(one -> one.count() == 1);
        assertThat(told.subList(0, 101)).allMatch(Told::isDurable);
        assertThat(told.getLast().fault()).isEqualTo(Fault.STOPPING);
    }

    @Test
    void aMessageLargerThanTheLogTakesIsRefusedWithItsLimit() throws IOException {
        Log log = open(SMALL);

        Told told = append(log, Samples.telemetry("boiler-7", "x".repeat(40_000)));
        Told after = append(log, Samples.telemetry("boiler-7", "small"));
        settle(log);

        assertThat(told.isRefused()).isTrue();
        assertThat(told.detail()).contains("larger than the log takes").contains("log.segment-bytes");
        assertThat(after.position()).isZero();
    }

    @Test
    void aNamedReaderGoesOnWhereItCommitted() throws IOException {
        Log log = open(SMALL);
        int partition = appendAndSettle(log, "boiler-7", 1000).getFirst().partition();
        LogReader reader = log.reader("lake");
        reader.commit(partition, 400);
        log.close();

        Log again = open(SMALL);

        assertThat(again.readerNames()).containsExactly("lake");
        try (LogReader resumed = again.reader("lake")) {
            assertThat(resumed.position(partition)).isEqualTo(400);
            List<Message> read = readAll(resumed);
            assertThat(read.size()).isEqualTo(600);
            assertThat(text(read.getFirst())).isEqualTo("{\"n\":400}");
        }
    }

    @Test
    void anUncommittedReadIsRepeatedAfterReopening() throws IOException {
        Log log = open(SMALL);
        appendAndSettle(log, "boiler-7", 10);
        assertThat(readAll(log.reader("lake"))).hasSize(10);
        log.close();

        assertThat(readAll(open(SMALL).reader("lake"))).hasSize(10);
    }

    @Test
    void aNameIsOpenOnceAtATime() throws IOException {
        Log log = open(SMALL);
        LogReader first = log.reader("lake");

        assertThatThrownBy(() -> log.reader("lake")).hasMessageContaining("'lake' is open already");
        first.close();
        log.reader("lake").close();
        assertThatThrownBy(() -> log.reader("Lake!")).hasMessageContaining("a-z, 0-9");
    }

    @Test
    void aNamelessReaderBeginsAtTheEndAndRefusesToCommit() throws IOException {
        Log log = open(SMALL);
        int partition = appendAndSettle(log, "boiler-7", 10).getFirst().partition();

        LogReader reader = log.reader();
        assertThat(reader.poll(Duration.ZERO)).isNull();
        append(log, Samples.telemetry("boiler-7", "new"));
        settle(log);

        assertThat(readAll(reader))
                .singleElement()
                .satisfies(m -> assertThat(text(m)).isEqualTo("new"));
        assertThatThrownBy(() -> reader.commit(partition, 3)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aReaderSeeksToAnyPosition() throws IOException {
        Log log = open(SMALL);
        int partition = appendAndSettle(log, "boiler-7", 4000).getFirst().partition();

        for (long position : new long[] {3999, 0, 1234, 1, 2500, 3998}) {
            LogReader reader = log.reader();
            reader.seek(partition, position);
            Batch batch = reader.poll(Duration.ZERO);
            assertThat(batch).isNotNull();
            assertThat(batch.first()).isEqualTo(position);
            assertThat(text(batch.message(0))).isEqualTo("{\"n\":" + position + "}");
            reader.close();
        }
    }

    @Test
    void batchesAreContiguousAndEndWhereTheLogEnds() throws IOException {
        Log log = open(SMALL);
        int partition = appendAndSettle(log, "boiler-7", 3000).getFirst().partition();

        LogReader reader = fromTheStart(log);
        long expected = 0;
        for (Batch batch = reader.poll(Duration.ZERO); batch != null; batch = reader.poll(Duration.ZERO)) {
            assertThat(batch.partition()).isEqualTo(partition);
            assertThat(batch.first()).isEqualTo(expected);
            assertThat(batch.size()).isPositive();
            expected = batch.end();
            assertThat(reader.position(partition)).isEqualTo(expected);
        }
        assertThat(expected).isEqualTo(log.end(partition));
    }

    @Test
    void aTimeIsFoundInEverySegment() throws IOException {
        Log log = open(SMALL);
        int partition = appendAndSettle(log, "boiler-7", 4000).getFirst().partition();

        for (int second : new int[] {0, 1, 999, 1000, 2345, 3999}) {
            assertThat(log.positionAt(partition, Instant.ofEpochSecond(second))).isEqualTo(second);
        }
        assertThat(log.positionAt(partition, Instant.EPOCH.minusSeconds(9))).isZero();
        assertThat(log.positionAt(partition, Instant.ofEpochSecond(9999))).isEqualTo(4000);
        log.close();
        Log again = open(SMALL);
        assertThat(again.positionAt(partition, Instant.ofEpochSecond(2345).minusMillis(1)))
                .isEqualTo(2345);
    }

    @Test
    void aFullQueueRefusesAndTellsAppendersToPauseBefore() throws Exception {
        Log log = open(new LogSettings(1, 64 * KB, 32 * KB, 0, KEEP_ALL, 64 * MB));
        CountDownLatch relieved = new CountDownLatch(1);
        List<Told> told = new ArrayList<>();
        boolean paused = false;
        for (int i = 0; i < 100_000 && told.stream().noneMatch(Told::isRefused); i++) {
            told.add(append(log, Samples.telemetry("boiler-7", "x".repeat(8000))));
            if (log.congested() && !paused) {
                paused = true;
                log.whenRelieved(relieved::countDown);
            }
        }
        settle(log);

        assertThat(paused).isTrue();
        assertThat(relieved.await(60, TimeUnit.SECONDS)).as("told so").isTrue();
        assertThat(log.congested()).isFalse();
        Told refused = told.stream().filter(Told::isRefused).findFirst().orElseThrow();
        assertThat(refused.fault()).isEqualTo(Fault.LOG_FULL);
        assertThat(refused.detail()).contains("log.queue-bytes");
        long durable = told.stream().filter(Told::isDurable).count();
        assertThat(readAll(fromTheStart(log))).hasSize((int) durable);
    }

    @Test
    void statisticsCountWhatHappened() throws IOException {
        Log log = open(SMALL);

        appendAndSettle(log, "boiler-7", 10);
        append(log, Samples.telemetry("boiler-7", "x".repeat(50_000)));

        Log.LogStats stats = log.stats();
        assertThat(stats.appended()).isEqualTo(10);
        assertThat(stats.refused()).isEqualTo(1);
        assertThat(stats.pendingBytes()).isZero();
        assertThat(stats.bytes()).isPositive();
        assertThat(stats.flushes()).isPositive();
    }

    @Test
    void aDeviceStaysInItsPartitionWhoeverPublishes() throws IOException {
        Log log = open(SMALL);
        Message message = Samples.telemetry("boiler-7", "1");

        int partition = log.partitionOf(message.tenant(), message.device(), message.publisher());
        Told told = append(log, message);
        settle(log);

        assertThat(told.partition()).isEqualTo(partition).isBetween(0, log.partitions() - 1);
        assertThat(log.partitionOf(message.tenant(), message.device(), "somebody else"))
                .isEqualTo(partition);
    }

    @Test
    void aPublisherWithoutADeviceKeepsItsOrderOverAllTopics() throws IOException {
        Log log = open(SMALL);
        Message message = Samples.everything();
        int partition = log.partitionOf(message.tenant(), null, message.publisher());
        for (int i = 0; i < 20; i++) {
            Told told = append(
                    log,
                    new Message(
                            message.tenant(),
                            null,
                            new Topic("topic/" + i),
                            message.payload(),
                            i,
                            message.origin(),
                            message.publisher(),
                            1,
                            false,
                            message.properties()));
            settle(log);
            assertThat(told.partition()).isEqualTo(partition);
        }
    }

    @Test
    void theNumberOfPartitionsStaysWhatItWasMadeWith() throws IOException {
        open(SMALL).close();

        Log log = open(new LogSettings(7, 64 * KB, 256 * KB, 32 * KB, KEEP_ALL, 64 * MB));

        assertThat(log.partitions()).isEqualTo(2);
    }
}
