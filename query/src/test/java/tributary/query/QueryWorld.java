package tributary.query;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;
import tributary.lake.Hold;
import tributary.lake.Lake;
import tributary.lake.Side;
import tributary.lake.Snapshot;
import tributary.model.DeviceId;
import tributary.model.TenantId;
import tributary.query.wire.Packer;
import tributary.registry.AlertRoute;
import tributary.registry.Alerts;
import tributary.registry.Certificates;
import tributary.registry.Credentials;
import tributary.registry.Dashboards;
import tributary.registry.DeadLetters;
import tributary.registry.Device;
import tributary.registry.Devices;
import tributary.registry.LookupTables;
import tributary.registry.Registry;
import tributary.registry.RuleStore;
import tributary.registry.SavedQueries;
import tributary.registry.Sensors;
import tributary.registry.Shares;
import tributary.registry.Sightings;
import tributary.registry.Silences;
import tributary.registry.SinkDefinitions;
import tributary.registry.TenantLimits;
import tributary.registry.Tenants;
import tributary.registry.Users;

/// A lake and a registry in memory that make real snapshots, and the engine over them with real workers.
final class QueryWorld implements AutoCloseable {
    static final TenantId MAIN = TenantId.MAIN;

    final Path data;
    final WorkerQueryEngine engine;
    /// Files that are not where snapshots say until somebody holds them, where there are such.
    @Nullable
    FarFiles far;

    private final Map<TenantId, Tables> tenants = new HashMap<>();
    private final List<Device> devices = new ArrayList<>();
    private final List<Sensors.Sensor> sensors = new ArrayList<>();
    private long segmentIds;
    private long version = 1;

    QueryWorld(Path data) {
        this(data, QuerySettings.DEFAULTS);
    }

    QueryWorld(Path data, QuerySettings settings) {
        this.data = data;
        this.engine = new WorkerQueryEngine(settings, data, lake(), registry(), InstantSource.system());
    }

    /// A reading as the lake stores it.
    record Row(
            String device,
            String sensor,
            long tsMicros,
            double value,
            String text,
            long receivedMicros,
            int partition,
            long position,
            boolean late) {
        static Row of(String device, String sensor, long tsMicros, double value, long position) {
            return new Row(device, sensor, tsMicros, value, null, tsMicros, 0, position, false);
        }
    }

    private static final class Tables {
        final List<Snapshot.DataFile> files = new ArrayList<>();
        final List<Segment> hot = new ArrayList<>();
        final Map<Side, List<byte[]>> beside = new EnumMap<>(Side.class);
        final Map<Side, List<Snapshot.DataFile>> besideFiles = new EnumMap<>(Side.class);
        final Map<Side, Long> segment = new EnumMap<>(Side.class);
    }

    /// A hot segment that grows.
    private static final class Segment {
        final long id;
        final List<Row> rows = new ArrayList<>();

        Segment(long id) {
            this.id = id;
        }

        Snapshot.HotSegment seen() {
            return new Seen(id, List.copyOf(rows));
        }
    }

    private record Seen(long id, List<Row> all) implements Snapshot.HotSegment {
        @Override
        public int rows() {
            return all.size();
        }

        @Override
        public boolean hasLate() {
            return all.stream().anyMatch(Row::late);
        }

        @Override
        public String device(int row) {
            return all.get(row).device;
        }

        @Override
        public String sensor(int row) {
            return all.get(row).sensor;
        }

        @Override
        public long tsMicros(int row) {
            return all.get(row).tsMicros;
        }

        @Override
        public double value(int row) {
            return all.get(row).value;
        }

        @Override
        public String text(int row) {
            return all.get(row).text;
        }

        @Override
        public long receivedMicros(int row) {
            return all.get(row).receivedMicros;
        }

        @Override
        public int partition(int row) {
            return all.get(row).partition;
        }

        @Override
        public long position(int row) {
            return all.get(row).position;
        }

        @Override
        public boolean late(int row) {
            return all.get(row).late;
        }
    }

    void add(TenantId tenant, Row row) {
        List<Segment> hot = of(tenant).hot;
        if (hot.isEmpty()) {
            newSegment(tenant);
        }
        hot.getLast().rows.add(row);
    }

    void newSegment(TenantId tenant) {
        of(tenant).hot.add(new Segment(++segmentIds));
    }

    /// Adds a row to a table beside readings; `cells` are its cells, null for none.
    void add(TenantId tenant, Side side, Object... cells) {
        Packer row = new Packer(64);
        for (Object cell : cells) {
            row.putByte(cell == null ? 0 : 1);
            switch (cell) {
                case null -> {}
                case String text -> row.putText(text);
                case byte[] bytes -> row.putBytes(bytes);
                case Long whole -> row.putLong(whole);
                case Integer integer -> row.putInt(integer);
                case Boolean flag -> row.putByte(flag ? 1 : 0);
                default -> throw new IllegalArgumentException("no cell: " + cell);
            }
        }
        of(tenant).segment.computeIfAbsent(side, _ -> ++segmentIds);
        of(tenant).beside.computeIfAbsent(side, _ -> new ArrayList<>()).add(row.body());
    }

