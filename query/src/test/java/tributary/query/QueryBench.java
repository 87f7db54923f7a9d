package tributary.query;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import tributary.model.DeviceId;
import tributary.model.TenantId;
import tributary.query.QueryWorld.Row;

/// What queries cost: start of a worker, small queries, loading of hot rows, a big export. Run by hand; see
/// RATIONALE.md.
final class QueryBench {
    private static final TenantId MAIN = TenantId.MAIN;

    private QueryBench() {}

    /// @param arguments how many hot rows, 1,000,000 without
    public static void main(String[] arguments) throws IOException {
        int hot = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1_000_000;
        Path data = Files.createTempDirectory("query-bench");
        try (QueryWorld world = new QueryWorld(data)) {
            for (int i = 0; i < 100_000; i++) {
                world.add(MAIN, Row.of("device-" + i % 100, "temperature", i * 1000L, i, i));
            }
            world.seal(MAIN);
            report("start to first answer", () -> world.rows("SELECT count(*) FROM readings"));
            System.out.printf("resident after start: %,d KB%n", resident(world));
            small(world, "SELECT 1");
            small(world, "SELECT count(*) FROM readings");
            small(world, "SELECT * FROM readings WHERE device = 'device-7' ORDER BY ts DESC LIMIT 10");
            series(world);
            for (int i = 0; i < hot; i++) {
                world.add(MAIN, Row.of("device-" + i % 100, "temperature", i * 1000L, i, 100_000 + i));
            }
            report(hot + " hot rows into the worker, and counted", () -> world.rows("SELECT count(*) FROM readings"));
            small(world, "SELECT max(value) FROM readings");
            System.out.printf("resident with hot rows: %,d KB%n", resident(world));
            for (RowFormat format : RowFormat.values()) {
                report("2,000,000 rows of three columns as " + format, () -> export(world, format));
            }
            System.out.printf("resident in the end: %,d KB%n", resident(world));
        } finally {
            try (Stream<Path> files = Files.walk(data)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private static void export(QueryWorld world, RowFormat format) {
        try (Rows rows = world.engine.sql(
                MAIN,
                "SELECT 'device-' || range % 100 AS device, TIMESTAMP '2026-01-01' + to_milliseconds(range) AS ts,"
                        + " range * 0.5::DOUBLE AS value FROM range(2000000)",
                QueryEngine.QueryLimits.DEFAULTS)) {
            rows.writeTo(format, OutputStream.nullOutputStream());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void small(QueryWorld world, String statement) {
        times(statement, () -> world.rows(statement));
    }

    private static void series(QueryWorld world) {
        QueryEngine.SeriesRequest request = new QueryEngine.SeriesRequest(
                List.of(new QueryEngine.SeriesName(new DeviceId("device-7"), "temperature")),
                QueryWorld.at("1970-01-01T00:00:00Z"),
                QueryWorld.at("1970-01-01T01:00:00Z"),
                new QueryEngine.Sampling.M4(100));
        times(
                "series M4",
                () -> QueryWorld.write(
                        world.engine.series(MAIN, request, QueryEngine.QueryLimits.DEFAULTS), RowFormat.JSON));
    }

    private static void times(String name, Runnable query) {
        long[] nanos = new long[100];
        for (int i = 0; i < nanos.length; i++) {
            long start = System.nanoTime();
            query.run();
            nanos[i] = System.nanoTime() - start;
        }
        Arrays.sort(nanos);
        System.out.printf("%-80s p50 %.1f ms, p99 %.1f ms%n", name, nanos[50] / 1e6, nanos[98] / 1e6);
    }

    private static void report(String name, Runnable work) {
        long start = System.nanoTime();
        work.run();
        System.out.printf("%-80s %,d ms%n", name, (System.nanoTime() - start) / 1_000_000);
    }

    private static long resident(QueryWorld world) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + world.engine.workerPid(MAIN) + "/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElse(0);
    }
}
