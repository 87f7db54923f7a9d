package tributary.log;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import tributary.model.Fault;
import tributary.model.Message;

/// How many messages a second the log alone takes and gives back, and how long a receipt takes.
///
/// `LogBench [seconds [appenders [partitions [folder]]]]`
final class LogBench {
    private static final int WINDOW = 2048;
    private static final int SAMPLE_EVERY = 16;

    private LogBench() {}

    /// Figures of a run.
    record Result(
            long appended,
            double appendsPerSecond,
            double flushesPerSecond,
            long p50Micros,
            long p99Micros,
            double readsPerSecond,
            long read) {
        @Override
        public String toString() {
            return "%,.0f appends/s, %,.0f flushes/s, receipt p50 %,d us p99 %,d us; read back %,.0f records/s (%,d of %,d)"
                    .formatted(
                            appendsPerSecond, flushesPerSecond, p50Micros, p99Micros, readsPerSecond, read, appended);
        }
    }

    public static void main(String[] arguments) throws Exception {
        int seconds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 5;
        int appenders = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 2;
        int partitions = arguments.length > 2 ? Integer.parseInt(arguments[2]) : LogSettings.DEFAULTS.partitions();
        Path folder = arguments.length > 3 ? Path.of(arguments[3]) : Files.createTempDirectory("log-bench");
        System.out.println(run(Duration.ofSeconds(seconds), appenders, partitions, folder));
    }

    static Result run(Duration time, int appenders, int partitions, Path folder) throws Exception {
        LogSettings settings = LogSettings.DEFAULTS.withPartitions(partitions);
        try (SegmentLog log = SegmentLog.open(settings, folder, InstantSource.system())) {
            // by name, and there from the beginning: what no reader waits for may go before it is read back
            LogReader reader = log.reader("bench");
            List<Appender> all = new ArrayList<>();
            List<Thread> threads = new ArrayList<>();
            long start = System.nanoTime();
            for (int i = 0; i < appenders; i++) {
                Appender appender = new Appender(log, i, start + time.toNanos());
                all.add(appender);
                threads.add(Thread.ofPlatform().name("appender-" + i).start(appender));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            Log.LogStats stats = log.stats();
            long[] latencies =
                    all.stream().flatMapToLong(Appender::latencies).sorted().toArray();
            long readStart = System.nanoTime();
            long read = readAll(reader);
            double readSeconds = (System.nanoTime() - readStart) / 1e9;
            return new Result(
                    stats.appended(),
                    stats.appended() / seconds,
                    stats.flushes() / seconds,
                    latencies[latencies.length / 2] / 1000,
                    latencies[(int) (latencies.length * 0.99)] / 1000,
                    read / readSeconds,
                    read);
        } finally {
            delete(folder);
        }
    }

    private static long readAll(LogReader reader) {
        long count = 0;
        long bytes = 0;
        for (Batch batch = reader.poll(Duration.ZERO); batch != null; batch = reader.poll(Duration.ZERO)) {
            for (int i = 0; i < batch.size(); i++) {
                bytes += batch.message(i).payload().length;
            }
            count += batch.size();
        }
        reader.close();
        return bytes > 0 ? count : 0;
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(path);
            }
        }
    }

    /// Appends 200-byte records as a door does: a window of them in flight, each sampled receipt timed.
    private static final class Appender implements Runnable {
        private final Log log;
        private final long end;
        private final List<Message> messages = new ArrayList<>();
        private final AtomicLong told = new AtomicLong();
        private long[] latencies = new long[1 << 16];
        private int latencyCount;

        private final Receipt counting = new Receipt() {
            @Override
            public void durable(int partition, long position) {
                told.incrementAndGet();
            }

            @Override
            public void refused(Fault fault, String detail) {
                throw new IllegalStateException(fault + " " + detail);
            }
        };

        Appender(Log log, int number, long end) {
            this.log = log;
            this.end = end;
            for (int i = 0; i < 100; i++) {
                messages.add(Samples.telemetry("bench-" + number + "-" + i, "x".repeat(130)));
            }
        }

        @Override
        public void run() {
            long sent = 0;
            do { // once even where the machine gave no time
                while (sent - told.get() > WINDOW * 8L) {
                    LockSupport.parkNanos(50_000);
                }
                for (int i = 0; i < SAMPLE_EVERY * 4; i++) {
                    Message message = messages.get((int) (sent % messages.size()));
                    log.append(message, i == 0 ? timing() : counting);
                    sent++;
                }
            } while (System.nanoTime() < end);
            while (told.get() < sent) {
                LockSupport.parkNanos(50_000);
            }
        }

        private Receipt timing() {
            long start = System.nanoTime();
            return new Receipt() {
                @Override
                public void durable(int partition, long position) {
                    sample(System.nanoTime() - start);
                    told.incrementAndGet();
                }

                @Override
                public void refused(Fault fault, String detail) {
                    throw new IllegalStateException(fault + " " + detail);
                }
            };
        }

        private synchronized void sample(long nanos) {
            if (latencyCount == latencies.length) {
                latencies = Arrays.copyOf(latencies, latencyCount * 2);
            }
            latencies[latencyCount++] = nanos;
        }

        private synchronized LongStream latencies() {
            return Arrays.stream(latencies, 0, latencyCount);
        }
    }
}
