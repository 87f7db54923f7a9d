package tributary.lake;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import tributary.bucket.Bucket;
import tributary.bucket.BucketSettings;
import tributary.model.TenantId;

/// The catalogue: a namespace per tenant, in it the tables `readings` and those beside it ([Side]), in an SQLite
/// file or in PostgreSQL.
///
/// Column ids are fixed for ever; a file's columns are found by them.
final class LakeCatalog implements AutoCloseable {
    static final Schema READINGS = new Schema(
            Types.NestedField.required(1, "device", Types.StringType.get()),
            Types.NestedField.required(2, "sensor", Types.StringType.get()),
            Types.NestedField.required(3, "ts", Types.TimestampType.withoutZone()),
            Types.NestedField.optional(4, "value", Types.DoubleType.get()),
            Types.NestedField.optional(5, "text", Types.StringType.get()),
            Types.NestedField.required(6, "received", Types.TimestampType.withoutZone()),
            Types.NestedField.required(7, "part", Types.IntegerType.get()),
            Types.NestedField.required(8, "position", Types.LongType.get()),
            Types.NestedField.required(9, "late", Types.BooleanType.get()));

    /// What Iceberg knows the catalogue by.
    static final String NAME = "tributary";

    private static final String COPIES = "bucket";
    private static final String FILE = "catalog.db";
    private static final String METADATA = ".metadata.json";

    private final JdbcCatalog catalog;
    private final LakeStore store;

    private LakeCatalog(JdbcCatalog catalog, LakeStore store) {
        this.catalog = catalog;
        this.store = store;
    }

    /// Opens what a lake with these settings uses.
    ///
    /// @param folder the lake's own, made where it is missing
    static LakeCatalog open(Path folder, Warehouse warehouse) throws IOException {
        String known = LakePlace.read(folder);
        String place = LakePlace.of(warehouse);
        if (known != null && !known.equals(place)) {
            throw new IOException(
                    "the lake of this data folder is in %s, and lake.warehouse says %s, where nothing of it would be seen; %s, or move it: tributary lake move"
                            .formatted(
                                    shown(known),
                                    shown(place),
                                    known.equals(LakePlace.FOLDER)
                                            ? "leave lake.warehouse empty"
                                            : "set lake.warehouse: " + known));
        }
        if (warehouse.bucket() == null) {
            if (!Files.exists(folder.resolve(FILE)) && Files.isDirectory(folder.resolve(COPIES))) {
                throw new IOException("the lake of this data folder is in a bucket, and what it has would not be seen"
                        + " any more; set lake.warehouse again");
            }
            return notEmptied(open(folder), folder);
        }
        if (known == null && Files.exists(folder.resolve(FILE))) {
            throw new IOException("the data folder has a lake of its own in catalog.db, which would not be seen any"
                    + " more; leave lake.warehouse empty, or move it: tributary lake move --to " + place);
        }
        Folders.make(folder);
        LakeCatalog catalog = notEmptied(inBucket(folder.resolve(COPIES), warehouse), folder.resolve(COPIES));
        if (known == null) {
            LakePlace.write(folder, place);
        }
        return catalog;
    }

    /// A catalogue of no tenant beside files of tables is a lost one, or another than theirs: with it their rows would
    /// not be seen, and their files would be orphans.
    ///
    /// @param root below which the files of tables are
    private static LakeCatalog notEmptied(LakeCatalog catalog, Path root) throws IOException {
        boolean good = false;
        try {
            Optional<Path> table = catalog.tenants().isEmpty()
                    ? catalog.store().list(root).stream()
                            .map(LakeStore.Found::path)
                            .filter(file -> file.toString().endsWith(METADATA))
                            .findFirst()
                    : Optional.empty();
            if (table.isPresent()) {
                throw new IOException(
                        "the catalogue has no table, and there are files of some, such as %s; make another data folder of a backup (tributary restore), name the catalogue that belongs to them (lake.catalog), or move them away"
                                .formatted(table.get()));
            }
            good = true;
            return catalog;
        } finally {
            if (!good) {
                catalog.close();
            }
        }
    }

    private static String shown(String place) {
        return place.equals(LakePlace.FOLDER) ? "the data folder" : place;
    }

