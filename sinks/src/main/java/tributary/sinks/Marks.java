package tributary.sinks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Two moments in the life of a sink, in its own folder: when it was added, and the time of the newest output among
/// those dead letters that somebody dropped. Sinks of older versions have none.
record Marks(Path folder) {
    private static final String ADDED = "added";
    private static final String DROPPED = "dropped";

    /// @return when the sink was added, or null where that is not known
    @Nullable
    Instant added() {
        return read(ADDED);
    }

    void added(Instant at) {
        write(ADDED, at.toEpochMilli());
    }

    /// @return the time of the newest output that was dropped, or null where none was
    @Nullable
    Instant dropped() {
        return read(DROPPED);
    }

    /// An output of that time is about to be dropped.
    void dropped(long atMillis) {
        Instant known = dropped();
        if (known == null || known.toEpochMilli() < atMillis) {
            write(DROPPED, atMillis);
        }
    }

    /// @param through what else there is to say of an output that neither waits nor is a dead letter
    Fate fate(Fate.Wanted wanted, Fate.Through through) {
        Instant at = Instant.ofEpochMilli(wanted.atMillis());
        Instant added = added();
        if (added != null && at.isBefore(added)) {
            return new Fate.Earlier(added);
        }
        Instant dropped = dropped();
        return dropped == null || at.isAfter(dropped) ? through : new Fate.MaybeDropped(dropped);
    }

    private @Nullable Instant read(String name) {
        Path path = folder.resolve(name);
        if (!Files.exists(path)) {
            return null;
        }
        try (PositionFile file = PositionFile.open(path)) {
            return file.position() < 0 ? null : Instant.ofEpochMilli(file.position());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void write(String name, long millis) {
        try {
            Files.createDirectories(folder);
            try (PositionFile file = PositionFile.open(folder.resolve(name))) {
                file.write(millis);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
