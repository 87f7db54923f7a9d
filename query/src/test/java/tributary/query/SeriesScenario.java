package tributary.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static tributary.query.QueryWorld.MAIN;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tributary.model.DeviceId;
import tributary.model.TenantId;
import tributary.query.QueryEngine.Aggregate;
import tributary.query.QueryEngine.Sampling;
import tributary.query.QueryEngine.SeriesName;
import tributary.query.QueryEngine.SeriesRequest;
import tributary.query.QueryWorld.Row;

/// Reads of series against a model in memory.
class SeriesScenario {
    private static final long SECOND = 1_000_000;
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final long START_MICROS = START.getEpochSecond() * SECOND;

    @TempDir
    static Path data;

    static QueryWorld world;

    @BeforeAll
    static void open() {
        world = new QueryWorld(data);
        for (int i = 0; i < 10_000; i++) {
            double value = i == 4321 ? 1000 : Math.sin(i / 500.0);
            world.add(MAIN, Row.of("wave", "v", START_MICROS + i * SECOND, value, i));
            if (i == 7_000) {
                world.seal(MAIN);
            }
        }
        world.add(MAIN, new Row("wave", "mode", START_MICROS, Double.NaN, "auto", 1, 0, 10_001, false));
    }

    @AfterAll
    static void close() {
        world.close();
    }

    private static List<String> read(TenantId tenant, SeriesRequest request) {
        return new String(
                        QueryWorld.write(
                                world.engine.series(tenant, request, QueryEngine.QueryLimits.DEFAULTS), RowFormat.CSV),
                        StandardCharsets.UTF_8)
                .lines()
                .skip(1)
                .toList();
    }

    private static SeriesRequest wave(Instant from, Instant to, Sampling sampling) {
        return new SeriesRequest(List.of(new SeriesName(new DeviceId("wave"), "v")), from, to, sampling);
    }

    @Test
    void rawGivesEveryPointOfTheRangeFromInclusiveToExclusive() {
        List<String> points = read(MAIN, wave(START.plusSeconds(6_999), START.plusSeconds(7_003), new Sampling.Raw()));
        assertThat(points).hasSize(4);
        assertThat(points.getFirst()).startsWith("wave,v,2026-01-01T01:56:39Z,");
        assertThat(points.getLast()).startsWith("wave,v,2026-01-01T01:56:42Z,");
    }

    @Test
    void m4KeepsTheSpikeAndTheEnds() {
        List<String> points = read(MAIN, wave(START, START.plusSeconds(10_000), new Sampling.M4(20)));
        assertThat(points).hasSizeLessThanOrEqualTo(80).hasSizeGreaterThan(40);
        assertThat(points).anyMatch(point -> point.endsWith(",1000.0"));
        assertThat(points.getFirst()).isEqualTo("wave,v,2026-01-01T00:00:00Z,0.0");
        assertThat(points.getLast()).startsWith("wave,v,2026-01-01T02:46:39Z,");
        assertThat(points).isSortedAccordingTo((a, b) -> a.split(",")[2].compareTo(b.split(",")[2]));
    }

    @ParameterizedTest
    @EnumSource(Aggregate.class)
    void bucketsAgreeWithTheModel(Aggregate aggregate) {
        Duration width = Duration.ofSeconds(97);
        List<String> points = read(MAIN, wave(START, START.plusSeconds(10_000), new Sampling.Bucket(width, aggregate)));
        Map<Long, List<Double>> model = new TreeMap<>();
        for (int i = 0; i < 10_000; i++) {
            double value = i == 4321 ? 1000 : Math.sin(i / 500.0);
            model.computeIfAbsent(Math.floorDiv(START.getEpochSecond() + i, 97) * 97, _ -> new ArrayList<>())
                    .add(value);
        }
        assertThat(points).hasSize(model.size());
        int at = 0;
        for (Map.Entry<Long, List<Double>> bucket : model.entrySet()) {
            String[] cells = points.get(at++).split(",");
            assertThat(Instant.parse(cells[2])).isEqualTo(Instant.ofEpochSecond(bucket.getKey()));
            assertThat(Double.parseDouble(cells[3]))
                    .isCloseTo(aggregate(aggregate, bucket.getValue()), Offset.offset(1e-9));
        }
    }

    private static double aggregate(Aggregate aggregate, List<Double> values) {
        return switch (aggregate) {
            case AVG -> values.stream().mapToDouble(v -> v).average().orElseThrow();
            case MIN -> values.stream().mapToDouble(v -> v).min().orElseThrow();
            case MAX -> values.stream().mapToDouble(v -> v).max().orElseThrow();
            case SUM -> values.stream().mapToDouble(v -> v).sum();
            case COUNT -> values.size();
            case FIRST -> values.getFirst();
            case LAST -> values.getLast();
        };
    }

