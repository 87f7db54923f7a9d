package tributary.lake;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tributary.lake.Lake.Rhythm;
import tributary.model.DeviceId;
import tributary.model.TenantId;
import tributary.registry.Sensors;

/// What the lake holds of one tenant in memory: its series, the segments not committed yet, and the list of its files.
///
/// The lake's thread fills and freezes segments; the sealer's thread swaps a frozen segment for its files. Both change
/// [View] under this object's lock; readers take one view and never wait.
final class TenantTail {
    private final TenantId tenant;
    private final int partitions;
    private final Map<String, DeviceSeries> devices = new ConcurrentHashMap<>();

    /// Rows of a partition before this position are in the table's files; after opening only the sealer's commits
    /// move it on disk, and then no row that old comes again, so the lake's thread keeps what it opened with.
    private final long[] readingsFrom;
    private final Map<Side, long[]> sidesFrom = new EnumMap<>(Side.class);

    private volatile View view;
    private volatile RolledUp rolled = new RolledUp(List.of());
    private int seriesCount;

    /// What readers see: files, then segments from the oldest to the one being filled.
    record View(List<Snapshot.DataFile> readings, List<HotTail> hot, Map<Side, SideView> sides) {
        View {
            sides = Map.copyOf(sides);
        }

        SideView side(Side side) {
            return Objects.requireNonNull(sides.get(side), "every side is there");
        }

        View with(Side side, SideView changed) {
            Map<Side, SideView> next = new EnumMap<>(sides);
            next.put(side, changed);
            return new View(readings, hot, next);
        }
    }

    /// The same of one side table.
    record SideView(List<Snapshot.DataFile> files, List<SideTail> hot) {}

    TenantTail(TenantId tenant, int partitions) {
        this.tenant = tenant;
        this.partitions = partitions;
        this.readingsFrom = new long[partitions];
        Map<Side, SideView> sides = new EnumMap<>(Side.class);
        for (Side side : Side.values()) {
            sidesFrom.put(side, new long[partitions]);
            sides.put(side, new SideView(List.of(), List.of(new SideTail(side, partitions))));
        }
        this.view = new View(List.of(), List.of(new HotTail(partitions)), sides);
    }

    /// Continues where the tables stand.
    void restore(TableContents readings, Map<Side, TableContents> sides) {
        copy(readings.positions(), readingsFrom);
        View next = new View(readings.files(), view.hot, view.sides);
        for (Map.Entry<Side, TableContents> entry : sides.entrySet()) {
            Side side = entry.getKey();
            copy(entry.getValue().positions(), from(side));
            next = next.with(
                    side, new SideView(entry.getValue().files(), next.side(side).hot()));
        }
        view = next;
    }

    private long[] from(Side side) {
        return Objects.requireNonNull(sidesFrom.get(side), "every side is there");
    }

    TenantId tenant() {
        return tenant;
    }

    boolean wantsReadings(int partition, long position) {
        return position >= readingsFrom[partition];
    }

    boolean wants(Side side, int partition, long position) {
        return position >= from(side)[partition];
    }

    HotTail hot() {
        return view.hot.getLast();
    }

    /// @return the segment of a side table that is being filled
    SideTail side(Side side) {
        return view.side(side).hot().getLast();
    }

    /// @return the device, new where it is not known; for the lake's thread
    DeviceSeries deviceOrNew(String device) {
        DeviceSeries known = devices.get(device);
        if (known != null) {
            return known;
        }
        DeviceSeries added = new DeviceSeries(device);
        devices.put(device, added);
        return added;
    }

    /// @return the series, new where it is not known; while the tenant is being loaded
    Series known(String device, String sensor, Sensors.Kind kind) {
        DeviceSeries owner = deviceOrNew(device);
        Series series = owner.find(sensor);
        if (series == null) {
            seriesCount++;
            series = owner.add(sensor, kind);
        }
        return series;
    }

    /// For the lake's thread.
    boolean knows(String device, String sensor) {
        DeviceSeries known = devices.get(device);
        return known != null && known.find(sensor) != null;
    }

