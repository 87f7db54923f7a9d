package tributary.query;

import static org.assertj.core.api.Assertions.assertThat;
import static tributary.query.QueryWorld.MAIN;
import static tributary.query.QueryWorld.micros;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tributary.lake.Side;
import tributary.lake.Snapshot;

/// A statement opens the files of messages and events that its plan needs, and no answer is another for it: nine days,
/// a file each, device `a` on odd days and `b` on even ones, none on the ninth; on each a row with the day in it.
class NeededSideFilesTest {
    private static final int DAYS = 9;
    private static final String LAST = "\uDBFF\uDFFF";

    @TempDir
    static Path data;

    private static QueryWorld world;
    private static FarFiles far;
    private static final List<Path> MESSAGES = new ArrayList<>();
    private static final List<Path> EVENTS = new ArrayList<>();

    @BeforeAll
    static void open() throws IOException, SQLException {
        world = new QueryWorld(data);
        far = new FarFiles(data.resolve("far"));
        world.far = far;
        Files.createDirectories(world.folder(MAIN));
        for (int day = 1; day <= DAYS; day++) {
            String device = day == DAYS ? "NULL" : day % 2 == 1 ? "'a'" : "'b'";
            String time = "'2026-01-%02d 12:00:00'::TIMESTAMP".formatted(day);
            MESSAGES.add(seal(
                    Side.MESSAGES,
                    day,
                    List.of(
                            device,
                            "'t'",
                            time,
                            "'" + day + "'::BLOB",
                            "'text/plain'",
                            "1",
                            "false",
                            "NULL",
                            "NULL",
                            "NULL",
                            "NULL",
                            "'MQTT'",
                            "'p'",
                            "0",
                            Integer.toString(day))));
            EVENTS.add(seal(
                    Side.EVENTS,
                    day,
                    List.of(
                            device,
                            "'connected'",
                            time,
                            "NULL",
                            "NULL",
                            "NULL",
                            "NULL",
                            "NULL",
                            "NULL",
                            "'r" + day + "'",
                            Integer.toString(day),
                            "0",
                            Integer.toString(day))));
        }
        world.add(
                MAIN,
                Side.EVENTS,
                "a",
                "connected",
                micros("2026-02-01T12:00:00Z"),
                null,
                null,
                null,
                null,
                null,
                null,
                "hot",
                10L,
                0,
                99L);
    }

    private static Path seal(Side side, int day, List<String> cells) throws IOException, SQLException {
        Path file = world.folder(MAIN).resolve(side.table() + "-" + day + ".parquet");
        String columns = IntStream.range(0, cells.size())
                .mapToObj(i -> cells.get(i) + "::" + type(side.columns().get(i).type()) + " AS "
                        + side.columns().get(i).name())
                .collect(Collectors.joining(", "));
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("COPY (SELECT " + columns + ") TO '" + file + "' (FORMAT parquet)");
        }
        long noon = micros("2026-01-%02dT12:00:00Z".formatted(day));
        String device = cells.getFirst().replace("'", "");
        boolean known = !device.equals("NULL");
        world.seal(
                MAIN,
                side,
                new Snapshot.DataFile(
                        file, 1, Files.size(file), false, noon, noon, known ? device : "", known ? device : LAST));
        far.take(file);
        return file;
    }

    private static String type(Side.Type type) {
        return switch (type) {
            case TEXT -> "VARCHAR";
            case BYTES -> "BLOB";
            case TIME -> "TIMESTAMP";
            case INTEGER -> "INTEGER";
            case WHOLE -> "BIGINT";
            case FLAG -> "BOOLEAN";
        };
    }

    @AfterAll
    static void close() {
        world.close();
    }

    @BeforeEach
    void nothingFetched() {
        far.fetched.clear();
    }

    private static void fetches(List<Path> files, String days) {
        List<Integer> fetched = new TreeSet<>(far.fetched.stream()
                        .map(file -> files.indexOf(file) + 1)
                        .toList())
                .stream().filter(day -> day > 0).toList();
        List<Integer> expected = days.equals("all")
                ? IntStream.rangeClosed(1, DAYS).boxed().toList()
                : Arrays.stream(days.split(" "))
                        .filter(day -> !day.isEmpty())
                        .map(Integer::valueOf)
                        .toList();
        assertThat(fetched).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            received >= '2026-01-07' AND received < '2026-01-09'          | 7,8                | 7 8
            received < '2026-01-04' AND device = 'b'                      | 2                  | 2
            device = 'a'                                                  | 1,3,5,7            | 1 3 5 7 9
            device IS NULL                                                | 9                  | all
            received::date = '2026-01-04'                                 | 4                  | 4
            received < '2026-01-03' AND text = '2'                        | 2                  | 1 2
            received < '2026-01-03' AND payload = '2'::BLOB               | 2                  | 1 2
            received < '2026-01-03' AND qos < 5 AND NOT retain            | 1,2                | 1 2
            position = 4                                                  | 4                  | all
            received > '2027-01-01'                                       | ''                 | ''
            """)
    void messagesAreOfTheDevicesAndTimesThatAreAskedFor(String condition, String texts, String days) {
        assertThat(world.rows("SELECT text FROM messages WHERE " + condition + " ORDER BY received"))
                .isEqualTo(texts.isEmpty() ? List.of() : List.of(texts.split(",")));
        fetches(MESSAGES, days);
        fetches(EVENTS, "");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ts >= '2026-01-07' AND ts < '2026-01-09'                      | r7,r8              | 7 8
            ts >= '2026-01-09'                                            | r9,hot             | 9
            ts >= '2026-01-06' AND device = 'a'                           | r7,hot             | 7 9
            kind = 'nothing'                                              | ''                 | all
            """)
    void eventsLikewise(String condition, String reasons, String days) {
        assertThat(world.rows("SELECT reason FROM events WHERE " + condition + " ORDER BY ts"))
                .isEqualTo(reasons.isEmpty() ? List.of() : List.of(reasons.split(",")));
        fetches(EVENTS, days);
        fetches(MESSAGES, "");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            SELECT count(*) FROM messages m JOIN events e ON m.position = e.position WHERE m.received < '2026-01-03' AND e.ts > '2026-01-02' AND e.ts < '2026-01-05' | 1 | 1 2 | 2 3 4
            SELECT count(*) FROM messages m, messages n WHERE m.received < '2026-01-02' AND n.received = '2026-01-03 12:00:00' | 1 | 1 3 | ''
            SELECT count(*) FROM (SELECT ts AS received FROM events) WHERE received < '2026-01-02'                             | 1 | ''  | 1
            """)
    void everyScanOfAStatementHasItsFiles(String statement, String answer, String messages, String events) {
        assertThat(world.rows(statement)).containsExactly(answer);
        fetches(MESSAGES, messages);
        fetches(EVENTS, events);
    }

    @ParameterizedTest
    @CsvSource({"messages, received", "events, ts"})
    void explainSaysHowManyOfHowManyFilesWereRead(String table, String time) {
        assertThat(world.rows("EXPLAIN SELECT count(device) FROM " + table + " WHERE " + time + " < '2026-01-03'"))
                .anyMatch(row -> row.startsWith("total,") && row.contains(",2,9,"));
    }
}
