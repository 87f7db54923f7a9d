package tributary.query.worker;

import java.nio.ByteBuffer;
import tributary.query.wire.Frame;
import tributary.query.wire.SmallTable;

/// Rows of a small table as a frame brings them.
///
/// @param first whether these rows begin the table anew
/// @param last  whether these rows complete the table
record SmallRows(SmallTable table, boolean first, boolean last, CellRows cells) {
    static SmallRows of(Frame frame) {
        ByteBuffer in = frame.read();
        SmallTable table = SmallTable.values()[in.get()];
        int flags = in.get();
        return new SmallRows(table, (flags & 1) != 0, (flags & 2) != 0, new CellRows(table.shape(), in.getInt(), in));
    }
}
