package tributary.query.worker;

import java.nio.ByteBuffer;
import java.util.Arrays;
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
    private final int[] writtenDevice;
    private final int[] writtenSensor;

    private HotRows(long segment, int rows, byte[][] names, ByteBuffer in) {
        this.segment = segment;
        this.rows = rows;
        this.names = names;
        this.in = in;
        this.layout = new HotLayout(in.position(), rows);
        this.texts = in.duplicate().order(in.order()).position(layout.texts());
        this.writtenDevice = new int[names.length];
        this.writtenSensor = new int[names.length];
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
        Arrays.fill(writtenDevice, 0);
        Arrays.fill(writtenSensor, 0);
        for (int i = 0; i < count; i++) {
            int row = from + i;
            name(into, 0, i, in.getInt(layout.device(row)), writtenDevice);
            name(into, 1, i, in.getInt(layout.sensor(row)), writtenSensor);
            into.setLong(2, i, in.getLong(layout.ts(row)));
            byte flags = in.get(layout.flags(row));
            if ((flags & HotLayout.HAS_VALUE) != 0) {
                into.setDouble(3, i, in.getDouble(layout.value(row)));
            } else {
                into.setNull(3, i);
            }
            if ((flags & HotLayout.HAS_TEXT) != 0) {
                into.setBytes(4, i, Packer.bytes(texts));
            } else {
                into.setNull(4, i);
            }
            into.setLong(5, i, in.getLong(layout.received(row)));
            into.setInt(6, i, in.getInt(layout.part(row)));
            into.setLong(7, i, in.getLong(layout.position(row)));
            into.setBoolean(8, i, (flags & HotLayout.LATE) != 0);
        }
    }

    /// A name that this chunk has already is not copied again.
    private void name(Engine.Vectors into, int column, int row, int name, int[] written) {
        if (written[name] > 0) {
            into.repeat(column, row, written[name] - 1);
        } else {
            into.setBytes(column, row, names[name]);
            written[name] = row + 1;
        }
    }
}
