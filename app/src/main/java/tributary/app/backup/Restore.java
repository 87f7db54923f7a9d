package tributary.app.backup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import tributary.lake.LakeCopy;
import tributary.log.LogCut;
import tributary.model.Fault;
import tributary.model.PlatformException;

/// Makes a data folder of a backup.
public final class Restore {
    /// Is in the folder while it is not whole, so that no server starts on it.
    public static final String UNFINISHED = "restore-unfinished";

    private Restore() {}

    /// Restores into `data`, which is empty or is not there. Every file is compared with its checksum, and
    /// the lake's rows with what was counted when the backup was made.
    ///
    /// @param at       which backup, or a moment between two of them, as time or as the place of a message in
    ///                 the log; null for the newest backup
    /// @param progress hears how many bytes are done
    public static BackupList into(Path data, Path backup, @Nullable String at, LongConsumer progress) {
        try {
            if (Files.exists(data) && !(Files.isDirectory(data) && Backup.empty(data))) {
                throw new IOException(data + " is not empty; nothing in it was touched, name another folder");
            }
            return restore(data, backup, chosen(backup, at), progress);
        } catch (IOException e) {
            throw new PlatformException(
                    Fault.DATA_FOLDER, "nothing usable was restored to " + data + ": " + e.getMessage(), e);
        }
    }

    private static PointInTime chosen(Path backup, @Nullable String at) throws IOException {
        List<String> names = BackupList.names(backup);
        if (names.isEmpty()) {
            throw new IOException(backup + " has no backup");
        }
        if (at != null && !names.contains(at)) {
            return PointInTime.of(backup, at);
        }
        return new PointInTime(BackupList.read(backup, at == null ? names.getLast() : at), Long.MAX_VALUE, null);
    }

    private static BackupList restore(Path data, Path backup, PointInTime point, LongConsumer progress)
            throws IOException {
        BackupList list = point.list();
        ObjectStore store = new ObjectStore(backup);
        ObjectStore.closed(data);
        Path mark = Files.createFile(data.resolve(UNFINISHED));
        long bytes = 0;
        for (Map.Entry<String, BackupList.Stored> file : list.files().entrySet()) {
            Path place = data.resolve(file.getKey()).normalize();
            if (!place.startsWith(data)) {
                throw new IOException("the backup names " + file.getKey() + ", which is outside of the data folder");
            }
            store.get(file.getValue().sha256(), place);
            bytes += file.getValue().bytes();
            progress.accept(bytes);
        }
        if (point.micros() != Long.MAX_VALUE) {
            LogCut.after(data.resolve("log"), point.micros(), point.last());
        }
        Path lake = data.resolve("lake");
        if (Files.exists(lake.resolve("catalog.db"))) {
            LakeCopy.moved(lake);
            LakeCopy.Contents contents = LakeCopy.contents(lake);
            for (Path file : contents.files()) {
                if (!Files.exists(file)) {
                    throw new IOException("the lake lacks " + file);
                }
            }
            if (!contents.rows().equals(list.rows())) {
                throw new IOException("the lake has other rows than the backup: %s and not %s"
                        .formatted(contents.rows(), list.rows()));
            }
        }
        Files.delete(mark);
        return list;
    }
}
