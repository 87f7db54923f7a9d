package tributary.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static tributary.query.QueryWorld.MAIN;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tributary.model.TenantId;
import tributary.query.QueryException.Reason;
import tributary.query.QueryWorld.Row;

class BombsTest {
    static final TenantId NEIGHBOUR = new TenantId("neighbour");

    @TempDir
    static Path data;

    static QueryWorld world;

    @BeforeAll
    static void open() {
        world = new QueryWorld(data);
        world.add(MAIN, Row.of("d", "s", 1, 1, 1));
        world.add(NEIGHBOUR, Row.of("n", "s", 1, 1, 1));
        neighbourIsWell();
    }

    @AfterAll
    static void close() {
        world.close();
    }

    /// The same worker as before answers: nothing that MAIN did reached it.
    static void neighbourIsWell() {
        long before = world.engine.workerPid(NEIGHBOUR);
        assertThat(world.ask(NEIGHBOUR, "SELECT device FROM readings", RowFormat.CSV))
                .isEqualTo("device\r\nn\r\n");
        if (before != -1) {
            assertThat(world.engine.workerPid(NEIGHBOUR)).isEqualTo(before);
        }
    }

    /// Runs a bomb; the neighbour is answered while it burns, and both after it.
    static Reason fate(String statement, Duration within) {
        return end(statement, within).reason();
    }

    /// How a bomb ended, and how long it burnt.
    record End(Reason reason, Duration after) {}

    static End end(String statement, Duration within) {
        AtomicReference<End> fate = new AtomicReference<>();
        Thread bomb = Thread.ofVirtual().start(() -> {
            long start = System.nanoTime();
            try {
                QueryWorld.write(world.engine.sql(MAIN, statement, QueryWorld.within(within)), RowFormat.CSV);
            } catch (QueryException e) {
                fate.set(new End(e.reason(), Duration.ofNanos(System.nanoTime() - start)));
            }
        });
        do {
            neighbourIsWell();
        } while (bomb.isAlive());
        assertThat(fate.get()).as("it was answered").isNotNull();
        assertThat(world.rows("SELECT device FROM readings")).containsExactly("d");
        neighbourIsWell();
        return fate.get();
    }

