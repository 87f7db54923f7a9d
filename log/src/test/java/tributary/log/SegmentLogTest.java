package tributary.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
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

        Batch batch = reader.poll(Duration.ofSeconds(20));

        assertThat(batch).isNotNull();
        assertThat(text(batch.message(0))).isEqualTo("21.5");
        appender.join();
    }
}
