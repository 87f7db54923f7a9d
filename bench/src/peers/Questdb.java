import io.questdb.cairo.CairoEngine;
import io.questdb.cairo.DefaultCairoConfiguration;
import io.questdb.cairo.TableWriter;
import io.questdb.cairo.security.AllowAllSecurityContext;
import io.questdb.cairo.sql.RecordCursor;
import io.questdb.cairo.sql.RecordCursorFactory;
import io.questdb.griffin.SqlExecutionContextImpl;
import io.questdb.mp.WorkerPool;
import io.questdb.mp.WorkerPoolUtils;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.stream.Stream;
import tributary.bench.History;

/// The history of `tributary bench lake` in QuestDB, in a process of its own: `java -cp ... Questdb.java FOLDER PREFIX
/// DEVICES START_MILLIS STEPS ROUNDS`. Fills a table in order of time, without a flush for each commit, asks the same
/// questions, and prints a line `name=number` for each figure. Run from source; not part of the product.
class Questdb {
    private static final int COMMIT_EVERY = 1_000_000;
    private static final int WORKERS = 2;

    private final CairoEngine engine;
    private final SqlExecutionContextImpl context;
    private final int rounds;

    Questdb(CairoEngine engine, int rounds) {
        this.engine = engine;
        this.rounds = rounds;
        this.context = new SqlExecutionContextImpl(engine, WORKERS);
        context.with(AllowAllSecurityContext.INSTANCE, null);
    }

    public static void main(String[] arguments) throws Exception {
        Path folder = Files.createDirectories(Path.of(arguments[0]));
        History all = new History(
                arguments[1],
                Integer.parseInt(arguments[2]),
                Long.parseLong(arguments[3]),
                1000,
                Long.parseLong(arguments[4]));
        try (CairoEngine engine = new CairoEngine(new DefaultCairoConfiguration(folder.toString()));
                WorkerPool pool = new WorkerPool(() -> WORKERS)) {
            WorkerPoolUtils.setupQueryJobs(pool, engine);
            pool.start();
            Questdb questdb = new Questdb(engine, Integer.parseInt(arguments[5]));
            questdb.fill(all);
            questdb.ask(all);
            pool.halt();
        }
        System.out.println("bytesPerReading=" + (double) bytes(folder) / all.readings());
    }

    private void fill(History all) throws Exception {
        engine.execute(
                "create table readings (ts timestamp, device symbol capacity 2048 index, sensor symbol, value double)"
                        + " timestamp(ts) partition by day bypass wal",
                context);
        long start = System.nanoTime();
        try (TableWriter writer = engine.getWriter(engine.verifyTableName("readings"), "fill")) {
            fill(writer, all.yearBefore());
            fill(writer, all.dayBefore());
            fill(writer, all);
        }
        System.out.println("loadPerSecond=" + all.readings() / ((System.nanoTime() - start) / 1e9));
    }

    private static void fill(TableWriter writer, History history) {
        String[] devices = new String[history.devices()];
        Arrays.setAll(devices, history::device);
        long rows = 0;
        for (long step = 0; step < history.steps(); step++) {
            for (int device = 0; device < devices.length; device++) {
                for (int sensor = 0; sensor < History.SENSORS.size(); sensor++) {
                    TableWriter.Row row = writer.newRow(history.millis(step) * 1000);
                    row.putSym(1, devices[device]);
                    row.putSym(2, History.SENSORS.get(sensor));
                    row.putDouble(3, History.hundredths(device, sensor, step) / 100.0);
                    row.append();
                    if (++rows % COMMIT_EVERY == 0) {
                        writer.commit();
                    }
                }
            }
        }
        writer.commit();
    }

    private void ask(History all) throws Exception {
        String one = "device = '" + all.device(all.devices() / 2) + "' and sensor = 'flow'";
        String lastHour = "ts >= '" + Instant.ofEpochMilli(all.endMillis() - 3_600_000) + "'";
        String day = "device = '" + all.dayBefore().device(0) + "' and sensor = 'flow' and ts >= '"
                + Instant.ofEpochMilli(all.dayBefore().startMillis()) + "'";
        String year = "device = '" + all.dayBefore().device(0) + "' and sensor = 'flow'";
        ask("latest", "select * from readings latest on ts partition by device, sensor");
        ask("hour", "select ts, value from readings where " + one + " and " + lastHour);
        ask("day", "select ts, value from readings where " + day);
        ask("dayByFiveMinutes", "select ts, avg(value) from readings where " + day + " sample by 5m");
        ask("yearByDay", "select ts, avg(value) from readings where " + year + " sample by 1d");
        ask(
                "byHour",
                "select count(*), sum(mean) from (select ts, device, sensor, avg(value) mean from readings sample by 1h)");
        ask(
                "top",
                "select device, max(value) most from readings where sensor = 'flow' and " + lastHour
                        + " group by device order by most desc limit 10");
    }

    private void ask(String name, String sql) throws Exception {
        double[] millis = new double[rounds];
        for (int round = -2; round < rounds; round++) {
            long start = System.nanoTime();
            try (RecordCursorFactory factory = engine.select(sql, context);
                    RecordCursor cursor = factory.getCursor(context)) {
                while (cursor.hasNext()) {
                    cursor.getRecord();
                }
            }
            if (round >= 0) {
                millis[round] = (System.nanoTime() - start) / 1e6;
            }
        }
        Arrays.sort(millis);
        System.out.println(name + "=" + millis[rounds / 2]);
    }

    private static long bytes(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(file -> {
                        try {
                            return Files.size(file);
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    })
                    .sum();
        }
    }
}
