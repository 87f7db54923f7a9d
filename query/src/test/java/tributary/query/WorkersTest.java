package tributary.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static tributary.query.QueryWorld.MAIN;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.model.Settings;
import tributary.model.TenantId;
import tributary.query.QueryException.Reason;

/// Lives and deaths of workers.
class WorkersTest {
    private static final QuerySettings SMALL = small(Duration.ofMillis(400));

    @TempDir
    Path data;

    @Test
    void leastRecentlyAskedIdleWorkerGivesItsPlaceAndBusyOnesDoNot() {
        try (QueryWorld world = new QueryWorld(data, longIdle())) {
            TenantId second = new TenantId("second");
            TenantId third = new TenantId("third");
            world.rows("SELECT 1");
            world.ask(second, "SELECT 1", RowFormat.CSV);
            world.ask(third, "SELECT 1", RowFormat.CSV);
            assertThat(world.engine.workerPid(MAIN)).isEqualTo(-1);
            assertThat(world.engine.workerPid(second)).isPositive();

            Rows busy = world.engine.sql(second, "FROM range(100000000)", QueryEngine.QueryLimits.DEFAULTS);
            Rows busyToo = world.engine.sql(third, "FROM range(100000000)", QueryEngine.QueryLimits.DEFAULTS);
            assertReason(() -> world.rows("SELECT 1"), Reason.BUSY);
            busy.close();
            assertThat(world.rows("SELECT 1")).containsExactly("1");
            busyToo.close();
        }
    }

    @Test
    void idleWorkerIsStopped() throws Exception {
        try (QueryWorld world = new QueryWorld(data, SMALL)) {
            ProcessHandle worker = answering(world);
            worker.onExit().orTimeout(60, TimeUnit.SECONDS).join();
            assertThat(world.rows("SELECT 2")).containsExactly("2");
        }
    }

    @Test
    void queryThatFindsTooManyWaitingIsRefusedAndOneThatWaitsTooLongTimesOut() throws Exception {
        try (QueryWorld world = new QueryWorld(data, longIdle())) {
            List<Rows> running = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                running.add(world.engine.sql(MAIN, "FROM range(100000000)", QueryEngine.QueryLimits.DEFAULTS));
            }
            assertReason(
                    () -> world.engine.sql(MAIN, "SELECT 1", QueryWorld.within(Duration.ofMillis(100))),
                    Reason.TIMEOUT);
            Thread waiting = Thread.ofVirtual().start(() -> {
                while (reason(() -> world.rows("SELECT 1")) == Reason.BUSY) {
                    Thread.onSpinWait();
                }
            });
            long deadline = System.nanoTime() + 30_000_000_000L;
            Reason reason = Reason.TIMEOUT;
            while (reason == Reason.TIMEOUT && System.nanoTime() < deadline) {
                reason = reason(() -> world.engine.sql(MAIN, "SELECT 1", QueryWorld.within(Duration.ofMillis(20))));
            }
            assertThat(reason).isEqualTo(Reason.BUSY);
            running.forEach(Rows::close);
            waiting.join(Duration.ofSeconds(60));
            assertThat(world.rows("SELECT 1")).containsExactly("1");
        }
    }

    @Test
    void workersEndWithTheEngineAndLeaveNothingButTheLibrary() throws Exception {
        ProcessHandle worker;
        try (QueryWorld world = new QueryWorld(data, SMALL)) {
            worker = answering(world);
        }
        worker.onExit().orTimeout(60, TimeUnit.SECONDS).join();
        try (Stream<Path> files = Files.walk(data.resolve("tmp/query"))) {
            assertThat(files.filter(Files::isRegularFile))
                    .hasSize(1)
                    .first()
                    .asString()
                    .endsWith(".lib");
        }
    }

    @Test
    void settingsAreReadAndWrongOnesNamed() {
        Settings settings = new Settings(Map.of("query.workers-max", "3", "query.memory", "1KB"));
        assertThat(QuerySettings.read(settings).workersMax()).isEqualTo(3);
        assertThat(settings.problems()).singleElement().asString().contains("query.memory");
    }

    /// @return the worker that answered a query; it is busy while we look, for an idle one may be stopped at once
    private static ProcessHandle answering(QueryWorld world) {
        Rows rows = world.engine.sql(MAIN, "SELECT 1", QueryEngine.QueryLimits.DEFAULTS);
        ProcessHandle worker = ProcessHandle.of(world.engine.workerPid(MAIN)).orElseThrow();
        assertThat(QueryWorld.write(rows, RowFormat.CSV)).isNotEmpty();
        return worker;
    }

    private static QuerySettings longIdle() {
        return small(Duration.ofMinutes(1));
    }

    private static QuerySettings small(Duration idle) {
        return new QuerySettings(2, 128L << 20, 64L << 20, 1, 2, 1, idle, Duration.ofMillis(500), 1L << 30, 0);
    }

    private static void assertReason(Runnable query, Reason reason) {
        assertThatThrownBy(query::run)
                .isInstanceOfSatisfying(
                        QueryException.class, e -> assertThat(e.reason()).isEqualTo(reason));
    }

    private static Reason reason(Runnable query) {
        try {
            query.run();
            return Reason.CANCELLED;
        } catch (QueryException e) {
            return e.reason();
        }
    }
}
