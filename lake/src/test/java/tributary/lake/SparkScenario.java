package tributary.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tributary.model.DeviceId;
import tributary.model.Event;
import tributary.model.TenantId;

/// An engine that we did not write, Apache Spark, reads the tables while the lake runs, and finds in them what
/// was sent: rows, counts, sums and ranges of time.
class SparkScenario {
    private static final TenantId MAIN = TenantId.MAIN;
    private static final String ERASED = "pump-c";
    private static final long DAY = SegmentOrder.DAY_MICROS;
    private static final String READINGS = "tributary." + MAIN + ".readings";

    @TempDir
    Path temp;

    private LakeModel model;
    private Set<String> done = Set.of();

    @Test
    @Timeout(value = 20, unit = TimeUnit.MINUTES)
    void sparkFindsWhatWasSentWhateverBecameOfTheFiles() throws Exception {
        World world = world(temp.resolve("lake"));
        world.careAtOnce(1 << 20, false);
        world.keepSnapshots(Duration.ofMillis(1));
        world.sealAtOnce();
        model = new LakeModel(world.log);
        IcebergLake lake = world.open();
        append(world, lake, 0);
        append(world, lake, 40);
        try (SparkProcess spark = SparkProcess.start(world, temp)) {
            check(world, spark, "after appends");

            late(world, lake);
            assertThat(spark.rows("SELECT content FROM " + READINGS + ".delete_files"))
                    .as("files of keys that Spark has to heed")
                    .isNotEmpty();
            check(world, spark, "after late and repeated readings");

            String files = "SELECT count(*) FROM " + READINGS + ".files";
            String before = spark.rows(files).getFirst();
            lake.careNow();
            assertThat(Integer.parseInt(spark.rows(files).getFirst()))
                    .as("files, which were %s", before)
                    .isLessThan(Integer.parseInt(before));
            check(world, spark, "after compaction");
            checkRollups(spark);

            late(world, lake);
            check(world, spark, "after late readings of a day in order");

            erase(world, lake);
            check(world, spark, "after a device was erased");
            checkRollups(spark);
            assertThat(spark.rows("SELECT count(*) FROM %s WHERE device = '%s'".formatted(READINGS, ERASED)))
                    .containsExactly("0");

            lake.close();
            changeSchema(world);
            lake = world.open();
            append(world, lake, 80);
            late(world, lake);
            check(world, spark, "after columns came, changed and got other names");
            lake.careNow();
            check(world, spark, "after compaction of files with other columns");
            checkRollups(spark);
            assertThat(spark.rows("SELECT count(arrived), count(site), typeof(any_value(part)) FROM " + READINGS))
                    .containsExactly("%d 0 bigint".formatted(readings().size()));
        } finally {
            lake.close();
        }
        check(IcebergView.rows(world, MAIN));
    }

    /// @return an empty one
    World world(Path folder) {
        return new World(folder, 2, 10);
    }

    private static void append(World world, IcebergLake lake, int from) {
        for (int i = from; i < from + 40; i++) {
            String device = List.of("pump-a", "pump-b", ERASED).get(i % 3);
            world.send(
                    MAIN,
                    device,
                    "t " + (i % 2 * DAY + i * 1_000_000L) + " " + i + ".5",
                    "state " + i * 1_000_000L + " \"state " + i % 5 + "\"",
                    "on " + i * 1_000_000L + " " + (i % 2 == 0));
            if (i % 10 == 9) {
                world.send(MAIN, device, "rubbish");
                world.happens(World.event(MAIN, device, Event.Kind.CONNECTED));
                settle(world, lake);
            }
        }
    }

    /// Other values for times that are there, and times before those.
    private static void late(World world, IcebergLake lake) {
        for (int i = 0; i < 30; i += 3) {
            world.send(MAIN, "pump-a", "t " + (i % 2 * DAY + i * 1_000_000L) + " -" + (i + 1), "t " + (i + 7) + " 1");
            world.send(MAIN, "pump-b", "state " + (i + 1) * 1_000_000L + " 8"); // a text becomes a number
        }
        settle(world, lake);
    }

