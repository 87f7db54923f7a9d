package tributary.bench;

import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// Opens many connections that listen, so many at a time, and waits until all are ready.
///
/// They come from several loopback addresses in turn: one address has some 28,000 ports to give.
final class Opener {
    private static final int PER_ADDRESS = 10_000;

    private final Loops loops;
    private final InetSocketAddress server;
    private final LongSupplier clock;

    Opener(Loops loops, InetSocketAddress server, LongSupplier clock) {
        this.loops = loops;
        this.server = server;
        this.clock = clock;
    }

    LongSupplier clock() {
        return clock;
    }

    /// Opens one connection; a failure is told to the owner.
    void one(EventLoop loop, Ear ear, Ear.Owner owner) {
        int address = ear.index() / PER_ADDRESS;
        ChannelFuture opened = address == 0 || !server.getAddress().isLoopbackAddress()
                ? loops.socket(loop, ear).connect(server)
                : loops.socket(loop, ear).connect(server, new InetSocketAddress("127.0.0." + (1 + address), 0));
        opened.addListener(result -> {
            if (!result.isSuccess()) {
                owner.gone(ear, String.valueOf(result.cause().getMessage()));
            }
        });
    }

    /// @param atOnce     how many may be under way
    /// @param ready      how many are ready so far
    /// @param troubles   what went wrong so far, asked where no more become ready
    /// @return "" or what went wrong
    String all(Crowd crowd, int atOnce, IntSupplier ready, Supplier<Map<String, Long>> troubles)
            throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        int begun = 0;
        int readyBefore = 0;
        long movedAt = clock.getAsLong();
        while (ready.getAsInt() < crowd.count()) {
            int now = ready.getAsInt();
            if (now != readyBefore) {
                readyBefore = now;
                movedAt = clock.getAsLong();
            }
            while (begun < crowd.count() && begun - now < atOnce) {
                one(crowd.loop(), crowd.ears().apply(begun), crowd.owner());
                begun++;
            }
            Map<String, Long> wrong = troubles.get();
            if (!wrong.isEmpty() || clock.getAsLong() - movedAt > crowd.withinNanos()) {
                return "%,d of %,d connections became ready; others: %s"
                        .formatted(now, crowd.count(), wrong.isEmpty() ? "no answer" : wrong);
            }
            never.await(1, TimeUnit.MILLISECONDS);
        }
        return "";
    }

    /// Who is to be opened.
    ///
    /// @param ears        makes the n-th
    /// @param withinNanos how long to wait for the next one to become ready
    record Crowd(EventLoop loop, int count, IntFunction<Ear> ears, Ear.Owner owner, long withinNanos) {}
}
