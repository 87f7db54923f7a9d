package tributary.lake;

import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.model.TenantId;

/// Turns frozen segments into committed files: sort, write, flush, commit, show.
///
/// Each task may be tried again from its beginning at any time: what the table already has is seen by its positions,
/// whether or not an answer was lost. Of the sealer's thread.
final class Sealer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Sealer.class);

    private final LakeTables tables;
    private final ParquetFiles parquet;
    private final Checkpoints checkpoints;
    private final LakeSettings settings;
    private final Steps steps;
    private final Map<TenantId, Long> checkpointMillis = new HashMap<>();

    Sealer(LakeTables tables, ParquetFiles parquet, Checkpoints checkpoints, LakeSettings settings, Steps steps) {
        this.tables = tables;
        this.parquet = parquet;
        this.checkpoints = checkpoints;
        this.settings = settings;
        this.steps = steps;
    }

    /// Makes the rows of a task permanent; when it returns they are, and readers see them in files.
    void seal(SealTask task) throws IOException {
        switch (task) {
            case SealTask.Readings readings -> sealReadings(readings);
            case SealTask.SideTable side -> sealSide(side);
        }
    }

    /// Forgets what it knows of tables, so that the next try reads them anew.
    void forget(TenantId tenant) {
        tables.forget(tenant);
    }

    /// What can wait: newest values are written down.
    void care(TenantTail tail, InstantSource clock) throws IOException {
        long now = clock.millis();
        long last = checkpointMillis.computeIfAbsent(tail.tenant(), _ -> now);
        if (now - last > settings.checkpointEvery().toMillis()) {
            checkpoint(tail, now);
        }
    }

    /// Writes down the newest value of each of the tenant's sensors.
    void checkpoint(TenantTail tail, long nowMillis) throws IOException {
        LakeTable table = tables.find(new LakeTables.Name(tail.tenant(), LakeCatalog.Kind.READINGS));
        if (table != null) {
            steps.before(Steps.Step.CHECKPOINT);
            long sequence;
            synchronized (tables) {
                sequence = table.sequence();
            }
            checkpoints.write(tail, sequence);
            checkpointMillis.put(tail.tenant(), nowMillis);
        }
    }

    private void sealReadings(SealTask.Readings task) throws IOException {
        LakeTable table = table(task.tail().tenant(), LakeCatalog.Kind.READINGS);
        if (showReached(table, task.positions(), files -> task.tail().sealed(task.hot(), files))) {
            return;
        }
        SegmentOrder order = new SegmentOrder(task.hot());
        List<LakeTable.Written> files = new ArrayList<>();
        List<LakeTable.Written> deletes = new ArrayList<>();
        try {
            for (SegmentOrder.Day day : order.days()) {
                steps.before(Steps.Step.WRITE_READINGS);
                ReadingRows rows = new ReadingRows(task.hot(), order, day.rows());
                files.add(write(table, day.day(), "", rows));
                int[] late = rows.lateRows();
                if (late.length > 0) {
                    steps.before(Steps.Step.WRITE_DELETES);
                    deletes.add(write(table, day.day(), "-deletes", new KeyRows(task.hot(), order, late)));
                }
            }
            synchronized (tables) {
                steps.before(Steps.Step.COMMIT_READINGS);
                commit(table, files, deletes, task.positions());
                steps.before(Steps.Step.SHOW_FILES);
                task.tail().sealed(task.hot(), plus(task.tail().view().readings(), table, files));
            }
        } catch (IOException | RuntimeException e) {
            discard(table, task.positions(), files, deletes);
            throw e;
        }
    }

    private void sealSide(SealTask.SideTable task) throws IOException {
        Side side = task.rows().side();
        LakeTable table = table(task.tail().tenant(), LakeCatalog.Kind.of(side));
        if (showReached(table, task.positions(), files -> task.tail().sealed(task.rows(), files))) {
            return;
        }
        List<LakeTable.Written> files = new ArrayList<>();
        try {
            for (Map.Entry<Integer, SideRows> day : SideRows.byDay(task.rows()).entrySet()) {
                steps.before(Steps.Step.WRITE_SIDE);
                files.add(write(table, day.getKey(), "", day.getValue()));
            }
            synchronized (tables) {
                steps.before(Steps.Step.COMMIT_SIDE);
                commit(table, files, List.of(), task.positions());
                task.tail()
                        .sealed(task.rows(), plus(task.tail().view().side(side).files(), table, files));
            }
        } catch (IOException | RuntimeException e) {
            discard(table, task.positions(), files, List.of());
            throw e;
        }
    }

    /// @return whether the table has all rows before `positions` already; then its files are shown
    private boolean showReached(LakeTable table, long[] positions, Consumer<List<Snapshot.DataFile>> show) {
        synchronized (tables) {
            if (!table.reached(positions)) {
                return false;
            }
            show.accept(table.contents().files());
            return true;
        }
    }

    /// A commit whose answer is lost is looked up before it counts as failed.
    private static void commit(
            LakeTable table, List<LakeTable.Written> files, List<LakeTable.Written> deletes, long[] positions) {
        try {
            table.commit(files, deletes, positions);
        } catch (RuntimeException e) {
            table.refresh();
            if (!table.reached(positions)) {
                throw e;
            }
            LOG.warn("the commit to {} was reported as failed and is in the table all the same", table.folder(), e);
        }
    }

    /// Removes files of a try that failed, unless the table may have them; what stays is found at the next start.
    private void discard(
            LakeTable table, long[] positions, List<LakeTable.Written> files, List<LakeTable.Written> deletes) {
        try {
            synchronized (tables) {
                table.refresh();
                if (table.reached(positions)) {
                    return;
                }
            }
            for (LakeTable.Written file : files) {
                tables.store().delete(file.path());
            }
            for (LakeTable.Written file : deletes) {
                tables.store().delete(file.path());
            }
        } catch (IOException | RuntimeException e) {
            LOG.debug("files of a failed try stay until the next start", e);
        }
    }

    private LakeTable.Written write(LakeTable table, int day, String suffix, FileRows rows) throws IOException {
        Path fresh = table.newFile(day, UUID.randomUUID() + suffix + ".parquet");
        long bytes = parquet.write(fresh, rows);
        Path path = FileSum.keep(tables.store(), fresh);
        return new LakeTable.Written(path, day, rows.rows(), bytes, rows.metrics());
    }

    private static List<Snapshot.DataFile> plus(
            List<Snapshot.DataFile> old, LakeTable table, List<LakeTable.Written> files) {
        List<Snapshot.DataFile> all = new ArrayList<>(old);
        for (LakeTable.Written file : files) {
            all.add(TableContents.shown(table, table.dataFile(file)));
        }
        return List.copyOf(all);
    }

    private LakeTable table(TenantId tenant, LakeCatalog.Kind kind) {
        return tables.table(new LakeTables.Name(tenant, kind));
    }

    @Override
    public void close() {
        parquet.close();
    }
}
