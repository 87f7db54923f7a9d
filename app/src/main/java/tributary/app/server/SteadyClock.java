package tributary.app.server;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The time of day for what happens in order: it goes on as the machine's clock does, and does not jump with it at
/// once.
///
/// A clock that is set by mistake, or by a machine that wakes up, would end every wait of a rule in a moment,
/// or stop its windows for as long as it was set back. So a jump counts only when it has stood for a while;
/// until then time goes on as measured. Small corrections, as NTP makes them, count at once. What says when
/// something expires that others made, as a certificate, is held against the machine's own clock, not this one.
final class SteadyClock implements InstantSource {
    private static final Logger LOG = LoggerFactory.getLogger(SteadyClock.class);
    private static final long LOOK_NANOS = Duration.ofMillis(20).toNanos();
    private static final long JUMP_NANOS = Duration.ofSeconds(1).toNanos();
    static final Duration STANDS = Duration.ofMinutes(1);

    private final InstantSource wall;
    private final LongSupplier ticks;
    private volatile Course course;
    private long jumpedTicks;
    private Duration jump = Duration.ZERO;

    /// @param time  what time it was
    /// @param ticks at this many ticks
    /// @param look  at the machine's clock again from so many ticks on
    private record Course(Instant time, long ticks, long look) {
        Instant at(long now) {
            return time.plusNanos(now - ticks);
        }
    }

    /// @param wall  the machine's clock
    /// @param ticks nanoseconds that only go on
    SteadyClock(InstantSource wall, LongSupplier ticks) {
        this.wall = wall;
        this.ticks = ticks;
        long now = ticks.getAsLong();
        this.course = new Course(wall.instant(), now, now + LOOK_NANOS);
    }

    @Override
    public Instant instant() {
        long now = ticks.getAsLong();
        Course known = course;
        return now - known.look < 0 ? known.at(now) : look();
    }

    private synchronized Instant look() {
        long now = ticks.getAsLong();
        if (now - course.look < 0) {
            return course.at(now); // another thread did
        }
        Instant shown = wall.instant();
        Instant steady = course.at(now);
        Duration off = Duration.between(steady, shown);
        if (small(off)) {
            if (!jump.isZero()) {
                LOG.info("the machine's clock is back");
            }
            jump = Duration.ZERO;
            course = new Course(shown, now, now + LOOK_NANOS);
            return shown;
        }
        if (jump.isZero() || !small(off.minus(jump))) {
            jump = off;
            jumpedTicks = now;
            LOG.warn(
                    "the machine's clock jumped by {} s; time goes on as before unless that stands for {} s",
                    off.toSeconds(),
                    STANDS.toSeconds());
        }
        if (now - jumpedTicks >= STANDS.toNanos()) {
            LOG.warn("the machine's clock stands {} s from where it was: it counts from now on", off.toSeconds());
            jump = Duration.ZERO;
            steady = shown;
        }
        course = new Course(steady, now, now + LOOK_NANOS);
        return steady;
    }

    private static boolean small(Duration off) {
        return off.abs().compareTo(Duration.ofNanos(JUMP_NANOS)) <= 0;
    }
}
