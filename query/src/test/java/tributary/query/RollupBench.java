package tributary.query;

import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tributary.decode.PayloadDecoder;
import tributary.lake.CareSettings;
import tributary.lake.IcebergLake;
import tributary.lake.LakeInputs;
import tributary.lake.LakeSettings;
import tributary.lake.Retention;
import tributary.lake.Warehouse;
import tributary.log.LogSettings;
import tributary.log.Receipt;
import tributary.log.SegmentLog;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.TenantId;
import tributary.model.Topic;
import tributary.query.QueryEngine.Aggregate;
import tributary.query.QueryEngine.Sampling;
import tributary.query.QueryEngine.SeriesName;
import tributary.query.QueryEngine.SeriesRequest;
import tributary.registry.Sensors;

/// Series reads over wide ranges, before the days are rolled up and after.
///
/// `RollupBench [devices] [days] [seconds between readings] [rounds]`; devices have five sensors.
final class RollupBench {
    private static final Instant START = Instant.parse("2025-01-01T00:00:00Z");
    private static final int SENSORS = 5;

    private RollupBench() {}

    public static void main(String[] args) throws Exception {
        int devices = args.length > 0 ? Integer.parseInt(args[0]) : 20;
        int days = args.length > 1 ? Integer.parseInt(args[1]) : 365;
        int seconds = args.length > 2 ? Integer.parseInt(args[2]) : 600;
        int rounds = args.length > 3 ? Integer.parseInt(args[3]) : 30;
        Path folder = Files.createTempDirectory("rollup-bench");
        QueryWorld world = new QueryWorld(folder.resolve("world"));
        try (SegmentLog log = SegmentLog.open(LogSettings.DEFAULTS, folder.resolve("log"), InstantSource.system())) {
            long start = System.nanoTime();
            try (IcebergLake lake = open(folder, log, false)) {
                for (int day = 0; day < days; day++) {
                    send(log, devices, day, seconds);
                }
                while (log.end(0) > lake.visibleUpTo(0) || log.end(1) > lake.visibleUpTo(1)) {
                    Thread.sleep(50); // polls
                }
                System.out.printf(
                        "%,d readings of %d days in the lake after %.1f s%n",
                        lake.stats().rows() + lake.stats().hotRows(), days, (System.nanoTime() - start) / 1e9);
            }
            start = System.nanoTime();
            try (IcebergLake lake = open(folder, log, false)) {
                ask("from readings, files as sealed", lake, world, folder, devices, days, Math.max(3, rounds / 10));
            }
            try (IcebergLake lake = open(folder, log, true)) {
                while (lake.snapshot(TenantId.MAIN).rolled().stream()
                                .filter(file ->
                                        file.slotMicros() == Duration.ofDays(1).toNanos() / 1_000)
                                .mapToInt(file -> file.days().size())
                                .sum()
                        < days) {
                    Thread.sleep(50); // polls
                }
                System.out.printf("merged and rolled up in %.1f s%n", (System.nanoTime() - start) / 1e9);
                ask("from roll-ups", lake, world, folder, devices, days, rounds);
            }
        } finally {
            world.close();
        }
    }

    private static IcebergLake open(Path folder, SegmentLog log, boolean care) {
        LakeSettings d = LakeSettings.DEFAULTS;
        CareSettings c = CareSettings.DEFAULTS;
        CareSettings settings = new CareSettings(
                c.fileBytes(),
                c.memoryBytes(),
                c.pieceBytes(),
                100,
                care ? Duration.ofMillis(100) : Duration.ofDays(1),
                Duration.ZERO,
                Duration.ZERO,
                c.orphanAge(),
                0,
                new Retention(Map.of(), Map.of()));
        return IcebergLake.open(
                folder.resolve("lake"),
                new LakeSettings(
                        d.sealRows(),
                        d.sealAge(),
                        d.idleAge(),
                        d.hotRowsMax(),
                        d.seriesMax(),
                        d.duckMemoryBytes(),
                        d.keepSnapshots(),
                        d.checkpointEvery(),
                        new LakeSettings.Sides(false, Duration.ofDays(1), 128L << 20),
                        settings,
                        Warehouse.FOLDER),
                new LakeInputs(log, new PayloadDecoder(), new NoSensors(), InstantSource.system()));
    }

