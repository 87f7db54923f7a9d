package tributary.lake;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/// Rows of a side table in memory, not sealed yet, append-only; written by the lake's thread, read by everybody.
///
/// Rows stand encoded in pages. A row becomes visible with the store of the count, which comes last; what readers find
/// by a count that they have seen never changes.
final class SideTail implements Snapshot.SideSegment {
    /// With more bytes a segment is sealed.
    static final long BYTES_MAX = 32L << 20;

    /// The first pages are small, because most tenants are.
    private static final int FIRST_PAGE_BYTES = 4 << 10;

    private static final int PAGE_BYTES_MAX = 1 << 20;
    private static final AtomicLong NEXT_ID = new AtomicLong();

    private final long id = NEXT_ID.getAndIncrement();
    private final Side side;
    /// By partition: the position of the first row, or -1; of the lake's thread.
    private final long[] firstPosition;
    private long firstMillis;

    private byte[][] pages = new byte[4][];
    private int pageCount;
    private int pageFilled;
    private int[] page = new int[16];
    private int[] start = new int[16];
    private int[] length = new int[16];
    private long bytes;
    private volatile int rows;

    SideTail(Side side, int partitions) {
        this.side = Objects.requireNonNull(side, "side");
        this.firstPosition = new long[partitions];
        Arrays.fill(firstPosition, -1);
    }

    /// Where a row comes from, and when.
    record Origin(int partition, long position, long nowMillis) {}

    /// Adds one whole row; for the lake's thread.
    void add(SideCells cells, Origin origin) {
        int row = rows;
        if (row == 0) {
            firstMillis = origin.nowMillis();
        }
        if (firstPosition[origin.partition()] < 0) {
            firstPosition[origin.partition()] = origin.position();
        }
        int size = cells.size();
        byte[] into = room(size);
        System.arraycopy(cells.array(), 0, into, pageFilled, size);
        if (row == page.length) {
            page = Arrays.copyOf(page, 2 * row);
            start = Arrays.copyOf(start, 2 * row);
            length = Arrays.copyOf(length, 2 * row);
        }
        page[row] = pageCount - 1;
        start[row] = pageFilled;
        length[row] = size;
        pageFilled += size;
        bytes += size;
        rows = row + 1;
    }

    /// @return a page that has room for so many bytes behind [#pageFilled]
    private byte[] room(int size) {
        if (pageCount > 0 && pages[pageCount - 1].length - pageFilled >= size) {
            return pages[pageCount - 1];
        }
        if (pageCount == pages.length) {
            pages = Arrays.copyOf(pages, 2 * pageCount);
        }
        int usual = Math.min(PAGE_BYTES_MAX, FIRST_PAGE_BYTES << Math.min(pageCount, 16));
        pages[pageCount++] = new byte[Math.max(usual, size)];
        pageFilled = 0;
        return pages[pageCount - 1];
    }

    @Override
    public long id() {
        return id;
    }

    @Override
    public Side side() {
        return side;
    }

    @Override
    public int rows() {
        return rows;
    }

    /// @return bytes of all rows, for the lake's thread and of a frozen segment
    long bytes() {
        return bytes;
    }

    boolean full() {
        return bytes > BYTES_MAX;
    }

    long firstPosition(int partition) {
        return firstPosition[partition];
    }

    /// @return when the first row came, for the lake's thread
    long firstMillis() {
        return firstMillis;
    }

    @Override
    public int upTo(int from, int bytesMax) {
        int end = rows;
        long size = 0;
        for (int row = from; row < end; row++) {
            size += length[row];
            if (size > bytesMax && row > from) {
                return row;
            }
        }
        return end;
    }

    @Override
    public byte[] cells(int from, int to) {
        int size = 0;
        for (int row = from; row < to; row++) {
            size += length[row];
        }
        byte[] all = new byte[size];
        int at = 0;
        for (int row = from; row < to; row++) {
            System.arraycopy(pages[page[row]], start[row], all, at, length[row]);
            at += length[row];
        }
        return all;
    }

    /// @return the row's cells, to be read once
    ByteBuffer row(int row) {
        return ByteBuffer.wrap(pages[page[row]], start[row], length[row]).order(ByteOrder.LITTLE_ENDIAN);
    }
}
