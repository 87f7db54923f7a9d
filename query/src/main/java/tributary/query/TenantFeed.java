package tributary.query;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tributary.lake.Side;
import tributary.lake.Snapshot;
import tributary.model.TenantId;
import tributary.query.wire.Frame;
import tributary.query.wire.HotLayout;
import tributary.query.wire.Kind;
import tributary.query.wire.Packer;
import tributary.query.wire.Tables;
import tributary.query.wire.Views;
import tributary.registry.Alerts;
import tributary.registry.Registry;

/// Brings one worker up to a snapshot, sending only what it does not have yet. Guarded by its tenant's lock.
final class TenantFeed {
    private static final int ROWS_MAX = 32_768;
    private static final int TEXT_BYTES_MAX = 4 << 20;
    /// A statement without these words names no small table; `U&"..."` could spell them in another way.
    private static final Pattern REGISTRY = Pattern.compile("device|sensor|u&", Pattern.CASE_INSENSITIVE);
    private static final Pattern ALERTS = Pattern.compile("alerts|u&", Pattern.CASE_INSENSITIVE);
    private static final Map<Side, Pattern> SIDES = new EnumMap<>(Side.class);
    private static final int FRAME_BYTES = 1 << 20;

    static {
        for (Side side : Side.values()) {
            SIDES.put(side, Pattern.compile(side.table() + "|u&", Pattern.CASE_INSENSITIVE));
        }
    }

    private final TenantId tenant;
    private final WorkerProcess worker;
    private final Registry registry;
    private final SnapshotFiles files;
    private final boolean remote;
    private final Map<Long, Integer> sent = new HashMap<>();
    private final Map<Long, Integer> sentBeside = new HashMap<>();
    private Tables tables = Tables.NONE;
    private long version = Long.MIN_VALUE;
    private long alertsVersion = Long.MIN_VALUE;
    private long typesVersion = Long.MIN_VALUE;
    private Set<String> types = Set.of();
    private Set<String> told = Set.of();

    /// @param files  has seen each snapshot before it is brought
    /// @param remote whether files of snapshots are elsewhere until they are held
    TenantFeed(TenantId tenant, WorkerProcess worker, Registry registry, SnapshotFiles files, boolean remote) {
        this.files = files;
        this.tenant = tenant;
        this.remote = remote;
        this.worker = worker;
        this.registry = registry;
    }

    /// Makes the worker's tables equal to `snapshot`, and its small tables to the registry where `statement` may name
    /// them.
    void bring(Snapshot snapshot, String statement) throws InterruptedException {
        Tables next = tables(snapshot, statement);
        boolean changed = !next.equals(tables);
        if (newlyLate(next) || !next.parts().containsAll(tables.parts())) {
            // Rows that supersede others must not be seen before the rule that hides those others, nor beside slots
            // that have those others in them.
            List<Tables.Part> kept =
                    tables.parts().stream().filter(next.parts()::contains).toList();
            worker.load(
                    new Tables(tables.readings(), flagged(next), tables.sides(), tables.rolled(), kept, tables.remote())
                            .frame());
        }
        for (Snapshot.HotSegment segment : snapshot.hot()) {
            int from = sent.getOrDefault(segment.id(), 0);
            while (from < segment.rows()) {
                from = send(segment, from);
            }
            sent.put(segment.id(), from);
        }
        for (Side side : Side.values()) {
            if (named(side, statement)) {
                for (Snapshot.SideSegment segment : snapshot.side(side).hot()) {
                    send(segment);
                }
            }
        }
        if (changed) {
            worker.load(next.frame());
            tables = next;
            sent.keySet().retainAll(next.hot().stream().map(Tables.Hot::id).collect(Collectors.toSet()));
            sentBeside
                    .keySet()
                    .retainAll(next.sides().stream()
                            .flatMap(side -> side.segments().stream())
                            .collect(Collectors.toSet()));
        }
        registry(statement);
        alerts(statement);
        worker.awaitLoaded();
    }

    /// Sends the registry's tables where `statement` may name one of them or a view of a device type.
    private void registry(String statement) throws InterruptedException {
        long now = registry.devices().version(tenant);
        if (now == version || statement.isEmpty()) {
            return;
        }
        if (now != typesVersion) {
            types = TypeViews.names(registry.devices().types(tenant));
            typesVersion = now;
        }
        String lower = statement.toLowerCase(Locale.ROOT);
        if (REGISTRY.matcher(statement).find() || types.stream().anyMatch(lower::contains)) {
            new SmallTables(worker).registry(tenant, registry);
            version = now;
        } else if (version == Long.MIN_VALUE && !types.equals(told)) {
            // So that a name that was mistyped can be answered with the one that was meant.
            worker.load(new Views(List.copyOf(types), List.of()).frame());
            told = types;
        }
    }

    /// Sends the table of alerts where `statement` may name it and some alert changed.
    private void alerts(String statement) throws InterruptedException {
        if (!ALERTS.matcher(statement).find()) {
            return;
        }
        Alerts alerts = registry.alerts();
        long now = alerts.changes();
        if (now != alertsVersion) {
            new SmallTables(worker).alerts(tenant, alerts);
            alertsVersion = now;
        }
    }

