package tributary.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tributary.decode.Decoder;
import tributary.decode.EventFormat;
import tributary.decode.ReadingSink;
import tributary.log.Receipt;
import tributary.model.DeviceId;
import tributary.model.Event;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.TenantId;
import tributary.model.Topic;
import tributary.registry.Sensors;

/// A log, a folder and lakes that come and go over them; and the questions that tests ask a lake.
///
/// Messages are lines of `sensor ts value`, where a value is a number, `"text"`, `true` or `false`; what is none of
/// them is rejected, and `bug` makes the decoder fail.
final class World {
    final MemoryLog log;
    final Path folder;
    final RecordedSensors sensors = new RecordedSensors();
    LakeSettings settings = new LakeSettings(
            1_000_000,
            Duration.ofHours(1),
            Duration.ofHours(1),
            4_000_000,
            1000,
            128L << 20,
            Duration.ofMinutes(15),
            Duration.ofMinutes(5),
            new LakeSettings.Sides(true, Duration.ofDays(36_500), 128L << 20),
            CareSettings.DEFAULTS,
            Warehouse.FOLDER);
    private long received = 1_700_000_000_000_000L;

    World(Path folder, int partitions, int batchMax) {
        this.folder = folder;
        this.log = new MemoryLog(partitions, batchMax);
    }

    /// Its files are elsewhere.
    World in(Warehouse warehouse) {
        settings = settings.with(warehouse);
        return this;
    }

