package tributary.lake;

/// A frozen segment of one tenant on its way into files.
sealed interface SealTask {
    TenantTail tail();

    /// @return by partition: with this segment the table has every row before
    long[] positions();

    record Readings(TenantTail tail, HotTail hot, long[] positions) implements SealTask {}

    record SideTable(TenantTail tail, SideTail rows, long[] positions) implements SealTask {}
}