    @Test
    void textsAreReadRawAndCountedAndInNoAverage() {
        List<SeriesName> mode = List.of(new SeriesName(new DeviceId("wave"), "mode"));
        assertThat(read(MAIN, new SeriesRequest(mode, START, START.plusSeconds(1), new Sampling.Raw())))
                .containsExactly("wave,mode,2026-01-01T00:00:00Z,,auto");
        Sampling average = new Sampling.Bucket(Duration.ofDays(1), Aggregate.AVG);
        assertThat(read(MAIN, new SeriesRequest(mode, START, START.plusSeconds(1), average)))
                .isEmpty();
        Sampling count = new Sampling.Bucket(Duration.ofDays(1), Aggregate.COUNT);
        assertThat(read(MAIN, new SeriesRequest(mode, START, START.plusSeconds(1), count)))
                .containsExactly("wave,mode,2026-01-01T00:00:00Z,1.0");
    }

    @Test
    void thousandSeriesAreReadInOneCall() {
        TenantId tenant = new TenantId("many");
        IntStream.range(0, 1000)
                .forEach(i -> world.add(tenant, Row.of("d" + i / 10, "s'" + i % 10, START_MICROS, i, i)));
        world.seal(tenant);
        List<SeriesName> names = IntStream.range(0, 1000)
                .mapToObj(i -> new SeriesName(new DeviceId("d" + i / 10), "s'" + i % 10))
                .toList();
        assertThat(read(tenant, new SeriesRequest(names, START, START.plusSeconds(1), new Sampling.Raw())))
                .hasSize(1000);
        assertThat(read(tenant, new SeriesRequest(names, START.minusSeconds(2), START, new Sampling.Raw())))
                .isEmpty();
    }

    @Test
    void bucketsBefore1970BeginBeforeTheirPoints() {
        TenantId tenant = new TenantId("old");
        world.add(tenant, Row.of("d", "s", -1, 1, 1));
        assertThat(read(
                        tenant,
                        new SeriesRequest(
                                List.of(new SeriesName(new DeviceId("d"), "s")),
                                Instant.MIN,
                                Instant.MAX,
                                new Sampling.Bucket(Duration.ofHours(1), Aggregate.LAST))))
                .containsExactly("d,s,1969-12-31T23:00:00Z,1.0");
    }

    @Test
    void samplingThatMakesNoSenseIsRefused() {
        assertThatThrownBy(() -> read(MAIN, wave(START, START.plusSeconds(1), new Sampling.M4(0))))
                .isInstanceOf(QueryException.class)
                .hasMessageContaining("columns");
        assertThatThrownBy(() -> read(
                        MAIN, wave(START, START.plusSeconds(1), new Sampling.Bucket(Duration.ZERO, Aggregate.AVG))))
                .isInstanceOf(QueryException.class)
                .hasMessageContaining("microsecond");
    }

    /// Any mix of new, late and repeated readings, seals and new segments gives the tables of a map.
    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void lateReadingReplacesWhatItRepeats(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        TenantId tenant = new TenantId("late-" + seed);
        Map<String, String> model = new HashMap<>();
        long position = 0;
        for (int step = 0; step < 31; step++) {
            for (int i = random.nextInt(20); i >= 0; i--) {
                String device = "d" + random.nextInt(3);
                String sensor = "s" + random.nextInt(2);
                long ts = START_MICROS + random.nextInt(150) * SECOND;
                String key = device + "," + sensor + "," + Instant.EPOCH.plusSeconds(ts / SECOND);
                double value = random.nextInt(1000);
                boolean known = model.put(key, Double.toString(value)) != null;
                world.add(tenant, new Row(device, sensor, ts, value, null, ts, 0, ++position, known));
            }
            if (random.nextInt(12) == 0) {
                world.seal(tenant);
            }
            if (random.nextInt(9) == 0) {
                world.newSegment(tenant);
            }
            if (step % 6 == 0) {
                List<String> expected = model.entrySet().stream()
                        .map(entry -> entry.getKey() + "," + entry.getValue())
                        .sorted()
                        .toList();
                assertThat(world.ask(tenant, "SELECT device, sensor, ts, value FROM readings", RowFormat.CSV)
                                .lines()
                                .skip(1)
                                .sorted())
                        .isEqualTo(expected);
                List<SeriesName> one = List.of(new SeriesName(new DeviceId("d1"), "s1"));
                assertThat(read(tenant, new SeriesRequest(one, START, START.plusSeconds(150), new Sampling.Raw())))
                        .isEqualTo(expected.stream()
                                .filter(row -> row.startsWith("d1,s1,"))
                                .map(row -> row + ",")
                                .toList());
            }
        }
    }
}