    private record Beside(long id, Side side, List<byte[]> all) implements Snapshot.SideSegment {
        @Override
        public int rows() {
            return all.size();
        }

        @Override
        public int upTo(int from, int bytesMax) {
            return from + 1;
        }

        @Override
        public byte[] cells(int from, int to) {
            return all.get(from);
        }
    }

    /// Where the lake has the tenant's files.
    Path folder(TenantId tenant) {
        return data.resolve("lake").resolve(tenant.value());
    }

    /// Not before any device.
    private static final String LAST = "\uDBFF\uDFFF";

    /// As the lake does: the rows of a table beside readings are in `file` from one snapshot to the next.
    void seal(TenantId tenant, Side side, Path file) {
        seal(tenant, side, new Snapshot.DataFile(file, 1, 1, false, Long.MIN_VALUE, Long.MAX_VALUE, "", LAST));
    }

    /// The same where times and devices of the file are known.
    void seal(TenantId tenant, Side side, Snapshot.DataFile file) {
        of(tenant).beside.remove(side);
        of(tenant).segment.remove(side);
        of(tenant).besideFiles.computeIfAbsent(side, _ -> new ArrayList<>()).add(file);
    }

    private static Map<Side, Snapshot.SideTable> sides(Tables tables) {
        Map<Side, Snapshot.SideTable> sides = new EnumMap<>(Side.class);
        for (Side side : Side.values()) {
            List<byte[]> rows = tables.beside.getOrDefault(side, List.of());
            sides.put(
                    side,
                    new Snapshot.SideTable(
                            tables.besideFiles.getOrDefault(side, List.of()),
                            rows.isEmpty()
                                    ? List.of()
                                    : List.of(new Beside(tables.segment.get(side), side, List.copyOf(rows)))));
        }
        return sides;
    }

