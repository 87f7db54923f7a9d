package tributary.lake;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tributary.lake.s3.BucketSettings;
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
        BucketSettings bucket = BucketSettings.read(warehouse, s);
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
}
