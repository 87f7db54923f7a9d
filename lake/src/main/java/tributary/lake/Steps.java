package tributary.lake;

/// Where tests cut the power: told before each step of making rows permanent, and may throw.
interface Steps {
    Steps NONE = _ -> {};

    void before(Step step);

    /// In the order in which they happen.
    enum Step {
        WRITE_SIDE,
        COMMIT_SIDE,
        WRITE_READINGS,
        WRITE_DELETES,
        COMMIT_READINGS,
        SHOW_FILES,
        CHECKPOINT,
        MERGE_WRITE,
        MERGE_JOIN,
        MERGE_COMMIT,
        MERGE_SHOW,
        ROLLUP_WRITE,
        ROLLUP_COMMIT,
        REMOVE_OLD,
        EXPIRE,
        REMOVE_ORPHANS,
        ERASE_NOTE,
        COMMIT_READER
    }
}
