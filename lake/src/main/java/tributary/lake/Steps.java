package tributary.lake;

/// Where tests cut the power: told before each step of making rows permanent, and may throw.
interface Steps {
    Steps NONE = _ -> {};

    void before(Step step);

    /// In the order in which they happen.
    enum Step {
        WRITE_REJECTED,
        COMMIT_REJECTED,
        WRITE_EVENTS,
        COMMIT_EVENTS,
        WRITE_READINGS,
        WRITE_DELETES,
        COMMIT_READINGS,
        SHOW_FILES,
        CHECKPOINT,
        EXPIRE,
        COMMIT_READER
    }
}
