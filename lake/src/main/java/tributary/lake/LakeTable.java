package tributary.lake;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.ExpireSnapshots;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileMetadata;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.ManifestReader;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.OverwriteFiles;
import org.apache.iceberg.PartitionData;
import org.apache.iceberg.RewriteFiles;
import org.apache.iceberg.RowDelta;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.Transaction;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.inmemory.InMemoryInputFile;
import org.apache.iceberg.io.CloseableIterable;

/// One Iceberg table. Files and the log position they reach commit together.
///
/// Every snapshot names, in its summary, the position of each partition before which all rows are in the table. A
/// commit that forgot to carry it forward would make the table begin again at zero, so this class is the only one
/// that commits. Changes need the lock of [LakeTables].
final class LakeTable {
    static final String POSITIONS = "tributary.positions";

    /// In the summary: what the commit was made for.
    private static final String NOTE = "tributary.redecoded";

    private final Table table;
    private final LakeCatalog.Kind kind;
    private final LakeStore store;

    LakeTable(Table table, LakeCatalog.Kind kind, LakeStore store) {
        this.table = table;
        this.kind = kind;
        this.store = store;
    }

    /// A written file that is not committed yet.
    ///
    /// @param day days since 1970 of all its rows; months where the table is parted by them
    record Written(Path path, int day, long rows, long bytes, Metrics metrics) {}

    LakeCatalog.Kind kind() {
        return kind;
    }

    void refresh() {
        table.refresh();
    }

    long sequence() {
        Snapshot current = table.currentSnapshot();
        return current == null ? 0 : current.sequenceNumber();
    }

    /// @return by partition: rows before are in the table; the newest snapshot that says so decides
    long[] positions() {
        Snapshot snapshot = table.currentSnapshot();
        while (snapshot != null) {
            String positions = snapshot.summary().get(POSITIONS);
            if (positions != null) {
                return numbers(positions);
            }
            Long parent = snapshot.parentId();
            snapshot = parent == null ? null : table.snapshot(parent);
        }
        return new long[0];
    }

    /// @return metadata files in the table's folder that are newer than what the catalogue names
    List<Path> newerMetadata() throws IOException {
        Path current =
                store.path(((HasTableOperations) table).operations().current().metadataFileLocation());
        long version = version(current);
        return store.list(Folders.parent(current)).stream()
                .map(LakeStore.Found::path)
                .filter(file -> version(file) > version)
                .toList();
    }

    /// Reads a metadata file of its own, which the catalogue may not name.
    ///
    /// @return the positions that it names, or nothing where it is not whole: what a commit names is on disk, so a
    ///     crash or a flush that failed left it before its commit
    Optional<long[]> positions(Path metadata) throws IOException {
        String location = store.location(metadata);
        byte[] bytes;
        try (InputStream in = table.io().newInputFile(location).newStream()) {
            bytes = in.readAllBytes();
        }
        try {
            Snapshot snapshot = TableMetadataParser.read(new InMemoryInputFile(location, bytes))
                    .currentSnapshot();
            return Optional.of(
                    snapshot == null ? new long[0] : numbers(snapshot.summary().getOrDefault(POSITIONS, "")));
        } catch (RuntimeIOException e) { // the sum in the zipped bytes is wrong, or they end too early
            return Optional.empty();
        }
    }

    /// @return its number, or -1 where it is no metadata file
    private static long version(Path metadata) {
        String name = metadata.getFileName().toString();
        int end = name.indexOf('-');
        return end > 0 && name.endsWith(".metadata.json") ? Long.parseLong(name, 0, end, 10) : -1;
    }

    private static long[] numbers(String positions) {
        return positions.isEmpty()
                ? new long[0]
                : Arrays.stream(positions.split(",")).mapToLong(Long::parseLong).toArray();
    }

    private static String text(long[] positions) {
        return LongStream.of(positions).mapToObj(Long::toString).collect(Collectors.joining(","));
    }

    /// @return whether the table already has every row before `positions`
    boolean reached(long[] positions) {
        long[] own = positions();
        for (int i = 0; i < positions.length; i++) {
            if ((i < own.length ? own[i] : 0) < positions[i]) {
                return false;
            }
        }
        return true;
    }

    /// Commits `files` and `positions` at once; `deletes` name keys that rows of `files` replace in older files.
    void commit(List<Written> files, List<Written> deletes, long[] positions) {
        String text = text(positions);
        if (deletes.isEmpty()) {
            AppendFiles append = table.newAppend();
            files.forEach(file -> append.appendFile(dataFile(file)));
            append.set(POSITIONS, text).commit();
        } else {
            RowDelta delta = table.newRowDelta();
            files.forEach(file -> delta.addRows(dataFile(file)));
            deletes.forEach(file -> delta.addDeletes(deleteFile(file)));
            delta.set(POSITIONS, text).commit();
        }
    }

