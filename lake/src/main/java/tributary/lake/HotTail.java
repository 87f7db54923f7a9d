package tributary.lake;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Readings in memory in columns, append-only: one segment, written by the lake's thread, read by everybody.
///
/// Rows become visible to readers with [#publish], which the writer calls between messages; rows before the published
/// count never change. The store of the count releases, its load acquires, and everything else is plain.
final class HotTail {
    private static final VarHandle ROWS;
    private static final AtomicLong NEXT_ID = new AtomicLong();

    static {
        try {
            ROWS = MethodHandles.lookup().findVarHandle(HotTail.class, "rows", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final long id = NEXT_ID.getAndIncrement();
    /// By partition: the position of the first row, or -1; of the lake's thread.
    private final long[] firstPosition;
    /// When the first row came, milliseconds; of the lake's thread.
    private long firstMillis;

    private Chunk[] chunks = new Chunk[4];
    /// The series that rows name by their place.
    private Series[] series = new Series[16];
    /// By place: the newest measuring time that the series had before this segment.
    private long[] newestBefore = new long[16];
    private int seriesCount;

    /// Rows written, of the writer.
    private int filled;
    private final HotDays days = new HotDays();
    /// The first row flagged late, or the greatest int.
    private int firstLate = Integer.MAX_VALUE;
    /// Of rows flagged late: the least and the greatest measuring time.
    private long lateFrom = Long.MAX_VALUE;

    private long lateTo = Long.MIN_VALUE;

    @SuppressWarnings("UnusedVariable") // through ROWS
    private int rows;

    HotTail(int partitions) {
        this.firstPosition = new long[partitions];
        Arrays.fill(firstPosition, -1);
    }

    /// Up to 64 Ki rows; the first of a segment are small, because most tenants are.
    static final class Chunk {
        private static final int FIRST_BITS = 8;
        private static final int FULL_BITS = 16;
        private static final int FULL_INDEX = FULL_BITS - FIRST_BITS;

        final int[] place;
        final long[] ts;
        final double[] value;
        final long[] received;
        final long[] position;
        final short[] partition;
        final boolean[] late;

        @Nullable
        String @Nullable [] text;

        Chunk(int size) {
            place = new int[size];
            ts = new long[size];
            value = new double[size];
            received = new long[size];
            position = new long[size];
            partition = new short[size];
            late = new boolean[size];
        }

        /// Chunks have 256, 256, 512, 1024 ... 32 Ki rows, then 64 Ki each.
        static int index(int row) {
            return row < 1 << FULL_BITS
                    ? Integer.SIZE - Integer.numberOfLeadingZeros(row >>> FIRST_BITS)
                    : FULL_INDEX + (row >>> FULL_BITS);
        }

        static int start(int index) {
            if (index == 0) {
                return 0;
            }
            return index <= FULL_INDEX ? 1 << (FIRST_BITS + index - 1) : (index - FULL_INDEX) << FULL_BITS;
        }

        static int size(int index) {
            return start(index + 1) - start(index);
        }
    }

    /// What the rows of one message have in common.
    record Origin(int partition, long position, long receivedMicros) {}

    long id() {
        return id;
    }

    /// @return rows that readers may see
    int rows() {
        return (int) ROWS.getAcquire(this);
    }

    /// @return rows written, for the writer
    int filled() {
        return filled;
    }

    int firstLate() {
        return firstLate;
    }

    /// @return whether a row flagged late may have a measuring time from one to the other; of later rows, too
    boolean mayReplace(long from, long to) {
        return lateFrom <= to && lateTo >= from;
    }

    /// @return the days of all rows that readers may see, and of some more
    HotDays days() {
        return days;
    }

    long firstPosition(int partition) {
        return firstPosition[partition];
    }

    long firstMillis() {
        return firstMillis;
    }

    int seriesCount() {
        return seriesCount;
    }

    /// Adds a row; not visible before [#publish].
    ///
    /// @return the row
    int append(Series of, long ts, double value, @Nullable String text, Origin origin) {
        int row = filled;
        int index = Chunk.index(row);
        if (index == chunks.length || chunks[index] == null) {
            chunk(index);
        }
        Chunk chunk = chunks[index];
        int at = row - Chunk.start(index);
        chunk.place[at] = place(of);
        chunk.ts[at] = ts;
        days.add(ts);
        chunk.received[at] = origin.receivedMicros;
        chunk.position[at] = origin.position;
        chunk.partition[at] = (short) origin.partition;
        put(chunk, at, value, text);
        filled = row + 1;
        return row;
    }

    /// Gives a row that is not published yet another value.
    void replace(int row, double value, @Nullable String text) {
        if (row < rows || row >= filled) {
            throw new IllegalArgumentException("row " + row + " is published or does not exist");
        }
        int index = Chunk.index(row);
        put(chunks[index], row - Chunk.start(index), value, text);
    }

    /// Flags a row that is not published yet as one that may supersede an earlier one.
    void flagLate(int row) {
        int index = Chunk.index(row);
        chunks[index].late[row - Chunk.start(index)] = true;
        firstLate = Math.min(firstLate, row);
        long ts = chunks[index].ts[row - Chunk.start(index)];
        lateFrom = Math.min(lateFrom, ts);
        lateTo = Math.max(lateTo, ts);
    }

    /// Shows all rows written so far.
    void publish() {
        ROWS.setRelease(this, filled);
    }

    /// Notes where this segment's rows of a partition begin, at its first message of it.
    void begins(int partition, long position, long nowMillis) {
        if (filled == 0) {
            firstMillis = nowMillis;
        }
        if (firstPosition[partition] < 0) {
            firstPosition[partition] = position;
        }
    }

    Series series(int place) {
        return series[place];
    }

    long newestBefore(int place) {
        return newestBefore[place];
    }

    Chunk chunkOf(int row) {
        return chunks[Chunk.index(row)];
    }

    int place(int row) {
        return chunkOf(row).place[row - Chunk.start(Chunk.index(row))];
    }

    long ts(int row) {
        return chunkOf(row).ts[row - Chunk.start(Chunk.index(row))];
    }

    /// A row as newest values take it.
    record Row(long ts, double value, @Nullable String text, long receivedMicros, long position) {}

    Row row(int row) {
        Chunk chunk = chunkOf(row);
        int at = row - Chunk.start(Chunk.index(row));
        return new Row(
                chunk.ts[at],
                chunk.value[at],
                chunk.text == null ? null : chunk.text[at],
                chunk.received[at],
                chunk.position[at]);
    }

    private int place(Series of) {
        if (of.segment != id) {
            if (seriesCount == series.length) {
                series = Arrays.copyOf(series, 2 * seriesCount);
                newestBefore = Arrays.copyOf(newestBefore, 2 * seriesCount);
            }
            of.segment = id;
            of.place = seriesCount;
            series[seriesCount] = of;
            newestBefore[seriesCount] = of.reachedTs();
            seriesCount++;
        }
        return of.place;
    }

    private void chunk(int index) {
        if (index == chunks.length) {
            chunks = Arrays.copyOf(chunks, 2 * index);
        }
        chunks[index] = new Chunk(Chunk.size(index));
    }

    private static void put(Chunk chunk, int at, double value, @Nullable String text) {
        chunk.value[at] = value;
        if (text != null && chunk.text == null) {
            chunk.text = new @Nullable String[chunk.ts.length];
        }
        if (chunk.text != null) {
            chunk.text[at] = text;
        }
    }
}
