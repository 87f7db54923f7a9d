package tributary.lake;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.ManifestReader;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.CloseableIterable;
import tributary.model.TenantId;

/// What an engine that knows Iceberg, and nothing of our late rule, sees of a tenant's readings: Iceberg itself plans
/// which delete files belong to which data file.
final class IcebergView {
    private IcebergView() {}

    static Map<String, String> rows(Path folder, TenantId tenant) throws IOException {
        return rows(folder, Warehouse.FOLDER, tenant);
    }

    /// No lake may be open in the folder.
    static Map<String, String> rows(World world, TenantId tenant) throws IOException {
        return rows(world.folder, world.settings.warehouse(), tenant);
    }

    private static Map<String, String> rows(Path folder, Warehouse warehouse, TenantId tenant) throws IOException {
        Map<String, String> rows = new TreeMap<>();
        try (LakeCatalog catalog = LakeCatalog.open(folder, warehouse)) {
            Table table = catalog.find(tenant, LakeCatalog.Kind.READINGS);
            if (table == null) {
                return rows;
            }
            try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
                for (FileScanTask task : tasks) {
                    read(catalog.store(), task, rows);
                }
            }
        }
        return rows;
    }

    /// @return delete files that the table has
    static List<Path> deletes(Path folder, TenantId tenant) throws IOException {
        List<Path> deletes = new ArrayList<>();
        try (LakeCatalog catalog = LakeCatalog.open(folder)) {
            Table table = catalog.table(tenant, LakeCatalog.Kind.READINGS);
            for (ManifestFile manifest : table.currentSnapshot().deleteManifests(table.io())) {
                try (ManifestReader<DeleteFile> files =
                        ManifestFiles.readDeleteManifest(manifest, table.io(), table.specs())) {
                    files.forEach(file -> deletes.add(catalog.store().path(file.location())));
                }
            }
        }
        return deletes;
    }

    private static void read(LakeStore store, FileScanTask task, Map<String, String> rows) throws IOException {
        List<Path> files = new ArrayList<>(List.of(store.path(task.file().location())));
        task.deletes().forEach(delete -> files.add(store.path(delete.location())));
        try (Hold _ = store.hold(files);
                Connection duck = SharedDuck.connect();
                Statement statement = duck.createStatement()) {
            statement.execute("CREATE TEMP TABLE d(device VARCHAR, sensor VARCHAR, ts TIMESTAMP)");
            for (DeleteFile delete : task.deletes()) {
                statement.execute("INSERT INTO d FROM read_parquet('%s', hive_partitioning = false)"
                        .formatted(store.path(delete.location())));
            }
            try (ResultSet result = statement.executeQuery("""
                    SELECT device || ' ' || sensor || ' ' || epoch_us(ts), text, value
                    FROM read_parquet('%s', hive_partitioning = false) ANTI JOIN d USING (device, sensor, ts)""".formatted(files.getFirst()))) {
                while (result.next()) {
                    String text = result.getString(2);
                    String shown = text == null ? Double.toString(result.getDouble(3)) : text;
                    if (rows.put(result.getString(1), shown) != null) {
                        throw new AssertionError("two rows of " + result.getString(1));
                    }
                }
            }
        } catch (SQLException e) {
            throw new IOException(e);
        }
    }
}
