package tributary.query;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.decode.Decoder;
import tributary.decode.ReadingSink;
import tributary.lake.CareSettings;
import tributary.lake.IcebergLake;
import tributary.lake.LakeInputs;
import tributary.lake.LakeSettings;
import tributary.lake.Retention;
import tributary.lake.Snapshot;
import tributary.lake.Warehouse;
import tributary.log.LogSettings;
import tributary.log.Receipt;
import tributary.log.SegmentLog;
import tributary.model.DeviceId;
import tributary.model.Fault;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.TenantId;
import tributary.model.Topic;
import tributary.query.QueryEngine.Aggregate;
import tributary.query.QueryEngine.Sampling;
import tributary.query.QueryEngine.SeriesName;
import tributary.query.QueryEngine.SeriesRequest;
import tributary.registry.Sensors;

/// Any mix of new, late and repeated readings, seals, merges, roll-ups, erasures and restarts gives the same
/// answers as a map, while care makes and unmakes roll-ups all the time.
class RollupScenario {
    private static final TenantId TENANT = TenantId.MAIN;
    private static final long SECOND = 1_000_000;
    private static final long MINUTE = 60 * SECOND;
    private static final long HOUR = 60 * MINUTE;
    private static final long DAY = 24 * HOUR;
    private static final long START = 20_500 * DAY;
    private static final int DAYS = 3;
    private static final List<String> DEVICES = List.of("d0", "d1", "d2");
    private static final List<String> SENSORS = List.of("s0", "s1");
    private static final LakeSettings SETTINGS = settings(60, Duration.ofMillis(1), 1 << 20);
    /// Segments of some hundred rows, and files of them that are not small.
    private static final LakeSettings RUNNING = settings(2_000, Duration.ofMillis(20), 12 << 10);

    private static LakeSettings settings(int segmentRows, Duration segmentAge, int fileBytes) {
        return new LakeSettings(
                segmentRows,
                segmentAge,
                Duration.ofMillis(1),
                4_000_000,
                1_000,
                128L << 20,
                Duration.ofMinutes(15),
                Duration.ofMinutes(5),
                LakeSettings.Sides.DEFAULTS,
                new CareSettings(
                        fileBytes,
                        64L << 20,
                        4_000,
                        100,
                        Duration.ofMillis(5),
                        Duration.ZERO,
                        Duration.ZERO,
                        Duration.ofHours(1),
                        0,
                        Retention.DEFAULTS),
                Warehouse.FOLDER);
    }

    /// Goes on from noon of the first day, so that this day is not over.
    private static final Clock NOON = Clock.offset(
            Clock.systemUTC(), Duration.between(Instant.now(), Instant.ofEpochSecond((START + DAY / 2) / SECOND)));

    @TempDir
    Path folder;

    @Test
    void seriesAreTheSameWithRollupsAndWithout() {
        run(true);
    }

    /// Of a day that is not over, files are rolled up one by one while more come, are merged, and have their
    /// rows replaced.
    @Test
    void seriesAreTheSameWithRollupsOfTodaysFilesAndWithout() {
        run(false);
    }

