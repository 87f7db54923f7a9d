package tributary.broker;

import java.time.InstantSource;
import java.util.function.LongSupplier;

/// How old messages are. They are stamped by the wall clock, and that jumps: somebody sets it, or a machine without a
/// battery learns the time after its start. What it jumped by is not time that a message has waited.
///
/// Where a clock that went back makes two answers possible, the lower one is given, so that nothing expires early. What
/// was before the process started is not known: then the wall clock is believed.
final class Ages {
    /// Less than that is the clock being trimmed.
    private static final long JUMP_MICROS = 1_000_000;

    private static final int JUMPS_MAX = 64;

    private final InstantSource clock;
    private final LongSupplier monotonic;

    /// What the wall clock is ahead of the monotonic one.
    private volatile long aheadMicros;

    /// The newest first; replaced as a whole.
    private volatile Jump[] jumps = {};

    /// The wall clock showed `from` and then `to`, in microseconds since 1970, and no time passed.
    private record Jump(long from, long to) {
        long micros() {
            return to - from;
        }

        /// @param end what the clock showed last before the next jump, or shows now
        /// @return whether the stamp can be of the time after the jump; half the way is left for what was
        ///     stamped before the jump was noticed
        boolean wasBefore(long stamp, long end) {
            return stamp >= Math.min(from, to) + micros() / 2 && stamp <= end + JUMP_MICROS;
        }
    }

    /// @param monotonic nanoseconds that never go back
    Ages(InstantSource clock, LongSupplier monotonic) {
        this.clock = clock;
        this.monotonic = monotonic;
        this.aheadMicros = ahead(nowMicros());
    }

    long nowMicros() {
        return clock.millis() * 1000;
    }

    private long ahead(long nowMicros) {
        return nowMicros - monotonic.getAsLong() / 1000;
    }

    /// Follows a clock that is trimmed; to be called every second or so.
    synchronized void follow() {
        long now = nowMicros();
        long ahead = ahead(now);
        long by = ahead - aheadMicros;
        aheadMicros = ahead;
        if (Math.abs(by) >= JUMP_MICROS) {
            Jump[] before = jumps;
            Jump[] all = new Jump[Math.min(JUMPS_MAX, before.length + 1)];
            all[0] = new Jump(now - by, now);
            System.arraycopy(before, 0, all, 1, all.length - 1);
            jumps = all;
        }
    }

    /// @param stampMicros when a message was received, by the wall clock of that time
    /// @return microseconds since then
    long of(long stampMicros) {
        long end = nowMicros();
        if (Math.abs(ahead(end) - aheadMicros) >= JUMP_MICROS) {
            follow();
        }
        long age = end - stampMicros;
        for (Jump jump : jumps) {
            if (jump.wasBefore(stampMicros, end)) {
                break;
            }
            age -= jump.micros();
            end = jump.from();
        }
        return Math.max(0, age);
    }
}
