package tributary.lake;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import tributary.bucket.BucketSettings;

/// Where the lake of a data folder is, as the file `place` in the lake's folder says: with other settings a
/// server would begin anew and not see what it has.
public final class LakePlace {
    /// What the file says of a lake in the data folder itself.
    static final String FOLDER = "folder";

    private static final String FILE = "place";
    private static final int LENGTH_MAX = 4_096;

    private LakePlace() {}

    /// @param lake the lake's folder
    /// @return the address of the bucket that the lake is in, or null where it is in none
    public static @Nullable String bucket(Path lake) throws IOException {
        String place = read(lake);
        return place == null || place.equals(FOLDER) ? null : place;
    }

    static String of(Warehouse warehouse) {
        BucketSettings bucket = warehouse.bucket();
        return bucket == null ? FOLDER : bucket.location();
    }

    /// @return null where nothing says so: then it never was elsewhere
    static @Nullable String read(Path lake) throws IOException {
        Path file = lake.resolve(FILE);
        if (!Files.exists(file)) {
            return null;
        }
        String place = Files.readString(file).strip();
        if (place.isEmpty() || place.length() > LENGTH_MAX || place.contains("\n")) {
            throw new IOException(
                    file + " does not say where the lake is; write 'folder' or the lake's s3:// address into it");
        }
        return place;
    }

    static void write(Path lake, String place) throws IOException {
        Path fresh = lake.resolve(FILE + ".new");
        Files.writeString(fresh, place + "\n");
        Folders.replace(fresh, lake.resolve(FILE));
    }
}
