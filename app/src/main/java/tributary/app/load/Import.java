package tributary.app.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tributary.model.Fault;
import tributary.model.PlatformException;

/// Brings one file into a server, through the door that devices use: batch by batch, each on the server's disk
/// before the next is sent, so that a server that is busy slows it down. Where it is cut off it goes on where it
/// was; what is sent twice then is one row, because a reading is known by device, sensor and time.
public final class Import {
    private static final int TRIES = 100;
    private static final int REASONS_MAX = 20;
    private static final long PAUSE_SECONDS_MAX = 30;

    private final Server server;
    private final How how;
    private final Watcher watcher;
    private final Set<String> added = new HashSet<>();

    /// What a file is.
    public enum Format {
        CSV,
        PARQUET,
        LINES,
        THINGSBOARD;

        /// @return what a file's name says
        /// @throws IllegalArgumentException where it says nothing
        public static Format of(Path file) {
            String name = file.toString().toLowerCase(Locale.ROOT).replaceFirst("\\.gz$", "");
            String end = name.substring(name.lastIndexOf('.') + 1);
            return switch (end) {
                case "csv", "tsv", "txt" -> CSV;
                case "parquet", "pq" -> PARQUET;
                case "lp", "line", "lines", "influx" -> LINES;
                case "json" -> THINGSBOARD;
                default ->
                    throw new IllegalArgumentException(
                            file + ": the name does not say what it is; --format csv, parquet, lines or thingsboard");
            };
        }
    }

    /// How a file is read.
    ///
    /// @param tag        in line protocol the tag that names the device, or null
    /// @param addDevices whether devices that are not there are added
    public record How(
            Format format,
            Mapping mapping,
            char delimiter,
            @Nullable String tag,
            boolean addDevices) {
        private String text() {
            return format + " " + mapping + " " + (int) delimiter + " " + tag;
        }

        private String precision() {
            return mapping.times().unit().name().toLowerCase(Locale.ROOT);
        }
    }

    /// Hears how far it is.
    public interface Watcher {
        void at(double done, long readings, long refused);

        /// The server does not take more for the moment.
        void waits(String reason);
    }

    /// What became of a file.
    ///
    /// @param already whether it was through before
    /// @param report  the file that says what was refused
    /// @param reasons the first reasons, and how often each was given in this run
    public record Outcome(
            long pieces, long readings, long refused, boolean already, Path report, Map<String, Long> reasons) {}

    /// What an import would take of a file.
    ///
    /// @param pieces  that would be sent
    /// @param refused that would not, because they can be no reading
    /// @param already whether it is through, and nothing would be done
    /// @param devices whose readings they are
    /// @param reasons the first reasons, and how often each was given
    public record Look(
            long pieces, long refused, boolean already, SortedSet<String> devices, Map<String, Long> reasons) {}

    public Import(Server server, How how, Watcher watcher) {
        this.server = server;
        this.how = how;
        this.watcher = watcher;
    }

    /// Imports a file to its end.
    ///
    /// @param again whether to begin anew what was begun or is through
    /// @throws PlatformException        where the file cannot be read or the server does not answer
    /// @throws IllegalArgumentException where the file does not fit what is said of it
    public Outcome run(Path file, boolean again) throws InterruptedException {
        try {
            if (again) {
                Files.deleteIfExists(Place.file(file));
            }
            Place place = Place.read(file, how.text());
            try (RefusedFile refused = new RefusedFile(file, place.pieces() > 0)) {
                if (!place.done()) {
                    try (Source source = source(file)) {
                        place = all(file, source, place, refused);
                    }
                    return outcome(place, refused, false);
                }
                return outcome(place, refused, true);
            }
        } catch (IOException e) {
            throw new PlatformException(Fault.DATA_FOLDER, file + ": " + e.getMessage(), e);
        }
    }

    /// Reads a file to its end as [#run] would, and neither sends nor writes anything.
    ///
    /// @throws PlatformException        where the file cannot be read
    /// @throws IllegalArgumentException where the file does not fit what is said of it
    public Look look(Path file, boolean again) {
        SortedSet<String> devices = new TreeSet<>();
        Map<String, Long> reasons = new LinkedHashMap<>();
        long pieces = 0;
        long refused = 0;
        try {
            Place place = again ? Place.begin(file, how.text()) : Place.read(file, how.text());
            if (place.done()) {
                return new Look(0, 0, true, devices, reasons);
            }
            try (Source source = source(file)) {
                for (Item item = source.next(); item != null; item = source.next()) {
                    if (item.number() <= place.pieces()) {
                        continue;
                    }
                    switch (item) {
                        case Item.Row row -> devices.add(row.device());
                        case Item.Line line -> devices.add(line.device());
                        case Item.Nothing _ -> {}
                        case Item.Refused no -> {
                            refused++;
                            if (reasons.containsKey(no.reason()) || reasons.size() < REASONS_MAX) {
                                reasons.merge(no.reason(), 1L, Long::sum);
                            }
                        }
                    }
                    pieces++;
                }
            }
        } catch (IOException e) {
            throw new PlatformException(Fault.DATA_FOLDER, file + ": " + e.getMessage(), e);
        }
        return new Look(pieces - refused, refused, false, devices, reasons);
    }

