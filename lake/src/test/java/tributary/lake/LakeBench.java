package tributary.lake;

import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tributary.decode.PayloadDecoder;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.TenantId;
import tributary.model.Topic;

/// Figures of the lake alone, in processor time of one thread: decode and append, order and write a segment, bytes on
/// disk.
///
/// `LakeBench [messages] [devices] [folder to keep the files in]`; a fleet of vehicles that sends speed, engine
/// temperature and fuel twice a second
/// with millisecond stamps, values rounded as such devices round them.
final class LakeBench {
    private LakeBench() {}

    public static void main(String[] args) throws Exception {
        int messages = args.length > 0 ? Integer.parseInt(args[0]) : 350_000;
        int devices = args.length > 1 ? Integer.parseInt(args[1]) : 1_000;
        boolean keep = args.length > 2;
        Path folder = keep ? Path.of(args[2]) : Files.createTempDirectory("lake-bench");
        try (ParquetFiles parquet = new ParquetFiles(256L << 20)) {
            for (int round = 0; round < 4; round++) {
                round(messages, devices, folder.resolve(round + ".parquet"), parquet);
            }
        }
        merge(folder, 3 * messages);
        if (keep) {
            return;
        }
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }

    private static void round(int messages, int devices, Path file, ParquetFiles parquet) throws Exception {
        Message[] fleet = fleet(messages, devices);
        TenantTail tail = new TenantTail(TenantId.MAIN, 2);
        MessageReadings readings = new MessageReadings(1_000_000);
        PayloadDecoder decoder = new PayloadDecoder();
        long start = cpuNanos();
        for (int i = 0; i < messages; i++) {
            readings.take(decoder, tail, fleet[i], new MessageReadings.Place(i & 1, i >> 1, 0, (_, e) -> {
                throw e;
            }));
        }
        double appendSeconds = (cpuNanos() - start) / 1e9;
        HotTail hot = tail.hot();
        start = cpuNanos();
        SegmentOrder order = new SegmentOrder(hot);
        int[] rows = order.days().getFirst().rows();
        double orderSeconds = (cpuNanos() - start) / 1e9;
        start = cpuNanos();
        long bytes = parquet.write(file, new ReadingRows(hot, order, rows));
        double writeSeconds = (cpuNanos() - start) / 1e9;
        System.out.printf(
                "%,d messages, %,d readings: decode+append %.2f M messages/s, %.2f M readings/s; order %.2f M rows/s;"
                        + " write %.2f M rows/s; seal %.2f M rows/s; %.2f bytes/reading%n",
                messages,
                rows.length,
                messages / appendSeconds / 1e6,
                rows.length / appendSeconds / 1e6,
                rows.length / orderSeconds / 1e6,
                rows.length / writeSeconds / 1e6,
                rows.length / (orderSeconds + writeSeconds) / 1e6,
                (double) bytes / rows.length);
        messages(fleet, file, parquet);
    }

    /// What it costs to make one of the rounds' files.
    private static void merge(Path folder, long rows) throws Exception {
        List<Path> files = new ArrayList<>();
        List<Snapshot.DataFile> shown = new ArrayList<>();
        for (int round = 0; round < 4; round++) {
            Path file = folder.resolve(round + ".parquet");
            files.add(file);
            shown.add(new Snapshot.DataFile(file, rows, Files.size(file), false, 0, 0, "", ""));
        }
        CareSettings care = CareSettings.DEFAULTS;
        MergeSql sql = new MergeSql(LakeCatalog.Kind.READINGS, files, List.of(), true, null);
        LakeTables.Name name = new LakeTables.Name(TenantId.MAIN, LakeCatalog.Kind.READINGS);
        Path one = folder.resolve("merged.parquet");
        try (ParquetFiles engine = new ParquetFiles(care.memoryBytes(), folder.toString())) {
            for (int round = 0; round < 3; round++) {
                long start = cpuNanos();
                List<Path> parts = new ArrayList<>();
                for (List<MergeSql.Piece> file :
                        new MergePieces(engine, sql, care).files(new MergePlan.Merge(0, shown), name)) {
                    for (MergeSql.Piece piece : file) {
                        Path part = folder.resolve("part" + parts.size() + ".parquet");
                        engine.copy(part, sql.rows(piece), sql.columns(), ParquetFiles.Compression.SNAPPY);
                        parts.add(part);
                    }
                }
                engine.copy(one, MergeSql.joined(parts), sql.columns(), ParquetFiles.Compression.ZSTD);
                double seconds = (cpuNanos() - start) / 1e9;
                System.out.printf(
                        "merge of 4 files in %d pieces: %.2f M rows/s; %.2f bytes/reading after, %.2f before%n",
                        parts.size(),
                        4 * rows / seconds / 1e6,
                        (double) Files.size(one) / (4 * rows),
                        (double) Files.size(files.getFirst()) / rows);
            }
        }
    }

