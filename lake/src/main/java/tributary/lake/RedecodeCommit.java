package tributary.lake;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Metrics;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.model.TenantId;

/// Commits what was decoded again to all its tables or to none, whenever the process dies: what is to be done is
/// written down before the first commit, and looked up by the next start and by care.
final class RedecodeCommit {
    private static final Logger LOG = LoggerFactory.getLogger(RedecodeCommit.class);

    private final LakeTables tables;
    private final RedecodeNotes notes;
    private final Steps steps;

    RedecodeCommit(LakeTables tables, Path lake, Steps steps) {
        this.tables = tables;
        this.notes = new RedecodeNotes(lake);
        this.steps = steps;
    }

    /// Does it, and shows all of it at one moment. Where it throws, nothing was committed and fresh files are gone, or
    /// [#settle] will find out what became of it.
    ///
    /// @param parts at least one
    /// @param guard asked under the lock of the tables
    /// @return false where the guard does not let it pass
    boolean commit(String id, TenantTail tail, List<RedecodePlan.Part> parts, Guard guard) throws IOException {
        RedecodeNotes.Note note = note(id, tail.tenant(), parts);
        synchronized (tables) {
            if (!guard.passes()) {
                discard(parts);
                return false;
            }
            begin(note, parts);
            for (RedecodePlan.Part part : parts.subList(1, parts.size())) {
                steps.before(Steps.Step.REDECODE_COMMIT);
                table(tail.tenant(), part.kind()).exchange(part.old(), part.rewritten(), part.added(), id);
            }
            notes.end(note);
            steps.before(Steps.Step.REDECODE_SHOW);
            show(tail);
            return true;
        }
    }

    /// Says whether what was planned is still right.
    interface Guard {
        boolean passes() throws IOException;
    }

    /// Deletes what was written.
    void discard(List<RedecodePlan.Part> parts) {
        for (RedecodePlan.Part part : parts) {
            tables.discard(part.rewritten());
            tables.discard(part.added());
        }
    }

    /// Commits the first one; with it it is decided.
    private void begin(RedecodeNotes.Note note, List<RedecodePlan.Part> parts) throws IOException {
        RedecodePlan.Part first = parts.getFirst();
        LakeTable table = table(note.tenant(), first.kind());
        boolean noted = false;
        try {
            steps.before(Steps.Step.REDECODE_NOTE);
            notes.save(note);
            noted = true;
            steps.before(Steps.Step.REDECODE_COMMIT);
            table.exchange(first.old(), first.rewritten(), first.added(), note.id());
        } catch (IOException | RuntimeException e) {
            if (noted && table.has(note.id())) {
                LOG.warn("the commit to {} was reported as failed and is in it all the same", table.folder(), e);
                return;
            }
            notes.end(note);
            discard(parts);
            throw e;
        }
    }

    /// The tables that it may change have what they have now, for whoever looks.
    void show(TenantTail tail) {
        synchronized (tables) {
            Map<LakeCatalog.Kind, List<Snapshot.DataFile>> files = new HashMap<>();
            for (LakeCatalog.Kind kind : List.of(LakeCatalog.Kind.READINGS, LakeCatalog.Kind.of(Side.REJECTED))) {
                LakeTable table = tables.find(new LakeTables.Name(tail.tenant(), kind));
                if (table != null) {
                    table.refresh();
                    files.put(kind, table.contents().files());
                }
            }
            tail.replaced(files);
        }
    }

    /// Looks up what was begun and not ended: what the first table has is done in the others, and what it has not is
    /// given up.
    ///
    /// @return the tenants whose tables were found changed
    Set<TenantId> settle(ParquetFiles parquet) throws IOException {
        Set<TenantId> changed = new HashSet<>();
        for (RedecodeNotes.Note note : notes.all()) {
            synchronized (tables) {
                if (settle(note, parquet)) {
                    changed.add(note.tenant());
                }
            }
        }
        return changed;
    }

