package tributary.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.decode.Decoder;
import tributary.decode.ReadingSink;
import tributary.model.DeviceId;
import tributary.model.Fault;
import tributary.model.Message;
import tributary.model.PlatformException;
import tributary.model.TenantId;

/// A past window decoded again by another decoder: the tables have what that one gives of it and what the
/// former gave of the rest, for our own readers and for engines that know Iceberg, whenever the process dies.
class RedecodeTest {
    private static final TenantId MAIN = TenantId.MAIN;
    private static final long DAY = SegmentOrder.DAY_MICROS;
    private static final int SEEDS = Integer.getInteger("tributary.lake.redecode-seeds", 4);

    @TempDir
    Path temp;

    /// By partition and position: the decoder of a message, where it is not the former.
    private final Map<String, Decoder> decoders = new TreeMap<>();

    /// Takes each number for less than it is, and of what begins with `w` makes readings of four times at once; what
    /// the former rejects it reads, and the other way round what begins with `r`.
    private record Later(int version) implements Decoder {
        @Override
        public void decode(Message message, ReadingSink sink) {
            int index = 0;
            for (String line : new String(message.payload(), StandardCharsets.UTF_8).split("\n")) {
                String[] words = line.split(" ", 3);
                if (words.length != 3) {
                    sink.number("recovered", message.receivedMicros(), version);
                } else if (words[0].startsWith("r")) {
                    sink.rejected(index, "not with version " + version);
                } else {
                    long ts = Long.parseLong(words[1]);
                    sink.number(words[0], ts, Double.parseDouble(words[2]) - version);
                    if (words[0].startsWith("w")) {
                        sink.number(words[0] + "-rough", ts / 4 * 4, version);
                    }
                }
                index++;
            }
        }
    }

    private record Rows(Map<String, String> readings, Set<String> rejected) {}

    private static Rows rows(Lake lake) {
        return rows(lake.snapshot(MAIN));
    }

    private static Rows rows(Snapshot snapshot) {
        return new Rows(
                World.rows(snapshot),
                SideContents.of(snapshot, Side.REJECTED).stream()
                        .map(row -> row.get("part") + "-" + row.get("position") + " " + row.get("reason"))
                        .collect(Collectors.toCollection(TreeSet::new)));
    }

    /// What the log says, with the decoder that each message was decoded with last.
    private Rows expected(World world) {
        Map<String, String> readings = new TreeMap<>();
        Set<String> rejected = new TreeSet<>();
        for (int p = 0; p < world.log.partitions(); p++) {
            for (long position = 0; position < world.log.end(p); position++) {
                Message message = world.log.message(p, position);
                String place = p + "-" + position;
                DeviceId device = message.device();
                decoders.getOrDefault(place, new World.Lines()).decode(message, new ReadingSink() {
                    @Override
                    public void number(String sensor, long tsMicros, double value) {
                        readings.put(device + " " + sensor + " " + tsMicros, Double.toString(value));
                    }

                    @Override
                    public void text(String sensor, long tsMicros, String value) {
                        readings.put(device + " " + sensor + " " + tsMicros, value);
                    }

                    @Override
                    public void bool(String sensor, long tsMicros, boolean value) {
                        text(sensor, tsMicros, Boolean.toString(value));
                    }

                    @Override
                    public void rejected(int index, String reason) {
                        rejected.add(place + " " + reason);
                    }
                });
            }
        }
        return new Rows(readings, rejected);
    }

    /// @return device and sensor to newest value
    private static Map<String, String> newest(Map<String, String> readings) {
        Map<String, Long> times = new TreeMap<>();
        Map<String, String> newest = new TreeMap<>();
        readings.forEach((key, value) -> {
            int end = key.lastIndexOf(' ');
            long ts = Long.parseLong(key.substring(end + 1));
            String series = key.substring(0, end);
            if (ts >= times.getOrDefault(series, Long.MIN_VALUE)) {
                times.put(series, ts);
                newest.put(series, value);
            }
        });
        return newest;
    }

