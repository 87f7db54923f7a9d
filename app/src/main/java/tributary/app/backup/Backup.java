package tributary.app.backup;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tributary.lake.BucketCopy;
import tributary.lake.LakeCopy;
import tributary.lake.LakePlace;
import tributary.lake.RedecodeWatch;
import tributary.lake.Warehouse;
import tributary.model.Fault;
import tributary.model.PlatformException;

/// Copies a data folder while a server works on it, or while none does. It needs nothing of the server but
/// the files.
///
/// The order makes the copy whole. What says "I have come so far" is taken before that in which it has come
/// so far: what sessions remember; alerts, what sinks have and what rules know; what rules said; the lake's
/// catalogue; the log; files of the lake; the registry, of whose alerts those from before are kept. Files of
/// the log and of what rules said that were there at the beginning hold all that those places behind them
/// have not seen. Where one of them, or a file that the catalogue names, is gone meanwhile, or where somebody
/// wished to erase something, it begins again, with what it has.
public final class Backup {
    private static final int TRIES = 5;
    private static final int CATALOG_TRIES = 300;
    private static final long CATALOG_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final DateTimeFormatter NAME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmssSSS'Z'").withZone(ZoneOffset.UTC);
    /// What belongs to the process that runs, or is made again.
    private static final Set<String> LEFT_OUT =
            Set.of("lock", "server.json", "newest.bin", ".care", "tmp", "snapshots");

    private static final String CATALOG = "lake/catalog.db";
    /// Where a lake that is not in the folder is.
    private static final String PLACE = "lake/place";

    private static final String REGISTRY = "registry.db";
    private static final String OUTBOX = "rules/outbox";
    private static final String WISHES = "lake/.erasures";
    private static final List<String> TAKEN_IN_ORDER =
            List.of("log/", "sessions/", "lake/", "rules/", "sinks/state/", REGISTRY);

    private final Path data;
    private final Path backup;
    private final InstantSource clock;
    private final Warehouse warehouse;
    private final LongConsumer progress;
    private final ObjectStore store;
    private final Map<String, BackupList.Stored> before = new TreeMap<>();
    private final Map<String, BackupList.Stored> files = new TreeMap<>();
    private long copied;
    private long bytes;

    /// What was done.
    ///
    /// @param copied bytes that were not in the folder before
    public record Made(BackupList list, long copied) {}

    private Backup(Path data, Path backup, Warehouse warehouse, InstantSource clock, LongConsumer progress)
            throws IOException {
        this.warehouse = warehouse;
        this.data = data.toRealPath();
        this.backup = backup.toAbsolutePath().normalize();
        this.clock = clock;
        this.progress = progress;
        if (this.backup.startsWith(this.data)) {
            throw new IOException("a backup inside the data folder would be lost with it; name another folder");
        }
        if (Files.isDirectory(this.backup)
                && !Files.isDirectory(this.backup.resolve(BackupList.FOLDER))
                && !empty(this.backup)) {
            throw new IOException(backup + " is neither empty nor a folder of backups; name another");
        }
        this.store = new ObjectStore(this.backup);
        ObjectStore.closed(this.backup.resolve(BackupList.FOLDER));
    }

    /// @return when a backup was made, by its name
    static Instant made(String name) {
        return NAME.parse(name, Instant::from);
    }