    private boolean settle(RedecodeNotes.Note note, ParquetFiles parquet) throws IOException {
        LakeTable first = tables.find(name(note, note.tables().getFirst()));
        boolean committed = first != null && first.has(note.id());
        if (committed) {
            for (RedecodeNotes.Change change :
                    note.tables().subList(1, note.tables().size())) {
                LakeTable table = tables.table(name(note, change));
                if (!table.has(note.id())) {
                    steps.before(Steps.Step.REDECODE_COMMIT);
                    table.exchange(
                            old(table, change),
                            written(table, change.rewritten(), parquet),
                            written(table, change.added(), parquet),
                            note.id());
                }
            }
        } else {
            for (RedecodeNotes.Change change : note.tables()) {
                for (RedecodeNotes.Named file : change.rewritten()) {
                    tables.store().delete(file.path());
                }
                for (RedecodeNotes.Named file : change.added()) {
                    tables.store().delete(file.path());
                }
            }
        }
        notes.end(note);
        LOG.info("decoding again of tenant {} was cut off; it is {}", note.tenant(), committed ? "whole" : "undone");
        return committed;
    }

    private static LakeTables.Name name(RedecodeNotes.Note note, RedecodeNotes.Change change) {
        LakeCatalog.Kind kind = LakeCatalog.Kind.logged().stream()
                .filter(known -> known.table().equals(change.table()))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no table " + change.table()));
        return new LakeTables.Name(note.tenant(), kind);
    }

    private static LakeTable.Day old(LakeTable table, RedecodeNotes.Change change) throws IOException {
        Set<Path> paths = new HashSet<>();
        Set<Integer> days = new TreeSet<>();
        for (RedecodeNotes.Named file : change.old()) {
            paths.add(file.path());
            days.add(file.day());
        }
        List<DataFile> old = new ArrayList<>();
        LakeTable.Day found = new LakeTable.Day(-1, 0, old, List.of());
        for (int day : days) {
            LakeTable.Day all = table.day(day);
            all.data().stream().filter(file -> paths.contains(table.path(file))).forEach(old::add);
            found = new LakeTable.Day(all.snapshotId(), all.sequence(), old, List.of());
        }
        return found;
    }

    private List<LakeTable.Written> written(LakeTable table, List<RedecodeNotes.Named> files, ParquetFiles parquet)
            throws IOException {
        List<LakeTable.Written> fresh = new ArrayList<>();
        for (RedecodeNotes.Named file : files) {
            try (Hold _ = tables.store().hold(List.of(file.path()))) {
                Metrics metrics = FileMetrics.of(parquet, file.path(), table.kind());
                long rows = Objects.requireNonNull(metrics.recordCount(), "it was read");
                fresh.add(new LakeTable.Written(file.path(), file.day(), rows, Files.size(file.path()), metrics));
            }
        }
        return fresh;
    }

    private RedecodeNotes.Note note(String id, TenantId tenant, List<RedecodePlan.Part> parts) {
        List<RedecodeNotes.Change> changes = new ArrayList<>();
        for (RedecodePlan.Part part : parts) {
            LakeTable table = table(tenant, part.kind());
            List<RedecodeNotes.Named> old = part.old().data().stream()
                    .map(file -> new RedecodeNotes.Named(file.partition().get(0, Integer.class), table.path(file)))
                    .toList();
            changes.add(
                    new RedecodeNotes.Change(part.kind().table(), old, named(part.rewritten()), named(part.added())));
        }
        return new RedecodeNotes.Note(id, tenant, changes);
    }

    private static List<RedecodeNotes.Named> named(List<LakeTable.Written> files) {
        return files.stream()
                .map(file -> new RedecodeNotes.Named(file.day(), file.path()))
                .toList();
    }

    private LakeTable table(TenantId tenant, LakeCatalog.Kind kind) {
        return tables.table(new LakeTables.Name(tenant, kind));
    }
}
