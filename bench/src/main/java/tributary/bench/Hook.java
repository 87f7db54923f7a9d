package tributary.bench;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.HdrHistogram.Histogram;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A receiver of webhooks on this machine: which of the run's messages came, and how long each was under way
/// since it was due. Bodies are lists of what [Stamp] wrote.
final class Hook implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();
    private static final long STREAM_ORIGIN = 100_000;
    private static final long SEQUENCE_ORIGIN = 1_000_000_000L;
    private static final long DUE_ORIGIN = 10_000_000_000_000L;
    private static final long LONGEST_NANOS = TimeUnit.MINUTES.toNanos(10);

    private final HttpServer server;
    private final LongSupplier clock;
    private final long originNanos;
    private final Histogram latency = new Histogram(LONGEST_NANOS, 3);
    private final Map<Integer, BitSet> seen = new HashMap<>();
    private long measureFromNanos = Long.MAX_VALUE;
    private long distinct;
    private long twice;
    private long requests;

    /// @param originNanos what the messages' times are counted from
    Hook(LongSupplier clock, long originNanos) throws IOException {
        this.clock = clock;
        this.originNanos = originNanos;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::take);
        server.start();
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
    }

    /// Messages that are due from then on are measured.
    synchronized void measure(long fromNanos) {
        measureFromNanos = fromNanos;
    }

    private void take(HttpExchange exchange) throws IOException {
        try (exchange) {
            long now = clock.getAsLong();
            JsonNode all = JSON.readTree(exchange.getRequestBody());
            exchange.sendResponseHeaders(204, -1);
            count(all, now);
        }
    }

    private synchronized void count(JsonNode all, long now) {
        requests++;
        for (JsonNode one : all) {
            int stream = (int) (one.path("from").asLong() - STREAM_ORIGIN);
            int sequence = (int) (one.path("sequence").asLong() - SEQUENCE_ORIGIN);
            BitSet of = seen.computeIfAbsent(stream, _ -> new BitSet());
            if (of.get(sequence)) {
                twice++;
                continue;
            }
            of.set(sequence);
            distinct++;
            long due = (one.path("due").asLong() - DUE_ORIGIN) * 1000 + originNanos;
            if (due >= measureFromNanos) {
                latency.recordValue(Math.clamp(now - due, 0, LONGEST_NANOS));
            }
        }
    }

    synchronized long distinct() {
        return distinct;
    }

    synchronized long twice() {
        return twice;
    }

    synchronized long requests() {
        return requests;
    }

    synchronized Histogram latency() {
        return latency.copy();
    }

    /// Waits until so many different messages came, or until none came for so long.
    void await(long expected, int quietSeconds) throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        long before = distinct();
        long movedAt = clock.getAsLong();
        while (before < expected && clock.getAsLong() - movedAt < TimeUnit.SECONDS.toNanos(quietSeconds)) {
            never.await(5, TimeUnit.MILLISECONDS);
            long now = distinct();
            movedAt = now == before ? movedAt : clock.getAsLong();
            before = now;
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
