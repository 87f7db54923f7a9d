package tributary.log;

import java.util.concurrent.atomic.AtomicLong;

/// The bytes of all segments on disk, held below `log.size-max`.
final class Space {
    private final long bytesMax;
    private final AtomicLong used = new AtomicLong();

    Space(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    long used() {
        return used.get();
    }

    boolean hasRoomFor(long bytes) {
        return used.get() + bytes <= bytesMax;
    }

    long bytesMax() {
        return bytesMax;
    }

    void add(long bytes) {
        used.addAndGet(bytes);
    }
}
