package tributary.lake;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tributary.bucket.BucketSettings;
import tributary.model.Quote;
import tributary.model.Settings;

/// Where the lake keeps its files and its catalogue: both in the data folder, or in a bucket and in PostgreSQL.
///
/// @param bucket       null for the data folder
/// @param catalog      `jdbc:postgresql://host/database` where there is a bucket, else ""
/// @param user         who signs in there
/// @param passwordFile file whose first line is the password
/// @param copyBytesMax bytes of the bucket's files that the data folder holds for reading
public record Warehouse(
        @Nullable BucketSettings bucket, String catalog, String user, String passwordFile, long copyBytesMax) {
    public static final Warehouse FOLDER = new Warehouse(null, "", "tributary", "", 10L << 30);

    public Warehouse {
        Objects.requireNonNull(catalog, "catalog");
        Objects.requireNonNull(user, "user");
        Objects.requireNonNull(passwordFile, "passwordFile");
    }

    /// Reads `lake.warehouse` and the keys that go with it.
    public static Warehouse read(Settings s) {
        String warehouse = s.text("lake.warehouse", "");
        String catalog = s.text("lake.catalog", FOLDER.catalog);
        String user = s.text("lake.catalog-user", FOLDER.user);
        String passwordFile = s.text("lake.catalog-password-file", FOLDER.passwordFile);
        long copies = s.bytes("lake.copies-max", FOLDER.copyBytesMax, 64L << 20, 1L << 50);
        BucketSettings bucket = bucket(warehouse, s);
        if (bucket == null) {
            if (!catalog.isEmpty()) {
                s.problem("lake.catalog goes with lake.warehouse, an s3:// address; in the data folder the catalogue is"
                        + " a file of its own");
            }
            return FOLDER;
        }
        if (!catalog.startsWith("jdbc:postgresql:")) {
            s.problem("lake.catalog must begin with jdbc:postgresql: where lake.warehouse is a bucket, was '" + catalog
                    + "'");
        }
        return new Warehouse(bucket, catalog, user, passwordFile, copies);
    }

    private static @Nullable BucketSettings bucket(String warehouse, Settings s) {
        String[] parts = BucketSettings.parts(warehouse);
        BucketSettings read = new BucketSettings(
                parts[0],
                parts[1],
                s.text("lake.s3-endpoint", ""),
                s.text("lake.s3-region", ""),
                s.flag("lake.s3-path-style", false),
                s.text("lake.s3-access-key", ""),
                s.text("lake.s3-secret-key-file", ""));
        if (warehouse.isEmpty()) {
            return null;
        }
        if (!read.nameFits()) {
            s.problem("lake.warehouse must be s3://bucket/prefix, or empty for the data folder, was '"
                    + Quote.shorten(warehouse) + "'");
        }
        if (!read.prefixFits()) {
            s.problem("the prefix in lake.warehouse may have letters, digits and . _ = - / only, was '"
                    + Quote.shorten(read.prefix()) + "'");
        }
        if (!read.endpointFits()) {
            s.problem("lake.s3-endpoint must be an address like https://storage.example.com, was '"
                    + Quote.shorten(read.endpoint()) + "'");
        }
        if (read.accessKey().isEmpty() != read.secretKeyFile().isEmpty()) {
            s.problem("lake.s3-access-key and lake.s3-secret-key-file belong together; set both, or neither for the"
                    + " credentials of the environment");
        }
        return read;
    }
}
