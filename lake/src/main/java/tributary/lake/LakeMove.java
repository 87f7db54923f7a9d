package tributary.lake;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.jspecify.annotations.Nullable;
import tributary.model.Fault;
import tributary.model.PlatformException;
import tributary.model.TenantId;

/// Copies a lake from the data folder into a bucket, or back, while no lake is open there.
///
/// Files keep their names and are compared after they were copied; metadata is written anew, because its names
/// are absolute; the new catalogue is filled when all files are there. Then a last small file says that the
/// lake is in the new place ([LakePlace]): before that the old one is the lake, after that the new one. A move
/// that was cut off is begun again with what it has, and takes what came meanwhile with it. The old lake stays
/// as it was.
///
/// What is not in tables stays in the data folder in any case: wishes to erase, whose numbers of commits are
/// right in the new place too, and newest values.
public final class LakeMove {
    private static final String WORK = "move";
    private static final String COPIES_OF_BUCKET = "bucket";

    private final Path lake;
    private final Path work;
    private final LakeCatalog source;
    private final LakeCatalog target;
    private final Consumer<Progress> progress;
    private final Map<String, Moved> moved = new TreeMap<>();
    private long files;
    private long bytes;
    private long allFiles;
    private long allBytes;

    /// How far it is.
    ///
    /// @param table which is copied, `tenant/table`
    public record Progress(String table, long files, long allFiles, long bytes, long allBytes) {}

    /// What a table of the new lake has, compared with the old one.
    ///
    /// @param sha256 of the names and checksums of all its files, in order
    public record Moved(long rows, long files, long bytes, String sha256) {}

    /// A table on its way.
    ///
    /// @param sizes of the files that it names, by their location
    private record Plan(LakeTables.Name name, LakeTable table, String to, Map<String, Long> sizes) {}

    private LakeMove(Path lake, LakeCatalog source, LakeCatalog target, Consumer<Progress> progress) {
        this.lake = lake;
        this.work = lake.resolve(WORK);
        this.source = source;
        this.target = target;
        this.progress = progress;
    }

    /// Moves it.
    ///
    /// @param lake the lake's folder in the data folder, which nobody uses
    /// @return by `tenant/table` what is in the new place
    public static Map<String, Moved> run(Path lake, Warehouse from, Warehouse to, Consumer<Progress> progress) {
        try {
            return moved(lake, from, to, progress);
        } catch (IOException | RuntimeException e) {
            throw new PlatformException(
                    Fault.LAKE_FAILED,
                    "the lake was not moved: " + e.getMessage()
                            + "\n  It is where it was, whole. The same command goes on with what was copied.",
                    e);
        }
    }