    Collection<DeviceSeries> devices() {
        return devices.values();
    }

    /// Forgets newest values that came before a position, for what files still have; for the lake's thread.
    ///
    /// @return whether that could be done: not while such a series has rows that are in no file yet
    boolean forget(Forgetting.Which which) {
        View seen = view;
        if (seen.readings != which.files() || seen.hot.size() > 1) {
            return false;
        }
        long filling = hot().id();
        List<DeviceSeries> chosen = devices.values().stream()
                .filter(known -> which.device() == null || known.device().equals(which.device()))
                .toList();
        for (DeviceSeries known : chosen) {
            long before = which.before().applyAsLong(known.device());
            if (known.all().stream().anyMatch(series -> series.position < before && series.segment == filling)) {
                return false;
            }
        }
        for (DeviceSeries known : chosen) {
            seriesCount -= known.forget(which);
            if (known.all().isEmpty()) {
                devices.remove(known.device());
            }
        }
        return true;
    }

    /// Takes newest values from files and from what is not in files yet; for the lake's thread.
    ///
    /// @param device whose, or of all
    /// @param files  the tenant's readings when `left` was read from them
    /// @param left   as in [Forgetting.Which]
    /// @return whether that could be done: the files are still those
    boolean renew(Predicate<String> device, List<Snapshot.DataFile> files, Map<String, Lake.LatestValue> left) {
        View seen = view;
        if (seen.readings != files) {
            return false;
        }
        Map<Series, List<HotTail.Row>> hot = new IdentityHashMap<>();
        for (HotTail segment : seen.hot) {
            for (int row = 0; row < segment.filled(); row++) {
                Series series = segment.series(segment.place(row));
                if (device.test(series.device())) {
                    hot.computeIfAbsent(series, _ -> new ArrayList<>()).add(segment.row(row));
                }
            }
        }
        for (DeviceSeries known : List.copyOf(devices.values())) {
            if (device.test(known.device())) {
                seriesCount -= known.renew(left, hot);
                if (known.all().isEmpty()) {
                    devices.remove(known.device());
                }
            }
        }
        return true;
    }

    int seriesCount() {
        return seriesCount;
    }

    void countSeries() {
        seriesCount++;
    }

    List<Lake.LatestValue> latest(DeviceId device) {
        DeviceSeries series = devices.get(device.value());
        return series == null ? List.of() : series.latest();
    }

    @Nullable
    Rhythm rhythm(DeviceId device) {
        DeviceSeries series = devices.get(device.value());
        return series == null ? null : series.rhythm();
    }

    List<Rhythm> rhythms() {
        return devices.values().stream()
                .map(DeviceSeries::rhythm)
                .filter(Objects::nonNull)
                .toList();
    }

    /// @return whether a segment of readings waits for the sealer
    boolean frozen() {
        return view.hot.size() > 1;
    }

    boolean frozen(Side side) {
        return view.side(side).hot().size() > 1;
    }

    /// Begins a new segment of readings; the ones so far wait for the sealer.
    synchronized void freeze() {
        View old = view;
        view = new View(old.readings, plus(old.hot, new HotTail(partitions)), old.sides);
    }

    synchronized void freeze(Side side) {
        SideView old = view.side(side);
        view = view.with(side, new SideView(old.files(), plus(old.hot(), new SideTail(side, partitions))));
    }

    /// Rows of `sealed` are in `files` from now on.
    synchronized void sealed(HotTail sealed, List<Snapshot.DataFile> files) {
        View old = view;
        view = new View(files, without(old.hot, sealed), old.sides);
    }

    synchronized void sealed(SideTail sealed, List<Snapshot.DataFile> files) {
        Side side = sealed.side();
        view = view.with(side, new SideView(files, without(view.side(side).hot(), sealed)));
    }

    /// @return the table's files as readers see them
    List<Snapshot.DataFile> files(LakeCatalog.Kind kind) {
        View seen = view;
        return kind.side() == null ? seen.readings : seen.side(kind.side()).files();
    }