    /// Puts `fresh` in the place of files of `base`, rows the same. Rows and keys that were committed after `base`
    /// stay as they are: fresh files count as old as `base`, so keys deleted since are deleted in them, too.
    void replace(Day base, Day old, List<Written> fresh) {
        table.refresh(); // positions of an older snapshot must not be carried forward
        RewriteFiles rewrite =
                table.newRewrite().validateFromSnapshot(base.snapshotId).dataSequenceNumber(base.sequence);
        old.data.forEach(rewrite::deleteFile);
        old.deletes.forEach(rewrite::deleteFile);
        fresh.forEach(file -> rewrite.addFile(dataFile(file)));
        rewrite.set(POSITIONS, text(positions())).commit();
    }

    /// Puts `rewritten` in the place of files of several days of `old`, as [#replace] does, and adds files, all at
    /// once.
    ///
    /// @param note which commits carry, for [#has]
    void exchange(Day old, List<Written> rewritten, List<Written> added, String note) {
        table.refresh();
        String text = text(positions());
        Transaction all = table.newTransaction();
        if (!old.data.isEmpty()) {
            RewriteFiles rewrite =
                    all.newRewrite().validateFromSnapshot(old.snapshotId).dataSequenceNumber(old.sequence);
            old.data.forEach(rewrite::deleteFile);
            old.deletes.forEach(rewrite::deleteFile);
            rewritten.forEach(file -> rewrite.addFile(dataFile(file)));
            rewrite.set(NOTE, note).set(POSITIONS, text).commit();
        }
        if (!added.isEmpty()) {
            AppendFiles append = all.newAppend();
            added.forEach(file -> append.appendFile(dataFile(file)));
            append.set(NOTE, note).set(POSITIONS, text).commit();
        }
        all.commitTransaction();
    }

    /// @return whether a commit that can be read was made for this note
    boolean has(String note) {
        table.refresh();
        return notes().contains(note);
    }

    /// @return the notes of commits, as of when it was looked at last
    Set<String> notes() {
        Set<String> notes = new HashSet<>();
        for (Snapshot snapshot : table.snapshots()) {
            String note = snapshot.summary().get(NOTE);
            if (note != null) {
                notes.add(note);
            }
        }
        return notes;
    }

    /// Puts `fresh` in the place of `old`, which are all files of a span. For tables that have nothing of the log.
    void put(List<DataFile> old, List<Written> fresh) {
        OverwriteFiles overwrite = table.newOverwrite();
        old.forEach(overwrite::deleteFile);
        fresh.forEach(file -> overwrite.addFile(dataFile(file)));
        overwrite.commit();
    }

    /// Forgets snapshots that were followed by the next one before `beforeMillis`, and deletes the files that only
    /// they name. Whoever read such a snapshot took it before that moment.
    ///
    /// @return how many
    int expire(long beforeMillis) {
        table.refresh();
        List<Long> ids = new ArrayList<>();
        Snapshot child = table.currentSnapshot();
        boolean followed = false;
        while (child != null) {
            followed |= child.timestampMillis() < beforeMillis;
            Long parentId = child.parentId();
            child = parentId == null ? null : table.snapshot(parentId);
            if (child != null && followed) {
                ids.add(child.snapshotId());
            }
        }
        if (!ids.isEmpty()) {
            // By number: Iceberg then looks at what the others reach, and does not wait with replaced files until
            // the snapshot that replaced them goes itself.
            ExpireSnapshots expire = table.expireSnapshots();
            ids.forEach(expire::expireSnapshotId);
            expire.cleanExpiredFiles(true).commit();
        }
        return ids.size();
    }

    /// @return how many snapshots can be read
    int snapshots() {
        int count = 0;
        for (Snapshot _ : table.snapshots()) {
            count++;
        }
        return count;
    }

    /// @return the commit that made the oldest snapshot that can be read
    long oldestSequence() {
        long oldest = Long.MAX_VALUE;
        for (Snapshot snapshot : table.snapshots()) {
            oldest = Math.min(oldest, snapshot.sequenceNumber());
        }
        return oldest;
    }

    /// @return files of keys of every day
    List<DeleteFile> deletes() throws IOException {
        table.refresh();
        List<DeleteFile> deletes = new ArrayList<>();
        Snapshot current = table.currentSnapshot();
        if (current != null) {
            for (ManifestFile manifest : current.deleteManifests(table.io())) {
                try (ManifestReader<DeleteFile> files =
                        ManifestFiles.readDeleteManifest(manifest, table.io(), table.specs())) {
                    files.forEach(file -> deletes.add(file.copy()));
                }
            }
        }
        return deletes;
    }

    /// The files of one day, as of one snapshot.
    record Day(long snapshotId, long sequence, List<DataFile> data, List<DeleteFile> deletes) {}

    /// @return the files of a day, in days since 1970, as they are now
    Day day(int day) throws IOException {
        table.refresh();
        Snapshot current = table.currentSnapshot();
        List<DataFile> data = new ArrayList<>();
        List<DeleteFile> deletes = new ArrayList<>();
        if (current == null) {
            return new Day(-1, 0, data, deletes);
        }
        Expression ofDay = Expressions.equal(table.spec().fields().getFirst().name(), day);
        for (ManifestFile manifest : current.dataManifests(table.io())) {
            try (ManifestReader<DataFile> files =
                    ManifestFiles.read(manifest, table.io(), table.specs()).filterPartitions(ofDay)) {
                files.forEach(file -> data.add(file.copy()));
            }
        }
        for (ManifestFile manifest : current.deleteManifests(table.io())) {
            try (ManifestReader<DeleteFile> files = ManifestFiles.readDeleteManifest(
                            manifest, table.io(), table.specs())
                    .filterPartitions(ofDay)) {
                files.forEach(file -> deletes.add(file.copy()));
            }
        }
        return new Day(current.snapshotId(), current.sequenceNumber(), data, deletes);
    }