    private static Map<String, String> newest(Lake lake) {
        Map<String, String> newest = new TreeMap<>();
        for (String device : List.of("a", "b", "c")) {
            for (Lake.LatestValue value : lake.latest(MAIN, new DeviceId(device))) {
                @Nullable String text = value.text();
                newest.put(device + " " + value.sensor(), text == null ? Double.toString(value.value()) : text);
            }
        }
        return newest;
    }

    private Lake.Redecoding window(World world, long from, long to, Decoder decoder) {
        long[] ends = new long[world.log.partitions()];
        for (int p = 0; p < ends.length; p++) {
            ends[p] = world.log.end(p);
            for (long position = 0; position < ends[p]; position++) {
                long received = world.log.message(p, position).receivedMicros();
                if (from <= received && received < to) {
                    decoders.put(p + "-" + position, decoder);
                }
            }
        }
        return new Lake.Redecoding(MAIN, from, to, new long[ends.length], ends, decoder);
    }

    private static long newestReceived(World world) {
        long newest = 0;
        for (int p = 0; p < world.log.partitions(); p++) {
            for (long position = 0; position < world.log.end(p); position++) {
                newest = Math.max(newest, world.log.message(p, position).receivedMicros());
            }
        }
        return newest;
    }

    private World world() {
        World world = new World(temp.resolve("lake"), 2, 10);
        world.careAtOnce(1 << 20, false);
        world.sealEvery(8);
        return world;
    }

    private void check(World world, IcebergLake lake, String when) {
        world.awaitVisible(lake);
        Rows expected = expected(world);
        assertThat(rows(lake)).as(when).isEqualTo(expected);
        assertThat(newest(lake)).as("newest values, " + when).isEqualTo(newest(expected.readings()));
        Snapshot snapshot = lake.snapshot(MAIN);
        assertThat(RollupContents.of(snapshot))
                .as("roll-ups, " + when)
                .isEqualTo(RollupContents.expected(snapshot, World.rows(snapshot)));
    }

    @Test
    void whatTheLaterDecoderGivesOfTheWindowStandsInThePlaceOfWhatWasThere() throws Exception {
        World world = world();
        world.sealAtOnce();
        try (IcebergLake lake = world.open()) {
            world.send(MAIN, "a", "w 5 1", "w 6 2", "r 1 9");
            world.send(MAIN, "b", "x 1 1", "nonsense");
            long from = newestReceived(world) + 1;
            world.send(MAIN, "a", "w 7 3", "w 5 30", "r 2 8", "r " + (3 * DAY) + " 8");
            world.send(MAIN, "a", "nonsense");
            world.send(MAIN, "b", "x 2 2", "x " + DAY + " 5");
            long to = newestReceived(world) + 1;
            world.send(MAIN, "a", "w 6 4", "w-rough 4 77");
            world.send(MAIN, "b", "x 3 3");
            world.awaitVisible(lake);
            World.await(() -> lake.stats().hotRows() == 0);
            lake.careNow();
            assertThat(lake.care().rolledDays()).isPositive();
            check(world, lake, "before");

            Lake.Redecoded done = lake.redecode(window(world, from, to, new Later(1)));

            assertThat(done).isEqualTo(new Lake.Redecoded(6, 2));
            check(world, lake, "after");
            Map<String, String> seen = rows(lake).readings();
            assertThat(seen)
                    .containsEntry("a w 7", "2.0")
                    .containsEntry("a w 5", "29.0")
                    .containsEntry("a w 6", "4.0")
                    .containsEntry("a w-rough 4", "77.0")
                    .containsEntry("a r 1", "9.0")
                    .doesNotContainKey("a r 2")
                    .containsEntry("b x 2", "1.0");
            assertThat(newest(lake)).containsEntry("a r", "9.0").containsKey("a recovered");
            world.awaitVisible(lake);
            lake.careNow();
            check(world, lake, "after care");
            lake.redecode(window(world, from, to, new Later(1)));
            check(world, lake, "again");
            assertThat(rows(lake).readings()).isEqualTo(seen);

            // what comes now and has a time that only the later decoder gave
            world.send(MAIN, "a", "recovered " + from + " 4", "w-rough 8 5", "w-rough 4 78");
            check(world, lake, "what came later");
        }
        assertThat(world.sensors.told).contains("main a recovered NUMBER", "main a w-rough NUMBER");
        assertThat(IcebergView.rows(world, MAIN)).isEqualTo(expected(world).readings());
        try (IcebergLake lake = world.open()) {
            check(world, lake, "after a restart");
            lake.careNow();
            check(world, lake, "after a restart and care");
        }
        assertThat(IcebergView.rows(world, MAIN)).isEqualTo(expected(world).readings());
    }

