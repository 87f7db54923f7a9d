package tributary.app.score;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import tributary.log.Batch;
import tributary.log.Log;
import tributary.log.LogReader;
import tributary.log.LogSettings;
import tributary.log.SegmentLog;
import tributary.model.Message;
import tributary.model.PlatformException;

/// What a log gives after its files were damaged, compared with what it gave before.
///
/// @param silent    records that are missing and that no report of damage is about
/// @param altered   records that are there and others than before
/// @param reported  whether anything was said
record RottenLog(long silent, long altered, boolean reported) {
    /// @return a digest of each record by partition and position
    static SortedMap<String, Integer> records(Path folder) {
        try (SegmentLog log = open(folder)) {
            return records(log);
        }
    }

    private static SegmentLog open(Path folder) {
        return SegmentLog.open(LogSettings.DEFAULTS, folder, InstantSource.system());
    }

    private static SortedMap<String, Integer> records(Log log) {
        SortedMap<String, Integer> all = new TreeMap<>();
        try (LogReader reader = log.reader()) {
            for (int partition = 0; partition < log.partitions(); partition++) {
                reader.seek(partition, 0);
                while (reader.position(partition) < log.end(partition)) {
                    Batch batch = reader.next(partition);
                    if (batch == null) {
                        break;
                    }
                    for (int i = 0; i < batch.size(); i++) {
                        all.put(key(partition, batch.first() + i), digest(batch.message(i)));
                    }
                }
            }
        }
        return all;
    }

    private static String key(int partition, long position) {
        return "%02d %012d".formatted(partition, position);
    }

    private static int digest(Message message) {
        return Objects.hash(
                message.tenant(),
                message.device(),
                message.topic(),
                Arrays.hashCode(message.payload()),
                message.receivedMicros(),
                message.publisher(),
                message.qos(),
                message.retain(),
                message.publishId());
    }

    /// Opens it with the code that every start runs.
    static RottenLog look(Path folder, SortedMap<String, Integer> before) {
        try (SegmentLog log = open(folder)) {
            SortedMap<String, Integer> now = records(log);
            List<Log.Damage> damage = log.damage();
            long silent = 0;
            long altered = 0;
            for (String key : before.keySet()) {
                Integer there = now.get(key);
                if (there == null) {
                    int partition = Integer.parseInt(key.substring(0, 2));
                    long position = Long.parseLong(key.substring(3));
                    silent += damage.stream().anyMatch(stretch -> about(stretch, partition, position)) ? 0 : 1;
                } else if (!there.equals(before.get(key))) {
                    altered++;
                }
            }
            altered += now.keySet().stream()
                    .filter(key -> !before.containsKey(key))
                    .count();
            return new RottenLog(silent, altered, !damage.isEmpty());
        } catch (PlatformException e) {
            if (!e.detail().contains(folder.toString())) {
                throw e;
            }
            return new RottenLog(0, 0, true);
        }
    }

    private static boolean about(Log.Damage stretch, int partition, long position) {
        return stretch.partition() == partition && stretch.first() <= position && position < stretch.end();
    }
}
