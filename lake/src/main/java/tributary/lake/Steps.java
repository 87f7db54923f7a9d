package tributary.lake;

import org.apache.iceberg.Table;

/// Where tests cut the power: told before each step of making rows permanent, and may throw.
interface Steps {
    Steps NONE = _ -> {};

    void before(Step step);

    /// @return the table as it is used: tests put a catalogue between that loses its answers
    default Table around(Table table) {
        return table;
    }

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
        REDECODE_WRITE,
        REDECODE_NOTE,
        REDECODE_COMMIT,
        REDECODE_SHOW,
        COMMIT_READER
    }
}
