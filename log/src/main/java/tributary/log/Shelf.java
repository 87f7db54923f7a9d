package tributary.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import tributary.model.Disk;
import tributary.model.DiskFile;

/// The segment files of one partition: those with records, one made ready ahead, and those to be cut or deleted.
final class Shelf {
    private static final long FIRST_BYTES = 4 << 20;
    private static final int ZEROS_BYTES = 1 << 20;

    private final LogWorld world;
    private final String folder;
    private final Room room;

    /// In order of positions. Grows at the end by the partition's writer, shrinks at the start by retention.
    private final AtomicReference<List<Segment>> segments;

    /// Files that stand for nothing any more, deleted before the segments that replaced them are.
    private final Queue<String> superseded = new ConcurrentLinkedQueue<>();

    /// Files that stand for nothing any more as soon as the next segment is durable.
    private final Queue<String> supersededByNext = new ConcurrentLinkedQueue<>();

    /// What the writer needs while it waits for a file that is being made, or 0: it gets what there is of it then.
    private volatile long wanted;

    // All below guarded by `this`.
    private long nextSequence;
    private long nextBytes;
    private @Nullable Blank blank;
    private final Deque<Chore> chores = new ArrayDeque<>();

    /// Makes room for a new file, or says why there is none.
    interface Room {
        void claim(long bytes) throws IOException;

        /// Takes room beyond the limit, for records that were taken already.
        void overdraw(long bytes);

        void giveBack(long bytes);
    }

    /// A file of zeros, durable with its name, that waits for its header.
    record Blank(long sequence, String path, DiskFile file, long bytes) {}

    /// @param size what the file is cut to; 0 deletes it
    private record Chore(
            String path, long bytes, long size, @Nullable Segment segment) {}

    Shelf(LogWorld world, String folder, Room room, Recovery.Found found) {
        this.world = world;
        this.folder = folder;
        this.room = room;
        this.segments = new AtomicReference<>(found.segments());
        for (Segment segment : found.superseded()) {
            (segment.base() < found.end() ? superseded : supersededByNext).add(segment.path());
        }
        this.nextSequence = found.nextSequence();
        this.nextBytes = Math.min(FIRST_BYTES, world.settings().segmentBytes());
        if (!found.segments().isEmpty() && found.held().isEmpty() && found.used() >= 0) {
            cut(found.segments().getLast(), found.used());
        }
    }

    static String path(String folder, long sequence) {
        return "%s/%012d.seg".formatted(folder, sequence);
    }

    List<Segment> segments() {
        return segments.get();
    }

    /// @return the segment that holds `position`, or the next one after it, or null behind the last
    @Nullable
    Segment find(long position) {
        List<Segment> all = segments.get();
        int low = 0;
        int high = all.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (all.get(middle).end() <= position) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return low < all.size() ? all.get(low) : null;
    }

    void add(Segment segment) {
        segments.updateAndGet(all -> {
            List<Segment> more = new ArrayList<>(all);
            more.add(segment);
            return List.copyOf(more);
        });
        superseded.addAll(supersededByNext);
        supersededByNext.clear();
    }

    /// Takes the oldest segment off the shelf and deletes its file; the name is gone for good when it returns.
    void deleteOldest() throws IOException {
        deleteSuperseded();
        Segment oldest = segments.get().getFirst();
        world.disk().delete(oldest.path());
        world.disk().forceFolder(folder);
        segments.updateAndGet(all -> List.copyOf(all.subList(1, all.size())));
        room.giveBack(oldest.bytes());
    }

    /// Makes the next file ready where none is. Slow: on the log's keeper thread.
    synchronized void prepareAhead() throws IOException {
        if (blank == null) {
            room.claim(nextBytes);
            blank = prepare(nextBytes);
        }
    }

    /// @param must whether records that may be on disk already have to go there: `log.size-max` is for new ones
    /// @return a file with room for `bytesLeast`; made here and now, and small, where none is ready
    Blank take(long bytesLeast, boolean must) throws IOException {
        wanted = bytesLeast;
        synchronized (this) {
            wanted = 0;
            return taken(bytesLeast, must);
        }
    }

    private Blank taken(long bytesLeast, boolean must) throws IOException {
        Blank ready = blank;
        blank = null;
        if (ready != null && ready.bytes() < bytesLeast) {
            drop(ready);
            ready = null;
        }
        if (ready == null) {
            long bytes = must ? bytesLeast : Math.max(Math.min(FIRST_BYTES, nextBytes), bytesLeast);
            if (must) {
                room.overdraw(bytes);
            } else {
                room.claim(bytes);
            }
            ready = prepare(bytes);
        }
        nextBytes = Math.min(nextBytes * 2, world.settings().segmentBytes());
        return ready;
    }

    /// Closes a file that nothing durable is in and has it deleted.
    synchronized void drop(Blank dropped) {
        Disks.close(dropped.file());
        chores.add(new Chore(dropped.path(), dropped.bytes(), 0, null));
    }

    /// Has the unused rest of a finished segment given back to the disk.
    synchronized void cut(Segment segment, long size) {
        chores.add(new Chore(segment.path(), segment.bytes(), size, segment));
    }

    /// Cuts and deletes what was left over. Only bytes that a later durable segment makes void are touched.
    synchronized void tidy() throws IOException {
        deleteSuperseded();
        for (int i = chores.size(); i > 0; i--) {
            Chore chore = chores.getFirst();
            Segment segment = chore.segment();
            if (segment == null) {
                world.disk().delete(chore.path());
                room.giveBack(chore.bytes());
            } else if (segments.get().getLast() == segment) {
                chores.add(chore);
            } else if (segments.get().contains(segment)) {
                try (DiskFile file = world.disk().open(chore.path())) {
                    file.truncate(chore.size());
                }
                segment.resize(chore.size());
                room.giveBack(chore.bytes() - chore.size());
            }
            chores.removeFirst();
        }
    }

    private void deleteSuperseded() throws IOException {
        for (String path = superseded.peek(); path != null; path = superseded.peek()) {
            world.disk().delete(path);
            superseded.remove(path);
        }
    }

    synchronized void close() {
        if (blank != null) {
            Disks.close(blank.file());
            blank = null;
        }
    }

    /// Makes a file of zeros; a shorter one where the writer comes to wait for it, because on a busy disk the rest may
    /// take seconds.
    ///
    /// @param bytes size of the file, claimed already; given back where it fails, or what is not used of it
    private Blank prepare(long bytes) throws IOException {
        Disk disk = world.disk();
        String path = path(folder, nextSequence);
        DiskFile file = null;
        boolean done = false;
        try {
            disk.delete(path);
            file = disk.create(path);
            ByteBuffer zeros = ByteBuffer.allocateDirect((int) Math.min(ZEROS_BYTES, bytes));
            long size = 0;
            while (size < bytes && (wanted == 0 || size < Math.max(wanted, FIRST_BYTES))) {
                zeros.clear().limit((int) Math.min(zeros.capacity(), bytes - size));
                size += zeros.remaining();
                file.write(zeros, size - zeros.remaining());
                // Flushed step by step: a writer's flush queues behind what this thread has the device do.
                file.force();
            }
            if (!world.has(Flaw.NO_FOLDER_FORCE)) {
                disk.forceFolder(folder);
            }
            done = true;
            room.giveBack(bytes - size);
            return new Blank(nextSequence++, path, file, size);
        } finally {
            if (!done) {
                room.giveBack(bytes);
                Disks.close(file);
                Disks.delete(disk, path);
            }
        }
    }
}