    private void run(boolean over) {
        int seeds = Integer.getInteger("tributary.lake.seeds", 1);
        long first = Long.getLong("tributary.lake.seed", 1);
        for (long seed = first; seed < first + seeds; seed++) {
            try {
                new Run(folder.resolve("seed" + seed), seed, over).run();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    /// A key and what is known of it; ordered by device, sensor and time.
    private record Key(String device, String sensor, long ts) implements Comparable<Key> {
        @Override
        public int compareTo(Key other) {
            int byDevice = device.compareTo(other.device);
            int bySensor = byDevice != 0 ? byDevice : sensor.compareTo(other.sensor);
            return bySensor != 0 ? bySensor : Long.compare(ts, other.ts);
        }
    }

    private static final class Run {
        private final SplittableRandom random;
        private final boolean over;
        private final Path folder;
        private final SegmentLog log;
        private final QueryWorld world;
        private final Map<Key, Double> model = new TreeMap<>();
        private final Set<Integer> values = new HashSet<>();
        private IcebergLake lake;
        private WorkerQueryEngine engine;
        private long received = START + 10 * DAY;
        private int answersWithRollups;
        private int sent;
        private final Durable durable = new Durable();

        /// @param over whether the days of the readings are over; else they are all of today
        Run(Path folder, long seed, boolean over) {
            this.over = over;
            this.random = new SplittableRandom(seed);
            this.folder = folder;
            this.log = SegmentLog.open(LogSettings.DEFAULTS, folder.resolve("log"), InstantSource.system());
            this.world = new QueryWorld(folder.resolve("world"));
            open();
        }

        private void open() {
            lake = IcebergLake.open(
                    folder.resolve("lake"),
                    over ? SETTINGS : RUNNING,
                    new LakeInputs(log, new Lines(), new NoSensors(), over ? InstantSource.system() : NOON));
            engine = new WorkerQueryEngine(
                    QuerySettings.DEFAULTS, folder, lake, world.registry(), InstantSource.system());
        }

        private void close() {
            engine.close();
            lake.close();
        }

        void run() {
            try {
                for (int step = 0; step < (over ? 16 : 10); step++) {
                    switch (random.nextInt(10)) {
                        case 0 -> {
                            close();
                            open();
                        }
                        case 1 -> erase();
                        case 2 -> {
                            if (over) {
                                await(() -> rolledUp() || model.isEmpty());
                            }
                        }
                        default -> send((over ? 1 : 20) + random.nextInt(12));
                    }
                    await(() -> lake.visibleUpTo(0) >= log.end(0) && lake.visibleUpTo(1) >= log.end(1));
                    for (int i = 0; i < 3; i++) {
                        answersWithRollups += rolledUp() ? 1 : 0;
                        ask();
                    }
                    askSlots();
                }
                send(200);
                await(() -> lake.visibleUpTo(0) >= log.end(0) && lake.visibleUpTo(1) >= log.end(1));
                await(() -> widths().size() == (over ? 3 : 2));
                for (int i = 0; i < 20; i++) {
                    // what was sent last may unmake them while it is sealed and merged; they come again
                    await(this::rolledUp);
                    answersWithRollups++;
                    ask();
                    askSlots();
                }
                assertThat(answersWithRollups)
                        .as("answers that roll-ups could give")
                        .isGreaterThanOrEqualTo(20);
            } finally {
                close();
                world.close();
                log.close();
            }
        }

        private boolean rolledUp() {
            Snapshot snapshot = lake.snapshot(TENANT);
            return over ? !snapshot.rolled().isEmpty() : !snapshot.parts().isEmpty();
        }

        /// The widths of the roll-ups, where every day is rolled up; of today's, where any file is.
        private Set<Long> widths() {
            if (!over) {
                return lake.snapshot(TENANT).parts().stream()
                        .map(Snapshot.RolledPart::slotMicros)
                        .collect(Collectors.toSet());
            }
            List<Snapshot.Rolled> rolled = lake.snapshot(TENANT).rolled();
            long days = rolled.stream()
                    .filter(file -> file.slotMicros() == DAY)
                    .mapToLong(file -> file.days().size())
                    .sum();
            return days < DAYS
                    ? Set.of()
                    : rolled.stream().map(Snapshot.Rolled::slotMicros).collect(Collectors.toSet());
        }

        private void send(int messages) {
            for (int i = 0; i < messages; i++) {
                String device = DEVICES.get(random.nextInt(DEVICES.size()));
                StringBuilder lines = new StringBuilder();
                for (int k = random.nextInt(20); k >= 0; k--) {
                    long ts = START
                            + random.nextInt(over ? DAYS : 1) * DAY
                            + (1 + random.nextInt(2)) * HOUR
                            + random.nextInt(120) * SECOND;
                    int value = random.nextInt(10_000_000);
                    if (values.add(value)) { // two points as high as one another could both be the highest
                        Key key = new Key(device, SENSORS.get(random.nextInt(SENSORS.size())), ts);
                        model.put(key, (double) value);
                        lines.append(key.sensor)
                                .append(' ')
                                .append(ts)
                                .append(' ')
                                .append(value)
                                .append('\n');
                    }
                }
                received += 1_000;
                log.append(
                        new Message(
                                TENANT,
                                new DeviceId(device),
                                new Topic("devices/" + device + "/telemetry"),
                                lines.toString().getBytes(StandardCharsets.UTF_8),
                                received,
                                Message.Origin.MQTT,
                                "test",
                                1,
                                false,
                                MessageProperties.NONE),
                        durable);
                sent++;
            }
            await(() -> durable.count.get() == sent);
        }

        private void erase() {
            String device = DEVICES.get(random.nextInt(DEVICES.size()));
            await(() -> lake.visibleUpTo(0) >= log.end(0) && lake.visibleUpTo(1) >= log.end(1));
            lake.erase(TENANT, new DeviceId(device));
            model.keySet().removeIf(key -> key.device.equals(device));
            await(() -> lake.erasures(TENANT).stream().allMatch(wish -> switch (wish.phase()) {
                case WAITING, REWRITING -> false;
                case EXPIRING, LOG, DONE -> true;
            }));
        }

        private void ask() {
            long from = START + random.nextInt(-1, DAYS) * DAY + offset();
            long to = from + 1 + random.nextInt(4) * DAY + offset();
            List<SeriesName> names = new ArrayList<>();
            for (String device : DEVICES) {
                for (String sensor : SENSORS) {
                    if (names.isEmpty() || random.nextBoolean()) {
                        names.add(new SeriesName(new DeviceId(device), sensor));
                    }
                }
            }
            Sampling sampling = random.nextInt(3) == 0
                    ? new Sampling.M4(2 + random.nextInt(30))
                    : new Sampling.Bucket(
                            Duration.ofSeconds(List.of(60, 300, 3_600, 7_200, 86_400, 90, 7 * 86_400)
                                    .get(random.nextInt(7))),
                            Aggregate.values()[random.nextInt(Aggregate.values().length)]);
            SeriesRequest request = new SeriesRequest(names, instant(from), instant(to), sampling);
            List<String> answer = new String(
                            QueryWorld.write(
                                    engine.series(TENANT, request, QueryEngine.QueryLimits.DEFAULTS), RowFormat.CSV),
                            StandardCharsets.UTF_8)
                    .lines()
                    .skip(1)
                    .toList();
            assertThat(answer)
                    .as("%s to %s, %s", instant(from), instant(to), sampling)
                    .isEqualTo(expected(request, from, to));
        }

        /// The tables of slots say the same, of all series or of some, of all times or of some.
        private void askSlots() {
            Map.Entry<String, Long> table = List.of(
                            Map.entry("readings_1m", MINUTE),
                            Map.entry("readings_1h", HOUR),
                            Map.entry("readings_1d", DAY))
                    .get(random.nextInt(3));
            long width = table.getValue();
            long from = START + random.nextInt(-1, DAYS) * DAY + offset();
            long to = from + random.nextInt(3) * DAY + offset();
            String device = random.nextBoolean() ? DEVICES.get(random.nextInt(DEVICES.size())) : "";
            boolean timed = random.nextBoolean();
            String where = (device.isEmpty() ? " WHERE true" : " WHERE device = '" + device + "'")
                    + (timed ? " AND ts >= '%s' AND ts < '%s'".formatted(instant(from), instant(to)) : "");
            String sql =
                    "SELECT device, sensor, epoch_us(ts), count, numbers, sum, avg, min, max, first, last, epoch_us(min_ts),"
                            + " epoch_us(max_ts), epoch_us(first_ts), epoch_us(last_ts) FROM " + table.getKey() + where
                            + " ORDER BY ALL";
            Map<Key, TreeMap<Long, Double>> slots = new TreeMap<>();
            model.forEach((key, value) -> {
                long slot = Math.floorDiv(key.ts, width) * width;
                if ((device.isEmpty() || key.device.equals(device)) && (!timed || slot >= from && slot < to)) {
                    slots.computeIfAbsent(new Key(key.device, key.sensor, slot), _ -> new TreeMap<>())
                            .put(key.ts, value);
                }
            });
            List<String> expected = new ArrayList<>();
            slots.forEach((key, points) -> {
                double min = aggregate(Aggregate.MIN, points);
                double max = aggregate(Aggregate.MAX, points);
                expected.add(String.join(
                        ",",
                        key.device,
                        key.sensor,
                        Long.toString(key.ts),
                        Integer.toString(points.size()),
                        Integer.toString(points.size()),
                        Double.toString(aggregate(Aggregate.SUM, points)),
                        Double.toString(aggregate(Aggregate.SUM, points) / points.size()),
                        Double.toString(min),
                        Double.toString(max),
                        Double.toString(aggregate(Aggregate.FIRST, points)),
                        Double.toString(aggregate(Aggregate.LAST, points)),
                        Long.toString(at(points, min)),
                        Long.toString(at(points, max)),
                        Long.toString(points.firstKey()),
                        Long.toString(points.lastKey())));
            });
            List<String> answer = new String(
                            QueryWorld.write(
                                    engine.sql(TENANT, Statement.of(sql), QueryEngine.QueryLimits.DEFAULTS),
                                    RowFormat.CSV),
                            StandardCharsets.UTF_8)
                    .lines()
                    .skip(1)
                    .toList();
            assertThat(answer).as(sql).isEqualTo(expected);
        }

        private static long at(TreeMap<Long, Double> points, double value) {
            return points.entrySet().stream()
                    .filter(point -> point.getValue() == value)
                    .findFirst()
                    .orElseThrow()
                    .getKey();
        }

        private long offset() {
            return switch (random.nextInt(4)) {
                case 0 -> random.nextLong(2 * HOUR);
                case 1 -> random.nextInt(120) * MINUTE;
                case 2 -> random.nextInt(3) * HOUR;
                default -> 0;
            };
        }

        private static Instant instant(long micros) {
            return Instant.ofEpochSecond(Math.floorDiv(micros, SECOND), Math.floorMod(micros, SECOND) * 1_000);
        }

        private List<String> expected(SeriesRequest request, long from, long to) {
            List<String> lines = new ArrayList<>();
            for (SeriesName name : request.series()) {
                Map<Long, TreeMap<Long, Double>> slices = new TreeMap<>();
                Slicing slicing = Slicing.of(request.sampling(), from, to);
                model.forEach((key, value) -> {
                    if (key.device.equals(name.device().value())
                            && key.sensor.equals(name.sensor())
                            && key.ts >= from
                            && key.ts < to) {
                        slices.computeIfAbsent(slicing.slice(key.ts), _ -> new TreeMap<>())
                                .put(key.ts, value);
                    }
                });
                slices.forEach((slice, points) -> points(request.sampling(), slice, points)
                        .forEach((ts, value) -> lines.add("%s,%s,%s,%s"
                                .formatted(
                                        name.device().value(), name.sensor(), instant(ts), Double.toString(value)))));
            }
            return lines;
        }

        private static Map<Long, Double> points(Sampling sampling, long slice, TreeMap<Long, Double> points) {
            if (sampling instanceof Sampling.Bucket(Duration _, Aggregate aggregate)) {
                return Map.of(slice, aggregate(aggregate, points));
            }
            Map<Long, Double> four = new TreeMap<>();
            double min = aggregate(Aggregate.MIN, points);
            double max = aggregate(Aggregate.MAX, points);
            points.forEach((ts, value) -> {
                if (ts.equals(points.firstKey()) || ts.equals(points.lastKey()) || value == min || value == max) {
                    four.put(ts, value);
                }
            });
            return four;
        }

        private static double aggregate(Aggregate aggregate, TreeMap<Long, Double> points) {
            Stream<Double> all = points.values().stream();
            return switch (aggregate) {
                case AVG -> all.mapToDouble(v -> v).average().orElseThrow();
                case MIN -> all.mapToDouble(v -> v).min().orElseThrow();
                case MAX -> all.mapToDouble(v -> v).max().orElseThrow();
                case SUM -> all.mapToDouble(v -> v).sum();
                case COUNT -> points.size();
                case FIRST -> points.firstEntry().getValue();
                case LAST -> points.lastEntry().getValue();
            };
        }
    }

    private static final class Durable implements Receipt {
        final AtomicInteger count = new AtomicInteger();

        @Override
        public void durable(int partition, long position) {
            count.incrementAndGet();
        }

        @Override
        public void refused(Fault fault, String detail) {
            throw new AssertionError(detail);
        }
    }

    /// Where slices begin and how wide they are.
    private record Slicing(long origin, long width) {
        static Slicing of(Sampling sampling, long from, long to) {
            return switch (sampling) {
                case Sampling.Raw() -> throw new IllegalArgumentException("raw has no slices");
                case Sampling.Bucket(Duration width, Aggregate _) -> new Slicing(0, width.toNanos() / 1_000);
                case Sampling.M4(int columns) -> {
                    long width = Math.max(1, Math.ceilDiv(to - from, columns));
                    for (long grid : List.of(DAY, HOUR, MINUTE)) {
                        if (width >= 4 * grid) {
                            yield new Slicing(from - Math.floorMod(from, grid), Math.ceilDiv(width, grid) * grid);
                        }
                    }
                    yield new Slicing(from, width);
                }
            };
        }

        long slice(long ts) {
            return origin + Math.floorDiv(ts - origin, width) * width;
        }
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofMinutes(3).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within 3 minutes");
            }
            try {
                Thread.sleep(2); // polls, with the deadline above
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    /// Lines of `sensor ts value`.
    private static final class Lines implements Decoder {
        @Override
        public void decode(Message message, ReadingSink sink) {
            new String(message.payload(), StandardCharsets.UTF_8).lines().forEach(line -> {
                String[] words = line.split(" ");
                sink.number(words[0], Long.parseLong(words[1]), Double.parseDouble(words[2]));
            });
        }
    }

    /// Nobody asks for them.
    private static final class NoSensors implements Sensors {
        @Override
        public void discovered(Collection<Seen> seen) {}

        @Override
        public int count(TenantId tenant) {
            return 0;
        }

        @Override
        public List<Sensor> of(TenantId tenant, DeviceId device) {
            return List.of();
        }

        @Override
        public List<Sensor> all(TenantId tenant, Sensor after, int limit) {
            return List.of();
        }

        @Override
        public Optional<Sensor> describe(
                TenantId tenant, DeviceId device, String path, String unit, Double min, Double max) {
            return Optional.empty();
        }
    }
}
