package tributary.log;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.log.ReaderPositions.Slowest;
import tributary.model.Disk;
import tributary.model.Micros;

/// Deletes old segments: those past `log.keep`, and where `log.size-max` is reached the oldest of all.
///
/// Never one that a named reader has yet to read, except that readers which give way do so before new messages are
/// refused: where only those are left that others have yet to read, they are.
final class Retention implements Shelf.Room {
    private static final Logger LOG = LoggerFactory.getLogger(Retention.class);

    private final LogWorld world;
    private final Space space;
    private final ReaderPositions readers;

    /// Set once, when all shelves are there; read by writers that look for room.
    private volatile List<Shelf> shelves = List.of();

    Retention(LogWorld world, Space space, ReaderPositions readers) {
        this.world = world;
        this.space = space;
        this.readers = readers;
    }

    void watch(List<Shelf> all) {
        shelves = List.copyOf(all);
        for (Shelf shelf : all) {
            shelf.segments().forEach(segment -> space.add(segment.bytes()));
        }
    }

    @Override
    public void claim(long bytes) throws IOException {
        synchronized (space) {
            while (!space.hasRoomFor(bytes)) {
                Shelf free = oldest(false);
                Shelf oldest = free == null ? oldest(true) : free;
                if (oldest == null) {
                    throw new Disk.Full(full());
                }
                oldest.deleteOldest();
            }
            space.add(bytes);
        }
    }

    @Override
    public void overdraw(long bytes) {
        space.add(bytes);
    }

    @Override
    public void giveBack(long bytes) {
        space.add(-bytes);
    }

    /// Deletes what is older than it has to be kept.
    void expire() throws IOException {
        Instant limit = world.clock().instant().minus(world.settings().keep());
        long limitMicros = Micros.of(limit);
        synchronized (space) {
            for (int partition = 0; partition < shelves.size(); partition++) {
                Shelf shelf = shelves.get(partition);
                while (deletable(partition, shelf, false) && latestMicros(shelf) < limitMicros) {
                    shelf.deleteOldest();
                }
            }
        }
    }

    /// @return the shelf whose oldest segment is the oldest that may go, or null where none may
    private @Nullable Shelf oldest(boolean pressed) {
        Shelf oldest = null;
        for (int partition = 0; partition < shelves.size(); partition++) {
            Shelf shelf = shelves.get(partition);
            if (deletable(partition, shelf, pressed)
                    && (oldest == null || latestMicros(shelf) < latestMicros(oldest))) {
                oldest = shelf;
            }
        }
        return oldest;
    }

    /// The newest segment stays in any case: what is behind it would not be known to have been.
    private boolean deletable(int partition, Shelf shelf, boolean pressed) {
        if (shelf.segments().size() < 2) {
            return false;
        }
        Slowest slowest = readers.slowest(partition, pressed);
        return slowest == null || shelf.segments().getFirst().end() <= slowest.position();
    }

    /// @return the latest stamp in the oldest segment, or before it
    private static long latestMicros(Shelf shelf) {
        return shelf.segments().get(1).header().maxMicrosBefore();
    }

    private String full() {
        StringBuilder text = new StringBuilder("log.size-max of %d bytes is reached".formatted(space.bytesMax()));
        for (int partition = 0; partition < shelves.size(); partition++) {
            List<Segment> segments = shelves.get(partition).segments();
            Slowest slowest = readers.slowest(partition, true);
            if (slowest != null && !segments.isEmpty() && segments.getFirst().end() > slowest.position()) {
                text.append("; the reader '%s' has yet to read partition %d from position %d on"
                        .formatted(slowest.name(), partition, slowest.position()));
            }
        }
        LOG.debug("no room: {}", text);
        return text.toString();
    }
}