    Path newFile(int day, String name) {
        PartitionData partition = partition(day);
        return store.path(table.locationProvider().newDataLocation(table.spec(), partition, name));
    }

    /// @return what the table holds now
    TableContents contents() {
        List<DataFile> files = new ArrayList<>();
        if (table.currentSnapshot() != null) {
            try (CloseableIterable<FileScanTask> tasks =
                    table.newScan().includeColumnStats().planFiles()) {
                for (FileScanTask task : tasks) {
                    files.add(task.file().copy());
                }
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read the table " + table.name(), e);
            }
        }
        return TableContents.of(this, files);
    }

    /// @return files of rows that were committed after `sequence`
    List<Path> filesSince(long sequence) throws IOException {
        List<Path> paths = new ArrayList<>();
        if (table.currentSnapshot() == null) {
            return paths;
        }
        try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
            for (FileScanTask task : tasks) {
                Long since = task.file().dataSequenceNumber();
                if (since == null || since > sequence) {
                    paths.add(store.path(task.file().location()));
                }
            }
        }
        return paths;
    }

    /// @return every file that the table's metadata reaches, metadata included
    Set<Path> reachable() throws IOException {
        table.refresh();
        Set<Path> reached = new HashSet<>();
        TableMetadata metadata = ((HasTableOperations) table).operations().current();
        reached.add(store.path(metadata.metadataFileLocation()));
        metadata.previousFiles().forEach(entry -> reached.add(store.path(entry.file())));
        Set<String> manifests = new HashSet<>();
        for (Snapshot snapshot : table.snapshots()) {
            reached.add(store.path(snapshot.manifestListLocation()));
            for (ManifestFile manifest : snapshot.allManifests(table.io())) {
                if (manifests.add(manifest.path())) {
                    reached.add(store.path(manifest.path()));
                    addFiles(manifest, reached);
                }
            }
        }
        return reached;
    }

    /// @return what the newest snapshot reaches, and the metadata file that names it
    Set<Path> current() throws IOException {
        Set<Path> reached = new HashSet<>();
        reached.add(
                store.path(((HasTableOperations) table).operations().current().metadataFileLocation()));
        Snapshot snapshot = table.currentSnapshot();
        if (snapshot != null) {
            reached.add(store.path(snapshot.manifestListLocation()));
            for (ManifestFile manifest : snapshot.allManifests(table.io())) {
                reached.add(store.path(manifest.path()));
                addFiles(manifest, reached);
            }
        }
        return reached;
    }

    /// @return how many rows the files have that the table names now
    long rows() {
        return contents().files().stream().mapToLong(file -> file.rows()).sum();
    }

    String location() {
        return table.location();
    }

    String metadataLocation() {
        return ((HasTableOperations) table).operations().current().metadataFileLocation();
    }

    /// @return how the lake names the file
    Path path(ContentFile<?> file) {
        return store.path(file.location());
    }

    Path folder() {
        return store.path(table.location());
    }

    private void addFiles(ManifestFile manifest, Set<Path> reached) throws IOException {
        switch (manifest.content()) {
            case DATA -> {
                try (ManifestReader<DataFile> files = ManifestFiles.read(manifest, table.io(), table.specs())) {
                    files.forEach(file -> reached.add(store.path(file.location())));
                }
            }
            case DELETES -> {
                try (ManifestReader<DeleteFile> files =
                        ManifestFiles.readDeleteManifest(manifest, table.io(), table.specs())) {
                    files.forEach(file -> reached.add(store.path(file.location())));
                }
            }
        }
    }

    DataFile dataFile(Written file) {
        return DataFiles.builder(table.spec())
                .withPath(store.location(file.path))
                .withFormat(FileFormat.PARQUET)
                .withPartition(partition(file.day))
                .withFileSizeInBytes(file.bytes)
                .withRecordCount(file.rows)
                .withMetrics(file.metrics)
                .withSortOrder(table.sortOrder())
                .build();
    }

    private DeleteFile deleteFile(Written file) {
        return FileMetadata.deleteFileBuilder(table.spec())
                .ofEqualityDeletes(1, 2, 3)
                .withPath(store.location(file.path))
                .withFormat(FileFormat.PARQUET)
                .withPartition(partition(file.day))
                .withFileSizeInBytes(file.bytes)
                .withRecordCount(file.rows)
                .withMetrics(file.metrics)
                .build();
    }

    private PartitionData partition(int day) {
        PartitionData partition = new PartitionData(table.spec().partitionType());
        partition.set(0, day);
        return partition;
    }
}