    /// Makes all files of a snapshot readable.
    static Hold hold(Lake lake, Snapshot snapshot) {
        List<Path> files = new ArrayList<>();
        snapshot.readings().forEach(file -> files.add(file.path()));
        snapshot.rolled().forEach(file -> files.add(file.path()));
        snapshot.sides().values().forEach(side -> side.files().forEach(file -> files.add(file.path())));
        try {
            return lake.hold(files);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The same log over another folder.
    World(Path folder, MemoryLog log) {
        this.folder = folder;
        this.log = log;
    }

    IcebergLake open() {
        return open(Steps.NONE);
    }

    IcebergLake open(Steps steps) {
        return IcebergLake.open(
                folder, settings, new LakeInputs(log, new Lines(), sensors, InstantSource.system()), steps);
    }

    void sealEvery(int rows) {
        settings = new LakeSettings(
                rows,
                settings.sealAge(),
                settings.idleAge(),
                Math.max(rows, settings.hotRowsMax()),
                settings.seriesMax(),
                settings.duckMemoryBytes(),
                settings.keepSnapshots(),
                settings.checkpointEvery(),
                settings.sides(),
                settings.care(),
                settings.warehouse());
    }

    /// Rows do not wait in memory.
    void sealAtOnce() {
        settings = new LakeSettings(
                settings.sealRows(),
                Duration.ofMillis(1),
                Duration.ofMillis(1),
                settings.hotRowsMax(),
                settings.seriesMax(),
                settings.duckMemoryBytes(),
                settings.keepSnapshots(),
                settings.checkpointEvery(),
                settings.sides(),
                settings.care(),
                settings.warehouse());
    }

    void keepSnapshots(Duration keep) {
        settings = new LakeSettings(
                settings.sealRows(),
                settings.sealAge(),
                settings.idleAge(),
                settings.hotRowsMax(),
                settings.seriesMax(),
                settings.duckMemoryBytes(),
                keep,
                settings.checkpointEvery(),
                settings.sides(),
                settings.care(),
                settings.warehouse());
    }

    void keep(LakeSettings.Sides sides) {
        settings = settings.with(sides);
    }

    /// Files are cared for when the test says so, or without a pause, and then at once.
    void careAtOnce(long fileBytes, boolean always) {
        settings = settings.with(new CareSettings(
                fileBytes,
                64L << 20,
                2_000,
                100,
                always ? Duration.ofMillis(1) : Duration.ofDays(1),
                Duration.ZERO,
                Duration.ZERO,
                Duration.ofHours(1),
                0,
                new Retention(Map.of(), Map.of())));
    }

    void keep(Retention keep, long diskBytesMax) {
        CareSettings now = settings.care();
        settings = settings.with(new CareSettings(
                now.fileBytes(),
                now.memoryBytes(),
                now.pieceBytes(),
                now.sharePercent(),
                now.every(),
                now.smallAge(),
                now.quiet(),
                now.orphanAge(),
                diskBytesMax,
                keep));
    }

    /// What is sent from here on comes now and not in the past.
    void today() {
        received = System.currentTimeMillis() * 1_000;
    }

    /// From here on messages come a day from now, as for a server whose clock is ahead until it is set.
    void tomorrow() {
        received = (System.currentTimeMillis() + 86_400_000L) * 1_000;
    }

    void send(TenantId tenant, String device, String... lines) {
        received += 1_000;
        Message message = new Message(
                tenant,
                new DeviceId(device),
                new Topic("devices/" + device + "/telemetry"),
                String.join("\n", lines).getBytes(StandardCharsets.UTF_8),
                received,
                Message.Origin.MQTT,
                "test",
                1,
                false,
                MessageProperties.NONE);
        log.append(message, Receipt.NONE);
    }

    /// Appends an event as the gateway does.
    void happens(Event event) {
        received += 1_000;
        log.append(EventFormat.message(event), Receipt.NONE);
    }

    /// One with every field, or with none where there is no device.
    static Event event(TenantId tenant, @Nullable String device, Event.Kind kind) {
        boolean some = device != null;
        return new Event(
                tenant,
                some ? new DeviceId(device) : null,
                kind,
                1_700_000_000_000_000L,
                some ? Message.Origin.MQTT : Message.Origin.PLATFORM,
                some ? new DeviceId("gw") : null,
                some ? "c1" : "",
                some ? "127.0.0.1" : "",
                some ? "device:gw" : "",
                some ? "goodbye" : "",
                some ? "because 'x'" : "",
                some ? 3 : 1);
    }

    /// What the log says that every reader must see, in order.
    List<String> events(TenantId tenant) {
        List<String> events = new ArrayList<>();
        for (int p = 0; p < log.partitions(); p++) {
            for (long position = 0; position < log.end(p); position++) {
                Message message = log.message(p, position);
                Event event = EventFormat.event(message);
                if (event != null && message.tenant().equals(tenant)) {
                    events.add(shown(event));
                }
            }
        }
        return events.stream().sorted().toList();
    }

    private static String shown(Event event) {
        String door = Event.doorName(event.door());
        return "%s %s %s through %s: %s %d"
                .formatted(
                        event.device(),
                        event.kind().slug(),
                        door.isEmpty() ? null : door,
                        event.through(),
                        event.reason().isEmpty() ? null : event.reason(),
                        event.count());
    }

    /// What a reader of the snapshot sees, in order.
    static List<String> events(Snapshot snapshot) {
        return SideContents.of(snapshot, Side.EVENTS).stream()
                .map(row -> "%s %s %s through %s: %s %s"
                        .formatted(
                                row.get("device"),
                                row.get("kind"),
                                row.get("door"),
                                row.get("through"),
                                row.get("reason"),
                                row.get("count")))
                .sorted()
                .toList();
    }

    /// Waits until the lake shows everything that the log has.
    void awaitVisible(Lake lake) {
        await(() -> visible(lake));
    }

    /// Waits until all rows of the tenant are in files: in memory are none, of no table.
    static void awaitSealed(Lake lake, TenantId tenant) {
        await(() -> {
            Snapshot snapshot = lake.snapshot(tenant);
            return snapshot.hot().isEmpty()
                    && snapshot.sides().values().stream()
                            .allMatch(side -> side.hot().isEmpty());
        });
    }

    /// Sends six messages, with care after each third: what a reader sees each time is what was sent.
    ///
    /// @param sent how many were sent before
    /// @param look at what else is seen
    /// @return how many are sent now
    int sendSixAndCompare(IcebergLake lake, int sent, Consumer<Snapshot> look) throws Exception {
        for (int i = 1; i <= 6; i++) {
            int number = sent + i;
            send(TenantId.MAIN, "d" + number % 3, "x " + number + " " + number, "x " + (number / 2) + " " + number);
            awaitVisible(lake);
            if (i % 3 == 0) {
                lake.careNow();
            }
            Snapshot snapshot = lake.snapshot(TenantId.MAIN);
            try (Hold _ = hold(lake, snapshot)) {
                assertThat(rows(snapshot)).isEqualTo(expected(TenantId.MAIN));
                look.accept(snapshot);
            }
        }
        return sent + 6;
    }

    private boolean visible(Lake lake) {
        for (int p = 0; p < log.partitions(); p++) {
            if (lake.visibleUpTo(p) < log.end(p)) {
                return false;
            }
        }
        return true;
    }

    static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(120).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within 120 seconds");
            }
            try {
                Thread.sleep(2); // polls, with the deadline above
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    /// What a reader of the snapshot sees by the documented rule: `device sensor ts` to value as text.
    static Map<String, String> rows(Snapshot snapshot) {
        return rows(snapshot, """
                SELECT a.device || ' ' || a.sensor || ' ' || epoch_us(a.ts) AS k, a.text, a.value FROM r a
                WHERE NOT EXISTS (FROM r b WHERE b.late AND b.device = a.device AND b.sensor = a.sensor
                    AND b.ts = a.ts AND b.part = a.part AND b.position > a.position)""");
    }

    private static Map<String, String> rows(Snapshot snapshot, String sql) {
        Map<String, String> rows = new TreeMap<>();
        try (Connection duck = SharedDuck.connect();
                Statement statement = duck.createStatement()) {
            statement.execute(
                    "CREATE TEMP TABLE r(device VARCHAR, sensor VARCHAR, ts TIMESTAMP, value DOUBLE, text VARCHAR,"
                            + " received TIMESTAMP, part INTEGER, position BIGINT, late BOOLEAN)");
            for (Snapshot.DataFile file : snapshot.readings()) {
                statement.execute("INSERT INTO r BY NAME FROM read_parquet('%s', hive_partitioning = false)"
                        .formatted(file.path()));
            }
            insertHot(duck, snapshot);
            try (ResultSet result = statement.executeQuery(sql)) {
                while (result.next()) {
                    String text = result.getString(2);
                    String shown = text == null ? Double.toString(result.getDouble(3)) : text;
                    if (rows.put(result.getString(1), shown) != null) {
                        throw new AssertionError("two rows of " + result.getString(1));
                    }
                }
            }
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
        return rows;
    }

    private static void insertHot(Connection duck, Snapshot snapshot) throws SQLException {
        String sql = "INSERT INTO r VALUES (?, ?, make_timestamp(?), ?, ?, make_timestamp(?), ?, ?, ?)";
        try (PreparedStatement insert = duck.prepareStatement(sql)) {
            for (Snapshot.HotSegment hot : snapshot.hot()) {
                for (int i = 0; i < hot.rows(); i++) {
                    insert.setString(1, hot.device(i));
                    insert.setString(2, hot.sensor(i));
                    insert.setLong(3, hot.tsMicros(i));
                    insert.setObject(4, Double.isNaN(hot.value(i)) ? null : hot.value(i));
                    insert.setString(5, hot.text(i));
                    insert.setLong(6, hot.receivedMicros(i));
                    insert.setInt(7, hot.partition(i));
                    insert.setLong(8, hot.position(i));
                    insert.setBoolean(9, hot.late(i));
                    insert.execute();
                }
            }
        }
    }

    /// What the log says that every reader must see, computed without the lake.
    Map<String, String> expected(TenantId tenant) {
        Map<String, String> rows = new TreeMap<>();
        for (int p = 0; p < log.partitions(); p++) {
            for (long position = 0; position < log.end(p); position++) {
                Message message = log.message(p, position);
                if (message.tenant().equals(tenant) && !EventFormat.is(message)) {
                    collect(message, rows);
                }
            }
        }
        return rows;
    }

    /// The tenant's messages, sorted: device, when it came, payload in hexadecimal digits.
    List<String> messages(TenantId tenant) {
        List<String> all = new ArrayList<>();
        for (int p = 0; p < log.partitions(); p++) {
            for (long position = 0; position < log.end(p); position++) {
                Message message = log.message(p, position);
                if (message.tenant().equals(tenant) && !EventFormat.is(message)) {
                    all.add(message.device() + " " + message.receivedMicros() + " "
                            + HexFormat.of().withUpperCase().formatHex(message.payload()));
                }
            }
        }
        return all.stream().sorted().toList();
    }

    /// How many parts of the tenant's messages no reading can be made of.
    long rejected(TenantId tenant) {
        long rejected = 0;
        for (int p = 0; p < log.partitions(); p++) {
            for (long position = 0; position < log.end(p); position++) {
                Message message = log.message(p, position);
                if (message.tenant().equals(tenant) && !EventFormat.is(message)) {
                    rejected += new String(message.payload(), StandardCharsets.UTF_8)
                            .lines()
                            .filter(line -> line.split(" ", 3).length != 3)
                            .count();
                }
            }
        }
        return rejected;
    }

    static void collect(Message message, Map<String, String> rows) {
        for (String line : new String(message.payload(), StandardCharsets.UTF_8).split("\n")) {
            String[] words = line.split(" ", 3);
            if (words.length == 3) {
                boolean text = words[2].startsWith("\"");
                boolean bool = words[2].equals("true") || words[2].equals("false");
                String value = text ? words[2].substring(1, words[2].length() - 1) : words[2];
                rows.put(
                        message.device() + " " + words[0] + " " + words[1],
                        text || bool ? value : Double.toString(Double.parseDouble(value)));
            }
        }
    }

    /// The test's own decoder.
    static final class Lines implements Decoder {
        @Override
        public void decode(Message message, ReadingSink sink) {
            int index = 0;
            for (String line : new String(message.payload(), StandardCharsets.UTF_8).split("\n")) {
                String[] words = line.split(" ", 3);
                if (line.equals("bug")) {
                    throw new IllegalStateException("as the test wishes");
                } else if (words.length != 3) {
                    sink.rejected(index, "not three words: " + line);
                } else if (words[2].startsWith("\"")) {
                    sink.text(words[0], Long.parseLong(words[1]), words[2].substring(1, words[2].length() - 1));
                } else if (words[2].equals("true") || words[2].equals("false")) {
                    sink.bool(words[0], Long.parseLong(words[1]), Boolean.parseBoolean(words[2]));
                } else {
                    sink.number(words[0], Long.parseLong(words[1]), Double.parseDouble(words[2]));
                }
                index++;
            }
        }
    }

    /// Remembers what it was told, and can fail.
    static final class RecordedSensors implements Sensors {
        final Set<String> told = new ConcurrentSkipListSet<>();
        volatile int failures;

        @Override
        public void discovered(Collection<Seen> seen) {
            if (failures > 0) {
                failures--;
                throw new IllegalStateException("the registry is away");
            }
            seen.forEach(s -> told.add(s.tenant() + " " + s.device() + " " + s.path() + " " + s.kind()));
        }

        @Override
        public int count(TenantId tenant) {
            return 0;
        }

        @Override
        public List<Sensor> of(TenantId tenant, DeviceId device) {
            return List.of();
        }

        @Override
        public List<Sensor> all(TenantId tenant, @Nullable Sensor after, int limit) {
            return List.of();
        }

        @Override
        public Optional<Sensor> describe(
                TenantId tenant,
                DeviceId device,
                String path,
                String unit,
                @Nullable Double min,
                @Nullable Double max) {
            return Optional.empty();
        }
    }
}
