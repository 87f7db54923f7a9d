package tributary.bench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/// Who hears the streams: keeps what each subscriber heard in which order, and measures how long messages
/// were under way. Everything happens on one event loop; others ask with [#ask].
final class Audience implements Ear.Owner {
    private static final long REOPEN_AFTER_MILLIS = 500;
    private static final long LATENCY_MAX_NANOS = 300_000_000_000L;

    private final EventLoop loop;
    private final LongSupplier clock;
    private final long originNanos;
    private final List<Part> parts;
    private final Heard[][] heard;
    private final @Nullable Ear[] ears;
    private final List<Histogram> latencies = new ArrayList<>();
    private final Map<String, Long> troubles = new TreeMap<>();
    private final boolean[] unmeasured;
    private final boolean[] awaited;
    private int phase;
    private long measureFromNanos = Long.MAX_VALUE;
    private long measureToNanos = Long.MAX_VALUE;
    private long measured;
    private long strangers;
    private long distinct;
    private int resumedCount;
    private Echo @Nullable [] echoes;
    private @Nullable IntConsumer reopening;
    private final BitSet heldBack = new BitSet();
    private long reopened;
    private int touchedFrom = Integer.MAX_VALUE;
    private int touchedTo = -1;

    /// Ears that became ready; read by the run's thread.
    private volatile int ready;

    /// Messages heard; read by the run's thread.
    private volatile long messages;

    /// Which streams one subscriber hears: every `stride`-th from `offset` on.
    record Part(int offset, int stride, int count) {
        /// @return the place of a stream among those heard, or -1
        int place(int stream) {
            int distance = stream - offset;
            return distance >= 0 && distance % stride == 0 && distance / stride < count ? distance / stride : -1;
        }

        int stream(int place) {
            return offset + place * stride;
        }
    }

    /// What all heard together.
    ///
    /// @param links      pairs of subscriber and stream
    /// @param measured   messages that arrived in the measured time
    /// @param strangers  messages that nobody subscribed to or nobody of this run sent
    record Sum(int links, long distinct, long duplicates, long late, long missing, long measured, long strangers) {}

    /// @param parts of each subscriber, by its index
    Audience(EventLoop loop, List<Part> parts, LongSupplier clock) {
        this.loop = loop;
        this.clock = clock;
        this.originNanos = clock.getAsLong();
        this.parts = List.copyOf(parts);
        this.heard = new Heard[parts.size()][];
        this.ears = new Ear[parts.size()];
        this.unmeasured = new boolean[parts.size()];
        this.awaited = new boolean[parts.size()];
        for (int i = 0; i < heard.length; i++) {
            heard[i] = new Heard[parts.get(i).count()];
            for (int k = 0; k < heard[i].length; k++) {
                heard[i][k] = new Heard();
            }
        }
        newPhase();
    }

    EventLoop loop() {
        return loop;
    }

    /// What the messages' times are counted from.
    long originNanos() {
        return originNanos;
    }

    /// What waits for deliveries, by stream.
    void echo(Echo[] all) {
        echoes = all;
    }

    /// A connection that is lost is opened again with this, because its session is kept.
    void reopen(IntConsumer opening) {
        loop.execute(() -> reopening = opening);
    }

    /// While held back, a lost connection of this subscriber is not opened again, and one that is there is
    /// not read; on the loop.
    void holdBack(int ear, boolean held) {
        heldBack.set(ear, held);
        Ear there = ears[ear];
        if (there != null) {
            there.reading(!held);
        } else if (!held && reopening != null) {
            reopening.accept(ear);
        }
    }

    /// @return how often a lost connection was opened again; on the loop
    long reopened() {
        return reopened;
    }

    /// Latencies of this subscriber are not of interest.
    void leaveOut(int ear) {
        unmeasured[ear] = true;
    }

    /// From here on latencies go into a histogram of their own; on the loop.
    void newPhase() {
        latencies.add(new Histogram(1000, LATENCY_MAX_NANOS, 3));
        phase = latencies.size() - 1;
    }

    /// Arrivals and latencies count between these times; on the loop.
    void measure(long fromNanos, long toNanos) {
        measureFromNanos = fromNanos;
        measureToNanos = toNanos;
    }

    /// @return end to end, one for each phase; read when nothing arrives any more
    List<Histogram> latencies() {
        return List.copyOf(latencies);
    }

    /// What went wrong with connections, by how often; asked from another thread.
    Map<String, Long> troublesNow() {
        return ask(() -> Map.copyOf(troubles));
    }

    /// Ends every connection; on the loop.
    void leave() {
        reopening = null;
        for (Ear ear : ears) {
            if (ear != null) {
                ear.leave();
            }
        }
    }

