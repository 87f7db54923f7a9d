package tributary.query.worker;

import java.nio.ByteBuffer;
import java.util.List;
import tributary.query.wire.Frame;
import tributary.query.wire.Packer;
import tributary.query.wire.SmallTable;

/// Rows of a small table as a frame brings them: a flag a cell that says whether it is there, then its value.
final class SmallRows implements Engine.Chunks {
    private final SmallTable table;
    private final boolean first;
    private final boolean last;
    private final int rows;
    private final ByteBuffer cells;

    private SmallRows(SmallTable table, int flags, int rows, ByteBuffer cells) {
        this.table = table;
        this.first = (flags & 1) != 0;
        this.last = (flags & 2) != 0;
        this.rows = rows;
        this.cells = cells;
    }

    static SmallRows of(Frame frame) {
        ByteBuffer in = frame.read();
        return new SmallRows(SmallTable.values()[in.get()], in.get(), in.getInt(), in);
    }

    SmallTable table() {
        return table;
    }

    /// @return whether these rows begin the table anew
    boolean first() {
        return first;
    }

    /// @return whether these rows complete the table
    boolean last() {
        return last;
    }

    @Override
    public List<Engine.Type> types() {
        return table.shape().chars().mapToObj(c -> type((char) c)).toList();
    }

    @Override
    public int rows() {
        return rows;
    }

    /// Cells are read in order, once.
    @Override
    public void fill(Engine.Vectors into, int from, int count) {
        String shape = table.shape();
        for (int row = 0; row < count; row++) {
            for (int column = 0; column < shape.length(); column++) {
                if (cells.get() == 0) {
                    into.setNull(column, row);
                    continue;
                }
                switch (shape.charAt(column)) {
                    case 'T', 'B' -> into.setBytes(column, row, Packer.bytes(cells));
                    case 'D' -> into.setDouble(column, row, cells.getDouble());
                    case 'I' -> into.setInt(column, row, cells.getInt());
                    default -> into.setLong(column, row, cells.getLong());
                }
            }
        }
    }

    private static Engine.Type type(char letter) {
        return switch (letter) {
            case 'T' -> Engine.Type.VARCHAR;
            case 'B' -> Engine.Type.BLOB;
            case 'D' -> Engine.Type.DOUBLE;
            case 'I' -> Engine.Type.INTEGER;
            case 'M' -> Engine.Type.TIMESTAMP;
            default -> Engine.Type.BIGINT;
        };
    }
}
