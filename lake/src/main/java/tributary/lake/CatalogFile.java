package tributary.lake;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;
import tributary.model.Fault;
import tributary.model.PlatformException;

/// The file that has the catalogue of a lake in a folder: a small SQLite database.
///
/// A damaged one may well be read, and then says of a table that it has other files, or none: history would look
/// shorter than it is, and the lake would write on.
final class CatalogFile {
    private CatalogFile() {}

    /// Looks at all its pages and at what they say of each other, where it is there.
    ///
    /// @throws PlatformException where it is damaged
    static void check(Path file) {
        if (!Files.exists(file)) {
            return;
        }
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file.toAbsolutePath());
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("PRAGMA integrity_check(1)")) {
            String found = rows.next() ? rows.getString(1) : "nothing";
            if (!found.equals("ok")) {
                throw damaged(file, found, null);
            }
        } catch (SQLException e) {
            int code = e.getErrorCode() & 0xFF;
            if (code == SQLiteErrorCode.SQLITE_CORRUPT.code || code == SQLiteErrorCode.SQLITE_NOTADB.code) {
                throw damaged(file, String.valueOf(e.getMessage()), e);
            }
            throw new PlatformException(
                    Fault.DATA_FOLDER,
                    "The catalogue of history %s cannot be opened: %s. Check that the data folder belongs to the user that runs Tributary and that the disk has room."
                            .formatted(file, e.getMessage()),
                    e);
        }
    }

    private static PlatformException damaged(Path file, String found, @Nullable SQLException cause) {
        return new PlatformException(
                Fault.DATA_DAMAGED,
                "The catalogue of history %s is damaged: %s. Keep the data folder as it is, and make another of a backup: tributary restore BACKUP --data NEW."
                        .formatted(file, found),
                cause);
    }
}
