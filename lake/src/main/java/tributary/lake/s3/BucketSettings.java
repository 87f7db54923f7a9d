package tributary.lake.s3;

import java.net.URI;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tributary.model.Quote;
import tributary.model.Settings;

/// Which bucket, and how it is reached. Secrets are not in it, only the file that has one.
///
/// @param name      the bucket's name
/// @param prefix    what all keys begin with, without a slash at either end; "" for none
/// @param endpoint  where a store that is not Amazon's answers, or "" for Amazon's own
/// @param region    "" for what the environment or the profile says, and `us-east-1` with an endpoint
/// @param pathStyle whether the bucket's name is in the path and not in the host name
/// @param accessKey who signs in, or "" for what environment, profile, container or machine give
/// @param secretKeyFile file whose first line is the secret key that belongs to `accessKey`
public record BucketSettings(
        String name,
        String prefix,
        String endpoint,
        String region,
        boolean pathStyle,
        String accessKey,
        String secretKeyFile) {
    private static final String SCHEME = "s3://";

    public BucketSettings {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(prefix, "prefix");
        Objects.requireNonNull(endpoint, "endpoint");
        Objects.requireNonNull(region, "region");
        Objects.requireNonNull(accessKey, "accessKey");
        Objects.requireNonNull(secretKeyFile, "secretKeyFile");
    }

    /// @return how Iceberg's metadata names the folder that all is in
    public String location() {
        return SCHEME + name + (prefix.isEmpty() ? "" : "/" + prefix);
    }

    /// Reads the keys `lake.s3-*`.
    ///
    /// @param warehouse `s3://bucket/prefix`, or "" where there is none
    /// @return null where there is none
    public static @Nullable BucketSettings read(String warehouse, Settings s) {
        String rest = warehouse.startsWith(SCHEME) ? warehouse.substring(SCHEME.length()) : "";
        int slash = rest.indexOf('/');
        BucketSettings read = new BucketSettings(
                slash < 0 ? rest : rest.substring(0, slash),
                slash < 0 ? "" : rest.substring(slash + 1).replaceAll("^/+|/+$", ""),
                s.text("lake.s3-endpoint", ""),
                s.text("lake.s3-region", ""),
                s.flag("lake.s3-path-style", false),
                s.text("lake.s3-access-key", ""),
                s.text("lake.s3-secret-key-file", ""));
        if (warehouse.isEmpty()) {
            return null;
        }
        read.problems(warehouse, s);
        return read;
    }

    private void problems(String warehouse, Settings s) {
        if (!name.matches("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")) {
            s.problem("lake.warehouse must be s3://bucket/prefix, or empty for the data folder, was '"
                    + Quote.shorten(warehouse) + "'");
        }
        if (!prefix.matches("([A-Za-z0-9._=-]+(/[A-Za-z0-9._=-]+)*)?") || ("/" + prefix + "/").contains("/../")) {
            s.problem("the prefix in lake.warehouse may have letters, digits and . _ = - / only, was '"
                    + Quote.shorten(prefix) + "'");
        }
        if (!endpoint.isEmpty() && !isAddress(endpoint)) {
            s.problem("lake.s3-endpoint must be an address like https://storage.example.com, was '"
                    + Quote.shorten(endpoint) + "'");
        }
        if (accessKey.isEmpty() != secretKeyFile.isEmpty()) {
            s.problem("lake.s3-access-key and lake.s3-secret-key-file belong together; set both, or neither for the"
                    + " credentials of the environment");
        }
    }

    private static boolean isAddress(String text) {
        try {
            URI address = URI.create(text);
            return address.getHost() != null
                    && String.valueOf(address.getScheme()).matches("https?");
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
