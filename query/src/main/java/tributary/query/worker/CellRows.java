package tributary.query.worker;

import java.nio.ByteBuffer;
import java.util.List;
import tributary.query.wire.Packer;

/// Rows as frames bring them, cell by cell: a flag that says whether the cell is there, then its value.
///
/// @param shape a letter a column: `T` text, `B` bytes, `D` double, `I` int, `L` long, `M` moment, `F` flag
/// @param cells read in order, once
record CellRows(String shape, int rows, ByteBuffer cells) implements Engine.Chunks {
    @Override
    public List<Engine.Type> types() {
        return shape.chars().mapToObj(c -> type((char) c)).toList();
    }

    @Override
    public void fill(Engine.Vectors into, int from, int count) {
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
                    case 'F' -> into.setFlag(column, row, cells.get() != 0);
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
            case 'F' -> Engine.Type.BOOLEAN;
            case 'M' -> Engine.Type.TIMESTAMP;
            default -> Engine.Type.BIGINT;
        };
    }
}
