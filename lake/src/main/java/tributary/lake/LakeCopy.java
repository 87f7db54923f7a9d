package tributary.lake;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.iceberg.RewriteTablePathUtil;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.SeekableInputStream;
import tributary.model.TenantId;

/// What a copy of a lake needs: which files its newest snapshots name, and their names in another folder.
///
/// Works on the catalogue and on files alone; no lake has to run. Files never change, and those that a
/// catalogue names stay for `lake.keep-snapshots` after they were replaced, so a copy is made of a copy of
/// the catalogue first.
public final class LakeCopy {
    private static final String METADATA = "metadata";

    private LakeCopy() {}

    /// What a catalogue names.
    ///
    /// @param files of the newest snapshot of each table, metadata included
    /// @param rows  by `tenant/table`: how many rows these have
    /// @param notes by `tenant/table`: which commits of several tables it has, for [RedecodeWatch]
    public record Contents(Set<Path> files, Map<String, Long> rows, Map<String, Set<String>> notes) {
        public Contents {
            files = Set.copyOf(files);
            rows = Map.copyOf(rows);
            notes = Map.copyOf(notes);
        }
    }

    /// @param folder has a file `catalog.db`; the files may be elsewhere
    public static Contents contents(Path folder) throws IOException {
        Set<Path> files = new TreeSet<>();
        Map<String, Long> rows = new TreeMap<>();
        Map<String, Set<String>> notes = new TreeMap<>();
        LakeCatalog catalog = LakeCatalog.open(folder);
        try {
            for (TenantId tenant : catalog.tenants()) {
                for (LakeCatalog.Kind kind : LakeCatalog.Kind.all()) {
                    LakeTable table = new LakeTables(catalog, Steps.NONE).find(new LakeTables.Name(tenant, kind));
                    if (table != null) {
                        files.addAll(table.current());
                        rows.put(tenant + "/" + kind.table(), table.rows());
                        notes.put(tenant + "/" + kind.table(), table.notes());
                    }
                }
            }
        } catch (RuntimeException e) {
            throw new IOException("the catalogue in " + folder + " names what cannot be read: " + e.getMessage(), e);
        } finally {
            catalog.close();
        }
        return new Contents(files, rows, notes);
    }

    /// Gives the tables of a copy the names of the folder that they are in now. Of each table only the
    /// newest snapshot stays; a lake that is being used must not be touched by it.
    ///
    /// @param lake a folder with `catalog.db` and the files that it names, each where it was below the old
    /// folder
    public static void moved(Path lake) throws IOException {
        try (Connection catalog = DriverManager.getConnection(
                "jdbc:sqlite:" + lake.resolve("catalog.db").toAbsolutePath())) {
            List<String[]> tables = new ArrayList<>();
            try (Statement statement = catalog.createStatement();
                    ResultSet rows = statement.executeQuery(
                            "SELECT table_namespace, table_name, metadata_location FROM iceberg_tables")) {
                while (rows.next()) {
                    tables.add(new String[] {rows.getString(1), rows.getString(2), rows.getString(3)});
                }
            }
            List<Path> written = new ArrayList<>();
            for (String[] table : tables) {
                String now = moved(written, lake.resolve(table[0]).resolve(table[1]), table[2]);
                try (PreparedStatement update =
                        catalog.prepareStatement("UPDATE iceberg_tables SET metadata_location = ?,"
                                + " previous_metadata_location = NULL WHERE table_namespace = ? AND table_name = ?")) {
                    update.setString(1, now);
                    update.setString(2, table[0]);
                    update.setString(3, table[1]);
                    update.executeUpdate();
                }
            }
            FileSum.moved(lake, written);
        } catch (SQLException | RuntimeException e) {
            throw new IOException("the lake in " + lake + " cannot be given its place: " + e.getMessage(), e);
        }
    }

    /// @param written takes the files that were written
    /// @return the table's new metadata file
    private static String moved(List<Path> written, Path folder, String metadataLocation) throws IOException {
        String from = metadataLocation.substring(0, metadataLocation.lastIndexOf("/" + METADATA + "/"));
        String to = FolderIo.location(folder);
        MovedTable moved =
                MovedTable.write(new MovedIo(from, to), new MovedTable.Names(from, to, "moved-"), metadataLocation);
        written.add(FolderIo.path(moved.metadata()));
        for (Map.Entry<String, String> file : moved.drafts().entrySet()) {
            written.add(FolderIo.path(file.getValue()));
            Files.move(
                    FolderIo.path(file.getKey()), FolderIo.path(file.getValue()), StandardCopyOption.REPLACE_EXISTING);
        }
        Files.delete(folder.resolve(METADATA).resolve(RewriteTablePathUtil.fileName(metadataLocation)));
        return moved.metadata();
    }

    /// Finds files that have the names of another folder.
    private record MovedIo(String from, String to) implements FileIO {
        @Override
        public InputFile newInputFile(String location) {
            String place = location.startsWith(from + "/") ? to + location.substring(from.length()) : location;
            return new Moved(new FolderIo().newInputFile(place), location);
        }

        @Override
        public OutputFile newOutputFile(String location) {
            return FolderIo.asNamed().newOutputFile(location);
        }

        @Override
        public void deleteFile(String location) {
            throw new UnsupportedOperationException("nothing is deleted: " + location);
        }
    }

    /// A file that still says its old name.
    private record Moved(InputFile file, String location) implements InputFile {
        @Override
        public long getLength() {
            return file.getLength();
        }

        @Override
        public SeekableInputStream newStream() {
            return file.newStream();
        }

        @Override
        public boolean exists() {
            return file.exists();
        }
    }
}
