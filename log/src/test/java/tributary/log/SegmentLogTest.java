package tributary.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.model.Message;

/// The log on real files, with its threads.
class SegmentLogTest extends LogContract {
    @TempDir
    Path folder;

    @Override
    Log openLog(LogSettings settings) {
        return SegmentLog.open(settings, folder.resolve("log"), InstantSource.system());
    }

    @Override
    void settle(Log log) {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (log.stats().pendingBytes() > 0) {
            assertThat(System.nanoTime()).as("the log is stuck").isLessThan(deadline);
            LockSupport.parkNanos(100_000);
        }
    }

    @Test
    void aWaitingReaderIsWokenByTheFlush() throws Exception {
        Log log = open(SMALL);
        LogReader reader = log.reader();
        Thread appender = Thread.ofVirtual().start(() -> append(log, Samples.telemetry("boiler-7", "21.5")));

        Batch batch = reader.poll(Duration.ofSeconds(60));

        assertThat(batch).isNotNull();
        assertThat(text(batch.message(0))).isEqualTo("21.5");
        appender.join();
    }

    /// What everybody has read goes without its segment being full, once something came behind it.
    @Test
    void whatIsReadIsForgottenWhenANewSegmentWasAskedFor() throws Exception {
        LogSettings hasty = new LogSettings(1, 1 << 20, 1 << 20, 1 << 16, Duration.ofMillis(1), 1 << 24);
        Log log = open(hasty);
        append(log, Samples.telemetry("boiler-7", "1"));
        append(log, Samples.telemetry("boiler-7", "2"));
        settle(log);
        try (LogReader reader = log.reader("lake")) {
            reader.commit(0, 2);
            log.beginSegments();
            append(log, Samples.telemetry("boiler-7", "3"));
            settle(log);
            long deadline = System.nanoTime() + Duration.ofSeconds(120).toNanos();
            while (log.start(0) < 2) {
                assertThat(System.nanoTime()).as("the segment stays").isLessThan(deadline);
                LockSupport.parkNanos(10_000_000);
            }
            assertThat(log.start(0)).isEqualTo(2);
            reader.seek(0, 2);
            Batch batch = reader.poll(Duration.ofSeconds(60));
            assertThat(batch).isNotNull();
            assertThat(text(batch.message(0))).isEqualTo("3");
        }
    }

    @Test
    void theExampleOfTheReadmeRuns() {
        Told receipt = new Told();
        try (Log log = open(LogSettings.DEFAULTS)) {
            log.append(Samples.telemetry("boiler-7", "21.5"), receipt);
            try (LogReader reader = log.reader("lake")) {
                Batch batch = reader.poll(Duration.ofSeconds(60));
                assertThat(batch).isNotNull();
                assertThat(text(batch.message(0))).isEqualTo("21.5");
                reader.commit(batch.partition(), batch.end());
            }
            settle(log);
            assertThat(receipt.isDurable()).isTrue();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void manyThreadsAppendAndEveryDeviceKeepsItsOrder() throws Exception {
        Log log = open(SMALL);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            String device = "device-" + i;
            threads.add(Thread.ofVirtual().start(() -> {
                for (int n = 0; n < 500; n++) {
                    while (log.congested()) {
                        LockSupport.parkNanos(100_000);
                    }
                    append(log, Samples.telemetry(device, device + " " + n));
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        settle(log);

        Map<String, Integer> next = new HashMap<>();
        List<Message> read = readAll(fromTheStart(log));
        assertThat(read.size()).isEqualTo(4000);
        for (Message message : read) {
            String[] parts = text(message).split(" ");
            assertThat(Integer.parseInt(parts[1])).isEqualTo(next.getOrDefault(parts[0], 0));
            next.merge(parts[0], 1, Integer::sum);
        }
    }
}
