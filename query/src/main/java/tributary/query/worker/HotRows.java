package tributary.query.worker;

import java.nio.ByteBuffer;
import java.util.List;
import tributary.query.wire.Frame;
import tributary.query.wire.HotLayout;
import tributary.query.wire.Packer;

/// Rows of a hot segment as a frame brings them, in columns, device and sensor as indexes into a list of texts.
final class HotRows implements Engine.Chunks {
    private static final List<Engine.Type> TYPES = List.of(
            Engine.Type.VARCHAR,
            Engine.Type.VARCHAR,
            Engine.Type.TIMESTAMP,
            Engine.Type.DOUBLE,
            Engine.Type.VARCHAR,
            Engine.Type.TIMESTAMP,
            Engine.Type.INTEGER,
            Engine.Type.BIGINT,
            Engine.Type.BOOLEAN);

    private final long segment;
    private final int rows;
    private final byte[][] names;
    private final ByteBuffer in;
    private final HotLayout layout;
    private final ByteBuffer texts;
    private final int[] device;
    private final int[] sensor;

    private HotRows(long segment, int rows, byte[][] names, ByteBuffer in) {
        this.segment = segment;
        this.rows = rows;
        this.names = names;
        this.in = in;
        this.layout = new HotLayout(in.position(), rows);
        this.texts = in.duplicate().order(in.order()).position(layout.texts());
        this.device = column(layout.device(0));
        this.sensor = column(layout.sensor(0));
    }

    static HotRows of(Frame frame) {
        ByteBuffer in = frame.read();
        long segment = in.getLong();
        int rows = in.getInt();
        byte[][] names = new byte[in.getInt()][];
        for (int i = 0; i < names.length; i++) {
            names[i] = Packer.bytes(in);
        }
        return new HotRows(segment, rows, names, in);
    }

    private int[] column(int start) {
        int[] cells = new int[rows];
        in.duplicate().order(in.order()).position(start).asIntBuffer().get(cells);
        return cells;
    }

    long segment() {
        return segment;
    }

    @Override
    public List<Engine.Type> types() {
        return TYPES;
    }

    @Override
    public int rows() {
        return rows;
    }

    /// Chunks come in order, each once, because texts are read one after the other.
    @Override
    public void fill(Engine.Vectors into, int from, int count) {
        into.setNames(0, names, device, from, count);
        into.setNames(1, names, sensor, from, count);
        into.setAll(2, in.array(), layout.ts(from), 8 * count);
        into.setAll(3, in.array(), layout.value(from), 8 * count);
        into.setAll(5, in.array(), layout.received(from), 8 * count);
        into.setAll(6, in.array(), layout.part(from), 4 * count);
        into.setAll(7, in.array(), layout.position(from), 8 * count);
        byte[] late = new byte[count];
        int flag = layout.flags(from);
        boolean texted = false;
        for (int i = 0; i < count; i++) {
            byte flags = in.array()[flag + i];
            if (flags != HotLayout.HAS_VALUE) {
                texted |= (flags & HotLayout.HAS_TEXT) != 0;
                late[i] = (byte) ((flags & HotLayout.LATE) != 0 ? 1 : 0);
                if ((flags & HotLayout.HAS_VALUE) == 0) {
                    into.setNull(3, i);
                }
            }
        }
        into.setAll(8, late, 0, count);
        if (texted) {
            texts(into, flag, count);
        } else {
            into.setAllNull(4);
        }
    }

    private void texts(Engine.Vectors into, int flag, int count) {
        for (int i = 0; i < count; i++) {
            if ((in.array()[flag + i] & HotLayout.HAS_TEXT) != 0) {
                into.setBytes(4, i, Packer.bytes(texts));
            } else {
                into.setNull(4, i);
            }
        }
    }
}
