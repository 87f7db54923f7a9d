package tributary.bench;

import io.netty.channel.ChannelFuture;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;

/// Opens the connections, lets the drivers send, waits until every message has its answer, and adds up.
final class LoadRun {
    /// Connections that are being opened at the same time: a server's accept queue is bounded too.
    private static final int OPENING_MAX = 128;

    private static final Duration OPEN_WITHIN = Duration.ofSeconds(30);
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(30);

    private final LoadPlan plan;
    private final InetSocketAddress server;
    private final Dialect.Factory dialects;
    private final LongSupplier clock;
    private final Progress progress;

    /// Hears once a second how far the run is.
    interface Progress {
        Progress NONE = (_, _) -> {};

        /// The connections are open and the first message leaves.
        ///
        /// @param measureFromNanos end of the warm-up
        /// @param endNanos         when the last message leaves, or Long.MAX_VALUE where messages are counted
        default void begun(long measureFromNanos, long endNanos) {}

        /// @param seconds since the start
        /// @param answers since the start
        void second(long seconds, long answers);
    }

    /// How a run went.
    sealed interface Outcome {
        /// @param tally           of all connections
        /// @param measuredSeconds the time in which `tally.measured` was counted
        /// @param clientCpuNanos  CPU time of the sending threads, start to last answer
        record Ran(Tally tally, double measuredSeconds, long clientCpuNanos) implements Outcome {}

        /// Not every connection could be opened; nothing was sent.
        record NotConnected(String why) implements Outcome {}
    }

    /// @param clock nanoseconds, as [System#nanoTime]
    LoadRun(LoadPlan plan, InetSocketAddress server, Dialect.Factory dialects, LongSupplier clock, Progress progress) {
        this.plan = plan;
        this.server = server;
        this.dialects = dialects;
        this.clock = clock;
        this.progress = progress;
    }

    Outcome run() throws InterruptedException {
        try (Loops loops = new Loops(plan.loops())) {
            return run(loops);
        }
    }

    /// Sends on threads that others use too.
    Outcome run(Loops loops) throws InterruptedException {
        Opening opening = new Opening(plan.connections());
        List<Driver> drivers = new ArrayList<>();
        for (int i = 0; i < plan.loops(); i++) {
            drivers.add(new Driver(loops.next(), clock, opening::one));
        }
        connect(drivers, opening, loops);
        String failure = opening.failure.get();
        return failure.isEmpty() ? load(drivers, loops) : new Outcome.NotConnected(failure);
    }

    private void connect(List<Driver> drivers, Opening opening, Loops loops) throws InterruptedException {
        for (int i = 0; i < plan.connections() && opening.failure.get().isEmpty(); i++) {
            Driver driver = drivers.get(i % drivers.size());
            Lane lane = new Lane(driver, driver.lanes().size(), plan.window());
            lane.speak(dialects.create(i, lane));
            driver.lanes().add(lane);
            if (!opening.permits.tryAcquire(OPEN_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
                opening.one("no answer to the opening of a connection within " + OPEN_WITHIN.toSeconds() + " s");
                return;
            }
            ChannelFuture opened = loops.socket(driver.loop(), lane).connect(server);
            opened.addListener(result -> {
                if (!result.isSuccess()) {
                    opening.one(String.valueOf(result.cause().getMessage()));
                }
            });
        }
        if (opening.failure.get().isEmpty() && !opening.left.await(OPEN_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
            opening.one("no welcome from the server within " + OPEN_WITHIN.toSeconds() + " s");
        }
    }

    private Outcome load(List<Driver> drivers, Loops loops) throws InterruptedException {
        long cpuBefore = loops.cpuNanos();
        long start = clock.getAsLong();
        long measureFrom = start + plan.warmUp().toNanos();
        long end = Long.MAX_VALUE;
        long messages = Long.MAX_VALUE;
        switch (plan.extent()) {
            case LoadPlan.Extent.Lasting(Duration duration) -> end = measureFrom + duration.toNanos();
            case LoadPlan.Extent.Counting(long perConnection) -> messages = perConnection;
        }
        progress.begun(measureFrom, end);
        double interval = plan.ratePerSecond() == 0 ? 0 : 1e9 * drivers.size() / plan.ratePerSecond();
        for (int i = 0; i < drivers.size(); i++) {
            Driver driver = drivers.get(i);
            long shifted = start + (long) (interval * i / drivers.size());
            Driver.Orders orders = new Driver.Orders(shifted, measureFrom, end, interval, messages);
            driver.loop().execute(() -> driver.start(orders));
        }
        awaitEnd(drivers, start, end, messages);
        drivers.forEach(driver -> driver.loop().submit(driver::stop).awaitUninterruptibly());
        awaitAnswers(drivers);
        long cpu = loops.cpuNanos() - cpuBefore;
        Tally sum = new Tally();
        for (Driver driver : drivers) {
            driver.loop().submit(driver::closeLanes).awaitUninterruptibly();
            driver.loop().submit(() -> sum.add(driver.tally())).awaitUninterruptibly();
        }
        long measuredTo = end == Long.MAX_VALUE ? sum.lastAnswerNanos : end;
        return new Outcome.Ran(sum, Math.max(1, measuredTo - measureFrom) / 1e9, cpu);
    }

    private void awaitEnd(List<Driver> drivers, long start, long end, long messagesPerLane)
            throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        long told = 0;
        long expected =
                messagesPerLane == Long.MAX_VALUE ? Long.MAX_VALUE : messagesPerLane * (long) plan.connections();
        long answersBefore = -1;
        long movedAt = start;
        while (true) {
            long now = clock.getAsLong();
            long answers = drivers.stream().mapToLong(Driver::answers).sum();
            long second = (now - start) / 1_000_000_000;
            if (second > told) {
                told = second;
                progress.second(second, answers);
            }
            if (answers != answersBefore) {
                answersBefore = answers;
                movedAt = now;
            }
            boolean stalled = expected != Long.MAX_VALUE && now - movedAt > ANSWER_WITHIN.toNanos();
            if (now >= end || answers >= expected || stalled) {
                return;
            }
            never.await(Math.clamp((end - now) / 1_000_000, 1, 5), TimeUnit.MILLISECONDS);
        }
    }

    private void awaitAnswers(List<Driver> drivers) throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        long deadline = clock.getAsLong() + ANSWER_WITHIN.toNanos();
        while (drivers.stream().mapToLong(Driver::messagesUnderWay).sum() > 0 && clock.getAsLong() < deadline) {
            never.await(1, TimeUnit.MILLISECONDS);
        }
    }

    /// Counts the connections that still open, and keeps the first failure.
    private static final class Opening {
        private final Semaphore permits = new Semaphore(OPENING_MAX);
        private final CountDownLatch left;
        private final AtomicReference<String> failure = new AtomicReference<>("");

        Opening(int connections) {
            left = new CountDownLatch(connections);
        }

        /// @param problem "" where the connection is open
        void one(String problem) {
            if (!problem.isEmpty()) {
                failure.compareAndSet("", problem);
                while (left.getCount() > 0) {
                    left.countDown();
                }
            }
            left.countDown();
            permits.release();
        }
    }
}