    private static void send(SegmentLog log, int devices, int day, int seconds) throws InterruptedException {
        for (int second = 0; second < 86_400; second += seconds) {
            long ts = START.plus(Duration.ofDays(day)).plusSeconds(second).toEpochMilli();
            for (int device = 0; device < devices; device++) {
                while (log.congested()) {
                    Thread.sleep(1); // as an intake pauses
                }
                StringBuilder json = new StringBuilder("{\"ts\":").append(ts);
                for (int sensor = 0; sensor < SENSORS; sensor++) {
                    double value = 20 + 10 * Math.sin(second / 7_000.0 + device + sensor);
                    json.append(",\"s").append(sensor).append("\":").append(Math.round(value * 10) / 10.0);
                }
                log.append(
                        new Message(
                                TenantId.MAIN,
                                new DeviceId("pump-" + device),
                                new Topic("devices/pump-" + device + "/telemetry"),
                                json.append('}').toString().getBytes(StandardCharsets.UTF_8),
                                ts * 1_000,
                                Message.Origin.MQTT,
                                "bench",
                                1,
                                false,
                                MessageProperties.NONE),
                        Receipt.NONE);
            }
        }
    }

    private static void ask(
            String what, IcebergLake lake, QueryWorld world, Path folder, int devices, int days, int rounds) {
        try (WorkerQueryEngine engine =
                new WorkerQueryEngine(QuerySettings.DEFAULTS, folder, lake, world.registry(), InstantSource.system())) {
            List<SeriesName> one = List.of(new SeriesName(new DeviceId("pump-0"), "s0"));
            List<SeriesName> all = new ArrayList<>();
            for (int device = 0; device < Math.min(devices, 200); device++) {
                for (int sensor = 0; sensor < SENSORS; sensor++) {
                    all.add(new SeriesName(new DeviceId("pump-" + device), "s" + sensor));
                }
            }
            Instant end = START.plus(Duration.ofDays(days));
            Sampling day = new Sampling.Bucket(Duration.ofDays(1), Aggregate.AVG);
            Sampling hour = new Sampling.Bucket(Duration.ofHours(1), Aggregate.AVG);
            time(what + ", one series by day", engine, new SeriesRequest(one, START, end, day), rounds);
            time(
                    what + ", one series, chart of 1000",
                    engine,
                    new SeriesRequest(one, START, end, new Sampling.M4(1000)),
                    rounds);
            time(what + ", all series by day", engine, new SeriesRequest(all, START, end, day), rounds / 3 + 1);
            time(what + ", all series by hour", engine, new SeriesRequest(all, START, end, hour), rounds / 10 + 1);
        }
    }

    private static void time(String what, QueryEngine engine, SeriesRequest request, int rounds) {
        double[] millis = new double[rounds];
        long[] bytes = new long[1];
        for (int i = -2; i < rounds; i++) {
            long start = System.nanoTime();
            bytes[0] = 0;
            try (Rows rows = engine.series(TenantId.MAIN, request, QueryEngine.QueryLimits.DEFAULTS)) {
                rows.writeTo(RowFormat.ARROW, new OutputStream() {
                    @Override
                    public void write(int b) {
                        bytes[0]++;
                    }

                    @Override
                    public void write(byte[] b, int from, int length) {
                        bytes[0] += length;
                    }
                });
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
            if (i >= 0) {
                millis[i] = (System.nanoTime() - start) / 1e6;
            }
        }
        Arrays.sort(millis);
        System.out.printf(
                "%-50s p50 %8.1f ms  best %8.1f ms  worst %8.1f ms  %,d bytes%n",
                what, millis[rounds / 2], millis[0], millis[rounds - 1], bytes[0]);
    }

    /// Nobody asks for them.
    private static final class NoSensors implements Sensors {
        @Override
        public void discovered(Collection<Seen> seen) {}

        @Override
        public int count(TenantId tenant) {
            return 0;
        }

        @Override
        public List<Sensor> of(TenantId tenant, DeviceId device) {
            return List.of();
        }

        @Override
        public List<Sensor> all(TenantId tenant, Sensor after, int limit) {
            return List.of();
        }

        @Override
        public Optional<Sensor> describe(
                TenantId tenant, DeviceId device, String path, String unit, Double min, Double max) {
            return Optional.empty();
        }
    }
}