    private static Outcome outcome(Place place, RefusedFile refused, boolean already) {
        return new Outcome(
                place.pieces(), place.readings(), place.refused(), already, refused.file(), refused.counts());
    }

    private Source source(Path file) throws IOException {
        Mapping mapping = how.mapping();
        return switch (how.format()) {
            case CSV -> new CsvSource(file, how.delimiter(), mapping);
            case PARQUET -> new ParquetSource(file, mapping);
            case LINES -> new LineSource(file, mapping.device(), how.tag());
            case THINGSBOARD -> {
                String name = file.getFileName().toString();
                String device = mapping.device() != null ? mapping.device() : name.replaceFirst("\\..*$", "");
                yield new ThingsBoardSource(file, device, mapping);
            }
        };
    }

    private Place all(Path file, Source source, Place begin, RefusedFile refused)
            throws IOException, InterruptedException {
        Place place = begin;
        long skip = begin.pieces();
        Batch batch = new Batch(how.precision());
        long pieces = 0;
        long wrong = 0;
        Item item = source.next();
        while (item != null || pieces > 0) {
            if (item != null && item.number() <= skip) {
                item = source.next();
                continue;
            }
            if (item == null || batch.full()) {
                Sent sent = batch.isEmpty() ? new Sent(0, 0) : send(batch, refused, how.addDevices());
                refused.flush();
                place = place.and(pieces, sent.readings(), sent.refused() + wrong);
                place.write(file);
                watcher.at(source.done(), place.readings(), place.refused());
                batch = new Batch(how.precision());
                pieces = 0;
                wrong = 0;
            }
            if (item != null) {
                pieces++;
                switch (item) {
                    case Item.Row row -> batch.add(row);
                    case Item.Line line -> batch.add(line);
                    case Item.Nothing _ -> {}
                    case Item.Refused no -> {
                        refused.add(no.number(), no.device(), no.reason());
                        wrong++;
                    }
                }
                item = source.next();
            }
        }
        Place end = place.ended();
        end.write(file);
        return end;
    }

    private record Sent(long readings, long refused) {}

    /// @param mayAdd whether devices that are not there are added
    private Sent send(Batch batch, RefusedFile refused, boolean mayAdd) throws IOException, InterruptedException {
        JsonNode answer = accepted(batch.body());
        long readings = answer.path("accepted").asLong();
        long missing = answer.path("rejectedCount").asLong();
        Batch again = new Batch(how.precision());
        long listed = 0;
        for (JsonNode rejection : answer.path("rejected")) {
            listed++;
            Batch.Message message = batch.message(rejection.path("line").asInt(-1));
            if (message == null) {
                throw new IOException("the server's answer speaks of a line that was not sent");
            }
            String reason = rejection.path("reason").asString("");
            if (rejection.has("index")) {
                Item item = message.items.get(Math.min(rejection.path("index").asInt(), message.items.size() - 1));
                refused.add(item.number(), message.device, reason);
            } else if (mayAdd && rejection.path("code").asString("").equals("unknown-device")) {
                if (added.add(message.device)) {
                    server.addDevice(message.device);
                }
                missing--;
                put(message, again);
            } else {
                missing += message.items.size() - 1;
                for (Item item : message.items) {
                    refused.add(item.number(), message.device, reason);
                }
            }
        }
        if (answer.path("rejectedCount").asLong() > listed) {
            refused.add(0, "", "and more of this batch, which the server did not list");
        }
        if (again.isEmpty()) {
            return new Sent(readings, missing);
        }
        Sent second = send(again, refused, false);
        return new Sent(readings + second.readings(), missing + second.refused());
    }

    private static void put(Batch.Message message, Batch into) {
        for (Item item : message.items) {
            switch (item) {
                case Item.Row row -> into.add(row);
                case Item.Line line -> into.add(line);
                case Item.Nothing _, Item.Refused _ -> throw new IllegalStateException("never sent: " + item);
            }
        }
    }

    /// Sends until the server has it: while it is busy or away, again and again.
    private JsonNode accepted(byte[] body) throws InterruptedException {
        Server.Reply reply = server.batch(body);
        for (int tries = 1; reply.status() == 429 || reply.status() == 503; tries++) {
            String reason = reply.body().path("detail").asString("the server is busy");
            if (tries == TRIES) {
                throw new PlatformException(
                        Fault.LOG_FULL, "the server takes no more: " + reason + " The same command goes on later.");
            }
            watcher.waits(reason);
            long pause = Math.clamp(reply.retryAfterSeconds(), 1, PAUSE_SECONDS_MAX);
            new CountDownLatch(1).await(pause, TimeUnit.SECONDS);
            reply = server.batch(body);
        }
        if (reply.status() != 200) {
            throw new PlatformException(
                    Fault.DATA_FOLDER,
                    "the server refused (%d): %s"
                            .formatted(
                                    reply.status(), reply.body().path("detail").asString("it does not say why")));
        }
        return reply.body();
    }
}
