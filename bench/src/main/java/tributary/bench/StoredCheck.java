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

    /// Messages that one question is about, roughly: counting them apart takes some 40 bytes each.
    private static final long MESSAGES_MAX = 500_000;

    private final ServerApi api;
    private final Counting counting;
    private final LongSupplier clock;
    private final long messagesMax;

    /// Which rows are a run's messages.
    ///
    /// @param prefix   of the run's devices
    /// @param devices  all of them
    /// @param sensor   that is in every message
    /// @param sequence whether its values are the messages' sequence numbers
    record Counting(String prefix, List<String> devices, String sensor, boolean sequence) {
        static Counting sequences(Fleet fleet) {
            return new Counting(fleet.prefix(), fleet.names(), Payload.SEQUENCE_SENSOR, true);
        }
    }

    StoredCheck(ServerApi api, Counting counting, LongSupplier clock) {
        this(api, counting, clock, MESSAGES_MAX);
    }

    StoredCheck(ServerApi api, Counting counting, LongSupplier clock, long messagesMax) {
        this.api = api;
        this.counting = counting;
        this.clock = clock;
        this.messagesMax = messagesMax;
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
        return count(expected, lag);
    }

    /// Waits until files hold as many readings as there are, or the time is over.
    Report.AtRest atRest(long readings, long withinNanos) throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        long deadline = clock.getAsLong() + withinNanos;
        while (true) {
            Report.AtRest found = new Report.AtRest(0, 0);
            for (JsonNode table : api.get("/api/v1/lake/tables").path("tables")) {
                if (table.path("table").asString("").equals("readings")) {
                    found = new Report.AtRest(
                            table.path("rows").asLong(), table.path("bytes").asLong());
                }
            }
            if (found.readings() >= readings || clock.getAsLong() >= deadline) {
                return found;
            }
            never.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private long rows() {
        return api.sql("select count(*) from readings where " + messagesOfRun())
                .getFirst()
                .getFirst()
                .asLong();
    }

    /// A range of devices at a time: a question about all of a long run needs more memory than a query may have.
    private Report.Stored count(long expected, OptionalDouble lag) {
        List<String> devices = counting.devices().stream().sorted().toList();
        int questions = Math.clamp(Math.ceilDiv(expected, messagesMax), 1, devices.size());
        long messages = 0;
        long rows = 0;
        long highest = 0;
        long readings = 0;
        for (int i = 0; i < questions; i++) {
            String range = "device between '%s' and '%s' and %s"
                    .formatted(
                            devices.get((int) ((long) devices.size() * i / questions)),
                            devices.get((int) ((long) devices.size() * (i + 1) / questions) - 1),
                            ofRun());
            String perDevice = "select device, count(*) as rows_seen, count(distinct ts) as messages, max(value) - "
                    + Payload.SEQUENCE_ORIGIN + " as highest from readings where sensor = '" + counting.sensor()
                    + "' and " + range + " group by device";
            List<JsonNode> sums = api.sql(
                            "select sum(messages), sum(rows_seen), sum(highest) from (" + perDevice + ") as per_device")
                    .getFirst();
            messages += sums.get(0).asLong(0);
            rows += sums.get(1).asLong(0);
            highest += sums.get(2).asLong(0);
            readings += api.sql("select count(*) from readings where " + range)
                    .getFirst()
                    .getFirst()
                    .asLong();
        }
        long missing = counting.sequence() ? highest - messages : 0;
        return new Report.Stored(messages, rows - messages, missing, readings, lag);
    }

    private String ofRun() {
        return "device like '" + counting.prefix() + "%'";
    }

    private String messagesOfRun() {
        return "sensor = '" + counting.sensor() + "' and " + ofRun();
    }
}