    @Test
    void windowOfMessagesThatGaveNothingGetsItsFirstFile() throws Exception {
        World world = world();
        try (IcebergLake lake = world.open()) {
            world.send(MAIN, "a", "nonsense");
            world.send(MAIN, "b", "nonsense");
            world.awaitVisible(lake);
            long to = newestReceived(world) + 1;
            lake.redecode(window(world, 0, to, new Later(3)));
            check(world, lake, "recovered");
            assertThat(rows(lake).readings()).hasSize(2);
            assertThat(rows(lake).rejected()).isEmpty();
            lake.redecode(window(world, 0, to, new World.Lines()));
            check(world, lake, "and back");
            assertThat(rows(lake).readings()).isEmpty();
        }
        assertThat(IcebergView.rows(world, MAIN)).isEmpty();
    }

    @Test
    void messagesThatTheLogForgotKeepTheirRows() throws Exception {
        World world = world();
        try (IcebergLake lake = world.open()) {
            world.send(MAIN, "a", "w 5 1", "r 1 9");
            world.awaitVisible(lake);
            Rows before = rows(lake);
            Lake.Redecoding window = window(world, 0, Long.MAX_VALUE / 2, new Later(1));
            world.log.forget();
            assertThatThrownBy(() -> lake.redecode(window)).hasMessageContaining("nothing was changed");
            assertThat(rows(lake)).isEqualTo(before);
        }
    }

    @Test
    void whatADeviceSentBeforeItWasErasedDoesNotComeBack() throws Exception {
        World world = world();
        try (IcebergLake lake = world.open()) {
            world.send(MAIN, "a", "w 5 1");
            world.send(MAIN, "b", "w 5 1");
            world.awaitVisible(lake);
            lake.erase(MAIN, new DeviceId("a"));
            lake.redecode(window(world, 0, Long.MAX_VALUE / 2, new Later(1)));
            assertThat(rows(lake).readings()).containsOnlyKeys("b w 5", "b w-rough 4");
        }
    }

    /// It is cut off before each of its steps in turn, by a refusal of the world, and by the end of the process.
    @Test
    void cutOffAtAnyStepItIsWholeOrUndone() throws Exception {
        Set<Steps.Step> met = EnumSet.noneOf(Steps.Step.class);
        Set<String> outcomes = new HashSet<>();
        World world = world();
        boolean killed = false;
        for (int version = 1, step = 1; ; version++) {
            AtomicInteger left = new AtomicInteger(Integer.MAX_VALUE);
            Thread own = Thread.currentThread();
            boolean kill = killed;
            Set<Steps.Step> writes = EnumSet.noneOf(Steps.Step.class);
            IcebergLake lake = world.open(now -> {
                boolean again = now.name().endsWith("WRITE") && !writes.add(now);
                if (Thread.currentThread() == own && !again && left.decrementAndGet() <= 0) {
                    met.add(now);
                    if (kill) {
                        throw new Killed();
                    }
                    throw new PlatformException(Fault.LAKE_FAILED, "the test cuts here: " + now);
                }
            });
            world.send(MAIN, "a", "w " + version + " 1", "r " + version + " 9", "nonsense");
            world.awaitVisible(lake);
            Map<String, Decoder> former = new TreeMap<>(decoders);
            Rows before = expected(world);
            Lake.Redecoding window = window(world, 0, Long.MAX_VALUE / 2, new Later(version));
            writes.clear();
            left.set(step);
            boolean whole = whole(lake, window);
            left.set(Integer.MAX_VALUE);
            if (!kill && !whole) {
                assertThat(rows(lake)).as("step " + step).isIn(before, expected(world));
                lake.careNow();
                sides(world, lake, before, former, "after care");
                check(world, lake, "after care, step " + step);
            }
            lake.abandon();
            try (IcebergLake next = world.open()) {
                outcomes.add(sides(world, next, before, former, "step " + step));
                check(world, next, "the next life, step " + step);
                next.redecode(window(world, 0, Long.MAX_VALUE / 2, new Later(version)));
                check(world, next, "again, step " + step);
            }
            assertThat(IcebergView.rows(world, MAIN)).isEqualTo(expected(world).readings());
            step++;
            if (whole && killed) {
                break;
            } else if (whole) {
                killed = true;
                step = 1;
            }
        }
        assertThat(met)
                .contains(
                        Steps.Step.REDECODE_WRITE,
                        Steps.Step.REDECODE_NOTE,
                        Steps.Step.REDECODE_COMMIT,
                        Steps.Step.REDECODE_SHOW,
                        Steps.Step.CHECKPOINT);
        assertThat(outcomes).containsExactlyInAnyOrder("before", "after");
        assertThat(new RedecodeNotes(temp.resolve("lake")).all()).isEmpty();
    }

