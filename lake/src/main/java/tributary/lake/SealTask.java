package tributary.lake;

/// Frozen segments of one tenant on their way into files.
///
/// @param readingPositions  by partition: with `hot`, the table `readings` has every row before
/// @param rejectedPositions the same of `rejected`
record SealTask(
        TenantTail tail, HotTail hot, RejectedTail rejected, long[] readingPositions, long[] rejectedPositions) {}
