package tributary.api;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tributary.decode.EventFormat;
import tributary.lake.Lake;
import tributary.log.Batch;
import tributary.log.LogReader;
import tributary.model.Message;
import tributary.model.Micros;
import tributary.model.TenantId;
import tributary.query.QueryEngine.QueryLimits;
import tributary.query.QueryException;
import tributary.query.RowFormat;
import tributary.query.Rows;

/// Decodes the messages of a past window again, as the decoder is now, and compares what it gives with the tables
/// `readings` and `rejected`; applied, it has the lake put that in the place of what they have.
final class DecodeReplay {
    static final Duration TIME_MAX = Duration.ofSeconds(60);

    /// How far the time of arrival of a message may be from that of those beside it in the log.
    private static final Duration SKEW = Duration.ofMinutes(1);

    private static final Duration CATCH_UP = Duration.ofSeconds(10);
    private static final int LOOK_EVERY = 1024;

    private final Stations stations;
    private final InstantSource clock;

    DecodeReplay(Stations stations, InstantSource clock) {
        this.stations = stations;
        this.clock = clock;
    }

    /// Over what.
    ///
    /// @param from the first moment whose messages are decoded
    /// @param to   the first moment behind
    record Window(TenantId tenant, Instant from, Instant to) {
        boolean includes(long receivedMicros) {
            return Micros.of(from) <= receivedMicros && receivedMicros < Micros.of(to);
        }
    }

    /// What became of a wish to apply.
    sealed interface Applied {
        /// @param report what was found before it
        record Done(DecodeComparison report) implements Applied {}

        /// Nothing was changed.
        record Refused(String why) implements Applied {}
    }

    /// Puts what the decoder gives in the place of what is there, where a comparison finds what the one found whose
    /// digest is given.
    Applied apply(Window window, String digest) throws InterruptedException {
        long[] ends = ends(window);
        DecodeComparison found = compare(window, ends);
        if (!found.complete()) {
            return new Applied.Refused(found.why());
        }
        if (!found.digest().equals(digest)) {
            return new Applied.Refused("the tables or the decoder are others than in the report; compare again");
        }
        if (found.differs()) {
            long[] starts = new long[ends.length];
            for (int partition = 0; partition < ends.length; partition++) {
                starts[partition] = stations.log().positionAt(partition, window.from());
            }
            redecode(new Lake.Redecoding(
                    window.tenant(),
                    Micros.of(window.from()),
                    Micros.of(window.to()),
                    starts,
                    ends,
                    stations.decoders().get()));
        }
        return new Applied.Done(found);
    }

