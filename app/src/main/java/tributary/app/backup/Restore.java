package tributary.app.backup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import tributary.lake.LakeCopy;
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
    /// @param name     which backup, or null for the newest
    /// @param progress hears how many bytes are done
    public static BackupList into(Path data, Path backup, @Nullable String name, LongConsumer progress) {
        try {
            if (Files.exists(data) && !(Files.isDirectory(data) && Backup.empty(data))) {
                throw new IOException(data + " is not empty; nothing in it was touched, name another folder");
            }
            return restore(data, backup, chosen(backup, name), progress);
        } catch (IOException e) {
            throw new PlatformException(
                    Fault.DATA_FOLDER, "nothing usable was restored to " + data + ": " + e.getMessage(), e);
        }
    }

    private static BackupList chosen(Path backup, @Nullable String name) throws IOException {
        List<String> names = BackupList.names(backup);
        if (names.isEmpty()) {
            throw new IOException(backup + " has no backup");
        }
        if (name != null && !names.contains(name)) {
            throw new IOException("there is no backup " + name + "; there are " + String.join(", ", names));
        }
        return BackupList.read(backup, name == null ? names.getLast() : name);
    }

    private static BackupList restore(Path data, Path backup, BackupList list, LongConsumer progress)
            throws IOException {
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
