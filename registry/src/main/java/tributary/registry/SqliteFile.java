package tributary.registry;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.ConnectionFactory;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
import tributary.model.Fault;
import tributary.model.PlatformException;

/// Opens the registry in one SQLite file: write-ahead log, every commit flushed, one writing connection and a few
/// reading ones.
final class SqliteFile implements Database.Connections {
    private static final Logger LOG = LoggerFactory.getLogger(SqliteFile.class);
    private static final int READERS = 3;
    private static final int BUSY_TIMEOUT_MILLIS = 5_000;

    private final Connection writer;
    private final BlockingQueue<Connection> readers;

    /// Readers made so far. Written by the opening thread only.
    private int opened;

    private SqliteFile(Connection writer, BlockingQueue<Connection> readers) {
        this.writer = writer;
        this.readers = readers;
    }

    static Database open(Path file) {
        try {
            OwnedFolder.touch(file);
            String url = "jdbc:sqlite:" + file;
            Connection writer = sound(url, file);
            BlockingQueue<Connection> readers = new ArrayBlockingQueue<>(READERS);
            SqliteFile connections = new SqliteFile(writer, readers);
            try {
                Migration.sqlite(writer, url, version -> snapshot(writer, file, version));
                for (int i = 0; i < READERS; i++) {
                    readers.add(connect(url, true));
                    connections.opened++;
                }
                return new Database(
                        Jdbi.create(connections.writing()),
                        Jdbi.create(connections.reading()),
                        file.toString(),
                        connections);
            } catch (RuntimeException | SQLException e) {
                connections.close();
                throw e;
            }
        } catch (IOException | SQLException e) {
            throw new PlatformException(
                    Fault.DATA_FOLDER,
                    "The registry's file %s cannot be opened: %s. Check that the data folder belongs to the user that runs Tributary and that the disk has room."
                            .formatted(file, e.getMessage()),
                    e);
        }
    }

    /// Opens it where its pages are in order, all of them looked at: what is found later would be half an answer.
    private static Connection sound(String url, Path file) throws SQLException {
        try {
            Connection connection = connect(url, false);
            try (Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery("PRAGMA quick_check(1)")) {
                String found = rows.next() ? rows.getString(1) : "nothing";
                if (found.equals("ok")) {
                    return connection;
                }
                connection.close();
                throw damaged(file, found, null);
            } catch (SQLException e) {
                connection.close();
                throw e;
            }
        } catch (SQLException e) {
            int code = e.getErrorCode() & 0xFF;
            if (code == SQLiteErrorCode.SQLITE_CORRUPT.code || code == SQLiteErrorCode.SQLITE_NOTADB.code) {
                throw damaged(file, String.valueOf(e.getMessage()), e);
            }
            throw e;
        }
    }

    private static PlatformException damaged(Path file, String found, @Nullable SQLException cause) {
        return new PlatformException(
                Fault.DATA_DAMAGED,
                "The registry's file %s is damaged: %s. Keep the data folder as it is, and make another of a backup: tributary restore BACKUP --data NEW."
                        .formatted(file, found),
                cause);
    }

    /// Copies the file as it is before an upgrade. One copy a version stays, in `snapshots` beside the file.
    private static void snapshot(Connection connection, Path file, int version) throws SQLException {
        Path folder = file.resolveSibling("snapshots");
        Path copy = folder.resolve("registry-schema-" + version + ".db");
        Path part = folder.resolve("registry.part");
        try {
            OwnedFolder.make(folder);
            Files.deleteIfExists(part);
            try (PreparedStatement vacuum = connection.prepareStatement("VACUUM INTO ?")) {
                vacuum.setString(1, part.toString());
                vacuum.execute();
            }
            OwnedFolder.touch(part);
            try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(part, copy, StandardCopyOption.ATOMIC_MOVE);
            OwnedFolder.flush(folder);
        } catch (IOException e) {
            throw new SQLException("it cannot be copied to " + copy + " before its upgrade: " + e, e);
        }
        LOG.info("the registry comes from schema {} to {}; how it was is kept in {}", version, Migration.VERSION, copy);
    }

    static Connection connect(String url, boolean readOnly) throws SQLException {
        Connection connection =
                DriverManager.getConnection(url, pragmas(readOnly).toProperties());
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA query_only = " + (readOnly ? "ON" : "OFF"));
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    private static SQLiteConfig pragmas(boolean readOnly) {
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setBusyTimeout(BUSY_TIMEOUT_MILLIS);
        config.enforceForeignKeys(true);
        // A writer that asks for the lock at once never meets "busy" in the middle; a reader must not ask for it.
        config.setTransactionMode(
                readOnly ? SQLiteConfig.TransactionMode.DEFERRED : SQLiteConfig.TransactionMode.IMMEDIATE);
        return config;
    }

    private ConnectionFactory writing() {
        return new ConnectionFactory() {
            @Override
            public Connection openConnection() {
                return writer;
            }

            @Override
            public void closeConnection(Connection connection) {
                // stays open for the next change
            }
        };
    }

    private ConnectionFactory reading() {
        return new ConnectionFactory() {
            @Override
            public Connection openConnection() throws SQLException {
                try {
                    return readers.take();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new SQLException("interrupted while waiting for a connection", e);
                }
            }

            @Override
            public void closeConnection(Connection connection) {
                readers.add(connection);
            }
        };
    }

    /// Writes the file anew, because pages show what was deleted from them, and empties the write-ahead log, which has
    /// pages as they were. Where a reader is in the way the latter stays until the next time.
    @Override
    public void scrub() {
        try (Statement statement = writer.createStatement()) {
            statement.execute("VACUUM");
            statement.execute("PRAGMA wal_checkpoint(TRUNCATE)");
        } catch (SQLException e) {
            LOG.warn("the registry could not be written anew, its file may show what was deleted: {}", e.toString());
        }
    }

    /// Waits a moment for readers that are still at it.
    @Override
    public void close() throws SQLException {
        try {
            for (int i = 0; i < opened; i++) {
                Connection reader = readers.poll(BUSY_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
                if (reader != null) {
                    reader.close();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        writer.close();
    }
}