    /// Each takes a minute or longer with a machine to itself, so that none is answered in its time.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT count(*) FROM range(10000000) a, range(10000000) b",
                "SELECT levenshtein(repeat('a', 300000), repeat('b', 300000))",
                "SELECT count(*) FROM (SELECT unnest(range(1000000000)))",
                "SELECT count(*) FROM readings a, range(100000000) b, range(100000000) c WHERE a.value < b.range",
                "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT max(n) FROM t",
                "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t, range(10)) SELECT count(*) FROM t",
                "SELECT count(*) FROM range(1000000000) WHERE regexp_matches(repeat('a', 5000) || range, '(a+)+b')",
                "SELECT jaro_similarity(repeat('ab', 2000000), repeat('ba', 2000000))",
                "SELECT list_sum(list_transform(range(1000000), lambda x: list_sum(range(x))))",
                "SELECT count(*) FROM generate_series(TIMESTAMP '1900-01-01', TIMESTAMP '2900-01-01', INTERVAL 1 MICROSECOND)"
            })
    void endlessStatementIsEndedInTime(String statement) {
        End end = end(statement, Duration.ofMillis(800));
        assertThat(end.reason()).isIn(Reason.TIMEOUT, Reason.TOO_LARGE, Reason.CRASHED);
        assertThat(end.after())
                .as("two seconds, and what the machine stood still")
                .isLessThan(Duration.ofSeconds(30));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT length(repeat('x', 2000000000)), length(repeat('y', 2000000000))",
                "SELECT length(lpad('x', 2000000000, 'y')), length(rpad('x', 2000000000, 'y'))",
                "SELECT length(format('{:>2000000000}', 'x')), length(printf('%2000000000d', 1))",
                "SELECT length(regexp_replace(repeat('a', 1000000), 'a', repeat('b', 10000), 'g'))",
                "SELECT len(range(2000000000))",
                "SELECT len(list_resize([1], 2000000000, 1))",
                "SELECT max(range) FROM (FROM range(2000000000) ORDER BY hash(range) LIMIT 1999999999)",
                "SELECT sum(n) FROM (SELECT row_number() OVER (ORDER BY hash(range)) AS n FROM range(1000000000))",
                "SELECT count(*) FROM range(300000000) a JOIN range(300000000) b ON hash(a.range) = hash(b.range)",
                "SELECT len(list(repeat('x', 1000000))) FROM range(100000)",
                "SELECT count(*) FROM (SELECT DISTINCT range, hash(range) FROM range(500000000))",
                "SELECT max(s) FROM (SELECT string_agg(range::VARCHAR, '') AS s FROM range(1000000000))"
            })
    void greedyStatementIsEndedBeforeItTakesTheMachine(String statement) {
        assertThat(fate(statement, Duration.ofMillis(1500))).isIn(Reason.TOO_LARGE, Reason.TIMEOUT, Reason.CRASHED);
    }

    /// What the trial of the engine took 15 to 22 seconds for: as a text it is too long, computed it is a join.
    @Test
    void listOfAMillionElementsIsRefusedAsTextAndAnsweredOrEndedWhereItIsComputed() {
        String written = "SELECT 1 WHERE 1 IN (" + "1,".repeat(1_000_000) + "1)";
        assertThat(fate(written, Duration.ofSeconds(10))).isEqualTo(Reason.REFUSED);

        assertThat(world.rows("SELECT count(*) FROM range(10) WHERE range IN (SELECT unnest(range(1000000)))"))
                .containsExactly("10");
        assertAnsweredOrEnded("SELECT count(*) FROM range(1000) WHERE list_contains(range(1000000), range)");
    }

    /// The engine's regular expressions do not backtrack: what ruins others is answered here.
    @Test
    void regularExpressionThatRuinsOthersIsAnswered() {
        assertThat(world.rows("SELECT regexp_matches(repeat('a', 50000), '^(a+)+$'),"
                        + " regexp_matches(repeat('a', 50000) || 'b', '^(a|aa)+$')"))
                .containsExactly("true,false");
        assertAnsweredOrEnded("SELECT regexp_matches('x', '((a{1,100}){1,100}){1,100}')");
    }

    private static void assertAnsweredOrEnded(String statement) {
        try {
            QueryWorld.write(
                    world.engine.sql(MAIN, statement, QueryWorld.within(Duration.ofSeconds(2))), RowFormat.CSV);
        } catch (QueryException e) {
            assertThat(e.reason()).isIn(Reason.TIMEOUT, Reason.TOO_LARGE, Reason.CRASHED, Reason.WRONG);
        }
        assertThat(world.rows("SELECT device FROM readings")).containsExactly("d");
        neighbourIsWell();
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 800, 4000, 20_000})
    void nestedSelectsDoNoHarm(int levels) {
        String statement = "SELECT * FROM (".repeat(levels) + "SELECT 1" + ")".repeat(levels);
        if (statement.length() > 64 << 10) {
            assertThat(fate(statement, Duration.ofSeconds(10))).isEqualTo(Reason.REFUSED);
        } else {
            assertAnsweredOrRefused(statement);
        }
    }

    @Test
    void otherNestingDoesNoHarm() {
        for (String statement : List.of(
                "SELECT " + "(".repeat(30_000) + "1" + ")".repeat(30_000),
                "SELECT " + "NOT ".repeat(15_000) + "true",
                "SELECT " + "- ".repeat(30_000) + "1",
                "SELECT " + "1+".repeat(3_000) + "1",
                "SELECT " + "[".repeat(30_000) + "]".repeat(30_000),
                "SELECT 1" + "::INT".repeat(2_000),
                "SELECT 1 IN (" + "1,".repeat(30_000) + "1)")) {
            assertAnsweredOrRefused(statement);
        }
    }

    private static void assertAnsweredOrRefused(String statement) {
        try {
            world.rows(statement);
        } catch (QueryException e) {
            assertThat(e.reason()).isIn(Reason.REFUSED, Reason.WRONG, Reason.CRASHED);
        }
        assertThat(world.rows("SELECT device FROM readings")).containsExactly("d");
        neighbourIsWell();
    }

    @Test
    void killedWorkerCostsItsQueryAndTheNextOneWorks() throws Exception {
        Rows rows = world.engine.sql(
                MAIN,
                "SELECT range, md5(range::VARCHAR) FROM range(100000000)",
                QueryWorld.within(Duration.ofSeconds(30)));
        ProcessHandle worker = ProcessHandle.of(world.engine.workerPid(MAIN)).orElseThrow();
        worker.destroyForcibly();
        worker.onExit().get(60, TimeUnit.SECONDS);

        assertThatThrownBy(() -> rows.writeTo(RowFormat.CSV, OutputStream.nullOutputStream()))
                .isInstanceOfSatisfying(
                        QueryException.class, e -> assertThat(e.reason()).isEqualTo(Reason.CRASHED));
        assertThat(world.rows("SELECT device FROM readings")).containsExactly("d");
        neighbourIsWell();
    }

    @Test
    void interruptCancelsAndTheWorkerLives() throws Exception {
        // the worker has all the time that it needs to hear of it: it is not to be killed for being slow
        QuerySettings usual = QuerySettings.DEFAULTS;
        QuerySettings patient = new QuerySettings(
                usual.workersMax(),
                usual.memoryBytes(),
                usual.heapBytes(),
                usual.threads(),
                usual.queriesMax(),
                usual.waitingMax(),
                usual.idle(),
                Duration.ofMinutes(1),
                usual.parquetBytesMax(),
                usual.parquetFreeMin());
        try (QueryWorld slow = new QueryWorld(data.resolve("patient"), patient)) {
            slow.add(MAIN, Row.of("d", "s", 1, 1, 1));
            interruptCancels(slow);
        }
    }

    private static void interruptCancels(QueryWorld world) throws Exception {
        world.rows("SELECT 1");
        long worker = world.engine.workerPid(MAIN);
        AtomicReference<Throwable> end = new AtomicReference<>();
        CountDownLatch started = new CountDownLatch(1);
        Thread reader = Thread.ofVirtual().start(() -> {
            try (Rows rows = world.engine.sql(
                    MAIN, "SELECT a.range FROM range(100000000000) a", QueryWorld.within(Duration.ofMinutes(2)))) {
                rows.writeTo(RowFormat.CSV, new OutputStream() {
                    @Override
                    public void write(int b) {}

                    @Override
                    public void write(byte[] b, int off, int len) {
                        started.countDown();
                    }
                });
            } catch (QueryException | IOException e) {
                end.set(e);
            }
        });
        assertThat(started.await(60, TimeUnit.SECONDS)).isTrue();
        reader.interrupt();
        reader.join(Duration.ofSeconds(60));

        assertThat(end.get())
                .isInstanceOfSatisfying(
                        QueryException.class, e -> assertThat(e.reason()).isEqualTo(Reason.CANCELLED));
        assertThat(world.rows("SELECT device FROM readings")).containsExactly("d");
        assertThat(world.engine.workerPid(MAIN)).isEqualTo(worker);
    }

    @Test
    void closedRowsAndBrokenReaderGiveTheirPlaceBack() {
        for (int i = 0; i < 2 * QuerySettings.DEFAULTS.queriesMax(); i++) {
            world.engine
                    .sql(MAIN, "FROM range(100000000)", QueryEngine.QueryLimits.DEFAULTS)
                    .close();
            Rows rows = world.engine.sql(MAIN, "FROM range(100000000)", QueryEngine.QueryLimits.DEFAULTS);
            assertThatThrownBy(() -> rows.writeTo(RowFormat.ARROW, new OutputStream() {
                        @Override
                        public void write(int b) throws IOException {
                            throw new IOException("reader went away");
                        }
                    }))
                    .isInstanceOf(IOException.class);
        }
        assertThat(world.rows("SELECT device FROM readings")).containsExactly("d");
    }
}
