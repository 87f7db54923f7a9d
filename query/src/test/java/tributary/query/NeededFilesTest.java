package tributary.query;

import static org.assertj.core.api.Assertions.assertThat;
import static tributary.query.QueryWorld.MAIN;
import static tributary.query.QueryWorld.micros;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tributary.model.DeviceId;
import tributary.query.QueryWorld.Row;
import tributary.registry.Device;
import tributary.registry.Sensors;

/// A statement opens the files that its plan needs, and no answer is another for it: twelve days, a file each, device
/// `a` on odd days and `it's` on even ones, on each a reading whose value is the day; one day's is sent again.
class NeededFilesTest {
    private static final int DAYS = 12;
    private static final Instant NOW = Instant.now().truncatedTo(ChronoUnit.MICROS);

    @TempDir
    static Path data;

    private static QueryWorld world;
    private static FarFiles far;
    private static final List<Path> FILES = new ArrayList<>();

    @BeforeAll
    static void open() throws IOException {
        world = new QueryWorld(data);
        far = new FarFiles(data.resolve("far"));
        world.far = far;
        for (int day = 1; day <= DAYS; day++) {
            world.add(MAIN, Row.of(device(day), "temp", noon(day), day, day));
            seal();
        }
        // The reading of day 5 was sent again: 5.5 stands in the place of 5.
        long ts = noon(5);
        world.add(MAIN, new Row(device(5), "temp", ts, 5.5, null, ts, 0, 100, true));
        seal();
        world.add(MAIN, Row.of("a", "temp", QueryWorld.micros(NOW.toString()), 77, 101));
        world.device(new Device(MAIN, new DeviceId("a"), null, "pump", Map.of(), "{}", Instant.EPOCH));
        world.sensor(new Sensors.Sensor(
                MAIN, new DeviceId("a"), "temp", Sensors.Kind.NUMBER, "", null, null, Instant.EPOCH));
    }

    @AfterAll
    static void close() {
        world.close();
    }

    private static void seal() throws IOException {
        Path file = world.seal(MAIN);
        far.take(file);
        FILES.add(file);
    }

    private static String device(int day) {
        return day % 2 == 1 ? "a" : "it's";
    }

    private static long noon(int day) {
        return micros("2026-01-%02dT12:00:00Z".formatted(day));
    }

    @BeforeEach
    void nothingFetched() {
        far.fetched.clear();
    }

    /// @return days whose files were fetched; 13 is the file with what was sent again
    private static List<Integer> days() {
        return new TreeSet<>(far.fetched.stream()
                        .map(file -> FILES.indexOf(file) + 1)
                        .toList())
                .stream().toList();
    }

    private static void fetches(String days) {
        List<Integer> expected = days.equals("all")
                ? IntStream.rangeClosed(1, 13).boxed().toList()
                : Arrays.stream(days.split(" "))
                        .filter(day -> !day.isEmpty())
                        .map(Integer::valueOf)
                        .toList();
        assertThat(days()).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ts >= '2026-01-10' AND ts < '2026-02-01'                       | 10,11,12     | 10 11 12
            ts BETWEEN '2026-01-02' AND '2026-01-03T12:00:00Z'             | 2,3          | 2 3
            ts > '2026-01-11 12:00:00' AND ts < '2026-02-01'               | 12           | 11 12
            ts = '2026-01-05 12:00:00'                                     | 5.5          | 5 13
            ts::date = '2026-01-04'                                        | 4            | 4
            date_trunc('day', ts) = '2026-01-04'                           | 4            | 4
            year(ts) = 2026 AND value = 4                                  | 4            | all
            device = 'it''s' AND ts < '2026-01-05'                         | 2,4          | 2 4
            device = 'a' AND ts < '2026-01-05'                             | 1,3          | 1 3
            ts < '2026-01-02' OR ts > '2099-01-01'                         | 1            | all
            NOT ts >= '2026-01-02'                                         | 1            | 1
            ts < '2026-01-02' AND (value = 1 OR device = 'x')              | 1            | 1
            ts > now() - INTERVAL 1 HOUR                                   | 77           | ''
            ts > current_timestamp - INTERVAL 1 HOUR AND value > 0         | 77           | ''
            ts < '2026-01-02' AND text IS NULL AND device LIKE 'a%'        | 1            | 1
            device = ') AND (ts >= ''2099-01-01 00:00:00''::TIMESTAMP'     | ''           | ''
            ts > '2026-01-12 12:00:00.000001' AND ts < '2026-02-01'        | ''           | ''
            """)
    void conditionsSayWhichFiles(String condition, String values, String days) {
        List<String> rows = world.rows("SELECT value FROM readings WHERE " + condition + " ORDER BY ts");

        assertThat(rows.stream().map(value -> value.endsWith(".0") ? value.substring(0, value.length() - 2) : value))
                .isEqualTo(values.isEmpty() ? List.of() : List.of(values.split(",")));
        fetches(days);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            SELECT count(*) FROM readings                                                                      | 13 | all
            SELECT count(*) + (SELECT count(*) FROM readings WHERE ts < '2026-01-02') FROM readings            | 14 | all
            SELECT count(*) FROM readings AS x, readings AS y WHERE x.ts < '2026-01-02' AND y.ts = '2026-01-03T12:00:00Z' | 1 | 1 3
            SELECT count(*) FROM (SELECT received AS ts FROM readings) WHERE ts < '2026-01-02'                 | 1 | all
            SELECT count(*) FROM readings AS x(ts, device) WHERE ts = 'a' AND device = 'temp'                  | 7 | 1 3 5 7 9 11 13
            WITH r AS (SELECT * FROM readings WHERE ts < '2026-01-03') SELECT count(*) FROM r                  | 2 | 1 2
            SELECT count(*) FROM readings x WHERE EXISTS (FROM readings y WHERE y.ts < '2026-01-03' AND y.device = x.device) AND x.ts > '2026-01-11' AND x.ts < '2026-02-01' | 2 | 1 2 11 12
            SELECT count(temp) FROM pump WHERE ts < '2026-01-04'                                               | 2 | 1 3
            SELECT max(temp) FROM pump WHERE ts BETWEEN '2026-01-05' AND '2026-01-06' AND device = 'a'         | 5.5 | 5 13
            SELECT count(*) FROM readings WHERE false                                                          | 0 | all
            SELECT count(*) FROM (SELECT lag(value) OVER (ORDER BY ts) AS l FROM readings WHERE ts < '2026-01-03') WHERE l IS NULL | 1 | 1 2
            SELECT count(*) FROM (SELECT ts, lag(value) OVER (ORDER BY ts) AS l FROM readings) WHERE ts < '2026-01-03' AND l IS NULL | 1 | all
            """)
    void everyScanOfAStatementHasItsFiles(String statement, String answer, String days) {
        assertThat(world.rows(statement)).containsExactly(answer);
        fetches(days);
    }

    @Test
    void parametersAreLikeLiterals() {
        Statement statement = new Statement(
                "SELECT value FROM readings WHERE device = :device AND ts >= :since AND ts < '2026-02-01' ORDER BY ts",
                Map.of("device", "it's", "since", "2026-01-09"),
                "");
        byte[] answer =
                QueryWorld.write(world.engine.sql(MAIN, statement, QueryEngine.QueryLimits.DEFAULTS), RowFormat.CSV);

        assertThat(new String(answer, StandardCharsets.UTF_8).lines().skip(1)).containsExactly("10.0", "12.0");
        assertThat(days()).isSubsetOf(10, 12);
    }
}