    /// The tables have these files from now on, all at one moment for whoever looks.
    synchronized void replaced(Map<LakeCatalog.Kind, List<Snapshot.DataFile>> files) {
        View next = view;
        for (Map.Entry<LakeCatalog.Kind, List<Snapshot.DataFile>> entry : files.entrySet()) {
            Side side = entry.getKey().side();
            next = side == null
                    ? new View(entry.getValue(), next.hot, next.sides)
                    : next.with(
                            side, new SideView(entry.getValue(), next.side(side).hot()));
        }
        view = next;
    }

    /// The table has `fresh` in the place of `old` from now on.
    synchronized void replaced(LakeCatalog.Kind kind, Set<Path> old, List<Snapshot.DataFile> fresh) {
        View seen = view;
        List<Snapshot.DataFile> files = new ArrayList<>(files(kind));
        files.removeIf(file -> old.contains(file.path()));
        files.addAll(fresh);
        Side side = kind.side();
        view = side == null
                ? new View(List.copyOf(files), seen.hot, seen.sides)
                : seen.with(
                        side, new SideView(List.copyOf(files), seen.side(side).hot()));
    }

    /// @return the later of `next` and what the table of readings had at opening, by partition
    long[] readingPositions(long[] next) {
        return later(next, readingsFrom);
    }

    long[] positions(Side side, long[] next) {
        return later(next, from(side));
    }

    View view() {
        return view;
    }

    Snapshot snapshot() {
        View seen = view;
        List<Snapshot.HotSegment> hot = new ArrayList<>(seen.hot.size());
        for (HotTail tail : seen.hot) {
            HotRows rows = HotRows.of(tail);
            if (rows.rows() > 0) {
                hot.add(rows);
            }
        }
        Map<Side, Snapshot.SideTable> sides = new EnumMap<>(Side.class);
        seen.sides.forEach((side, table) -> {
            List<Snapshot.SideSegment> rows = new ArrayList<>();
            table.hot().stream().filter(tail -> tail.rows() > 0).forEach(rows::add);
            sides.put(side, new Snapshot.SideTable(table.files(), rows));
        });
        RolledUp now = rolled;
        return new Snapshot(
                tenant, seen.readings, hot, sides, now.of(seen.readings, hot), now.parts(seen.readings, hot));
    }

    /// These are the roll-ups that there are; which days of them are right is seen with each snapshot.
    void rolledUp(List<Rollup> rollups) {
        rolled = new RolledUp(rollups);
    }

    /// @return bytes of all roll-ups
    long rolledBytes() {
        return rolled.bytes();
    }

    /// @return the first position of `partition` that is in no file yet, or the greatest long; for the lake's thread
    long firstUncommitted(int partition) {
        View seen = view;
        long first = Long.MAX_VALUE;
        for (HotTail tail : seen.hot) {
            long position = tail.firstPosition(partition);
            first = position < 0 ? first : Math.min(first, position);
        }
        for (SideView table : seen.sides.values()) {
            for (SideTail tail : table.hot()) {
                long position = tail.firstPosition(partition);
                first = position < 0 ? first : Math.min(first, position);
            }
        }
        return first;
    }

    private static long[] later(long[] a, long[] b) {
        long[] later = a.clone();
        for (int i = 0; i < later.length; i++) {
            later[i] = Math.max(later[i], b[i]);
        }
        return later;
    }

    private static void copy(long[] from, long[] to) {
        System.arraycopy(from, 0, to, 0, Math.min(from.length, to.length));
    }

    private static <T> List<T> plus(List<T> list, T one) {
        List<T> longer = new ArrayList<>(list);
        longer.add(one);
        return List.copyOf(longer);
    }

    private static <T> List<T> without(List<T> list, T one) {
        return list.stream().filter(e -> e != one).toList();
    }

    @Override
    public String toString() {
        return tenant + Arrays.toString(readingsFrom);
    }
}
