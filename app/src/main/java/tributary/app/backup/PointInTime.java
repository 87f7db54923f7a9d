package tributary.app.backup;

import java.io.IOException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tributary.log.LogCut;
import tributary.model.Micros;

/// A moment between two backups: the older one, and the newer one's log up to that moment.
///
/// A server reads again from its log what the older backup's lake and rules do not have yet, as it does after a
/// crash. So nothing but the log says what the moment is.
///
/// @param list   the older backup, with the files of the log that are to be cut
/// @param micros messages that were received later are left out
/// @param last   the last message of its partition, or null
record PointInTime(BackupList list, long micros, LogCut.@Nullable Place last) {
    private static final String LOG = "log/p";

    /// @param at a moment as ISO 8601, or partition and position of a message, `0-1234`
    static PointInTime of(Path backup, String at) throws IOException {
        List<String> names = BackupList.names(backup);
        if (at.matches("\\d{1,4}-\\d{1,18}")) {
            int dash = at.indexOf('-');
            LogCut.Place place =
                    new LogCut.Place(Integer.parseInt(at, 0, dash, 10), Long.parseLong(at, dash + 1, at.length(), 10));
            return between(backup, names, received(backup, names, place), place);
        }
        try {
            return between(backup, names, Micros.of(Instant.parse(at)), null);
        } catch (DateTimeException e) {
            throw new IOException(
                    "there is no backup %s; there are %s. A moment is written as 2026-11-28T14:00:00Z, a message as its partition and position, 0-1234"
                            .formatted(at, String.join(", ", names)),
                    e);
        }
    }

    private static PointInTime between(Path backup, List<String> names, long micros, LogCut.@Nullable Place last)
            throws IOException {
        String moment = Micros.text(micros);
        String before = null;
        String after = null;
        for (String name : names) {
            if (Micros.of(Backup.made(name)) <= micros) {
                before = name;
            } else if (after == null) {
                after = name;
            }
        }
        if (before == null) {
            throw new IOException("%s is before the oldest backup, which is %s".formatted(moment, names.getFirst()));
        }
        if (after == null) {
            throw new IOException(
                    "%s is after the newest backup, which is %s; what came since is in none".formatted(moment, before));
        }
        BackupList older = BackupList.read(backup, before);
        BackupList newer = BackupList.read(backup, after);
        return new PointInTime(new BackupList(before, joined(older, newer), older.rows()), micros, last);
    }

    /// The files of the older backup, and segments of the log of both.
    private static Map<String, BackupList.Stored> joined(BackupList older, BackupList newer) throws IOException {
        Map<String, BackupList.Stored> files = new TreeMap<>(newer.files());
        files.keySet().removeIf(path -> !path.startsWith(LOG));
        Set<String> first = new TreeSet<>(files.keySet());
        for (Map.Entry<String, BackupList.Stored> file : older.files().entrySet()) {
            String path = file.getKey();
            if (!path.startsWith(LOG)) {
                files.put(path, file.getValue());
                continue;
            }
            String folder = path.substring(0, path.lastIndexOf('/') + 1);
            String oldest = first.stream()
                    .filter(other -> other.startsWith(folder))
                    .findFirst()
                    .orElse("");
            if (oldest.isEmpty() || path.compareTo(oldest) < 0) {
                files.put(path, file.getValue());
            }
        }
        for (String folder : folders(older)) {
            boolean shared = older.files().keySet().stream()
                    .anyMatch(path -> path.startsWith(folder) && newer.files().containsKey(path));
            if (!shared) {
                throw new IOException(
                        "the log of backup %s begins after backup %s ended, so no moment between them can be chosen; make backups more often, or raise log.size-max"
                                .formatted(newer.name(), older.name()));
            }
        }
        return files;
    }

    private static Set<String> folders(BackupList list) {
        return list.files().keySet().stream()
                .filter(path -> path.startsWith(LOG))
                .map(path -> path.substring(0, path.lastIndexOf('/') + 1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static long received(Path backup, List<String> names, LogCut.Place place) throws IOException {
        ObjectStore store = new ObjectStore(backup);
        for (String name : names.reversed()) {
            TreeMap<String, BackupList.Stored> segments =
                    new TreeMap<>(BackupList.read(backup, name).files());
            segments.keySet().removeIf(path -> !path.startsWith(LOG + place.partition() + "/"));
            for (BackupList.Stored segment : segments.descendingMap().values()) {
                OptionalLong received = LogCut.received(store.path(segment.sha256()), place.position());
                if (received.isPresent()) {
                    return received.getAsLong();
                }
            }
        }
        throw new IOException("no backup has the message at position %d of partition %d in its log"
                .formatted(place.position(), place.partition()));
    }
}
