package tributary.lake;

import java.util.ArrayList;
import java.util.List;

/// A table beside the readings: its files, and rows that are in none of them yet.
///
/// @param files as snapshots show them
/// @param hot   from the oldest segment to the one being filled
record Side<R extends Snapshot.SideRow>(List<Snapshot.DataFile> files, List<SideTail<R>> hot) {
    static <R extends Snapshot.SideRow> Side<R> empty(int partitions) {
        return new Side<>(List.of(), List.of(new SideTail<>(partitions)));
    }

    Side<R> restored(TableContents contents) {
        return new Side<>(contents.files(), hot);
    }

    SideTail<R> filling() {
        return hot.getLast();
    }

    /// @return the same with a new segment; the ones so far wait for the sealer
    Side<R> frozen(int partitions) {
        return new Side<>(files, Lists.plus(hot, new SideTail<>(partitions)));
    }

    /// @return the same where rows of `sealed` are in `newFiles`
    Side<R> sealed(SideTail<R> sealed, List<Snapshot.DataFile> newFiles) {
        return new Side<>(newFiles, Lists.without(hot, sealed));
    }

    Side<R> without(SideTail<R> dropped) {
        return new Side<>(files, Lists.without(hot, dropped));
    }

    List<R> rows() {
        List<R> rows = new ArrayList<>();
        hot.forEach(tail -> rows.addAll(tail.rows()));
        return rows;
    }

    /// @return the first position of `partition` that is in no file yet, or the greatest long
    long firstUncommitted(int partition) {
        long first = Long.MAX_VALUE;
        for (SideTail<R> tail : hot) {
            long position = tail.firstPosition(partition);
            first = position < 0 ? first : Math.min(first, position);
        }
        return first;
    }
}