    /// What no handler of a failure sees.
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1;
    }

    private static boolean whole(IcebergLake lake, Lake.Redecoding window) throws InterruptedException {
        try {
            lake.redecode(window);
            return true;
        } catch (Killed | PlatformException e) {
            return false;
        }
    }

    /// The tables are all before or all after; from here on that is what is expected.
    private String sides(World world, IcebergLake lake, Rows before, Map<String, Decoder> former, String when) {
        world.awaitVisible(lake);
        Rows seen = rows(lake);
        if (seen.equals(before)) {
            decoders.clear();
            decoders.putAll(former);
            return "before";
        }
        assertThat(seen).as(when).isEqualTo(expected(world));
        return "after";
    }

    /// Histories with repeats, late data, care, crashes, and windows that are decoded again.
    @Test
    void rowsAreThoseOfTheLastDecodingWhateverHappenedBefore() throws Exception {
        for (int seed = 1; seed <= SEEDS; seed++) {
            decoders.clear();
            history(new World(temp.resolve("seed" + seed), 2, 7), new Random(seed), "seed " + seed);
        }
    }

    private void history(World world, Random random, String when) throws Exception {
        world.careAtOnce(1 << 14, false);
        world.keepSnapshots(Duration.ofMinutes(1));
        world.sealEvery(1 + random.nextInt(20));
        long first = 0;
        int version = 0;
        IcebergLake lake = world.open();
        for (int turn = 0; turn < 12; turn++) {
            for (int i = random.nextInt(12); i >= 0; i--) {
                String device = List.of("a", "b", "c").get(random.nextInt(3));
                String[] lines = new String[1 + random.nextInt(3)];
                for (int l = 0; l < lines.length; l++) {
                    lines[l] = random.nextInt(8) == 0
                            ? "nonsense"
                            : "%s %d %d"
                                    .formatted(
                                            random.nextBoolean() ? "w" : "x",
                                            random.nextInt(3) * DAY + random.nextInt(24),
                                            random.nextInt(1000));
                }
                world.send(MAIN, device, lines);
            }
            first = first == 0 ? newestReceived(world) : first;
            if (random.nextInt(3) == 0) {
                world.awaitVisible(lake);
                lake.careNow();
            }
            if (random.nextBoolean()) {
                world.awaitVisible(lake);
                long span = (newestReceived(world) - first) / 1_000 + 2;
                long from = first + random.nextLong(span) * 1_000;
                long to = from + (1 + random.nextLong(span)) * 1_000;
                lake.redecode(window(world, from, to, new Later(++version)));
                check(world, lake, when);
            }
            if (random.nextInt(4) == 0) {
                if (random.nextBoolean()) {
                    lake.abandon();
                } else {
                    world.awaitVisible(lake);
                    lake.close();
                    assertThat(IcebergView.rows(world, MAIN))
                            .as(when)
                            .isEqualTo(expected(world).readings());
                }
                lake = world.open();
            }
        }
        check(world, lake, when);
        lake.close();
        assertThat(IcebergView.rows(world, MAIN))
                .as(when)
                .isEqualTo(expected(world).readings());
    }
}
