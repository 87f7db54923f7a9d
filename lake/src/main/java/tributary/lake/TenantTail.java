package tributary.lake;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
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
    private final long[] rejectedFrom;
    private final long[] eventsFrom;

    private volatile View view;
    private int seriesCount;

    /// What readers see: files, then segments from the oldest to the one being filled.
    record View(
            List<Snapshot.DataFile> readings,
            List<HotTail> hot,
            Side<Snapshot.Rejected> rejected,
            Side<Snapshot.Happened> events) {}

    TenantTail(TenantId tenant, int partitions) {
        this.tenant = tenant;
        this.partitions = partitions;
        this.readingsFrom = new long[partitions];
        this.rejectedFrom = new long[partitions];
        this.eventsFrom = new long[partitions];
        this.view =
                new View(List.of(), List.of(new HotTail(partitions)), Side.empty(partitions), Side.empty(partitions));
    }

    /// Continues where the tables stand.
    void restore(TableContents readings, TableContents rejected, TableContents events) {
        copy(readings.positions(), readingsFrom);
        copy(rejected.positions(), rejectedFrom);
        copy(events.positions(), eventsFrom);
        View old = view;
        view = new View(readings.files(), old.hot, old.rejected.restored(rejected), old.events.restored(events));
    }

    TenantId tenant() {
        return tenant;
    }

    boolean wantsReadings(int partition, long position) {
        return position >= readingsFrom[partition];
    }

    boolean wantsRejected(int partition, long position) {
        return position >= rejectedFrom[partition];
    }

    boolean wantsEvents(int partition, long position) {
        return position >= eventsFrom[partition];
    }

    HotTail hot() {
        return view.hot.getLast();
    }

    SideTail<Snapshot.Rejected> rejected() {
        return view.rejected.filling();
    }

    SideTail<Snapshot.Happened> events() {
        return view.events.filling();
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

    Collection<DeviceSeries> devices() {
        return devices.values();
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

    /// @return whether a segment waits for the sealer
    boolean frozen() {
        return view.hot.size() > 1;
    }

    /// Begins new segments; the ones so far wait for the sealer.
    synchronized void freeze() {
        View old = view;
        view = new View(
                old.readings,
                Lists.plus(old.hot, new HotTail(partitions)),
                old.rejected.frozen(partitions),
                old.events.frozen(partitions));
    }

    /// Rows of `sealed` are in `files` from now on.
    synchronized void sealed(HotTail sealed, List<Snapshot.DataFile> files) {
        View old = view;
        view = new View(files, Lists.without(old.hot, sealed), old.rejected, old.events);
    }

    synchronized void sealedRejected(SideTail<Snapshot.Rejected> sealed, List<Snapshot.DataFile> files) {
        View old = view;
        view = new View(old.readings, old.hot, old.rejected.sealed(sealed, files), old.events);
    }

    synchronized void sealedEvents(SideTail<Snapshot.Happened> sealed, List<Snapshot.DataFile> files) {
        View old = view;
        view = new View(old.readings, old.hot, old.rejected, old.events.sealed(sealed, files));
    }

    /// Frozen segments that turned out empty need no file.
    synchronized void drop(SealTask task) {
        View old = view;
        view = new View(
                old.readings,
                Lists.without(old.hot, task.hot()),
                old.rejected.without(task.rejected()),
                old.events.without(task.events()));
    }

    /// @param next by partition: the position after the last record taken
    /// @return segments being filled, on their way into files
    SealTask task(long[] next) {
        return new SealTask(
                this,
                hot(),
                rejected(),
                events(),
                new SealTask.Positions(later(next, readingsFrom), later(next, rejectedFrom), later(next, eventsFrom)));
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
        return new Snapshot(
                tenant,
                seen.readings,
                hot,
                new Snapshot.Beside<>(seen.rejected.files(), seen.rejected.rows()),
                new Snapshot.Beside<>(seen.events.files(), seen.events.rows()));
    }

    /// @return the first position of `partition` that is in no file yet, or the greatest long; for the lake's thread
    long firstUncommitted(int partition) {
        View seen = view;
        long first = Long.MAX_VALUE;
        for (HotTail tail : seen.hot) {
            long position = tail.firstPosition(partition);
            first = position < 0 ? first : Math.min(first, position);
        }
        return Math.min(
                first, Math.min(seen.rejected.firstUncommitted(partition), seen.events.firstUncommitted(partition)));
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

    @Override
    public String toString() {
        return tenant + Arrays.toString(readingsFrom);
    }
}
