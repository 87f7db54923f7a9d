package tributary.log;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The newest durable records of a partition in memory, so that readers who keep up never touch the disk.
final class Tail {
    private final long bytesMax;
    private final Object lock = new Object();

    /// In order of positions, from `oldest` on; the slots before it are free. Guarded by `lock`, as all below.
    private List<@Nullable Chunk> chunks = new ArrayList<>();

    private int oldest;
    private long bytes;

    Tail(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    void add(Chunk chunk) {
        synchronized (lock) {
            chunks.add(chunk);
            bytes += cost(chunk);
            while (bytes > bytesMax && oldest < chunks.size()) {
                bytes -= cost(at(oldest));
                chunks.set(oldest, null);
                oldest++;
            }
            if (oldest > 64 && oldest > chunks.size() / 2) {
                chunks = new ArrayList<>(chunks.subList(oldest, chunks.size()));
                oldest = 0;
            }
        }
    }

    /// @return the chunk that holds `position`, or null where it is on disk only
    @Nullable
    Chunk find(long position) {
        synchronized (lock) {
            int low = oldest;
            int high = chunks.size() - 1;
            while (low <= high) {
                int middle = (low + high) >>> 1;
                Chunk chunk = at(middle);
                if (position < chunk.first()) {
                    high = middle - 1;
                } else if (position >= chunk.end()) {
                    low = middle + 1;
                } else {
                    return chunk;
                }
            }
            return null;
        }
    }

    private Chunk at(int index) {
        Chunk chunk = chunks.get(index);
        if (chunk == null) {
            throw new IllegalStateException("slot " + index + " is free, the oldest is " + oldest);
        }
        return chunk;
    }

    private static long cost(Chunk chunk) {
        return chunk.bytes().length + 4L * chunk.offsets().length + 128;
    }
}
