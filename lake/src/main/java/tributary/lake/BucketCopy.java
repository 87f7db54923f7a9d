package tributary.lake;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.iceberg.exceptions.NotFoundException;
import tributary.bucket.BucketSettings;
import tributary.model.TenantId;

/// What a copy of a lake in a bucket needs, while a server works on it or none does: a catalogue as a lake in a
/// folder has one, and the files that it names.
///
/// With the files below the folder of that catalogue, at the names that they have here, [LakeCopy#moved] makes a
/// lake of it. Of each table the catalogue has the state that the table was found in; a file of it stays in the
/// bucket for `lake.keep-snapshots` after it was replaced.
public final class BucketCopy implements AutoCloseable {
    private static final String METADATA = "/metadata/";

    private final LakeCatalog catalog;
    private final Path root;

    /// What is to be copied.
    ///
    /// @param files below the lake's folder, `tenant/table/...`
    /// @param rows  by `tenant/table`: how many rows its files have
    /// @param notes by `tenant/table`: which commits of several tables it has, for [RedecodeWatch]
    public record Taken(Set<String> files, Map<String, Long> rows, Map<String, Set<String>> notes) {
        public Taken {
            files = Set.copyOf(files);
            rows = Map.copyOf(rows);
            notes = Map.copyOf(notes);
        }
    }

    private BucketCopy(LakeCatalog catalog, Path root) {
        this.catalog = catalog;
        this.root = root;
    }

    /// @param warehouse a bucket
    /// @param scratch   a folder of its own, made where it is missing; it stays empty
    public static BucketCopy open(Warehouse warehouse, Path scratch) throws IOException {
        Path root = scratch.toAbsolutePath().normalize();
        return new BucketCopy(LakeCatalog.forMove(root, warehouse, root, null), root);
    }

    /// @return the address of the bucket, or "" where the lake is in the data folder
    public static String place(Warehouse warehouse) {
        BucketSettings bucket = warehouse.bucket();
        return bucket == null ? "" : bucket.location();
    }

    /// @return whether a file of this name has the same bytes in every place that the lake ever was in
    public static boolean unchanging(String file) {
        return !file.contains(METADATA);
    }

    /// Writes a catalogue of the tables as they are now.
    ///
    /// @param draft the file to make, which is not there
    /// @throws NoSuchFileException where a table was replaced so often meanwhile that what it named is gone
    public Taken catalog(Path draft) throws IOException {
        Set<String> files = new TreeSet<>();
        Map<String, Long> rows = new TreeMap<>();
        Map<String, Set<String>> notes = new TreeMap<>();
        LakeCatalog.empty(draft);
        try (Connection fresh = DriverManager.getConnection("jdbc:sqlite:" + draft.toAbsolutePath())) {
            for (TenantId tenant : catalog.tenants()) {
                for (LakeCatalog.Kind kind : LakeCatalog.Kind.all()) {
                    LakeTable table = new LakeTables(catalog, Steps.NONE).find(new LakeTables.Name(tenant, kind));
                    if (table != null) {
                        table.current()
                                .forEach(file -> files.add(
                                        root.relativize(file).toString().replace('\\', '/')));
                        rows.put(tenant + "/" + kind.table(), table.rows());
                        notes.put(tenant + "/" + kind.table(), table.notes());
                        add(fresh, tenant, kind, table.metadataLocation());
                    }
                }
            }
        } catch (NotFoundException e) {
            NoSuchFileException gone = new NoSuchFileException(draft.toString(), null, e.getMessage());
            gone.initCause(e);
            throw gone;
        } catch (SQLException e) {
            throw new IOException("no catalogue of the bucket's tables could be written: " + e.getMessage(), e);
        }
        return new Taken(files, rows, notes);
    }

    private static void add(Connection fresh, TenantId tenant, LakeCatalog.Kind kind, String metadata)
            throws SQLException {
        try (PreparedStatement insert = fresh.prepareStatement(
                "INSERT INTO iceberg_tables (catalog_name, table_namespace, table_name, metadata_location, iceberg_type)"
                        + " VALUES (?, ?, ?, ?, 'TABLE')")) {
            insert.setString(1, LakeCatalog.NAME);
            insert.setString(2, tenant.value());
            insert.setString(3, kind.table());
            insert.setString(4, metadata);
            insert.executeUpdate();
        }
    }

    /// @param file one of those that were taken
    /// @param into is not there
    /// @throws NoSuchFileException where it is gone meanwhile
    public void fetch(String file, Path into) throws IOException {
        catalog.store().fetch(root.resolve(file), into);
    }

    @Override
    public void close() {
        catalog.close();
    }
}
