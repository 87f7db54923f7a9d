package tributary.bucket;

import java.net.URI;
import java.util.Objects;

/// Which bucket, and how it is reached. Secrets are not in it, only the file that has one.
///
/// @param name      the bucket's name
/// @param prefix    what all keys begin with, without a slash at either end; "" for none
/// @param endpoint  where a store that is not Amazon's answers, or "" for Amazon's own
/// @param region    "" for what the environment or the profile says, and `us-east-1` with an endpoint
/// @param pathStyle whether the bucket's name is in the path and not in the host name
/// @param accessKey who signs in, or "" for what environment, profile, pod, container or machine give
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

    /// @param address `s3://bucket/prefix`
    /// @return bucket and prefix, as they are written; both "" where it is no such address
    public static String[] parts(String address) {
        String rest = address.startsWith(SCHEME) ? address.substring(SCHEME.length()) : "";
        int slash = rest.indexOf('/');
        return slash < 0
                ? new String[] {rest, ""}
                : new String[] {
                    rest.substring(0, slash), rest.substring(slash + 1).replaceAll("^/+|/+$", "")
                };
    }

    /// @return whether a bucket may have the name
    public boolean nameFits() {
        return name.matches("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");
    }

    /// @return whether the prefix has letters, digits and `. _ = - /` only, and leads to itself
    public boolean prefixFits() {
        return prefix.matches("([A-Za-z0-9._=-]+(/[A-Za-z0-9._=-]+)*)?") && !("/" + prefix + "/").contains("/../");
    }

    /// @return whether the endpoint is empty or an address of HTTP
    public boolean endpointFits() {
        if (endpoint.isEmpty()) {
            return true;
        }
        try {
            URI address = URI.create(endpoint);
            return address.getHost() != null
                    && String.valueOf(address.getScheme()).matches("https?");
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
