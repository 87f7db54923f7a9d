package tributary.registry;

import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import tributary.model.Fault;
import tributary.model.PlatformException;

/// The registry's database: one writer at a time, readers beside it.
///
/// A change is decided and written in one transaction and applied to memory after the commit, all while no other
/// change can happen, so memory shows the changes in the order in which the database has them.
final class Database implements AutoCloseable {
    /// What a change answers, and what it does to memory once it is durable.
    record Written<T>(T answer, Runnable apply) {
        /// Nothing in memory depends on it.
        static <T> Written<T> only(T answer) {
            return new Written<>(answer, () -> {});
        }
    }

    /// What the database is reached by.
    interface Connections extends AutoCloseable {
        /// Sees to it that the files do not show any more what was deleted, as far as that can be done now.
        default void scrub() {}
    }

    private final Jdbi writer;
    private final Jdbi reader;
    private final String place;
    private final Connections connections;
    private final ReentrantLock writing = new ReentrantLock(true);

    /// Fills memory from the database. Written once, before the first change.
    private Consumer<Handle> reload = handle -> {};

    /// A commit failed, so memory may lag behind what the database has. Guarded by `writing`.
    private boolean doubtful;

    /// @param place       what a person calls this database: its file or its URL
    /// @param connections what to close at the end
    Database(Jdbi writer, Jdbi reader, String place, Connections connections) {
        this.writer = Objects.requireNonNull(writer, "writer");
        this.reader = Objects.requireNonNull(reader, "reader");
        this.place = Objects.requireNonNull(place, "place");
        this.connections = Objects.requireNonNull(connections, "connections");
    }

    /// Loads memory, now and again after each change whose fate is unknown.
    void load(Consumer<Handle> fill) {
        reload = fill;
        read(handle -> {
            fill.accept(handle);
            return true;
        });
    }

    /// Runs one change; it is durable and visible in memory when this returns.
    <T> T write(Function<Handle, Written<T>> change) {
        writing.lock();
        try {
            if (doubtful) {
                reader.useTransaction(reload::accept);
                doubtful = false;
            }
            Written<T> written = writer.inTransaction(change::apply);
            written.apply().run();
            return written.answer();
        } catch (JdbiException e) {
            doubtful = true;
            throw failed(e);
        } finally {
            writing.unlock();
        }
    }

    /// Reads one consistent state.
    <T> T read(Function<Handle, T> question) {
        try {
            return reader.inTransaction(question::apply);
        } catch (JdbiException e) {
            throw failed(e);
        }
    }

    /// Sees to it that the files do not show any more what was deleted, as far as that can be done now.
    void scrub() {
        writing.lock();
        try {
            connections.scrub();
        } finally {
            writing.unlock();
        }
    }

    private PlatformException failed(JdbiException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        return new PlatformException(
                Fault.REGISTRY_FAILED,
                "The registry's database (%s) failed: %s. Nothing is known to be changed; look after the database and try again."
                        .formatted(place, cause.getMessage()),
                e);
    }

    @Override
    public void close() {
        writing.lock();
        try {
            connections.close();
        } catch (Exception e) {
            throw new PlatformException(
                    Fault.REGISTRY_FAILED, "The registry's database (" + place + ") could not be closed.", e);
        } finally {
            writing.unlock();
        }
    }
}
