package tributary.model;

import java.util.regex.Pattern;

/// The name of a tenant: one to forty of `a-z 0-9 -`, beginning with a letter or digit.
///
/// It is a folder name and an Iceberg namespace as it stands, so nothing that a file system or a catalogue could
/// read in two ways is allowed in it.
public record TenantId(String value) implements Comparable<TenantId> {
    private static final Pattern SHAPE = Pattern.compile("[a-z0-9][a-z0-9-]{0,39}");

    /// What Windows takes for devices, in every folder: nobody could copy a backup or a lake there.
    private static final Pattern DEVICE_OF_WINDOWS = Pattern.compile("con|prn|aux|nul|(com|lpt)[0-9]");

    /// The tenant that a fresh install has.
    public static final TenantId MAIN = new TenantId("main");

    public TenantId {
        if (!SHAPE.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "a tenant's name is 1 to 40 of a-z, 0-9 and '-', beginning with a letter or digit; was '"
                            + Quote.shorten(value) + "'");
        }
    }

    /// @return whether not every system can have a folder of the name; new tenants do not get it
    public boolean noFolderEverywhere() {
        return DEVICE_OF_WINDOWS.matcher(value).matches();
    }

    @Override
    public int compareTo(TenantId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
