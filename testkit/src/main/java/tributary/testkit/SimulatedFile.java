package tributary.testkit;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.random.RandomGenerator;

/// The bytes of a file twice: as every process sees them, and as they are on the medium.
///
/// A sector that was written is dirty until a flush copies it. Not thread-safe; [SimulatedDisk] guards it.
final class SimulatedFile {
    static final int SECTOR_BYTES = 512;

    private byte[] seen = new byte[0];
    private int seenSize;
    private byte[] stored = new byte[0];
    private int storedSize;
    private final BitSet dirty = new BitSet();

    int size() {
        return seenSize;
    }

    void write(ByteBuffer bytes, int count, int offset) {
        int end = offset + count;
        if (seen.length < end) {
            seen = Arrays.copyOf(seen, Math.max(end, seen.length * 2));
        }
        bytes.get(seen, offset, count);
        seenSize = Math.max(seenSize, end);
        if (count > 0) {
            dirty.set(offset / SECTOR_BYTES, (end - 1) / SECTOR_BYTES + 1);
        }
    }

    int read(ByteBuffer into, int offset) {
        if (offset >= seenSize) {
            return -1;
        }
        int count = Math.min(into.remaining(), seenSize - offset);
        into.put(seen, offset, count);
        return count;
    }

    void truncate(int size) {
        if (size < seenSize) {
            Arrays.fill(seen, size, seenSize, (byte) 0);
            seenSize = size;
            dirty.clear((size + SECTOR_BYTES - 1) / SECTOR_BYTES, Integer.MAX_VALUE);
        }
    }

    /// A flush that worked.
    void store() {
        for (int sector = dirty.nextSetBit(0); sector >= 0; sector = dirty.nextSetBit(sector + 1)) {
            copy(sector, SECTOR_BYTES);
        }
        dirty.clear();
        resizeStored(seenSize);
    }

    /// A flush that failed, as Linux does it: some sectors made it, and the others count as clean all the same.
    void storeSome(RandomGenerator random) {
        for (int sector = dirty.nextSetBit(0); sector >= 0; sector = dirty.nextSetBit(sector + 1)) {
            if (random.nextInt(3) == 0) {
                copy(sector, SECTOR_BYTES);
            }
        }
        dirty.clear();
    }

    /// Power is gone: of every dirty sector all, a part or nothing was stored; what is stored is what is seen.
    void cutPower(RandomGenerator random) {
        int sizeAfter = random.nextBoolean() ? seenSize : storedSize;
        for (int sector = dirty.nextSetBit(0); sector >= 0; sector = dirty.nextSetBit(sector + 1)) {
            switch (random.nextInt(3)) {
                case 0 -> copy(sector, SECTOR_BYTES);
                case 1 -> copy(sector, random.nextInt(SECTOR_BYTES));
                default -> {}
            }
        }
        dirty.clear();
        resizeStored(sizeAfter);
        seen = stored.clone();
        seenSize = storedSize;
    }

    /// Changes bytes at rest, behind everybody's back.
    void damage(int offset, byte[] with) {
        System.arraycopy(with, 0, seen, offset, with.length);
        if (offset + with.length <= stored.length) {
            System.arraycopy(with, 0, stored, offset, with.length);
        }
    }

    void cutAtRest(int size) {
        truncate(size);
        resizeStored(Math.min(size, storedSize));
    }

    byte at(int offset) {
        return seen[offset];
    }

    private void copy(int sector, int count) {
        int from = sector * SECTOR_BYTES;
        int until = Math.min(from + count, seenSize);
        if (until > from) {
            resizeStored(Math.max(storedSize, until));
            System.arraycopy(seen, from, stored, from, until - from);
        }
    }

    private void resizeStored(int size) {
        if (stored.length < size) {
            stored = Arrays.copyOf(stored, Math.max(size, stored.length * 2));
        }
        if (size < storedSize) {
            Arrays.fill(stored, size, storedSize, (byte) 0);
        }
        storedSize = size;
    }
}
