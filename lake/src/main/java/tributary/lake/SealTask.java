package tributary.lake;

/// Frozen segments of one tenant on their way into files.
record SealTask(
        TenantTail tail,
        HotTail hot,
        SideTail<Snapshot.Rejected> rejected,
        SideTail<Snapshot.Happened> events,
        Positions positions) {
    /// By partition: with the segments of this task, each table has every row before.
    record Positions(long[] readings, long[] rejected, long[] events) {}
}