    static boolean empty(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.findAny().isEmpty();
        }
    }

    /// Makes a backup.
    ///
    /// @param warehouse the bucket that the lake is in, so that it is copied too; else [Warehouse#FOLDER]
    /// @param keep      so many backups stay in the folder, this one included
    /// @param progress  hears how many bytes are done
    public static Made make(Path data, Path backup, Warehouse warehouse, int keep, LongConsumer progress) {
        try {
            Backup one = new Backup(data, backup, warehouse, InstantSource.system(), progress);
            try (FileChannel channel = FileChannel.open(
                            backup.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock lock = channel.tryLock()) {
                if (lock == null) {
                    throw new IOException("another backup into " + backup + " is under way; try again when it is done");
                }
                return one.make(keep);
            }
        } catch (IOException e) {
            throw new PlatformException(Fault.DATA_FOLDER, "no backup of " + data + " was made: " + e.getMessage(), e);
        }
    }

    private Made make(int keep) throws IOException {
        List<String> names = BackupList.names(backup);
        if (!names.isEmpty()) {
            before.putAll(BackupList.read(backup, names.getLast()).files());
        }
        Path staging = backup.resolve("staging");
        if (Files.exists(staging)) {
            delete(staging); // of one that was killed
        }
        Files.createDirectory(staging);
        try {
            @Nullable Map<String, Long> rows = null;
            for (int left = TRIES; rows == null; left--) {
                try {
                    rows = attempt(staging);
                } catch (NoSuchFileException e) {
                    if (left == 1) {
                        throw new IOException(
                                "files went faster than they could be copied, the last was " + e.getFile()
                                        + "; raise lake.keep-snapshots or log.size-max, or, where data is being"
                                        + " erased, begin again when that is done",
                                e);
                    }
                }
            }
            BackupList list = new BackupList(NAME.format(now()), files, rows);
            write(list);
            forgetOld(keep);
            return new Made(list, copied);
        } finally {
            delete(staging);
        }
    }

    private Instant now() {
        return clock.instant();
    }

    /// @return rows by table
    private Map<String, Long> attempt(Path staging) throws IOException {
        files.clear();
        bytes = 0;
        List<String> wishes = below(WISHES);
        growing(WISHES);
        growing("sessions/readers");
        growing("sessions");
        List<String> logs = below("log");
        Path alerts = rules(staging);
        Path catalog = staging.resolve("catalog.db");
        Map<String, Long> rows = lake(staging, logs);
        for (String other : below("")) {
            boolean special = TAKEN_IN_ORDER.stream().anyMatch(other::startsWith);
            if (!special) {
                growingFile(other);
            }
        }
        if (Files.exists(data.resolve(REGISTRY))) {
            Path registry = staging.resolve(REGISTRY);
            RegistryCopy.database(data.resolve(REGISTRY), registry);
            if (alerts != null) {
                RegistryCopy.alertsOf(registry, alerts);
            }
            put(REGISTRY, registry);
        }
        if (!wishes.containsAll(below(WISHES))) {
            throw new NoSuchFileException(WISHES, null, "data was erased meanwhile");
        }
        return rows;
    }

    /// Takes the catalogue, the log, and then the files that the catalogue names: what is not in these is in the log.
    ///
    /// @return rows by table
    private Map<String, Long> lake(Path staging, List<String> logs) throws IOException {
        if (!BucketCopy.place(warehouse).isEmpty()) {
            return bucket(staging, logs);
        }
        Path catalog = staging.resolve("catalog.db");
        boolean remote = LakePlace.bucket(data.resolve("lake")) != null;
        boolean lake = !remote && Files.exists(data.resolve(CATALOG));
        if (remote) {
            growingFile(PLACE);
        }
        if (lake) {
            whole(
                    () -> {
                        RegistryCopy.database(data.resolve(CATALOG), catalog);
                        put(CATALOG, catalog);
                        return catalog;
                    },
                    _ -> LakeCopy.contents(staging).notes());
        }
        log(logs);
        LakeCopy.Contents contents =
                lake ? LakeCopy.contents(staging) : new LakeCopy.Contents(Set.of(), Map.of(), Map.of());
        for (Path file : contents.files()) {
            unchanging(file);
        }
        return contents.rows();
    }

    /// The same of a lake in a bucket; what is made of the copy is a lake in the data folder.
    private Map<String, Long> bucket(Path staging, List<String> logs) throws IOException {
        Path catalog = staging.resolve("catalog.db");
        try (BucketCopy copy = BucketCopy.open(warehouse, staging.resolve("bucket"))) {
            BucketCopy.Taken taken = whole(
                    () -> {
                        Files.deleteIfExists(catalog);
                        BucketCopy.Taken copied = copy.catalog(catalog);
                        put(CATALOG, catalog);
                        return copied;
                    },
                    BucketCopy.Taken::notes);
            log(logs);
            Path scratch = staging.resolve("scratch");
            for (String file : new TreeSet<>(taken.files())) {
                String path = "lake/" + file;
                BackupList.Stored old = before.get(path);
                if (old != null && BucketCopy.unchanging(file) && store.has(old.sha256())) {
                    files.put(path, old);
                    told(old.bytes());
                } else {
                    Files.deleteIfExists(scratch);
                    copy.fetch(file, scratch);
                    note(path, scratch, store.put(scratch));
                }
            }
            return taken.rows();
        }
    }

    /// Copies a catalogue, and does so again where a window that is decoded again is in one table and not yet
    /// in another: a server is there for a moment, and one that was killed there puts it right when it starts.
    ///
    /// @param notes which commits of several tables a copy has
    private <T> T whole(Copying<T> copying, Notes<T> notes) throws IOException {
        for (int left = CATALOG_TRIES; left > 0; left--) {
            RedecodeWatch watch = RedecodeWatch.begin(data.resolve("lake"));
            T copy = copying.copy();
            if (watch.whole(() -> notes.of(copy))) {
                return copy;
            }
            LockSupport.parkNanos(CATALOG_PAUSE_NANOS);
        }
        throw new IOException("a window that is decoded again is in one of the lake's tables and not yet in another;"
                + " where no server works on the folder, start it once, and make the backup then");
    }

    private interface Copying<T> {
        T copy() throws IOException;
    }

    private interface Notes<T> {
        Map<String, Set<String>> of(T copy) throws IOException;
    }

    private void log(List<String> logs) throws IOException {
        growing("log/readers");
        growing("log", logs);
    }

    /// Takes what rules know and said. How far sinks and the table of alerts are comes before it.
    ///
    /// @return a copy of the registry with alerts as they were before, or null where there is none
    private @Nullable Path rules(Path staging) throws IOException {
        List<String> said = below(OUTBOX);
        Path alerts = null;
        if (Files.exists(data.resolve(REGISTRY))) {
            alerts = staging.resolve("alerts.db");
            RegistryCopy.database(data.resolve(REGISTRY), alerts);
        }
        // before the files of sinks: what the outbox let go of by then is in those
        growing(OUTBOX + "/readers");
        growing("sinks/state");
        for (String known : below("rules")) {
            if (!known.startsWith(OUTBOX)) {
                growingFile(known);
            }
        }
        growing(OUTBOX, said);
        return alerts;
    }

    private void growing(String folder) throws IOException {
        growing(folder, List.of());
    }

    /// @param needed files of the folder without which the copy is not whole
    private void growing(String folder, List<String> needed) throws IOException {
        Set<String> all = new TreeSet<>(needed);
        all.addAll(below(folder));
        for (String path : all) {
            growingFile(path);
        }
    }

    private void growingFile(String path) throws IOException {
        if (!files.containsKey(path)) {
            Path file = data.resolve(path);
            note(path, file, store.putGrowing(file));
        }
    }

    private void put(String path, Path copy) throws IOException {
        note(path, copy, store.put(copy));
    }

    /// A file that is what it was when it has the same size and time.
    private void unchanging(Path file) throws IOException {
        String path = data.relativize(file).toString().replace('\\', '/');
        BackupList.Stored old = before.get(path);
        BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
        if (old != null
                && old.bytes() == now.size()
                && old.changedMillis() == now.lastModifiedTime().toMillis()
                && store.has(old.sha256())) {
            files.put(path, old);
            told(now.size());
        } else {
            note(path, file, store.put(file));
        }
    }

    private void note(String path, Path file, String sha256) throws IOException {
        BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
        BackupList.Stored stored =
                new BackupList.Stored(sha256, now.size(), now.lastModifiedTime().toMillis());
        boolean known = before.values().stream().anyMatch(old -> old.sha256().equals(sha256));
        copied += known ? 0 : now.size();
        files.put(path, stored);
        told(now.size());
    }

    private void told(long more) {
        bytes += more;
        progress.accept(bytes);
    }

    /// @return the paths of the files in a folder of the data folder and below
    private List<String> below(String folder) throws IOException {
        List<String> paths = new ArrayList<>();
        Path top = data.resolve(folder);
        if (!Files.isDirectory(top)) {
            return paths;
        }
        Files.walkFileTree(top, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
                return LEFT_OUT.contains(dir.getFileName().toString())
                        ? FileVisitResult.SKIP_SUBTREE
                        : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                String name = file.getFileName().toString();
                boolean passing = name.endsWith(".new") || name.endsWith(".part") || LEFT_OUT.contains(name);
                if (attributes.isRegularFile() && !passing) {
                    paths.add(data.relativize(file).toString().replace('\\', '/'));
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                if (e instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw e;
            }
        });
        return paths.stream().sorted().toList();
    }

    private void write(BackupList list) throws IOException {
        Path folder = backup.resolve(BackupList.FOLDER);
        Path draft = folder.resolve(list.name() + ".draft");
        Files.writeString(draft, list.text());
        try (FileChannel channel = FileChannel.open(draft, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(draft, folder.resolve(list.name() + ".json"), StandardCopyOption.ATOMIC_MOVE);
    }

    private void forgetOld(int keep) throws IOException {
        List<String> names = BackupList.names(backup);
        List<String> kept = names.subList(Math.max(0, names.size() - keep), names.size());
        Set<String> named = new HashSet<>();
        for (String name : kept) {
            BackupList.read(backup, name).files().values().forEach(stored -> named.add(stored.sha256()));
        }
        for (String name : names.subList(0, names.size() - kept.size())) {
            Files.delete(backup.resolve(BackupList.FOLDER).resolve(name + ".json"));
        }
        store.retain(named);
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }
}