    /// Opens a catalogue for a move, whatever the lake's folder says of the lake's place.
    ///
    /// @param draft where the catalogue of a lake in the folder is, while it is not whole
    static LakeCatalog forMove(Path folder, Warehouse warehouse, Path copies, @Nullable Path draft) throws IOException {
        return warehouse.bucket() == null
                ? inFolder(new FolderStore(folder), draft == null ? folder.resolve(FILE) : draft)
                : inBucket(copies, warehouse);
    }

    /// @return the file that has the catalogue of a lake in the folder
    static Path file(Path folder) {
        return folder.resolve(FILE);
    }

    private static LakeCatalog inBucket(Path copies, Warehouse warehouse) throws IOException {
        BucketSettings bucket = Objects.requireNonNull(warehouse.bucket(), "bucket");
        LakeStore store = new BucketStore(copies, Bucket.open(bucket), bucket.location(), warehouse.copyBytesMax());
        boolean opened = false;
        try {
            LakeCatalog catalog = inPostgres(store, warehouse);
            opened = true;
            return catalog;
        } finally {
            if (!opened) {
                store.close();
            }
        }
    }

    private static LakeCatalog inPostgres(LakeStore store, Warehouse warehouse) throws IOException {
        PostgresPool pool = new PostgresPool(warehouse);
        boolean opened = false;
        try {
            JdbcCatalog catalog = new JdbcCatalog(_ -> store.io(), _ -> pool, true);
            catalog.initialize(
                    NAME,
                    Map.of(
                            CatalogProperties.URI,
                            warehouse.catalog(),
                            CatalogProperties.WAREHOUSE_LOCATION,
                            store.warehouse(),
                            "jdbc.schema-version",
                            "V1"));
            opened = true;
            return new LakeCatalog(catalog, store);
        } catch (RuntimeException e) {
            throw new IOException(
                    "the catalogue %s does not answer: %s. Check lake.catalog, lake.catalog-user and lake.catalog-password-file, and that the server runs"
                            .formatted(warehouse.catalog().replaceFirst("\\?.*", ""), SealQueue.why(e)),
                    e);
        } finally {
            if (!opened) {
                pool.close();
            }
        }
    }

    /// @param folder the lake's own, made where it is missing
    static LakeCatalog open(Path folder) throws IOException {
        Folders.make(folder);
        return inFolder(new FolderStore(folder), folder.resolve(FILE));
    }

    /// Makes a catalogue of no table.
    ///
    /// @param file is not there
    static void empty(Path file) {
        inFolder(new FolderStore(Folders.parent(file)), file).close();
    }

    private static LakeCatalog inFolder(LakeStore store, Path file) {
        CatalogFile.check(file);
        // The no-argument client pool is Iceberg's own; FULL makes a commit survive a power cut.
        JdbcCatalog catalog = new JdbcCatalog(_ -> store.io(), null, true);
        catalog.initialize(
                NAME,
                Map.of(
                        CatalogProperties.URI,
                        "jdbc:sqlite:" + file.toAbsolutePath(),
                        CatalogProperties.WAREHOUSE_LOCATION,
                        store.warehouse(),
                        CatalogProperties.CLIENT_POOL_SIZE,
                        "1",
                        "jdbc.schema-version",
                        "V1",
                        "jdbc.journal_mode",
                        "WAL",
                        "jdbc.synchronous",
                        "FULL",
                        "jdbc.busy_timeout",
                        "10000"));
        UnpackedLibraries.forget();
        return new LakeCatalog(catalog, store);
    }

    /// @return where the files of its tables are
    LakeStore store() {
        return store;
    }

    List<TenantId> tenants() {
        List<TenantId> tenants = new ArrayList<>();
        for (Namespace namespace : catalog.listNamespaces()) {
            tenants.add(new TenantId(namespace.level(0)));
        }
        return tenants;
    }

    /// @return the tenant's table, made where it is missing
    Table table(TenantId tenant, Kind kind) {
        TableIdentifier name = TableIdentifier.of(tenant.value(), kind.table());
        try {
            return catalog.loadTable(name);
        } catch (NoSuchTableException e) {
            return create(name, kind);
        }
    }

    /// @return the tenant's table, or null where there is none yet
    @Nullable
    Table find(TenantId tenant, Kind kind) {
        try {
            return catalog.loadTable(TableIdentifier.of(tenant.value(), kind.table()));
        } catch (NoSuchTableException e) {
            return null;
        }
    }

