package tributary.lake;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.model.DeviceId;
import tributary.model.TenantId;
import tributary.registry.Sensors;

/// The newest value of every sensor of a tenant in one file, so that a start need not read all history.
///
/// It may be newer than the table and never older than the commit whose number it carries; what was committed after
/// that is read from the table's files. Missing or damaged, it is made anew from all of them. Being too new costs
/// nothing but a few rows flagged late without need; being too old would let a repeated reading pass for a new one.
final class Checkpoints {
    private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);
    private static final long MAGIC = 0x5452424c41545331L; // TRBLATS1
    private static final int FILES_PER_QUERY = 200;
    private static final int TEXT_BYTES_MAX = 64 << 20;

    private static final String NEWEST = """
            SELECT device, sensor, epoch_us(m.ts), m.value, m.text, epoch_us(m.received) FROM (
              SELECT device, sensor,
                max_by({ts: ts, value: value, text: text, received: received},
                       epoch_us(ts)::HUGEINT * 9223372036854775807 + position) AS m
              FROM %s%s GROUP BY device, sensor)""";

    private final Path folder;
    private final ParquetFiles parquet;
    private final LakeStore store;
    /// Whose newest values are others in the table by now, or will be, than in memory.
    private final Set<TenantId> held = new HashSet<>();

    Checkpoints(Path folder, ParquetFiles parquet, LakeStore store) {
        this.folder = folder;
        this.parquet = parquet;
        this.store = store;
    }

    /// @param sequence the last commit of the tenant's readings, made before this call
    synchronized void write(TenantTail tail, long sequence) throws IOException {
        if (held.contains(tail.tenant())) {
            return;
        }
        Path file = file(tail.tenant());
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Folders.make(Folders.parent(file));
        CRC32C crc = new CRC32C();
        try (DataOutputStream out = new DataOutputStream(
                new CheckedOutputStream(new BufferedOutputStream(Files.newOutputStream(fresh), 64 << 10), crc))) {
            out.writeLong(MAGIC);
            out.writeLong(sequence);
            for (DeviceSeries device : tail.devices()) {
                write(out, device);
            }
            out.writeByte(0);
            out.writeLong(crc.getValue());
        }
        Folders.replace(fresh, file);
    }

    /// Writes the file as of what the table of the tenant's readings has now; none where there is no table.
    void write(TenantTail tail, LakeTables tables, Steps steps) throws IOException {
        LakeTable readings = tables.find(new LakeTables.Name(tail.tenant(), LakeCatalog.Kind.READINGS));
        if (readings != null) {
            long sequence;
            synchronized (tables) {
                readings.refresh();
                sequence = readings.sequence();
            }
            steps.before(Steps.Step.CHECKPOINT);
            write(tail, sequence);
        }
    }

    /// Removes the tenant's file, and writes none until [#release]: a start reads newest values from all of the table.
    synchronized void hold(TenantId tenant) throws IOException {
        held.add(tenant);
        Path file = file(tenant);
        if (Files.deleteIfExists(file)) {
            Folders.flushFolder(Folders.parent(file));
        }
    }

    /// What is in memory is as new as the table again.
    synchronized void release(TenantId tenant) {
        held.remove(tenant);
    }

    /// Fills the tenant's series as of the table's last commit, or later.
    void load(TenantTail tail, LakeTable readings) throws IOException {
        long sequence = read(tail);
        List<Path> files = readings.filesSince(sequence);
        for (int i = 0; i < files.size(); i += FILES_PER_QUERY) {
            fromFiles(tail, files.subList(i, Math.min(i + FILES_PER_QUERY, files.size())));
        }
    }

    private static void write(DataOutputStream out, DeviceSeries device) throws IOException {
        for (Series series : device.all()) {
            synchronized (device) {
                if (series.newestTs == Long.MIN_VALUE) {
                    continue;
                }
                out.writeByte(1);
                text(out, device.device());
                text(out, series.sensor);
                out.writeByte(series.kind.ordinal());
                out.writeLong(series.newestTs);
                out.writeDouble(series.value);
                out.writeBoolean(series.text != null);
                if (series.text != null) {
                    text(out, series.text);
                }
                out.writeLong(series.receivedMicros);
            }
        }
    }

    /// @return the commit that the file carries, or 0 where there is no good file
    private long read(TenantTail tail) {
        Path file = file(tail.tenant());
        if (!Files.exists(file)) {
            return 0;
        }
        try {
            check(file);
            return apply(tail, file);
        } catch (IOException e) {
            LOG.warn(
                    "{} is damaged ({}); the newest values of tenant {} are read from its history instead, which takes"
                            + " longer",
                    file,
                    e.getMessage(),
                    tail.tenant());
            return 0;
        }
    }

    private static void check(Path file) throws IOException {
        CRC32C crc = new CRC32C();
        long body = Files.size(file) - Long.BYTES;
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 64 << 10))) {
            byte[] buffer = new byte[64 << 10];
            for (long left = body; left > 0; ) {
                int read = in.read(buffer, 0, (int) Math.min(left, buffer.length));
                if (read < 0) {
                    throw new IOException("it is cut off");
                }
                crc.update(buffer, 0, read);
                left -= read;
            }
            if (body < 0 || in.readLong() != crc.getValue()) {
                throw new IOException("its checksum does not match");
            }
        }
    }

    private static long apply(TenantTail tail, Path file) throws IOException {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 64 << 10))) {
            if (in.readLong() != MAGIC) {
                throw new IOException("it is no file of newest values");
            }
            long sequence = in.readLong();
            while (in.readByte() == 1) {
                String device = text(in);
                String sensor = text(in);
                Sensors.Kind kind = Sensors.Kind.values()[in.readByte()];
                long ts = in.readLong();
                double value = in.readDouble();
                String text = in.readBoolean() ? text(in) : null;
                tail.known(device, sensor, kind).newest(ts, value, text, in.readLong(), -1);
            }
            return sequence;
        }
    }

    private void fromFiles(TenantTail tail, List<Path> files) throws IOException {
        newest(parquet, files, null, latest -> {
            String text = latest.text();
            Sensors.Kind kind = latest.isNumber()
                    ? Sensors.Kind.NUMBER
                    : Double.isNaN(latest.value()) ? Sensors.Kind.TEXT : Sensors.Kind.BOOLEAN;
            tail.known(latest.device().value(), latest.sensor(), kind)
                    .newest(latest.tsMicros(), latest.value(), text, latest.receivedMicros(), -1);
        });
    }

    /// @param device null for all
    /// @return by device and sensor the newest value that `files` have
    Map<String, Lake.LatestValue> newest(ParquetFiles engine, List<Path> files, @Nullable String device)
            throws IOException {
        Map<String, Lake.LatestValue> newest = new HashMap<>();
        if (!files.isEmpty()) {
            newest(
                    engine,
                    files,
                    device,
                    latest -> newest.put(Forgetting.Which.key(latest.device().value(), latest.sensor()), latest));
        }
        return newest;
    }

    private void newest(ParquetFiles engine, List<Path> files, @Nullable String device, Consumer<Lake.LatestValue> into)
            throws IOException {
        String sql = NEWEST.formatted(ParquetFiles.source(files), device == null ? "" : " WHERE device = ?");
        try (Hold _ = store.hold(files)) {
            engine.read(new ParquetFiles.Query(sql, device == null ? List.of() : List.of(device)), row -> {
                double value = row.getDouble(4);
                boolean number = !row.wasNull();
                into.accept(new Lake.LatestValue(
                        new DeviceId(row.getString(1)),
                        row.getString(2),
                        row.getLong(3),
                        number ? value : Double.NaN,
                        row.getString(5),
                        row.getLong(6)));
            });
        }
    }

    private Path file(TenantId tenant) {
        return folder.resolve(tenant.value()).resolve("newest.bin");
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(utf8.length);
        out.write(utf8);
    }

    private static String text(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > TEXT_BYTES_MAX) {
            throw new IOException("it holds a text of " + length + " bytes");
        }
        byte[] utf8 = new byte[length];
        in.readFully(utf8);
        return new String(utf8, StandardCharsets.UTF_8);
    }
}
