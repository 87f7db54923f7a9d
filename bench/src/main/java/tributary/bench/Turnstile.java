package tributary.bench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.function.LongSupplier;
import org.HdrHistogram.Histogram;

/// Connections that sign in, say goodbye and make room for the next one. One event loop.
final class Turnstile implements Ear.Owner {
    private final EventLoop loop;
    private final Opener opener;
    private final LongSupplier clock;
    private final IntFunction<Ear.Script> scripts;
    private final int warmUp;
    private final long[] openedNanos;
    private final Histogram latency = new Histogram(1000, 300_000_000_000L, 3);
    private final Map<String, Long> troubles = new TreeMap<>();
    private int begun;
    private long measureFromNanos;
    private long measureToNanos;

    /// Connections that are through, welcome or not; read by the run's thread.
    private volatile int done;

    /// @param warmUp how many pass before it is measured
    Turnstile(EventLoop loop, Opener opener, IntFunction<Ear.Script> scripts, int count, int warmUp) {
        this.loop = loop;
        this.opener = opener;
        this.clock = opener.clock();
        this.scripts = scripts;
        this.warmUp = warmUp;
        this.openedNanos = new long[count];
    }

    /// Lets the first ones in; each that is through is followed by the next; on the loop.
    void begin(int atOnce) {
        measureFromNanos = clock.getAsLong();
        for (int i = 0; i < atOnce; i++) {
            next();
        }
    }

    int done() {
        return done;
    }

    /// @return seconds in which those behind the warm-up passed
    double measuredSeconds() {
        return Math.max(1, measureToNanos - measureFromNanos) / 1e9;
    }

    Histogram latency() {
        return latency;
    }

    Map<String, Long> troubles() {
        return Map.copyOf(troubles);
    }

    private void next() {
        if (begun < openedNanos.length) {
            int index = begun++;
            openedNanos[index] = clock.getAsLong();
            opener.one(loop, new Ear(scripts.apply(index), this), this);
        }
    }

    private void through() {
        done++;
        if (done == warmUp) {
            measureFromNanos = clock.getAsLong();
        }
        next();
    }

    @Override
    public void ready(Ear ear, boolean resumed) {
        long now = clock.getAsLong();
        measureToNanos = now;
        if (done >= warmUp) {
            latency.recordValue(Math.clamp(now - openedNanos[ear.index()], 0, 299_000_000_000L));
        }
        ear.leave();
        through();
    }

    @Override
    public void gone(Ear ear, String why) {
        if (troubles.size() < 20 || troubles.containsKey(why)) {
            troubles.merge(why, 1L, Long::sum);
        }
        through();
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
        // nobody asked
    }
}