    private Tables tables(Snapshot snapshot, String statement) {
        List<Tables.Hot> hot = snapshot.hot().stream()
                .filter(segment -> segment.rows() > 0)
                .map(segment -> new Tables.Hot(segment.id(), segment.hasLate()))
                .toList();
        List<Tables.Beside> sides = new ArrayList<>();
        for (Side side : Side.values()) {
            Snapshot.SideTable table = snapshot.side(side);
            boolean named = named(side, statement);
            sides.add(new Tables.Beside(
                    files.side(side),
                    table.hot().stream()
                            .map(Snapshot.SideSegment::id)
                            .filter(id -> named || sentBeside.containsKey(id))
                            .toList()));
        }
        return new Tables(files.readings(), hot, sides, files.rolled(), files.parts(), remote);
    }

    /// Rows of a table that no statement asks for stay where they are.
    private static boolean named(Side side, String statement) {
        return Objects.requireNonNull(SIDES.get(side), "every side is there")
                .matcher(statement)
                .find();
    }

    /// Sends the rows of `segment` that the worker does not have.
    private void send(Snapshot.SideSegment segment) throws InterruptedException {
        int rows = segment.rows();
        for (int from = sentBeside.getOrDefault(segment.id(), 0); from < rows; ) {
            int to = Math.min(rows, segment.upTo(from, FRAME_BYTES));
            byte[] cells = segment.cells(from, to);
            byte[] body = new Packer(32 + cells.length)
                    .putByte(segment.side().ordinal())
                    .putLong(segment.id())
                    .putInt(to - from)
                    .putBytes(cells)
                    .body();
            worker.load(new Frame(Kind.SIDE, 0, body));
            from = to;
            sentBeside.put(segment.id(), to);
        }
    }

    private boolean newlyLate(Tables next) {
        return !flagged(next).equals(tables.hot());
    }

    /// The segments that the worker shows now, flagged late where they are by now.
    private List<Tables.Hot> flagged(Tables next) {
        Map<Long, Boolean> late = next.hot().stream().collect(Collectors.toMap(Tables.Hot::id, Tables.Hot::late));
        return tables.hot().stream()
                .map(old -> new Tables.Hot(old.id(), old.late() || late.getOrDefault(old.id(), false)))
                .toList();
    }

    /// Sends rows of `segment` from row `from` on, as many as a frame takes.
    ///
    /// @return the row after the last one sent
    private int send(Snapshot.HotSegment segment, int from) throws InterruptedException {
        Map<String, Integer> names = new HashMap<>();
        Packer nameBytes = new Packer(4096);
        int end = Math.min(segment.rows(), from + ROWS_MAX);
        int[] device = new int[end - from];
        int[] sensor = new int[end - from];
        Packer texts = new Packer(1024);
        byte[] flags = new byte[end - from];
        for (int row = from; row < end; row++) {
            int i = row - from;
            device[i] = index(names, nameBytes, segment.device(row));
            sensor[i] = index(names, nameBytes, segment.sensor(row));
            @Nullable String text = segment.text(row);
            if (text != null) {
                texts.putBytes(text.getBytes(StandardCharsets.UTF_8));
            }
            boolean number = text == null || !Double.isNaN(segment.value(row));
            flags[i] = (byte) ((number ? HotLayout.HAS_VALUE : 0)
                    | (text != null ? HotLayout.HAS_TEXT : 0)
                    | (segment.late(row) ? HotLayout.LATE : 0));
            if (texts.size() + nameBytes.size() > TEXT_BYTES_MAX) {
                end = row + 1;
            }
        }
        int rows = end - from;
        byte[] head = new Packer(16)
                .putLong(segment.id())
                .putInt(rows)
                .putInt(names.size())
                .body();
        HotLayout layout = new HotLayout(head.length + nameBytes.size(), rows);
        ByteBuffer body = ByteBuffer.allocate(layout.texts() + texts.size()).order(ByteOrder.LITTLE_ENDIAN);
        body.put(head).put(nameBytes.body());
        for (int i = 0; i < rows; i++) {
            int row = from + i;
            body.putInt(layout.device(i), device[i]);
            body.putInt(layout.sensor(i), sensor[i]);
            body.putInt(layout.part(i), segment.partition(row));
            body.putLong(layout.ts(i), segment.tsMicros(row));
            body.putDouble(layout.value(i), segment.value(row));
            body.putLong(layout.received(i), segment.receivedMicros(row));
            body.putLong(layout.position(i), segment.position(row));
            body.put(layout.flags(i), flags[i]);
        }
        body.put(layout.texts(), texts.body());
        worker.load(new Frame(Kind.HOT, 0, body.array()));
        return end;
    }

    private static int index(Map<String, Integer> names, Packer bytes, String name) {
        Integer known = names.get(name);
        if (known != null) {
            return known;
        }
        int index = names.size();
        names.put(name, index);
        bytes.putText(name);
        return index;
    }
}
