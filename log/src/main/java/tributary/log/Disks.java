package tributary.log;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.model.Disk;
import tributary.model.DiskFile;
import tributary.model.Fault;
import tributary.model.PlatformException;

/// What is said and done where the disk fails.
final class Disks {
    private static final Logger LOG = LoggerFactory.getLogger(Disks.class);

    private Disks() {}

    /// Why messages are refused, in words for people.
    record Refusal(Fault fault, String detail) {}

    /// What a publisher hears: why, but not where on our disk.
    static Refusal told(IOException e) {
        return e instanceof Disk.Full
                ? new Refusal(
                        Fault.LOG_FULL,
                        "the log takes no messages because there is no room: %s. It goes on by itself when there is."
                                .formatted(e.getMessage()))
                : new Refusal(
                        Fault.DISK_FAILED,
                        "the log takes no messages because the disk failed. The log tries again by itself.");
    }

    /// What whoever runs the server hears.
    static Refusal refusal(IOException e, String where) {
        Refusal told = told(e);
        return new Refusal(told.fault(), "%s (%s: %s)".formatted(told.detail(), where, e.getMessage()));
    }

    static PlatformException failure(IOException e, String where) {
        Refusal refusal = refusal(e, where);
        return new PlatformException(refusal.fault(), refusal.detail(), e);
    }

    /// Closes a file whose bytes are flushed or given up; nothing depends on it.
    static void close(@Nullable DiskFile file) {
        if (file != null) {
            try {
                file.close();
            } catch (IOException e) {
                LOG.debug("closing failed", e);
            }
        }
    }

    /// Deletes a file that nothing depends on.
    static void delete(Disk disk, String path) {
        try {
            disk.delete(path);
        } catch (IOException e) {
            LOG.debug("deleting {} failed", path, e);
        }
    }
}