    /// On a thread of its own: the lake's engine would hold one of the few that serve all requests.
    private void redecode(Lake.Redecoding what) throws InterruptedException {
        FutureTask<Lake.Redecoded> work = new FutureTask<>(() -> stations.lake().redecode(what));
        Thread.ofPlatform().name("decode-again").daemon().start(work);
        try {
            work.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException failure -> throw failure;
                case InterruptedException stopped -> throw stopped;
                case null, default -> throw new IllegalStateException("decoding again failed", e);
            }
        }
    }

    /// Decodes and compares. Blocks as long as it takes.
    ///
    /// @throws QueryException where the tables cannot be read
    DecodeComparison compare(Window window) throws InterruptedException {
        return compare(window, ends(window));
    }

    private long[] ends(Window window) {
        long[] ends = new long[stations.log().partitions()];
        for (int partition = 0; partition < ends.length; partition++) {
            ends[partition] = stations.log().positionAt(partition, window.to().plus(SKEW));
        }
        return ends;
    }

    private DecodeComparison compare(Window window, long[] ends) throws InterruptedException {
        DecodeComparison found = new DecodeComparison();
        if (!visible(ends)) {
            found.stop("the lake has not yet read all messages of the window; ask again in a moment");
            return found;
        }
        decode(window, ends, found);
        if (found.complete()) {
            String received = "received >= " + moment(window.from()) + " AND received < " + moment(window.to());
            read(window, DecodeComparison.READING + " FROM readings WHERE " + received, found::reading);
            read(window, "SELECT part, position, reason FROM rejected WHERE " + received, found::rejection);
        }
        if (found.complete() && found.hasMissing()) {
            // what came again outside the window has replaced what is in it
            String outside = "(received >= %s OR received >= %s AND received < %s) AND ts >= %s AND ts <= %s"
                    .formatted(
                            moment(window.to()),
                            moment(window.from().minus(SKEW)),
                            moment(window.from()),
                            moment(Micros.instant(found.missingFromMicros())),
                            moment(Micros.instant(found.missingToMicros())));
            read(window, DecodeComparison.READING + " FROM readings WHERE " + outside, found::later);
        }
        found.compare();
        return found;
    }

    private static String moment(Instant at) {
        return "TIMESTAMP '" + Micros.text(Micros.of(at)).replace('T', ' ').replace("Z", "") + "'";
    }

    /// Waits a while until the tables have what was received before.
    private boolean visible(long[] ends) throws InterruptedException {
        long deadline = System.nanoTime() + CATCH_UP.toNanos();
        for (int partition = 0; partition < ends.length; partition++) {
            while (stations.lake().visibleUpTo(partition) < ends[partition]) {
                if (System.nanoTime() > deadline) {
                    return false;
                }
                TimeUnit.MILLISECONDS.sleep(20);
            }
        }
        return true;
    }

    private void decode(Window window, long[] ends, DecodeComparison into) {
        List<Lake.Erasure> erased = stations.lake().erasures(window.tenant());
        DecodeComparison.Decoding decoding = into.decoding(stations.decoders().get());
        long deadline = clock.millis() + TIME_MAX.toMillis();
        long read = 0;
        try (LogReader reader = stations.log().reader()) {
            for (int partition = 0; partition < ends.length; partition++) {
                if (!keeps(reader, partition, window.from())) {
                    into.stop("the log has let go of messages of the window (log.keep); choose a later beginning");
                    return;
                }
                long position = stations.log().positionAt(partition, window.from());
                reader.seek(partition, position);
                while (position < ends[partition] && into.complete()) {
                    Batch batch = reader.next(partition);
                    if (batch == null) {
                        break;
                    }
                    for (int i = 0; i < batch.size() && batch.first() + i < ends[partition]; i++) {
                        if (wanted(window, batch, i) && !erased(erased, batch.message(i))) {
                            decoding.message(batch.message(i), partition, batch.first() + i);
                        }
                        if (++read % LOOK_EVERY == 0 && clock.millis() > deadline) {
                            into.stop("the time was over; choose a shorter window");
                        }
                    }
                    position = batch.end();
                }
            }
        }
    }

    /// @return whether no message that came then or later is gone
    private boolean keeps(LogReader reader, int partition, Instant from) {
        long start = stations.log().start(partition);
        if (start == 0) {
            return true;
        }
        reader.seek(partition, start);
        Batch oldest = reader.next(partition);
        return oldest != null && oldest.receivedMicros(0) <= Micros.of(from);
    }

    private static boolean wanted(Window window, Batch batch, int index) {
        return batch.tenant(index).equals(window.tenant())
                && window.includes(batch.receivedMicros(index))
                && !EventFormat.is(batch.message(index));
    }

    /// What a device sent before it was erased is to be forgotten, and stays so.
    private static boolean erased(List<Lake.Erasure> erased, Message message) {
        for (Lake.Erasure one : erased) {
            if ((one.device() == null || one.device().equals(message.device()))
                    && message.receivedMicros() < TimeUnit.MILLISECONDS.toMicros(one.wishedMillis())) {
                return true;
            }
        }
        return false;
    }

    private interface Row {
        void take(JsonNode row);
    }

    private void read(Window window, String statement, Row row) {
        QueryLimits limits = new QueryLimits(TIME_MAX, DecodeComparison.READINGS_MAX + 1L);
        try (Rows rows = stations.query().sql(window.tenant(), statement, limits)) {
            rows.writeTo(RowFormat.NDJSON, new JsonLines(line -> row.take(Json.read(line))));
        } catch (IOException e) {
            throw new IllegalStateException("memory does not fail", e);
        }
    }
}