    private static Map<String, Moved> moved(Path lake, Warehouse from, Warehouse to, Consumer<Progress> progress)
            throws IOException {
        Path work = lake.resolve(WORK);
        String what = LakePlace.of(from) + " to " + LakePlace.of(to);
        String begun = MoveJournal.begun(work);
        check(lake, from, to, begun == null || begun.equals(what) ? null : begun);
        Folders.make(work);
        LakePlace.write(lake, LakePlace.of(from));
        Path draft = work.resolve("catalog.db");
        Map<String, Moved> moved;
        try (LakeCatalog source = LakeCatalog.forMove(lake, from, work.resolve("from"), null);
                LakeCatalog target = LakeCatalog.forMove(lake, to, work.resolve("to"), draft)) {
            LakeMove move = new LakeMove(lake, source, target, progress);
            if (begun == null) {
                move.checkEmpty(to);
            }
            try (MoveJournal journal = MoveJournal.open(work, what)) {
                moved = move.all(journal);
            }
        }
        if (to.bucket() == null) {
            if (Files.exists(draft.resolveSibling("catalog.db-wal"))) {
                throw new IOException(draft + " was not closed");
            }
            Folders.flush(draft);
            Files.move(
                    draft, LakeCatalog.file(lake), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
        LakePlace.write(lake, LakePlace.of(to));
        delete(work);
        delete(lake.resolve(COPIES_OF_BUCKET));
        return moved;
    }

    private static void check(Path lake, Warehouse from, Warehouse to, @Nullable String other) throws IOException {
        String known = LakePlace.read(lake);
        boolean own = Files.exists(LakeCatalog.file(lake));
        String present = known != null ? known : own ? LakePlace.FOLDER : LakePlace.of(from);
        if (present.equals(LakePlace.of(to))) {
            delete(lake.resolve(WORK)); // of a move that was killed after its end
            throw new IOException("it is there already");
        }
        if (!present.equals(LakePlace.of(from))) {
            throw new IOException("it is in " + (present.equals(LakePlace.FOLDER) ? "the data folder" : present));
        }
        if (from.bucket() == null && !own) {
            throw new IOException("there is none in " + lake);
        }
        if (!new RedecodeNotes(lake).all().isEmpty()) {
            throw new IOException("a window was being decoded again when the server ended; start it once, and stop it");
        }
        if (other != null) {
            throw new IOException(
                    "another move is under way, from %s; end that one, or give it up by deleting %s and what it has copied"
                            .formatted(other, lake.resolve(WORK)));
        }
    }

    /// Nothing of anybody else is written over, and nothing old becomes part of this lake.
    private void checkEmpty(Warehouse to) throws IOException {
        if (to.bucket() == null && Files.exists(LakeCatalog.file(lake))) {
            throw new IOException("the data folder has an older lake; remove it first:\n  " + removal(lake));
        }
        if (!target.tenants().isEmpty()) {
            throw new IOException("its new catalogue names tables already; give it a database of its own");
        }
        for (Plan plan : plans()) {
            if (!there(target.store(), target.store().path(plan.to)).isEmpty()) {
                throw new IOException("there are files in " + plan.to + " already; remove them, or name another place");
            }
        }
    }

    /// @return a command that removes a lake that was in the data folder, and leaves what is not in tables
    public static String removal(Path lake) {
        List<String> tables =
                LakeCatalog.Kind.all().stream().map(LakeCatalog.Kind::table).toList();
        return "rm -rf '%1$s'/catalog.db* '%1$s'/*/{%2$s}".formatted(lake, String.join(",", tables));
    }

    /// Deletes what was left of a lake in the data folder that was moved from there: its catalogue and its tables.
    ///
    /// @throws PlatformException where the lake is in the folder
    public static void forget(Path lake) {
        try {
            if (LakePlace.bucket(lake) == null) {
                throw new IOException("the lake is in it");
            }
            for (String end : List.of("", "-wal", "-shm")) {
                Files.deleteIfExists(lake.resolve(LakeCatalog.file(lake).getFileName() + end));
            }
            try (DirectoryStream<Path> tenants = Files.newDirectoryStream(lake, Files::isDirectory)) {
                for (Path tenant : tenants) {
                    for (LakeCatalog.Kind kind : LakeCatalog.Kind.all()) {
                        delete(tenant.resolve(kind.table()));
                    }
                }
            }
        } catch (IOException e) {
            throw new PlatformException(Fault.DATA_FOLDER, "the old lake in " + lake + " stays: " + e.getMessage(), e);
        }
    }

    private List<Plan> plans() throws IOException {
        LakeTables tables = new LakeTables(source, Steps.NONE);
        List<Plan> plans = new ArrayList<>();
        for (TenantId tenant : source.tenants()) {
            for (LakeCatalog.Kind kind : LakeCatalog.Kind.all()) {
                LakeTables.Name name = new LakeTables.Name(tenant, kind);
                LakeTable table = tables.find(name);
                if (table != null) {
                    String to = target.store().warehouse() + "/" + tenant + "/" + kind.table();
                    plans.add(new Plan(name, table, to, sizes(table)));
                }
            }
        }
        return plans;
    }

    /// @return data and delete files that the newest snapshot names
    private Map<String, Long> sizes(LakeTable table) throws IOException {
        Map<Path, Long> there = there(source.store(), table.folder());
        Map<String, Long> sizes = new TreeMap<>();
        for (Path file : table.current()) {
            String location = source.store().location(file);
            if (!location.startsWith(table.location() + "/")) {
                throw new IOException(location + " is a file of the table in " + table.location());
            }
            if (!location.startsWith(table.location() + "/metadata/")) {
                Long size = there.get(file);
                if (size == null) {
                    throw new IOException("the lake lacks " + location);
                }
                sizes.put(location, size);
            }
        }
        return sizes;
    }

    private static Map<Path, Long> there(LakeStore store, Path folder) throws IOException {
        Map<Path, Long> sizes = new HashMap<>();
        try {
            store.list(folder).forEach(found -> sizes.put(found.path(), found.bytes()));
        } catch (NoSuchFileException e) {
            // no file, no folder
        }
        return sizes;
    }

    private Map<String, Moved> all(MoveJournal journal) throws IOException {
        List<Plan> plans = plans();
        for (Plan plan : plans) {
            allFiles += plan.sizes.size();
            allBytes += plan.sizes.values().stream().mapToLong(Long::longValue).sum();
        }
        for (Plan plan : plans) {
            copy(plan, journal);
        }
        target.forgetAll();
        Set<Path> named = new HashSet<>();
        List<Path> written = new ArrayList<>();
        boolean home = target.store().local();
        FileIO there = home ? FolderIo.asNamed() : target.store().io();
        for (Plan plan : plans) {
            FileIO io = new BothIo(source.store().io(), there, target.store().warehouse() + "/");
            MovedTable table = MovedTable.write(
                    io, new MovedTable.Names(plan.table.location(), plan.to, ""), plan.table.metadataLocation());
            written.add(target.store().path(table.metadata()));
            table.drafts().values().forEach(file -> written.add(target.store().path(file)));
            target.register(plan.name.tenant(), plan.name.kind(), table.metadata());
            compare(plan, named, journal);
        }
        if (home) {
            FileSum.moved(lake, written);
        }
        forgetOthers(plans, named, journal);
        return moved;
    }

    private void copy(Plan plan, MoveJournal journal) throws IOException {
        LakeStore store = target.store();
        Map<Path, Long> there = there(store, store.path(plan.to));
        for (Map.Entry<String, Long> file : plan.sizes.entrySet()) {
            String location = to(plan, file.getKey());
            Path place = store.path(location);
            boolean done =
                    journal.copied().containsKey(location) && file.getValue().equals(there.get(place));
            if (!done) {
                progress.accept(new Progress(shown(plan), files, allFiles, bytes, allBytes));
                journal.add(location, copied(source.store().path(file.getKey()), place));
            }
            files++;
            bytes += file.getValue();
        }
        progress.accept(new Progress(shown(plan), files, allFiles, bytes, allBytes));
    }

    /// @return the SHA-256 of both files
    private String copied(Path file, Path place) throws IOException {
        LakeStore from = source.store();
        LakeStore to = target.store();
        Path bytes = from.local() ? file : fetched(from, file);
        String sha256 = sha256(bytes);
        to.put(place, bytes);
        String back = sha256(to.local() ? place : fetched(to, place));
        if (!back.equals(sha256)) {
            throw new IOException("%s came to its new place with other bytes: SHA-256 %s instead of %s"
                    .formatted(file.getFileName(), back, sha256));
        }
        return sha256;
    }

    private Path fetched(LakeStore store, Path file) throws IOException {
        Path scratch = work.resolve("scratch");
        Files.deleteIfExists(scratch);
        store.fetch(file, scratch);
        return scratch;
    }

    /// What the new table says of itself must be what the old one says.
    private void compare(Plan plan, Set<Path> named, MoveJournal journal) throws IOException {
        LakeTable old = plan.table;
        LakeTable fresh = new LakeTables(target, Steps.NONE).table(plan.name);
        Set<Path> current = fresh.current();
        named.addAll(current);
        Set<String> wanted = new TreeSet<>();
        plan.sizes.keySet().forEach(location -> wanted.add(to(plan, location)));
        Set<String> has = new TreeSet<>();
        for (Path file : current) {
            String location = target.store().location(file);
            if (!location.startsWith(plan.to + "/metadata/")) {
                has.add(location);
            }
        }
        long rows = fresh.rows();
        if (!has.equals(wanted)
                || rows != old.rows()
                || fresh.sequence() != old.sequence()
                || !Arrays.equals(fresh.positions(), old.positions())) {
            throw new IOException(
                    "the table %s says of itself other things in its new place: %d files and %d rows up to commit %d, and not %d, %d and %d"
                            .formatted(
                                    shown(plan),
                                    has.size(),
                                    rows,
                                    fresh.sequence(),
                                    wanted.size(),
                                    old.rows(),
                                    old.sequence()));
        }
        MessageDigest digest = digest();
        for (String location : wanted) {
            String line = location.substring(plan.to.length()) + " "
                    + journal.copied().get(location) + "\n";
            digest.update(line.getBytes(StandardCharsets.UTF_8));
        }
        moved.put(
                shown(plan),
                new Moved(
                        rows,
                        wanted.size(),
                        plan.sizes.values().stream().mapToLong(Long::longValue).sum(),
                        HexFormat.of().formatHex(digest.digest())));
    }

    /// Removes what an earlier try copied and nothing names any more.
    private void forgetOthers(List<Plan> plans, Set<Path> named, MoveJournal journal) throws IOException {
        LakeStore store = target.store();
        Set<Path> others = new TreeSet<>();
        for (Plan plan : plans) {
            others.addAll(there(store, store.path(plan.to)).keySet());
        }
        journal.copied().keySet().forEach(location -> others.add(store.path(location)));
        others.removeAll(named);
        for (Path other : others) {
            store.delete(other);
        }
    }

    private static String to(Plan plan, String location) {
        return plan.to + location.substring(plan.table.location().length());
    }

    private static String shown(Plan plan) {
        return plan.name.tenant() + "/" + plan.name.kind().table();
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static String sha256(Path file) throws IOException {
        MessageDigest digest = digest();
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            byte[] block = new byte[1 << 18];
            int read = in.read(block);
            while (read >= 0) {
                read = in.read(block);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path dir, @Nullable IOException e) throws IOException {
                if (e != null) {
                    throw e;
                }
                Files.delete(dir);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /// Reads old and new files, each where it is, and writes new ones.
    private record BothIo(FileIO source, FileIO target, String targetStart) implements FileIO {
        private static final long serialVersionUID = 1;

        @Override
        public InputFile newInputFile(String location) {
            return (location.startsWith(targetStart) ? target : source).newInputFile(location);
        }

        @Override
        public OutputFile newOutputFile(String location) {
            return target.newOutputFile(location);
        }

        @Override
        public void deleteFile(String location) {
            throw new UnsupportedOperationException("nothing is deleted: " + location);
        }
    }
}
