package tributary.bench;

import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import tools.jackson.databind.JsonNode;
import tributary.simulator.ServerApi;

/// Asks the server by SQL what it has of a run, until it has everything that it acknowledged.
final class StoredCheck {
    private static final long PAUSE_MILLIS = 50;

    private final ServerApi api;
    private final Counting counting;
    private final LongSupplier clock;

    /// Which rows are a run's messages.
    ///
    /// @param prefix   of the run's devices
    /// @param sensor   that is in every message
    /// @param sequence whether its values are the messages' sequence numbers
    record Counting(String prefix, String sensor, boolean sequence) {
        static Counting sequences(String prefix) {
            return new Counting(prefix, Payload.SEQUENCE_SENSOR, true);
        }
    }

    StoredCheck(ServerApi api, Counting counting, LongSupplier clock) {
        this.api = api;
        this.counting = counting;
        this.clock = clock;
    }

    /// @param expected        messages that must show up
    /// @param sinceNanos      the last answer, from where the lag counts
    /// @param withinNanos     how long to wait at most
    Report.Stored await(long expected, long sinceNanos, long withinNanos) throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        OptionalDouble lag = OptionalDouble.empty();
        long deadline = clock.getAsLong() + withinNanos;
        do {
            if (rows() >= expected) {
                lag = OptionalDouble.of((clock.getAsLong() - sinceNanos) / 1e9);
                break;
            }
            never.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        } while (clock.getAsLong() < deadline);
        return count(lag);
    }

    private long rows() {
        return api.sql("select count(*) from readings where " + messagesOfRun())
                .getFirst()
                .getFirst()
                .asLong();
    }

    private Report.Stored count(OptionalDouble lag) {
        String perDevice = "select device, count(*) as rows_seen, count(distinct ts) as messages, max(value) - "
                + Payload.SEQUENCE_ORIGIN + " as highest from readings where " + messagesOfRun() + " group by device";
        List<JsonNode> sums = api.sql(
                        "select sum(messages), sum(rows_seen), sum(highest) from (" + perDevice + ") as per_device")
                .getFirst();
        long messages = sums.get(0).asLong(0);
        long rows = sums.get(1).asLong(0);
        long highest = counting.sequence() ? sums.get(2).asLong(0) : messages;
        long readings = api.sql("select count(*) from readings where " + ofRun())
                .getFirst()
                .getFirst()
                .asLong();
        return new Report.Stored(messages, rows - messages, highest - messages, readings, lag);
    }

    private String ofRun() {
        return "device like '" + counting.prefix() + "%'";
    }

    private String messagesOfRun() {
        return "sensor = '" + counting.sensor() + "' and " + ofRun();
    }
}
