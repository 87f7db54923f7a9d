package tributary.bench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/// Many connections that do nothing but ping, and come back when they are cut off. One event loop.
final class Herd implements Ear.Owner {
    private static final long TICK_MILLIS = 10;

    private final EventLoop loop;
    private final Opener opener;
    private final LongSupplier clock;
    private final RandomGenerator chance;
    private final @Nullable Ear[] ears;

    /// When each sent the ping that has no answer yet, or 0.
    private final long[] pingedNanos;

    private final Histogram pongs = new Histogram(1000, 300_000_000_000L, 3);
    private final Map<String, Long> troubles = new TreeMap<>();
    private final IntFunction<Ear.Script> scripts;
    private long pings;
    private int nextPing;
    private double pingsDue;
    private double pingsPerTick;

    /// Below 0: whoever is lost stays away.
    private long jitterMillis = -1;

    private long attempts;

    /// Connections that are ready now; read by the run's thread.
    private volatile int ready;

    /// @param scripts of each connection
    Herd(Loops loops, Opener opener, IntFunction<Ear.Script> scripts, int count, RandomGenerator chance) {
        this.loop = loops.next();
        this.opener = opener;
        this.scripts = scripts;
        this.clock = opener.clock();
        this.chance = chance;
        this.ears = new Ear[count];
        this.pingedNanos = new long[count];
    }

    EventLoop loop() {
        return loop;
    }

    Opener opener() {
        return opener;
    }

    int ready() {
        return ready;
    }

    Ear ear(int index) {
        return new Ear(scripts.apply(index), this);
    }

    /// Every connection pings once in a period, one after the other; on the loop.
    void pingEvery(long periodMillis) {
        pingsPerTick = ears.length * (double) TICK_MILLIS / periodMillis;
        loop.scheduleAtFixedRate(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /// What was counted so far was not yet the idling; on the loop.
    void measureAnew() {
        pongs.reset();
        pings = 0;
    }

    /// No more pings; on the loop.
    void rest() {
        pingsPerTick = 0;
    }

    /// From now on a lost connection comes back after a time by chance below `jitter`, as often as it
    /// takes; on the loop.
    void comeBack(long jitter) {
        jitterMillis = jitter;
        for (int i = 0; i < ears.length; i++) {
            if (ears[i] == null) {
                again(i);
            }
        }
    }

    /// @return what went wrong so far, by how often; on the loop
    Map<String, Long> troubles() {
        return Map.copyOf(troubles);
    }

    void forgetTroubles() {
        troubles.clear();
    }

    Histogram pongs() {
        return pongs;
    }

    long pings() {
        return pings;
    }

    long attempts() {
        return attempts;
    }

    /// @return how many pings have no answer yet; on the loop
    long unanswered() {
        return Arrays.stream(pingedNanos).filter(at -> at != 0).count();
    }

    void leave() {
        jitterMillis = -1;
        for (Ear ear : ears) {
            if (ear != null) {
                ear.leave();
            }
        }
    }

    private void tick() {
        pingsDue += pingsPerTick;
        long now = clock.getAsLong();
        while (pingsDue >= 1) {
            pingsDue -= 1;
            int index = nextPing;
            nextPing = (nextPing + 1) % ears.length;
            Ear ear = ears[index];
            if (ear != null && pingedNanos[index] == 0) {
                pingedNanos[index] = now;
                pings++;
                ear.ping();
            }
        }
    }

    private void again(int index) {
        attempts++;
        loop.schedule(
                () -> opener.one(loop, ear(index), this), chance.nextLong(jitterMillis + 1), TimeUnit.MILLISECONDS);
    }

    @Override
    public void ready(Ear ear, boolean resumed) {
        ears[ear.index()] = ear;
        ready++;
    }

    @Override
    public void message(Ear ear, ByteBuf in, int payloadAt, int length) {
        // nobody subscribed
    }

    @Override
    public void turnOver(Ear ear) {
        // nothing is collected
    }

    @Override
    public void pong(Ear ear) {
        long at = pingedNanos[ear.index()];
        if (at != 0) {
            pongs.recordValue(Math.clamp(clock.getAsLong() - at, 0, 299_000_000_000L));
            pingedNanos[ear.index()] = 0;
        }
    }

    @Override
    public void gone(Ear ear, String why) {
        if (ears[ear.index()] == ear) {
            ears[ear.index()] = null;
            ready--;
        }
        pingedNanos[ear.index()] = 0;
        if (troubles.size() < 20 || troubles.containsKey(why)) {
            troubles.merge(why, 1L, Long::sum);
        }
        if (jitterMillis >= 0) {
            again(ear.index());
        }
    }
}
