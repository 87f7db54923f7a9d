package tributary.simulator;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Plays a scenario into an output by the clock: history first, at full speed, then as time goes by, or faster.
///
/// Only here does the scenario meet the time of day: a message carries the time of its tick, and the clock
/// decides when the tick is due. [#run] keeps the calling thread; [#stop] may be called from another.
public final class ScenarioRun {
    private final Scenario scenario;
    private final Output output;
    private final Pace pace;
    private final InstantSource clock;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile long sent;
    private volatile long reachedMillis;

    /// How fast, from when and how far.
    ///
    /// @param history     begin so long before now; that part goes at full speed
    /// @param historyStep of the history only ticks this far apart; zero takes all
    /// @param speed       1 is real time, 60 an hour a minute, 0 as fast as the output takes it
    /// @param length      of scenario time in all, or zero for endless
    /// @param messagesMax or zero for endless
    public record Pace(Duration history, Duration historyStep, double speed, Duration length, long messagesMax) {
        public static final Pace LIVE = new Pace(Duration.ZERO, Duration.ZERO, 1, Duration.ZERO, 0);

        public Pace {
            if (history.isNegative() || historyStep.isNegative() || length.isNegative() || messagesMax < 0) {
                throw new IllegalArgumentException("history, its step, length and messages are not negative");
            }
            if (!(speed >= 0 && speed <= 1e6)) {
                throw new IllegalArgumentException("the speed is 0 (as fast as possible) to 1000000, was " + speed);
            }
        }

        public static Pace withHistory(Duration history, Duration historyStep) {
            return new Pace(history, historyStep, 1, Duration.ZERO, 0);
        }

        /// As fast as possible, beginning so long ago and ending now.
        public static Pace historyOnly(Duration history) {
            return new Pace(history, Duration.ZERO, 0, history, 0);
        }
    }

    /// Devices with one rhythm, in the order in which they tick.
    private static final class Lap {
        private final List<VirtualDevice> devices;
        private long tick;
        private int place;

        Lap(List<VirtualDevice> devices, long startMillis) {
            this.devices = devices;
            this.tick = devices.getFirst().tickAt(startMillis);
            while (place < devices.size() && devices.get(place).timestampMillis(tick - 1) < startMillis) {
                place++;
            }
            // Those behind it have a tick of their own before the first one's.
            if (place < devices.size()) {
                tick--;
            } else {
                place = 0;
            }
        }

        long dueMillis() {
            return devices.get(place).timestampMillis(tick);
        }

        void advance() {
            if (++place == devices.size()) {
                place = 0;
                tick++;
            }
        }
    }

    public ScenarioRun(Scenario scenario, Output output, Pace pace, InstantSource clock) {
        this.scenario = scenario;
        this.output = output;
        this.pace = pace;
        this.clock = clock;
    }

    /// Plays until the length is over, the messages are sent, or [#stop]; then lets the output drain.
    ///
    /// @return whether the output answered everything
    public boolean run() throws InterruptedException {
        long wallStart = clock.millis();
        long start = wallStart - pace.history().toMillis();
        long end =
                pace.length().isZero() ? Long.MAX_VALUE : start + pace.length().toMillis();
        List<Lap> laps = laps(start);
        while (stopped.getCount() > 0 && (pace.messagesMax() == 0 || sent < pace.messagesMax())) {
            Lap next = next(laps);
            long due = next.dueMillis();
            if (due >= end) {
                break;
            }
            boolean history = due < wallStart;
            if (!history && !awaitDue(due, wallStart)) {
                break;
            }
            VirtualDevice device = next.devices.get(next.place);
            if (!history || inHistory(device, next.tick)) {
                play(device, next.tick);
            }
            reachedMillis = due;
            next.advance();
        }
        return output.drain();
    }

    /// Ends the run soon; what was sent is still waited for.
    public void stop() {
        stopped.countDown();
    }

    /// @return messages so far
    public long sent() {
        return sent;
    }

    /// @return the moment of scenario time that was reached, epoch milliseconds
    public long reachedMillis() {
        return reachedMillis;
    }

    private void play(VirtualDevice device, long tick) throws InterruptedException {
        List<SimulatedMessage> messages = new ArrayList<>(2);
        device.messages(tick, messages::add);
        for (SimulatedMessage message : messages) {
            if (pace.messagesMax() == 0 || sent < pace.messagesMax()) {
                output.send(message);
                sent++;
            }
        }
    }

    private boolean inHistory(VirtualDevice device, long tick) {
        long step = Math.max(1, pace.historyStep().toMillis() / device.tickMillis());
        return Math.floorMod(tick, step) == 0;
    }

    /// @return false where the run was stopped meanwhile
    private boolean awaitDue(long due, long wallStart) throws InterruptedException {
        if (pace.speed() == 0) {
            return true;
        }
        while (true) {
            double passed = (clock.millis() - wallStart) * pace.speed();
            long wait = (long) Math.ceil((due - wallStart - passed) / pace.speed());
            if (wait <= 0) {
                return true;
            }
            output.flush();
            if (stopped.await(Math.min(wait, 1000), TimeUnit.MILLISECONDS)) {
                return false;
            }
        }
    }

    private static Lap next(List<Lap> laps) {
        Lap next = laps.getFirst();
        for (Lap lap : laps) {
            if (lap.dueMillis() < next.dueMillis()) {
                next = lap;
            }
        }
        return next;
    }

    private List<Lap> laps(long start) {
        List<Lap> laps = new ArrayList<>();
        int first = 0;
        for (int count : scenario.groupSizes()) {
            List<VirtualDevice> devices = new ArrayList<>(count);
            for (int i = first; i < first + count; i++) {
                devices.add(scenario.device(i));
            }
            devices.sort(Comparator.comparingLong((VirtualDevice device) -> device.timestampMillis(0))
                    .thenComparing(VirtualDevice::id));
            laps.add(new Lap(devices, start));
            first += count;
        }
        return laps;
    }
}