    /// The table `messages` of the same fleet.
    private static void messages(Message[] fleet, Path file, ParquetFiles parquet) throws Exception {
        SideTail tail = new SideTail(Side.MESSAGES, 2);
        MessageRows rows = new MessageRows();
        long start = cpuNanos();
        for (int i = 0; i < fleet.length; i++) {
            rows.message(tail, fleet[i], new SideTail.Origin(i & 1, i >> 1, 0));
        }
        double appendSeconds = (cpuNanos() - start) / 1e9;
        start = cpuNanos();
        long bytes = 0;
        for (SideRows day : SideRows.byDay(tail).values()) {
            bytes += parquet.write(file.resolveSibling("messages.parquet"), day);
        }
        double writeSeconds = (cpuNanos() - start) / 1e9;
        System.out.printf(
                "  messages: append %.2f M/s, %d bytes each in memory; order and write %.2f M/s; %.1f bytes each on"
                        + " disk%n",
                fleet.length / appendSeconds / 1e6,
                tail.bytes() / fleet.length,
                fleet.length / writeSeconds / 1e6,
                (double) bytes / fleet.length);
    }

    /// Processor time of this thread: a busy machine does not change it much.
    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static Message[] fleet(int messages, int devices) {
        SplittableRandom random = new SplittableRandom(7);
        double[] speed = new double[devices];
        double[] engine = new double[devices];
        double[] fuel = new double[devices];
        long[] phase = new long[devices];
        for (int d = 0; d < devices; d++) {
            speed[d] = random.nextInt(120);
            engine[d] = 80 + random.nextInt(20);
            fuel[d] = random.nextInt(100);
            phase[d] = random.nextInt(500);
        }
        int[] order = IntStream.range(0, devices).toArray();
        Message[] fleet = new Message[messages];
        long startMillis = 1_790_000_000_000L;
        for (int i = 0; i < messages; i++) {
            if (i % devices == 0) {
                shuffle(order, random);
            }
            int d = order[i % devices];
            speed[d] = Math.clamp(speed[d] + random.nextInt(-2, 3) * 0.5, 0, 130);
            engine[d] = Math.clamp(engine[d] + random.nextInt(-1, 2) * 0.1, 70, 110);
            fuel[d] = Math.max(0, fuel[d] - (random.nextInt(50) == 0 ? 0.1 : 0));
            long ts = startMillis + (long) (i / devices) * 500 + phase[d] + random.nextInt(3);
            String payload = "{\"ts\":%d,\"speed\":%.1f,\"engine.temp\":%.1f,\"fuel\":%.1f}"
                    .formatted(ts, speed[d], engine[d], fuel[d]);
            String id = "car-" + (10_000 + d);
            fleet[i] = new Message(
                    TenantId.MAIN,
                    new DeviceId(id),
                    new Topic("devices/" + id + "/telemetry"),
                    payload.getBytes(StandardCharsets.UTF_8),
                    (ts + 2) * 1000 + random.nextInt(3000),
                    Message.Origin.MQTT,
                    id,
                    1,
                    false,
                    MessageProperties.NONE);
        }
        return fleet;
    }

    /// Devices do not come in the same order twice.
    private static void shuffle(int[] order, SplittableRandom random) {
        for (int i = order.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int swapped = order[i];
            order[i] = order[j];
            order[j] = swapped;
        }
    }
}
