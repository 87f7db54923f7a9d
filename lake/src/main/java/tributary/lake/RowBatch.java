package tributary.lake;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.BaseVariableWidthVector;
import org.apache.arrow.vector.FieldVector;

/// Rows on their way to the engine that writes files, in Arrow's columns, which it reads where they lie.
///
/// Rows are filled in rising order, every cell of each once. Numbers go straight into the columns' memory: the setters
/// of Arrow's vectors, and the locks of the engine's own, cost more than the rest of the way into a file together.
final class RowBatch {
    /// Enough that the handing over costs nothing beside the rows.
    static final int ROWS_MAX = 8_192;
    /// With more bytes of texts a batch takes no further row.
    private static final long BYTES_MAX = 16L << 20;

    private static final int OFFSET_BYTES = 4;
    private static final ByteBuffer NONE = ByteBuffer.allocate(0);

    private final FieldVector[] columns;
    private final ByteBuffer[] present;
    private final ByteBuffer[] cells;
    /// By column: of texts and bytes, where each cell ends.
    private final ByteBuffer[] ends;
    /// By column: of texts and bytes, where the next cell begins.
    private final int[] end;
    private final int rows;
    private long textBytes;

    /// @param rows at most that many will be filled
    RowBatch(List<FieldVector> columns, int rows) {
        this.columns = columns.toArray(FieldVector[]::new);
        this.present = new ByteBuffer[this.columns.length];
        this.cells = new ByteBuffer[this.columns.length];
        this.ends = new ByteBuffer[this.columns.length];
        this.end = new int[this.columns.length];
        this.rows = rows;
        for (int c = 0; c < this.columns.length; c++) {
            switch (this.columns[c]) {
                case BaseFixedWidthVector numbers -> numbers.allocateNew(rows);
                case BaseVariableWidthVector texts -> texts.allocateNew(16L * rows, rows);
                default -> throw new IllegalArgumentException("no column of files: " + this.columns[c].getField());
            }
            this.columns[c].getValidityBuffer().setOne(0, (rows + 7) / 8);
            present[c] = view(this.columns[c].getValidityBuffer());
            cells[c] = view(this.columns[c].getDataBuffer());
            ends[c] = this.columns[c] instanceof BaseVariableWidthVector texts ? view(texts.getOffsetBuffer()) : NONE;
        }
    }

    /// The buffers of Arrow ask at every byte whether they are still there.
    private static ByteBuffer view(ArrowBuf buffer) {
        return buffer.nioBuffer(0, Math.toIntExact(buffer.capacity())).order(ByteOrder.LITTLE_ENDIAN);
    }

    /// @param filled rows so far
    /// @return whether there is room for another
    boolean room(int filled) {
        return filled < rows && textBytes < BYTES_MAX;
    }

    /// A cell that has no value.
    void none(int column, int row) {
        ByteBuffer bits = present[column];
        bits.put(row >> 3, (byte) (bits.get(row >> 3) & ~(1 << (row & 7))));
        if (ends[column] != NONE) {
            ends[column].putInt((row + 1) * OFFSET_BYTES, end[column]);
        }
    }

    /// A whole number of eight bytes, or a time.
    void whole(int column, int row, long value) {
        cells[column].putLong(row << 3, value);
    }

    void integer(int column, int row, int value) {
        cells[column].putInt(row << 2, value);
    }

    void real(int column, int row, double value) {
        cells[column].putDouble(row << 3, value);
    }

    void flag(int column, int row, boolean value) {
        if (value) {
            ByteBuffer bits = cells[column];
            bits.put(row >> 3, (byte) (bits.get(row >> 3) | 1 << (row & 7)));
        }
    }

    /// @param utf8 for a column of texts, valid UTF-8
    void text(int column, int row, byte[] utf8) {
        bytes(column, row, utf8, 0, utf8.length);
    }

    /// `length` bytes of `from` beginning with `start`.
    void bytes(int column, int row, byte[] from, int start, int length) {
        int at = end[column];
        int next = Math.addExact(at, length);
        if (next > cells[column].capacity()) {
            BaseVariableWidthVector texts = (BaseVariableWidthVector) columns[column];
            texts.reallocDataBuffer(Math.max(2L * at, next));
            cells[column] = view(texts.getDataBuffer());
        }
        cells[column].put(at, from, start, length);
        ends[column].putInt((row + 1) * OFFSET_BYTES, next);
        end[column] = next;
        textBytes += length;
    }

    /// Closes the batch after its last row.
    ///
    /// @param filled its rows
    void finish(int filled) {
        for (FieldVector column : columns) {
            if (column instanceof BaseVariableWidthVector texts) {
                texts.setLastSet(filled - 1);
            }
            column.setValueCount(filled);
        }
    }
}