    /// Writes all hot rows of the tenant to a Parquet file and forgets them.
    Path seal(TenantId tenant) {
        Tables tables = of(tenant);
        List<Row> rows = new ArrayList<>();
        tables.hot.forEach(segment -> rows.addAll(segment.rows));
        tables.hot.clear();
        Path file = data.resolve("lake").resolve(tenant.value()).resolve("readings-" + ++segmentIds + ".parquet");
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            Files.createDirectories(file.getParent());
            statement.execute("CREATE TABLE r(device VARCHAR, sensor VARCHAR, ts TIMESTAMP, value DOUBLE, text VARCHAR,"
                    + " received TIMESTAMP, part INTEGER, position BIGINT, late BOOLEAN)");
            try (DuckDBAppender appender =
                    connection.unwrap(DuckDBConnection.class).createAppender("r")) {
                for (Row row : rows) {
                    appender.beginRow();
                    appender.append(row.device).append(row.sensor).appendEpochMicros(row.tsMicros);
                    if (row.text != null && Double.isNaN(row.value)) {
                        appender.appendNull();
                    } else {
                        appender.append(row.value);
                    }
                    appender.append(row.text).appendEpochMicros(row.receivedMicros);
                    appender.append(row.partition)
                            .append(row.position)
                            .append(row.late)
                            .endRow();
                }
            }
            statement.execute("COPY (SELECT * FROM r ORDER BY device, sensor, ts) TO '" + file
                    + "' (FORMAT parquet, COMPRESSION zstd)");
            tables.files.add(new Snapshot.DataFile(
                    file,
                    rows.size(),
                    Files.size(file),
                    rows.stream().anyMatch(Row::late),
                    rows.stream().mapToLong(Row::tsMicros).min().orElseThrow(),
                    rows.stream().mapToLong(Row::tsMicros).max().orElseThrow(),
                    rows.stream()
                            .map(Row::device)
                            .min(Comparator.naturalOrder())
                            .orElseThrow(),
                    rows.stream()
                            .map(Row::device)
                            .max(Comparator.naturalOrder())
                            .orElseThrow()));
            return file;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void device(Device device) {
        devices.add(device);
        version++;
    }

    void sensor(Sensors.Sensor sensor) {
        sensors.add(sensor);
        version++;
    }

    /// The answer as text.
    String ask(TenantId tenant, String statement, RowFormat format) {
        return new String(bytes(tenant, statement, format), StandardCharsets.UTF_8);
    }

    byte[] bytes(TenantId tenant, String statement, RowFormat format) {
        return write(engine.sql(tenant, statement, QueryEngine.QueryLimits.DEFAULTS), format);
    }

    static byte[] write(Rows rows, RowFormat format) {
        try (rows) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            rows.writeTo(format, out);
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The answer as lines of CSV without its header.
    List<String> rows(String statement) {
        return ask(MAIN, statement, RowFormat.CSV).lines().skip(1).toList();
    }

    static QueryEngine.QueryLimits within(Duration timeout) {
        return new QueryEngine.QueryLimits(timeout, Long.MAX_VALUE);
    }

    @Override
    public void close() {
        engine.close();
    }

    private Tables of(TenantId tenant) {
        return tenants.computeIfAbsent(tenant, _ -> new Tables());
    }

    private Lake lake() {
        return new Lake() {
            @Override
            public Snapshot snapshot(TenantId tenant) {
                Tables tables = of(tenant);
                return new Snapshot(
                        tenant,
                        tables.files,
                        tables.hot.stream().map(Segment::seen).toList(),
                        sides(tables),
                        List.of());
            }

            @Override
            public boolean remote() {
                return far != null;
            }

            @Override
            public Hold hold(Collection<Path> files) throws IOException {
                return far == null ? Hold.NOTHING : far.hold(files);
            }

            @Override
            public long holdBytesMax() {
                return far == null ? Long.MAX_VALUE : far.bytesMax;
            }

            @Override
            public List<LatestValue> latest(TenantId tenant, DeviceId device) {
                throw new UnsupportedOperationException();
            }

            @Override
            public Optional<Rhythm> rhythm(TenantId tenant, DeviceId device) {
                throw new UnsupportedOperationException();
            }

            @Override
            public List<Rhythm> rhythms(TenantId tenant) {
                throw new UnsupportedOperationException();
            }

            @Override
            public long visibleUpTo(int partition) {
                throw new UnsupportedOperationException();
            }

            @Override
            public LakeStats stats() {
                throw new UnsupportedOperationException();
            }

            @Override
            public void close() {}
        };
    }

    Registry registry() {
        return new Registry() {
            @Override
            public Tenants tenants() {
                throw new UnsupportedOperationException();
            }

            @Override
            public TenantLimits limits() {
                throw new UnsupportedOperationException();
            }

            @Override
            public Devices devices() {
                return new ListedDevices();
            }

            @Override
            public Sightings sightings() {
                throw new UnsupportedOperationException();
            }

            @Override
            public Sensors sensors() {
                return new ListedSensors();
            }

            @Override
            public Users users() {
                throw new UnsupportedOperationException();
            }

            @Override
            public Credentials credentials() {
                throw new UnsupportedOperationException();
            }

            @Override
            public SavedQueries queries() {
                throw new UnsupportedOperationException();
            }

            @Override
            public Dashboards dashboards() {
                throw new UnsupportedOperationException();
            }

            @Override
            public Shares shares() {
                throw new UnsupportedOperationException();
            }

            @Override
            public RuleStore rules() {
                throw new UnsupportedOperationException();
            }

            @Override
            public tributary.registry.Functions functions() {
                throw new UnsupportedOperationException();
            }

            @Override
            public Alerts alerts() {
                return new NoAlerts();
            }

            @Override
            public Silences silences() {
                throw new UnsupportedOperationException();
            }

            @Override
            public SinkDefinitions sinks() {
                throw new UnsupportedOperationException();
            }

            @Override
            public LookupTables tables() {
                throw new UnsupportedOperationException();
            }

            @Override
            public AlertRoute alertRoute() {
                throw new UnsupportedOperationException();
            }

            @Override
            public DeadLetters deadLetters() {
                throw new UnsupportedOperationException();
            }

            @Override
            public Certificates certificates() {
                throw new UnsupportedOperationException();
            }

            @Override
            public void close() {}
        };
    }

    private final class ListedDevices implements Devices {
        @Override
        public Device add(Device device) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Optional<Device> find(TenantId tenant, DeviceId id) {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<Device> list(TenantId tenant, Filter filter, DeviceId after, int limit) {
            return devices.stream()
                    .filter(device -> device.tenant().equals(tenant))
                    .sorted(Comparator.comparing(Device::id))
                    .filter(device -> after == null || device.id().compareTo(after) > 0)
                    .limit(limit)
                    .toList();
        }

        @Override
        public Part part(TenantId tenant, Filter filter, int skip, int limit) {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<String> types(TenantId tenant) {
            return devices.stream()
                    .filter(device -> device.tenant().equals(tenant))
                    .map(Device::type)
                    .filter(type -> !type.isEmpty())
                    .distinct()
                    .toList();
        }

        @Override
        public Optional<Device> replace(Device device) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean remove(TenantId tenant, DeviceId id) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int count(TenantId tenant) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean exists(TenantId tenant, DeviceId id) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean carries(TenantId tenant, DeviceId ancestor, DeviceId device) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long version(TenantId tenant) {
            return version;
        }
    }

    private final class ListedSensors implements Sensors {
        @Override
        public void discovered(Collection<Seen> seen) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int count(TenantId tenant) {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<Sensor> of(TenantId tenant, DeviceId device) {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<Sensor> all(TenantId tenant, Sensor after, int limit) {
            Comparator<Sensor> order = Comparator.comparing(Sensor::device).thenComparing(Sensor::path);
            return sensors.stream()
                    .filter(sensor -> sensor.tenant().equals(tenant))
                    .sorted(order)
                    .filter(sensor -> after == null || order.compare(sensor, after) > 0)
                    .limit(limit)
                    .toList();
        }

        @Override
        public Optional<Sensor> describe(
                TenantId tenant, DeviceId device, String path, String unit, Double min, Double max) {
            throw new UnsupportedOperationException();
        }
    }

    static Instant at(String text) {
        return Instant.parse(text);
    }

    static long micros(String text) {
        return Instant.parse(text).toEpochMilli() * 1000;
    }
}
