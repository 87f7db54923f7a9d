package tributary.lake;

/// What care counts; written by its thread, read by others.
final class CareCount {
    volatile long waiting;
    volatile long removedFiles;
    volatile long orphans;
    volatile long nextMillis;
    private volatile long merges;
    private volatile long mergedBytes;
    private volatile long lastMillis;

    void merged(Merger.Done done, long nowMillis) {
        merges++;
        mergedBytes += done.bytesBefore();
        lastMillis = nowMillis;
    }

    Lake.CareStats stats(long smallFiles, long snapshots, Rollups.Days days, long erasures, DiskBudget disk) {
        return new Lake.CareStats(
                smallFiles,
                waiting,
                merges,
                mergedBytes,
                removedFiles,
                orphans,
                lastMillis,
                nextMillis,
                snapshots,
                days.rolled(),
                days.due(),
                erasures,
                disk.bytes(),
                disk.bytesMax());
    }
}
