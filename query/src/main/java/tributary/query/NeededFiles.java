package tributary.query;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tributary.lake.Hold;
import tributary.lake.Lake;
import tributary.lake.Snapshot;
import tributary.model.Fault;
import tributary.model.PlatformException;
import tributary.model.TenantId;
import tributary.query.wire.Needed;

/// Fetches what a query is going to read, where the lake is in a bucket: the worker has no network and asks for it.
///
/// A worker may be under a stranger's will by then, so it gets files of its own tenant only. One query's thread.
final class NeededFiles {
    private final Lake lake;
    private final TenantId tenant;
    private final Map<Path, Long> known;
    private Hold hold = Hold.NOTHING;

    NeededFiles(Lake lake, TenantId tenant, Snapshot snapshot) {
        this.lake = lake;
        this.tenant = tenant;
        this.known = lake.remote() ? sizes(snapshot) : Map.of();
    }

    /// Makes the folder that a worker is going to read: what is not there cannot be allowed.
    static void makeFolder(String folder) {
        try {
            Files.createDirectories(Path.of(folder));
        } catch (IOException e) {
            throw new PlatformException(
                    Fault.DATA_FOLDER, "the folder " + folder + " cannot be made: " + e.getMessage(), e);
        }
    }

    private static Map<Path, Long> sizes(Snapshot snapshot) {
        Map<Path, Long> sizes = new HashMap<>();
        snapshot.readings().forEach(file -> sizes.put(file.path(), file.bytes()));
        snapshot.sides().values().forEach(side -> side.files().forEach(file -> sizes.put(file.path(), file.bytes())));
        snapshot.rolled().forEach(file -> sizes.put(file.path(), 0L)); // a hundredth of what it stands for
        snapshot.parts().forEach(file -> sizes.put(file.path(), 0L));
        return sizes;
    }

    /// Fetches them; they stay until [#release].
    void fetch(Needed needed) {
        List<Path> paths = needed.paths().stream().map(Path::of).toList();
        if (!known.keySet().containsAll(paths)) {
            known.putAll(sizes(lake.snapshot(tenant))); // another query has shown newer tables to the worker
        }
        long bytes = 0;
        for (Path path : paths) {
            Long size = known.get(path);
            if (size == null) {
                throw new QueryException(
                        QueryException.Reason.CRASHED, "files were replaced meanwhile; run the query again");
            }
            bytes += size;
        }
        if (bytes > lake.holdBytesMax()) {
            throw new QueryException(
                    QueryException.Reason.TOO_LARGE,
                    "the query reads %d MB of files in the bucket, and lake.copies-max lets %d MB be here at once; narrow its time range, or raise lake.copies-max"
                            .formatted(bytes >> 20, lake.holdBytesMax() >> 20));
        }
        try {
            Hold fetched = lake.hold(paths);
            release();
            hold = fetched;
        } catch (IOException e) {
            throw new PlatformException(Fault.LAKE_FAILED, "files of the lake cannot be fetched: " + e.getMessage(), e);
        }
    }

    /// Nobody reads them any more.
    void release() {
        hold.close();
        hold = Hold.NOTHING;
    }
}
