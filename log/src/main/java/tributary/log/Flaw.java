package tributary.log;

/// Faults that a test plants to prove that the simulation would find them. Production runs with none.
enum Flaw {
    /// Receipts are told before the flush.
    ACKNOWLEDGE_BEFORE_FLUSH,
    /// After a failed flush the same file is flushed again and believed.
    FLUSH_AGAIN,
    /// The check of a record is not compared.
    NO_CHECK,
    /// The name of a new segment is not made durable.
    NO_FOLDER_FORCE,
    /// The last group found at recovery is served as it lies there.
    NO_REWRITE_AT_RECOVERY,
    /// The last group found at recovery is flushed where it lies, not written anew.
    FLUSH_AT_RECOVERY,
    /// A record behind damage ends the reading of its segment.
    STOP_AT_DAMAGE,
    /// A reader's position is not flushed before its new name is.
    COMMIT_WITHOUT_FORCE,
    /// Recovery trusts the new copy of a group and does not look for the one that it was made from.
    NO_LOOK_BEHIND,
    /// After a failed flush the records that may be on disk are refused as if they were not.
    REFUSE_WRITTEN
}
