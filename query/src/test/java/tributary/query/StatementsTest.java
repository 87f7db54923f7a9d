package tributary.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static tributary.query.QueryWorld.MAIN;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
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

/// Parameters, the cost of a statement, and statements that run: looked at and cancelled by others.
class StatementsTest {
    @TempDir
    static Path data;

    static QueryWorld world;

    @BeforeAll
    static void open() {
        world = new QueryWorld(data);
        for (int file = 0; file < 4; file++) {
            for (int i = 0; i < 1000; i++) {
                world.add(MAIN, Row.of("device-" + file, "s", (file * 1000L + i) * 1_000_000, i, file * 1000L + i));
            }
            world.seal(MAIN);
        }
        world.add(MAIN, Row.of("hot", "s", 9_000_000_000L, 7, 9000));
    }

    @AfterAll
    static void close() {
        world.close();
    }

    private static List<String> rows(String text, Map<String, Object> parameters) {
        byte[] csv = QueryWorld.write(
                world.engine.sql(MAIN, new Statement(text, parameters, ""), QueryEngine.QueryLimits.DEFAULTS),
                RowFormat.CSV);
        return new String(csv, StandardCharsets.UTF_8).lines().skip(1).toList();
    }

    @Test
    void parameterStandsForAValueOfItsKind() {
        assertThat(rows(
                        "SELECT count(*) FROM readings WHERE device = :device AND ts >= :from AND value < :top",
                        Map.of("device", "device-1", "from", "1970-01-01T00:16:50Z", "top", 500L)))
                .containsExactly("490");
        assertThat(rows("SELECT :a + 1, :b, NOT :c", Map.of("a", 1.5, "b", "x", "c", true)))
                .containsExactly("2.5,x,false");
        assertThat(rows("SELECT value FROM readings WHERE device = $d LIMIT :n", Map.of("d", "hot", "n", 1L)))
                .containsExactly("7.0");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "' OR 1=1 --",
                "'; DROP VIEW readings; --",
                "\" UNION SELECT * FROM devices",
                ":x",
                "$x",
                "\\",
                "*/ 1 /*",
                "\u202e\ud83d\ude80"
            })
    void parameterThatLooksLikeSqlIsOnlyAText(String hostile) {
        assertThat(rows("SELECT count(*) FROM readings WHERE device = :x", Map.of("x", hostile)))
                .containsExactly("0");
        assertThat(rows("SELECT :x = :y", Map.of("x", hostile, "y", hostile))).containsExactly("true");
    }

    @Test
    void colonsThatAreNoParametersStayWhatTheyAre() {
        assertThat(rows("SELECT ':x', \"a:x\" FROM (SELECT 1 AS \"a:x\") -- :x\n WHERE 1::INT = 1 /* :x */", Map.of()))
                .containsExactly(":x,1");
        assertThat(rows("SELECT [1, 2, 3][1:2], {'a':1}, E'it\\'s :x', $$ :x $$", Map.of()))
                .singleElement()
                .asString()
                .contains("it's :x");
        assertThat(Statement.parameters("SELECT :a, ':b', x::c, l[1:d], :a, :e -- :f"))
                .containsExactly("a", "e");
    }

    @Test
    void parameterWithoutValueAndValueWithoutParameterAreTold() {
        assertThatThrownBy(() -> rows("SELECT 1,\n  :gone", Map.of()))
                .hasMessageContaining(":gone has no value (line 2, column 3)");
        assertThatThrownBy(() -> rows("SELECT 1", Map.of("more", 1L))).hasMessageContaining("no parameter :more");
        assertThatThrownBy(() -> rows("SELECT 1", Map.of("a b", 1L))).hasMessageContaining("a parameter's name");
    }

    @Test
    void parametersKeepFilesUnread() {
        String sql = "EXPLAIN SELECT max(value) FROM readings WHERE ts < :to";
        List<String> total = Arrays.asList(
                rows(sql, Map.of("to", "1970-01-01T00:10:00Z")).getFirst().split(","));
        assertThat(Long.parseLong(total.get(2))).as("rows read").isLessThan(1100);
    }

    @Test
    void explainTellsFilesBytesRowsAndTimeAndNamesNoPlaceOfOurs() {
        String csv = world.ask(
                MAIN,
                "EXPLAIN SELECT device, avg(value) FROM readings WHERE device > 'a' GROUP BY device",
                RowFormat.CSV);
        List<String> lines = csv.lines().toList();
        assertThat(lines.getFirst()).isEqualTo("step,detail,rows,files,files_in_all,bytes,ms");
        String[] total = lines.get(1).split(",");
        assertThat(total[0]).isEqualTo("total");
        assertThat(total[2]).as("rows read").isEqualTo("4001");
        assertThat(total[3]).as("files").isEqualTo("4");
        assertThat(total[4]).as("files in all").isEqualTo("4");
        assertThat(Long.parseLong(total[5])).as("bytes").isPositive();
        assertThat(csv)
                .contains("hash group by")
                .contains("table scan readings")
                .contains("readings, newest");
        assertThat(csv).doesNotContain(data.toString()).doesNotContain("hot_").doesNotContain("feed");
    }

    @Test
    void explainOfAWrongStatementSaysWhereItIsWrong() {
        assertThatThrownBy(() -> world.rows("EXPLAIN SELECT * FROM nowhere"))
                .hasMessageContaining("there is no table nowhere (line 1, column 23)");
    }

    @Test
    void runningStatementIsSeenWithItsProgressAndCancelledByAnotherCall() throws Exception {
        AtomicReference<QueryException> end = new AtomicReference<>();
        Thread reader = start("long-1", "SELECT sum(hash(a.range)) FROM range(20000) a, range(2000000) b", end);

        QueryEngine.Running seen = await();
        double percent = seen.percent();
        long deadline = System.nanoTime() + 10_000_000_000L;
        while (percent <= 0 && System.nanoTime() < deadline) {
            percent = world.engine.running(MAIN).stream()
                    .mapToDouble(QueryEngine.Running::percent)
                    .findFirst()
                    .orElse(-1);
        }
        assertThat(seen.id()).isEqualTo("long-1");
        assertThat(seen.text()).startsWith("SELECT sum");
        assertThat(percent).as("progress").isBetween(0.0, 100.0);
        assertThat(world.engine.cancel(QueryWorld.MAIN, "nobody")).isFalse();
        assertThat(world.engine.cancel(new TenantId("other"), "long-1")).isFalse();
        assertThat(world.engine.cancel(MAIN, "long-1")).isTrue();
        reader.join(Duration.ofSeconds(60));

        assertThat(end.get().reason()).isEqualTo(Reason.CANCELLED);
        assertThat(world.engine.running(MAIN)).isEmpty();
        assertThat(world.rows("SELECT 42")).containsExactly("42");
    }

    @Test
    void statementThatHearsNoCancelIsEndedWithItsWorker() throws Exception {
        world.rows("SELECT 1");
        long worker = world.engine.workerPid(MAIN);
        AtomicReference<QueryException> end = new AtomicReference<>();
        Thread reader = start("deaf", "SELECT levenshtein(repeat('a', 300000), repeat('b', 300000))", end);
        await();
        ProcessHandle process = ProcessHandle.of(worker).orElseThrow();
        Duration busy = process.info().totalCpuDuration().orElseThrow().plusMillis(500);
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (process.info().totalCpuDuration().orElse(busy).compareTo(busy) < 0 && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }

        world.engine.cancel(MAIN, "deaf");
        reader.join(Duration.ofSeconds(60));

        assertThat(end.get().reason()).isEqualTo(Reason.CANCELLED);
        assertThat(world.rows("SELECT 42")).containsExactly("42");
        assertThat(world.engine.workerPid(MAIN)).isNotEqualTo(worker);
    }

    @Test
    void idThatRunsAlreadyIsRefused() throws Exception {
        AtomicReference<QueryException> end = new AtomicReference<>();
        Thread reader = start("same", "SELECT sum(hash(a.range)) FROM range(20000) a, range(2000000) b", end);
        await();
        assertThatThrownBy(() -> world.engine.sql(
                        MAIN, new Statement("SELECT 1", Map.of(), "same"), QueryEngine.QueryLimits.DEFAULTS))
                .hasMessageContaining("runs already");
        world.engine.cancel(MAIN, "same");
        reader.join(Duration.ofSeconds(60));
        assertThat(end.get().reason()).isEqualTo(Reason.CANCELLED);
    }

    private static Thread start(String id, String text, AtomicReference<QueryException> end) {
        return Thread.ofVirtual().start(() -> {
            try {
                QueryWorld.write(
                        world.engine.sql(
                                MAIN, new Statement(text, Map.of(), id), QueryWorld.within(Duration.ofMinutes(3))),
                        RowFormat.CSV);
            } catch (QueryException e) {
                end.set(e);
            }
        });
    }

    private static QueryEngine.Running await() {
        long deadline = System.nanoTime() + 60_000_000_000L;
        while (world.engine.running(MAIN).isEmpty() && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        return world.engine.running(MAIN).getFirst();
    }
}
