package tributary.lake;

import org.jspecify.annotations.Nullable;

/// The rows of a hot segment that one snapshot sees.
record HotRows(HotTail tail, int rows) implements Snapshot.HotSegment {
    static HotRows of(HotTail tail) {
        return new HotRows(tail, tail.rows());
    }

    @Override
    public long id() {
        return tail.id();
    }

    @Override
    public boolean hasLate() {
        return tail.firstLate() < rows;
    }

    @Override
    public boolean mayHold(int day) {
        return tail.days().has(day); // of later rows, too
    }

    @Override
    public boolean mayReplace(long fromMicros, long toMicros) {
        return hasLate() && tail.mayReplace(fromMicros, toMicros);
    }

    @Override
    public String device(int row) {
        return tail.series(tail.place(row)).device();
    }

    @Override
    public String sensor(int row) {
        return tail.series(tail.place(row)).sensor;
    }

    @Override
    public long tsMicros(int row) {
        return tail.ts(row);
    }

    @Override
    public double value(int row) {
        return tail.chunkOf(row).value[at(row)];
    }

    @Override
    public @Nullable String text(int row) {
        @Nullable String @Nullable [] text = tail.chunkOf(row).text;
        return text == null ? null : text[at(row)];
    }

    @Override
    public long receivedMicros(int row) {
        return tail.chunkOf(row).received[at(row)];
    }

    @Override
    public int partition(int row) {
        return tail.chunkOf(row).partition[at(row)];
    }

    @Override
    public long position(int row) {
        return tail.chunkOf(row).position[at(row)];
    }

    @Override
    public boolean late(int row) {
        return tail.chunkOf(row).late[at(row)];
    }

    private static int at(int row) {
        return row - HotTail.Chunk.start(HotTail.Chunk.index(row));
    }
}