    /// Names a table whose files are all there, in the place of what was named so; files of that stay.
    void register(TenantId tenant, Kind kind, String metadataLocation) {
        TableIdentifier name = TableIdentifier.of(tenant.value(), kind.table());
        try {
            catalog.createNamespace(name.namespace());
        } catch (AlreadyExistsException e) {
            // another of its tables made it
        }
        catalog.dropTable(name, false);
        catalog.registerTable(name, metadataLocation);
    }

    /// Forgets all tables; their files stay.
    void forgetAll() {
        for (Namespace namespace : catalog.listNamespaces()) {
            catalog.listTables(namespace).forEach(name -> catalog.dropTable(name, false));
            catalog.dropNamespace(namespace);
        }
    }

    private Table create(TableIdentifier name, Kind kind) {
        try {
            catalog.createNamespace(name.namespace());
        } catch (AlreadyExistsException e) {
            // another of its tables made it
        }
        Schema schema = kind.schema();
        return catalog.buildTable(name, schema)
                .withPartitionSpec(kind.parted())
                .withSortOrder(
                        kind.side() == null
                                ? SortOrder.builderFor(schema)
                                        .asc("device")
                                        .asc("sensor")
                                        .asc("ts")
                                        .build()
                                : SortOrder.unsorted())
                .withProperties(Map.of(
                        TableProperties.FORMAT_VERSION, "2",
                        TableProperties.METADATA_COMPRESSION, "gzip",
                        TableProperties.METADATA_DELETE_AFTER_COMMIT_ENABLED, "true",
                        TableProperties.METADATA_PREVIOUS_VERSIONS_MAX, "10",
                        TableProperties.DEFAULT_WRITE_METRICS_MODE, "full",
                        TableProperties.PARQUET_COMPRESSION, "zstd"))
                .create();
    }

    @Override
    public void close() {
        catalog.close();
        store.close();
    }

    /// A kind of table that each tenant may have.
    ///
    /// @param side   null where it is not beside readings
    /// @param rollup null where it is no roll-up
    record Kind(
            String table,
            Schema schema,
            String dayColumn,
            @Nullable Side side,
            @Nullable RollupStep rollup) {
        static final Kind READINGS = new Kind("readings", LakeCatalog.READINGS, "ts", null, null);
        private static final Map<RollupStep, Kind> ROLLUPS = new EnumMap<>(RollupStep.class);
        private static final Map<Side, Kind> SIDES = new EnumMap<>(Side.class);

        static {
            for (Side side : Side.values()) {
                SIDES.put(
                        side,
                        new Kind(
                                side.table(),
                                schema(side),
                                side.columns().get(Side.TIME).name(),
                                side,
                                null));
            }
            for (RollupStep step : RollupStep.values()) {
                ROLLUPS.put(step, new Kind(step.table(), RollupStep.SCHEMA, "ts", null, step));
            }
        }

        static Kind of(Side side) {
            return Objects.requireNonNull(SIDES.get(side), "every side has its kind");
        }

        static Kind of(RollupStep step) {
            return Objects.requireNonNull(ROLLUPS.get(step), "every step has its kind");
        }

        /// @return the tables whose rows come from the log
        static List<Kind> logged() {
            List<Kind> all = new ArrayList<>(SIDES.values());
            all.add(READINGS);
            return all;
        }

        static List<Kind> all() {
            List<Kind> all = logged();
            all.addAll(ROLLUPS.values());
            return all;
        }

        boolean readings() {
            return side == null && rollup == null;
        }

        PartitionSpec parted() {
            return rollup == null
                    ? PartitionSpec.builderFor(schema).day(dayColumn).build()
                    : rollup.parted();
        }

        private static Schema schema(Side side) {
            List<Types.NestedField> fields = new ArrayList<>();
            for (Side.Column column : side.columns()) {
                int id = fields.size() + 1;
                fields.add(
                        column.required()
                                ? Types.NestedField.required(id, column.name(), type(column.type()))
                                : Types.NestedField.optional(id, column.name(), type(column.type())));
            }
            return new Schema(fields);
        }

        private static Type type(Side.Type type) {
            return switch (type) {
                case TEXT -> Types.StringType.get();
                case BYTES -> Types.BinaryType.get();
                case TIME -> Types.TimestampType.withoutZone();
                case INTEGER -> Types.IntegerType.get();
                case WHOLE -> Types.LongType.get();
                case FLAG -> Types.BooleanType.get();
            };
        }
    }
}
