package tributary.model;

/// Why the world failed us: countable, documented in `docs/errors.md`, stable. A bug is never one of these.
public enum Fault {
    /// The disk has no room, or the log reached its configured size and nothing may be deleted yet.
    LOG_FULL,
    /// The disk reported an error while writing or flushing.
    DISK_FAILED,
    /// Bytes on disk are not what was written.
    DATA_DAMAGED,
    /// The data folder cannot be used: missing rights, in use by another process, made by a newer version.
    DATA_FOLDER,
    /// The registry's database did not answer or refused.
    REGISTRY_FAILED,
    /// A table's catalogue or files could not be read or written.
    LAKE_FAILED,
    /// The query worker died or could not be started.
    WORKER_FAILED,
    /// A port cannot be listened on.
    PORT_TAKEN,
    /// The process is stopping.
    STOPPING
}