    int resumedCount() {
        return resumedCount;
    }

    int readyCount() {
        return ready;
    }

    long messages() {
        return messages;
    }

    /// Asks on the loop.
    <T> T ask(Callable<T> question) {
        return loop.submit(question).syncUninterruptibly().getNow();
    }

    /// How many messages others have heard of its streams that this subscriber has not; on the loop.
    long behind(int ear) {
        long[] furthest = new long[furthestStream() + 1];
        for (int other = 0; other < heard.length; other++) {
            for (int place = 0; place < heard[other].length; place++) {
                int stream = parts.get(other).stream(place);
                furthest[stream] = Math.max(furthest[stream], heard[other][place].next());
            }
        }
        long behind = 0;
        for (int place = 0; place < heard[ear].length; place++) {
            behind += furthest[parts.get(ear).stream(place)] - heard[ear][place].next();
        }
        return behind;
    }

    private int furthestStream() {
        return parts.stream()
                .mapToInt(part -> part.stream(part.count() - 1))
                .max()
                .orElse(0);
    }

    /// @param sent messages of each stream; on the loop
    Sum sum(long[] sent) {
        long duplicates = 0;
        long late = 0;
        long missing = 0;
        int links = 0;
        for (int ear = 0; ear < heard.length; ear++) {
            for (int place = 0; place < heard[ear].length; place++) {
                Heard link = heard[ear][place];
                links++;
                duplicates += link.duplicates();
                late += link.late();
                missing += link.missing(sent[parts.get(ear).stream(place)]);
            }
        }
        return new Sum(links, distinct, duplicates, late, missing, measured, strangers);
    }

    /// Waits until `expected` different messages were heard, or nothing new came for `quietSeconds`.
    ///
    /// @return when the last new message was seen
    long awaitDistinct(long expected, int quietSeconds) throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        long seen = ask(() -> distinct);
        long movedAt = clock.getAsLong();
        while (seen < expected && clock.getAsLong() - movedAt < quietSeconds * 1_000_000_000L) {
            never.await(2, TimeUnit.MILLISECONDS);
            long now = ask(() -> distinct);
            if (now != seen) {
                seen = now;
                movedAt = clock.getAsLong();
            }
        }
        return movedAt;
    }

    @Override
    public void ready(Ear ear, boolean resumed) {
        ears[ear.index()] = ear;
        resumedCount += resumed ? 1 : 0;
        if (!awaited[ear.index()]) {
            awaited[ear.index()] = true;
            ready++;
        }
    }

    /// Before connections are opened a second time; on the loop.
    void awaitAnew() {
        Arrays.fill(awaited, false);
        ready = 0;
        resumedCount = 0;
    }

    @Override
    public void message(Ear ear, ByteBuf in, int payloadAt, int length) {
        int index = ear.index();
        int stream = Stamp.stream(in, payloadAt, length);
        int place = stream < 0 ? -1 : parts.get(index).place(stream);
        if (place < 0) {
            strangers++;
            return;
        }
        Heard link = heard[index][place];
        long known = link.distinct();
        long before = link.next();
        link.arrived(Stamp.sequence(in, payloadAt));
        distinct += link.distinct() - known;
        messages++;
        long now = clock.getAsLong();
        if (now >= measureFromNanos && now < measureToNanos) {
            measured++;
        }
        long due = originNanos + Stamp.dueNanos(in, payloadAt);
        if (due >= measureFromNanos && !unmeasured[index]) {
            latencies.get(phase).recordValue(Math.clamp(now - due, 0, LATENCY_MAX_NANOS));
        }
        if (echoes != null && link.next() > before) {
            echoes[stream].advanced(before, link.next());
            touchedFrom = Math.min(touchedFrom, stream);
            touchedTo = Math.max(touchedTo, stream);
        }
    }

    @Override
    public void turnOver(Ear ear) {
        if (echoes != null) {
            for (int i = touchedFrom; i <= touchedTo; i++) {
                echoes[i].tell();
            }
            touchedFrom = Integer.MAX_VALUE;
            touchedTo = -1;
        }
    }

    @Override
    public void pong(Ear ear) {
        // nobody here asked
    }

    @Override
    public void gone(Ear ear, String why) {
        ears[ear.index()] = null;
        IntConsumer opening = reopening;
        if (opening != null) {
            reopened++;
            if (!heldBack.get(ear.index())) {
                loop.schedule(() -> opening.accept(ear.index()), REOPEN_AFTER_MILLIS, TimeUnit.MILLISECONDS);
            }
            return;
        }
        if (troubles.size() < 20 || troubles.containsKey(why)) {
            troubles.merge(why, 1L, Long::sum);
        }
    }
}