    private void erase(World world, IcebergLake lake) {
        String id = lake.erase(MAIN, new DeviceId(ERASED)).id();
        model.erase(id, MAIN, ERASED);
        world.log.forget();
        World.await(() -> {
            try {
                lake.careNow();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            return lake.erasures(MAIN).getFirst().phase() == Lake.Phase.DONE;
        });
        done = Set.of(id);
    }

    /// What a later version of ours or the owner of the tables might do.
    private static void changeSchema(World world) throws Exception {
        try (LakeCatalog catalog = LakeCatalog.open(world.folder, world.settings.warehouse())) {
            Table table = catalog.table(MAIN, LakeCatalog.Kind.READINGS);
            table.updateSchema()
                    .addColumn("site", Types.StringType.get())
                    .renameColumn("received", "arrived")
                    .updateColumn("part", Types.LongType.get())
                    .commit();
        }
    }

    private static void settle(World world, IcebergLake lake) {
        world.awaitVisible(lake);
        World.awaitSealed(lake, MAIN);
    }

    private Map<String, String> readings() {
        return model.readings(MAIN, done).sure();
    }

    private void check(Map<String, String> rows) {
        assertThat(rows).as("rows at the end").isEqualTo(readings());
    }

    private void check(World world, SparkProcess spark, String when) {
        Map<String, String> rows = new TreeMap<>();
        spark.rows("""
                        SELECT device, sensor, unix_micros(CAST(ts AS TIMESTAMP)), coalesce(text, CAST(value AS STRING))
                        FROM %s""".formatted(READINGS)).forEach(row -> {
            String[] words = row.split(" ", 4);
            String key = "%s %s %s".formatted(words[0], words[1], words[2]);
            assertThat(rows.put(key, words[3])).as("two rows of " + key).isNull();
        });
        assertThat(rows).as(when).isEqualTo(readings());
        assertThat(spark.rows("""
                        SELECT device, sensor, count(*), coalesce(sum(value), 0.0), min(unix_micros(CAST(ts AS TIMESTAMP))),
                            max(unix_micros(CAST(ts AS TIMESTAMP)))
                        FROM %s GROUP BY device, sensor""".formatted(READINGS)))
                .as("counts, sums and times, %s", when)
                .containsExactlyInAnyOrderElementsOf(series());
        for (Side side : Side.values()) {
            List<String> expected = model.rows(MAIN, side, done).sure().keySet().stream()
                    .map(place -> place.substring(0, place.lastIndexOf(' ')))
                    .toList();
            assertThat(spark.rows("SELECT device, part, position FROM tributary.%s.%s".formatted(MAIN, side.table())))
                    .as("%s, %s", side.table(), when)
                    .containsExactlyInAnyOrderElementsOf(expected);
        }
        assertThat(spark.rows("SELECT count(*), coalesce(sum(length(payload)), 0), "
                        + "min(unix_micros(CAST(received AS TIMESTAMP))), max(unix_micros(CAST(received AS TIMESTAMP)))"
                        + " FROM tributary.%s.messages".formatted(MAIN)))
                .as("messages, %s", when)
                .containsExactly(messages(world));
    }

    /// @return `device sensor count sum first last` of each series
    private Collection<String> series() {
        Map<String, Map<Long, Double>> series = new TreeMap<>();
        readings().forEach((key, value) -> {
            String[] words = key.split(" ");
            series.computeIfAbsent(words[0] + " " + words[1], _ -> new TreeMap<>())
                    .put(Long.parseLong(words[2]), number(value));
        });
        return series.entrySet().stream()
                .map(one -> "%s %d %s %d %d"
                        .formatted(
                                one.getKey(),
                                one.getValue().size(),
                                one.getValue().values().stream()
                                        .mapToDouble(Double::doubleValue)
                                        .sum(),
                                ((TreeMap<Long, Double>) one.getValue()).firstKey(),
                                ((TreeMap<Long, Double>) one.getValue()).lastKey()))
                .toList();
    }

    private static double number(String value) {
        return switch (value) {
            case "true" -> 1;
            case "false" -> 0;
            default -> value.startsWith("state") ? 0 : Double.parseDouble(value);
        };
    }

    /// @return how many there are, their bytes, the first and the last time that one came
    private String messages(World world) {
        LongSummaryStatistics times = new LongSummaryStatistics();
        long bytes = 0;
        for (String message : world.messages(MAIN)) {
            String[] words = message.split(" ", -1);
            if (done.isEmpty() || !words[0].equals(ERASED) || Long.parseLong(words[1]) > erasedMicros(world)) {
                times.accept(Long.parseLong(words[1]));
                bytes += words[2].length() / 2;
            }
        }
        return "%d %d %d %d".formatted(times.getCount(), bytes, times.getMin(), times.getMax());
    }

    /// @return when the last message that was erased came
    private long erasedMicros(World world) {
        long[] before = model.wishes().iterator().next().before();
        long last = 0;
        for (int p = 0; p < before.length; p++) {
            for (long position = 0; position < before[p]; position++) {
                last = Math.max(last, world.log.message(p, position).receivedMicros());
            }
        }
        return last;
    }

    /// Every roll-up has each reading of its days once.
    private void checkRollups(SparkProcess spark) {
        double sum = Arrays.stream(readings().values().toArray(String[]::new))
                .mapToDouble(SparkScenario::number)
                .sum();
        assertThat(spark.rows("SELECT sum(count), sum(sum), min(unix_micros(CAST(ts AS TIMESTAMP))), "
                        + "max(unix_micros(CAST(ts AS TIMESTAMP))) FROM tributary.%s.rollup_1d".formatted(MAIN)))
                .as("slots of a day")
                .containsExactly("%d %s 0 %d".formatted(readings().size(), sum, DAY));
        Set<String> slots = readings().keySet().stream()
                .map(key -> key.split(" "))
                .map(words -> words[0] + " " + words[1] + " " + Long.parseLong(words[2]) / DAY * DAY)
                .collect(Collectors.toSet());
        assertThat(spark.rows("SELECT device, sensor, unix_micros(CAST(ts AS TIMESTAMP)) FROM tributary.%s.rollup_1d"
                        .formatted(MAIN)))
                .as("slots of a day")
                .containsExactlyInAnyOrderElementsOf(slots);
    }
}
