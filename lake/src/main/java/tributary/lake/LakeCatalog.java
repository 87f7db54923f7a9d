package tributary.lake;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import tributary.model.TenantId;

/// The catalogue: a namespace per tenant, in it the tables `readings`, `rejected` and `events`, in an
/// SQLite file.
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

    static final Schema REJECTED = new Schema(
            Types.NestedField.required(1, "device", Types.StringType.get()),
            Types.NestedField.required(2, "topic", Types.StringType.get()),
            Types.NestedField.required(3, "received", Types.TimestampType.withoutZone()),
            Types.NestedField.required(4, "payload", Types.BinaryType.get()),
            Types.NestedField.required(5, "reason", Types.StringType.get()),
            Types.NestedField.required(6, "part", Types.IntegerType.get()),
            Types.NestedField.required(7, "position", Types.LongType.get()));

    static final Schema EVENTS = new Schema(
            Types.NestedField.optional(1, "device", Types.StringType.get()),
            Types.NestedField.required(2, "kind", Types.StringType.get()),
            Types.NestedField.required(3, "ts", Types.TimestampType.withoutZone()),
            Types.NestedField.optional(4, "door", Types.StringType.get()),
            Types.NestedField.optional(5, "through", Types.StringType.get()),
            Types.NestedField.optional(6, "client", Types.StringType.get()),
            Types.NestedField.optional(7, "address", Types.StringType.get()),
            Types.NestedField.optional(8, "subject", Types.StringType.get()),
            Types.NestedField.optional(9, "cause", Types.StringType.get()),
            Types.NestedField.optional(10, "reason", Types.StringType.get()),
            Types.NestedField.required(11, "count", Types.LongType.get()),
            Types.NestedField.required(12, "part", Types.IntegerType.get()),
            Types.NestedField.required(13, "position", Types.LongType.get()));

    private final JdbcCatalog catalog;

    private LakeCatalog(JdbcCatalog catalog) {
        this.catalog = catalog;
    }

    /// @param folder the lake's own, made where it is missing
    static LakeCatalog open(Path folder) throws IOException {
        Folders.make(folder);
        // The no-argument client pool is Iceberg's own; FULL makes a commit survive a power cut.
        JdbcCatalog catalog = new JdbcCatalog(_ -> new FolderIo(), null, true);
        catalog.initialize(
                "tributary",
                Map.of(
                        CatalogProperties.URI,
                        "jdbc:sqlite:" + folder.resolve("catalog.db").toAbsolutePath(),
                        CatalogProperties.WAREHOUSE_LOCATION,
                        FolderIo.location(folder),
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
        return new LakeCatalog(catalog);
    }

    List<TenantId> tenants() {
        List<TenantId> tenants = new ArrayList<>();
        for (Namespace namespace : catalog.listNamespaces()) {
            tenants.add(new TenantId(namespace.level(0)));
        }
        return tenants;
    }

    /// @return one of the tenant's tables, made where it is missing
    Table table(TenantId tenant, Kind kind) {
        TableIdentifier name = TableIdentifier.of(tenant.value(), kind.table);
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
            return catalog.loadTable(TableIdentifier.of(tenant.value(), kind.table));
        } catch (NoSuchTableException e) {
            return null;
        }
    }

    private Table create(TableIdentifier name, Kind kind) {
        try {
            catalog.createNamespace(name.namespace());
        } catch (AlreadyExistsException e) {
            // another table of it made it
        }
        Schema schema = kind.schema;
        return catalog.buildTable(name, schema)
                .withPartitionSpec(
                        PartitionSpec.builderFor(schema).day(kind.dayColumn).build())
                .withSortOrder(
                        kind == Kind.READINGS
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
    }

    /// The tables of a tenant.
    enum Kind {
        READINGS("readings", "ts", LakeCatalog.READINGS),
        REJECTED("rejected", "received", LakeCatalog.REJECTED),
        EVENTS("events", "ts", LakeCatalog.EVENTS);

        final String table;
        final String dayColumn;
        final Schema schema;

        Kind(String table, String dayColumn, Schema schema) {
            this.table = table;
            this.dayColumn = dayColumn;
            this.schema = schema;
        }
    }
}
