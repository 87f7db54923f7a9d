package tributary.app.score;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.SplittableRandom;

/// What becomes of a file that lies on a disk for years: bits turn, blocks are zeros or another's, the end is missing.
record Rot(String what) {
    private static final int BLOCK = 4096;

    /// Does one of these to a file that has bytes, at a random place.
    static Rot into(Path file, SplittableRandom random) throws IOException {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            long size = open.length();
            long at = random.nextLong(size);
            return switch (random.nextInt(10)) {
                case 0, 1 -> {
                    open.setLength(at);
                    yield new Rot("cut off at byte " + at + " of " + size);
                }
                case 2, 3 -> {
                    long block = at / BLOCK * BLOCK;
                    open.seek(block);
                    open.write(new byte[(int) Math.min(BLOCK, size - block)]);
                    yield new Rot("zeros in the block at " + block);
                }
                case 4 -> {
                    long one = at / BLOCK * BLOCK;
                    long other = random.nextLong(size) / BLOCK * BLOCK;
                    int length = (int) Math.min(BLOCK, size - Math.max(one, other));
                    byte[] first = bytes(open, one, length);
                    byte[] second = bytes(open, other, length);
                    open.seek(one);
                    open.write(second);
                    open.seek(other);
                    open.write(first);
                    yield new Rot("blocks at " + one + " and " + other + " swapped");
                }
                case 5 -> {
                    int length = (int) Math.min(1 + random.nextInt(64), size - at);
                    byte[] noise = new byte[length];
                    random.nextBytes(noise);
                    open.seek(at);
                    open.write(noise);
                    yield new Rot(length + " bytes of noise at " + at);
                }
                default -> {
                    int bit = random.nextInt(8);
                    byte old = bytes(open, at, 1)[0];
                    open.seek(at);
                    open.write(old ^ 1 << bit);
                    yield new Rot("bit " + bit + " of byte " + at + " turned");
                }
            };
        }
    }

    private static byte[] bytes(RandomAccessFile file, long at, int length) throws IOException {
        byte[] bytes = new byte[length];
        file.seek(at);
        file.readFully(bytes);
        return bytes;
    }
}
