package tributary.query.worker;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/// The vectors of one chunk, written in place.
final class DuckVectors implements Engine.Vectors {
    private static final long CHUNK_ROWS = 2048;
    /// DuckDB's `string_t`: a length, then the text itself up to so many bytes, or a prefix and a pointer.
    private static final int STRING_BYTES = 16;
    private static final int INLINED_BYTES_MAX = 12;

    private final Duck duck;
    private final DuckFunctions functions;
    private final long chunk;
    private final long[] vectors;
    private final MemorySegment[] data;
    private final long[] validity;
    private final Arena arena = Arena.ofConfined();
    private MemorySegment scratch = arena.allocate(4096);

    DuckVectors(Duck duck, DuckFunctions functions, long chunk, List<Engine.Type> types) {
        this.duck = duck;
        this.functions = functions;
        this.chunk = chunk;
        this.vectors = new long[types.size()];
        this.data = new MemorySegment[types.size()];
        this.validity = new long[types.size()];
        renew();
    }

    /// Finds the vectors again after the chunk was emptied.
    void renew() {
        for (int i = 0; i < vectors.length; i++) {
            vectors[i] = Duck.call(functions.chunkVector, chunk, i);
            data[i] = Duck.at(duck.vectorData(vectors[i]), CHUNK_ROWS * STRING_BYTES);
            validity[i] = 0;
        }
    }

    void close() {
        arena.close();
    }

    @Override
    public void setInt(int column, int row, int value) {
        data[column].set(ValueLayout.JAVA_INT_UNALIGNED, 4L * row, value);
    }

    @Override
    public void setLong(int column, int row, long value) {
        data[column].set(ValueLayout.JAVA_LONG_UNALIGNED, 8L * row, value);
    }

    @Override
    public void setDouble(int column, int row, double value) {
        data[column].set(ValueLayout.JAVA_DOUBLE_UNALIGNED, 8L * row, value);
    }

    @Override
    public void setFlag(int column, int row, boolean value) {
        data[column].set(ValueLayout.JAVA_BYTE, row, (byte) (value ? 1 : 0));
    }

    @Override
    public void setBytes(int column, int row, byte[] utf8) {
        if (utf8.length <= INLINED_BYTES_MAX) {
            long at = (long) STRING_BYTES * row;
            MemorySegment cell = data[column];
            cell.set(ValueLayout.JAVA_LONG_UNALIGNED, at, 0);
            cell.set(ValueLayout.JAVA_LONG_UNALIGNED, at + 8, 0);
            cell.set(ValueLayout.JAVA_INT_UNALIGNED, at, utf8.length);
            MemorySegment.copy(utf8, 0, cell, ValueLayout.JAVA_BYTE, at + 4, utf8.length);
            return;
        }
        if (scratch.byteSize() < utf8.length) {
            scratch = arena.allocate(2L * utf8.length);
        }
        MemorySegment.copy(utf8, 0, scratch, ValueLayout.JAVA_BYTE, 0, utf8.length);
        duck.assignString(vectors[column], row, scratch.address(), utf8.length);
    }

    @Override
    public void setAll(int column, byte[] source, int at, int bytes) {
        MemorySegment.copy(source, at, data[column], ValueLayout.JAVA_BYTE, 0, bytes);
    }

    /// The engine gets each name once; its cells are put together in an array and copied in one go, because a worker
    /// has no optimising compiler that would make cell by cell cheap.
    @Override
    public void setNames(int column, byte[][] names, int[] index, int from, int count) {
        MemorySegment cells = data[column];
        long[] low = new long[names.length];
        long[] high = new long[names.length];
        boolean[] known = new boolean[names.length];
        long[] words = new long[2 * count];
        for (int row = 0; row < count; row++) {
            int name = index[from + row];
            if (!known[name]) {
                known[name] = true;
                setBytes(column, row, names[name]);
                low[name] = cells.get(ValueLayout.JAVA_LONG_UNALIGNED, (long) STRING_BYTES * row);
                high[name] = cells.get(ValueLayout.JAVA_LONG_UNALIGNED, (long) STRING_BYTES * row + 8);
            }
            words[2 * row] = low[name];
            words[2 * row + 1] = high[name];
        }
        MemorySegment.copy(words, 0, cells, ValueLayout.JAVA_LONG_UNALIGNED, 0, words.length);
    }

    @Override
    public void setNull(int column, int row) {
        MemorySegment mask = mask(column);
        long word = 8L * (row >> 6);
        mask.set(ValueLayout.JAVA_LONG, word, mask.get(ValueLayout.JAVA_LONG, word) & ~(1L << (row & 63)));
    }

    @Override
    public void setAllNull(int column) {
        mask(column).fill((byte) 0);
    }

    private MemorySegment mask(int column) {
        if (validity[column] == 0) {
            Duck.call(functions.validityWritable, vectors[column]);
            validity[column] = duck.vectorValidity(vectors[column]);
        }
        return Duck.at(validity[column], CHUNK_ROWS / 8);
    }
}
