package tributary.bench;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// The lanes of one event loop: their schedule and what they counted. Used by that loop's thread only, but for
/// the fields marked volatile.
///
/// Open loop: message `k` of lane `i` of `n` is due at `start + (k * n + i) * interval`, whether or not the
/// server keeps up, and its latency is counted from there; a server that stalls is charged with everything that
/// should have been sent meanwhile.
final class Driver {
    private static final long TICK_NANOS = 1_000_000;

    private final EventLoop loop;
    private final LongSupplier clock;
    private final Consumer<String> onOpened;
    private final List<Lane> lanes = new ArrayList<>();
    private final Tally tally = new Tally();
    private @Nullable Orders orders;
    private @Nullable ScheduledFuture<?> ticks;
    private long dueBefore;
    private boolean sending;

    /// Messages without an answer; read by the run's thread to know when all came home.
    private volatile long underWay;

    /// Answers so far; read by the run's thread for its progress line.
    private volatile long progress;

    /// What the run tells every driver when it begins; nanos are of the common clock.
    ///
    /// @param intervalNanos    between two messages of this driver, or 0 in a closed loop
    /// @param messagesPerLane  or Long.MAX_VALUE
    record Orders(long startNanos, long measureFromNanos, long endNanos, double intervalNanos, long messagesPerLane) {}

    /// @param onOpened hears "" for each connection that opened and the reason for each that did not
    Driver(EventLoop loop, LongSupplier clock, Consumer<String> onOpened) {
        this.loop = loop;
        this.clock = clock;
        this.onOpened = onOpened;
    }

    EventLoop loop() {
        return loop;
    }

    List<Lane> lanes() {
        return lanes;
    }

    Tally tally() {
        return tally;
    }

    long nanos() {
        return clock.getAsLong();
    }

    boolean sending() {
        return sending;
    }

    long messagesUnderWay() {
        return underWay;
    }

    long answers() {
        return progress;
    }

    void start(Orders given) {
        orders = given;
        sending = true;
        if (given.intervalNanos() > 0) {
            tick();
        } else {
            lanes.forEach(Lane::pump);
        }
    }

    /// No more is sent; answers are still heard.
    void stop() {
        sending = false;
        if (ticks != null) {
            ticks.cancel(false);
        }
    }

    void closeLanes() {
        lanes.forEach(Lane::close);
    }

    /// @return how many messages lane `index` should have sent by `now`
    long due(int index, long now) {
        Orders given = orders;
        if (given == null || now >= given.endNanos()) {
            return 0;
        }
        if (given.intervalNanos() == 0) {
            return given.messagesPerLane();
        }
        long all = dueOfAll(given, now);
        return Math.min(given.messagesPerLane(), all <= index ? 0 : (all - index - 1) / lanes.size() + 1);
    }

    /// @return the time that a message's latency counts from
    long scheduled(int index, long number, long now) {
        Orders given = orders;
        if (given == null || given.intervalNanos() == 0) {
            return now;
        }
        return given.startNanos() + (long) ((number * (double) lanes.size() + index) * given.intervalNanos());
    }

    /// Wakes the lanes that became due since the last time; more lanes than that sleep on.
    private void tick() {
        Orders given = orders;
        if (given == null || !sending) {
            return;
        }
        long now = nanos();
        long all = dueOfAll(given, Math.min(now, given.endNanos()));
        int count = (int) Math.min(lanes.size(), all - dueBefore);
        for (int i = 0; i < count; i++) {
            lanes.get((int) ((dueBefore + i) % lanes.size())).pump();
        }
        dueBefore = all;
        if (now < given.endNanos()) {
            long wait = given.startNanos() + (long) (all * given.intervalNanos()) - nanos();
            ticks = loop.schedule(this::tick, Math.clamp(wait, 20_000, TICK_NANOS), TimeUnit.NANOSECONDS);
        }
    }

    private static long dueOfAll(Orders given, long now) {
        return now < given.startNanos() ? 0 : (long) ((now - given.startNanos()) / given.intervalNanos()) + 1;
    }

    void opened() {
        onOpened.accept("");
    }

    void lost(boolean opening, String why, int unanswered) {
        tally.lost++;
        tally.reason(why);
        underWay(-unanswered);
        if (opening) {
            onOpened.accept(why.isEmpty() ? "connection failed" : why);
        }
    }

    void underWay(int more) {
        underWay += more;
    }

    void taken(long sentNanos, long now) {
        tally.acknowledged++;
        answered(now);
        Orders given = orders;
        if (given != null && sentNanos >= given.measureFromNanos()) {
            tally.latency(now - sentNanos);
        }
    }

    void refused(String why, long now) {
        tally.refused++;
        tally.reason("refused: " + why);
        tally.lastAnswerNanos = now;
        progress++;
    }

    /// Sent messages that nobody will answer count as progress when they are written.
    void unanswered(int count, long now) {
        Orders given = orders;
        if (given != null && now >= given.measureFromNanos() && now < given.endNanos()) {
            tally.measured += count;
        }
        tally.lastAnswerNanos = now;
        progress += count;
    }

    private void answered(long now) {
        tally.lastAnswerNanos = now;
        progress++;
        Orders given = orders;
        if (given != null && now >= given.measureFromNanos() && now < given.endNanos()) {
            tally.measured++;
        }
    }
}
