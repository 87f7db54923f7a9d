package tributary.lake;

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

    private final FieldVector[] columns;
    private final ArrowBuf[] present;
    private final ArrowBuf[] cells;
    /// By column of texts or bytes: where the next cell begins.
    private final int[] end;
    private final int rows;
    private long textBytes;

    /// @param rows at most that many will be filled
    RowBatch(List<FieldVector> columns, int rows) {
        this.columns = columns.toArray(FieldVector[]::new);
        this.present = new ArrowBuf[this.columns.length];
        this.cells = new ArrowBuf[this.columns.length];
        this.end = new int[this.columns.length];
        this.rows = rows;
        for (int c = 0; c < this.columns.length; c++) {
            switch (this.columns[c]) {
                case BaseFixedWidthVector numbers -> numbers.allocateNew(rows);
                case BaseVariableWidthVector texts -> texts.allocateNew(16L * rows, rows);
                default -> throw new IllegalArgumentException("no column of files: " + this.columns[c].getField());
            }
            present[c] = this.columns[c].getValidityBuffer();
            present[c].setOne(0, (rows + 7) / 8);
            cells[c] = this.columns[c].getDataBuffer();
        }
    }

    /// @param filled rows so far
    /// @return whether there is room for another
    boolean room(int filled) {
        return filled < rows && textBytes < BYTES_MAX;
    }

    /// A cell that has no value.
    void none(int column, int row) {
        long at = row >> 3;
        present[column].setByte(at, present[column].getByte(at) & ~(1 << (row & 7)));
        if (columns[column] instanceof BaseVariableWidthVector texts) {
            texts.getOffsetBuffer().setInt((row + 1L) * OFFSET_BYTES, end[column]);
        }
    }

    /// A whole number of eight bytes, or a time.
    void whole(int column, int row, long value) {
        cells[column].setLong((long) row << 3, value);
    }

    void integer(int column, int row, int value) {
        cells[column].setInt((long) row << 2, value);
    }

    void real(int column, int row, double value) {
        cells[column].setDouble((long) row << 3, value);
    }

    void flag(int column, int row, boolean value) {
        if (value) {
            long at = row >> 3;
            cells[column].setByte(at, cells[column].getByte(at) | 1 << (row & 7));
        }
    }

    /// @param utf8 for a column of texts, valid UTF-8
    void text(int column, int row, byte[] utf8) {
        bytes(column, row, utf8, 0, utf8.length);
    }

    /// `length` bytes of `from` beginning with `start`.
    void bytes(int column, int row, byte[] from, int start, int length) {
        BaseVariableWidthVector texts = (BaseVariableWidthVector) columns[column];
        int at = end[column];
        int next = Math.addExact(at, length);
        if (next > cells[column].capacity()) {
            texts.reallocDataBuffer(Math.max(2L * at, next));
            cells[column] = texts.getDataBuffer();
        }
        cells[column].setBytes(at, from, start, length);
        texts.getOffsetBuffer().setInt((row + 1L) * OFFSET_BYTES, next);
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
