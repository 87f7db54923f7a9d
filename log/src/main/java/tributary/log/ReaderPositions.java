package tributary.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import tributary.model.DiskFile;
import tributary.model.PlatformException;

/// How far each named reader has come, in one small file a reader under `readers/`.
final class ReaderPositions {
    private static final String FOLDER = "readers";
    private static final long MAGIC = 0x3144414552425254L; // "TRBREAD1" read as bytes

    private final LogWorld world;
    private final int partitions;
    private final Map<String, long[]> positions = new TreeMap<>();
    private final Set<String> open = new HashSet<>();

    /// Those that give way where there is no room.
    private final Set<String> yielding = new HashSet<>();

    ReaderPositions(LogWorld world, int partitions, DamageList damage) throws IOException {
        this.world = world;
        this.partitions = partitions;
        world.disk().makeFolder(FOLDER);
        // What a dead process renamed may not be durable yet, and retention is going to rely on it.
        world.disk().forceFolder(FOLDER);
        for (String name : world.disk().list(FOLDER)) {
            if (!name.endsWith(".new")) {
                long[] read = read(name);
                if (read == null) {
                    damage.add(new Log.Damage(
                            0,
                            0,
                            0,
                            "%s is damaged; the reader '%s' reads everything that is kept again"
                                    .formatted(world.disk().describe(FOLDER + "/" + name), name)));
                }
                positions.put(name, read == null ? new long[partitions] : read);
            }
        }
    }

    synchronized Set<String> names() {
        return Set.copyOf(new TreeSet<>(positions.keySet()));
    }

    /// @return where a reader of this name begins
    /// @param oldest where one begins that is new
    /// @param yields whether it gives way where there is no room
    synchronized long[] claim(String name, long[] oldest, boolean yields) {
        if (!name.matches("[a-z0-9-]{1,40}")) {
            throw new IllegalArgumentException("a reader's name is 1 to 40 of a-z, 0-9 and '-', was '" + name + "'");
        }
        if (open.contains(name)) {
            throw new IllegalStateException("a reader named '" + name + "' is open already");
        }
        long[] known = positions.get(name);
        if (known == null) {
            write(name, oldest);
            known = oldest;
        }
        open.add(name);
        if (yields) {
            yielding.add(name);
        } else {
            yielding.remove(name);
        }
        return known.clone();
    }

    synchronized void release(String name) {
        open.remove(name);
    }

    /// Durable when it returns; where it throws, the reader stands where it stood.
    synchronized void commit(String name, int partition, long position) {
        long[] known = positions.get(name);
        if (known == null) {
            throw new IllegalStateException("no reader is named '" + name + "'");
        }
        if (known[partition] != position) {
            long[] moved = known.clone();
            moved[partition] = position;
            write(name, moved);
        }
    }

    /// @param pressed whether there is no room, so that those that give way do not count
    /// @return the reader that is furthest behind in `partition`, or null where there is none
    synchronized @Nullable Slowest slowest(int partition, boolean pressed) {
        Slowest slowest = null;
        for (Map.Entry<String, long[]> entry : positions.entrySet()) {
            long position = entry.getValue()[partition];
            if (pressed && yielding.contains(entry.getKey())) {
                continue;
            }
            if (slowest == null || position < slowest.position()) {
                slowest = new Slowest(entry.getKey(), position);
            }
        }
        return slowest;
    }

    /// @param position records from here on it has yet to read
    record Slowest(String name, long position) {}

    /// @return the highest position that any reader has committed, or 0
    synchronized long highest(int partition) {
        return positions.values().stream()
                .mapToLong(all -> all[partition])
                .max()
                .orElse(0);
    }

    private void write(String name, long[] moved) {
        ByteBuffer content = ByteBuffer.allocate(16 + 8 * partitions).order(ByteOrder.LITTLE_ENDIAN);
        content.putLong(MAGIC).putInt(partitions);
        for (long position : moved) {
            content.putLong(position);
        }
        content.putInt(check(content.array()));
        try {
            AtomicFile.write(world.disk(), FOLDER, name, content.flip(), !world.has(Flaw.COMMIT_WITHOUT_FORCE));
        } catch (IOException e) {
            Disks.Refusal why = Disks.refusal(e, world.disk().describe(FOLDER + "/" + name));
            throw new PlatformException(
                    why.fault(), "the position of reader '%s' was not kept: %s".formatted(name, why.detail()), e);
        }
        positions.put(name, moved);
    }

    private long @Nullable [] read(String name) throws IOException {
        ByteBuffer content = ByteBuffer.allocate(16 + 8 * partitions).order(ByteOrder.LITTLE_ENDIAN);
        try (DiskFile file = world.disk().open(FOLDER + "/" + name)) {
            int read = 0;
            while (content.hasRemaining() && read >= 0) {
                read = file.read(content, content.position());
            }
        }
        content.flip();
        if (content.limit() != content.capacity()
                || content.getInt(content.capacity() - 4) != check(content.array())
                || content.getLong() != MAGIC
                || content.getInt() != partitions) {
            return null;
        }
        long[] positionsRead = new long[partitions];
        Arrays.setAll(positionsRead, _ -> content.getLong());
        return positionsRead;
    }

    private static int check(byte[] content) {
        CRC32C crc = new CRC32C();
        crc.update(content, 0, content.length - 4);
        return (int) crc.getValue();
    }
}
