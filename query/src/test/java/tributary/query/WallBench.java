package tributary.query;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import tributary.model.TenantId;
import tributary.query.QueryWorld.Row;

/// What the walls around tenant SQL cost: the same statements over the same file, once in an engine inside this process
/// without any wall, once through gate, locked instance and worker process. Run by hand; `docs/security.md` has
/// figures.
final class WallBench {
    private static final int TIMES = 300;
    private static final int ROWS = 1_000_000;
    private static final List<String> STATEMENTS = List.of(
            "SELECT 1",
            "SELECT count(*) FROM readings",
            "SELECT * FROM readings WHERE device = 'device-7' ORDER BY ts DESC LIMIT 10",
            "SELECT device, avg(value) FROM readings GROUP BY device");

    private WallBench() {}

    /// @param arguments none
    public static void main(String[] arguments) throws IOException, SQLException {
        Path data = Files.createTempDirectory("wall-bench");
        try (QueryWorld world = new QueryWorld(data)) {
            for (int i = 0; i < ROWS; i++) {
                world.add(TenantId.MAIN, Row.of("device-" + i % 100, "temperature", i * 1000L, i, i));
            }
            Path file = world.seal(TenantId.MAIN);
            long before = resident(ProcessHandle.current().pid());
            try (Connection bare = DriverManager.getConnection("jdbc:duckdb:");
                    Statement statement = bare.createStatement()) {
                statement.execute("SET threads = 2");
                statement.execute("CREATE VIEW readings AS SELECT device, sensor, ts, value, text, received, part,"
                        + " position FROM read_parquet('" + file + "')");
                for (String sql : STATEMENTS) {
                    times("without walls: " + sql, () -> read(statement, sql));
                }
                times("the gate's parse tree of the longest: ", () -> tree(bare, STATEMENTS.get(2)));
                System.out.printf(
                        "memory without walls: %,d KB in this process%n",
                        resident(ProcessHandle.current().pid()) - before);
            }
            long start = System.nanoTime();
            world.rows("SELECT 1");
            System.out.printf(
                    "first answer, the worker's start in it: %,d ms%n", (System.nanoTime() - start) / 1_000_000);
            System.out.printf(
                    "memory of a worker after its start: %,d KB%n", resident(world.engine.workerPid(TenantId.MAIN)));
            for (String sql : STATEMENTS) {
                times("with all walls: " + sql, () -> world.rows(sql));
            }
            System.out.printf(
                    "memory of a worker after these: %,d KB%n", resident(world.engine.workerPid(TenantId.MAIN)));
        } finally {
            try (Stream<Path> files = Files.walk(data)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private static void read(Statement statement, String sql) {
        try (ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                rows.getString(1);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void tree(Connection bare, String sql) {
        try (PreparedStatement serialize = bare.prepareStatement("SELECT json_serialize_sql(?)")) {
            serialize.setString(1, sql);
            try (ResultSet rows = serialize.executeQuery()) {
                rows.next();
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void times(String name, Runnable query) {
        long[] nanos = new long[TIMES];
        for (int i = -TIMES / 5; i < TIMES; i++) {
            long start = System.nanoTime();
            query.run();
            if (i >= 0) {
                nanos[i] = System.nanoTime() - start;
            }
        }
        Arrays.sort(nanos);
        System.out.printf(
                "p50 %6.1f ms, p99 %6.1f ms  %s%n", nanos[TIMES / 2] / 1e6, nanos[TIMES * 99 / 100] / 1e6, name);
    }

    private static long resident(long pid) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElse(0);
    }
}
