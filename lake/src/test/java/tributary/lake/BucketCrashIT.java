package tributary.lake;

import java.nio.file.Path;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The same with files in a bucket and the catalogue in PostgreSQL, and room for few copies of files.
class BucketCrashIT extends CrashScenario {
    @RegisterExtension
    static final BucketExtension BUCKETS = new BucketExtension();

    @Override
    World world(Path folder, int partitions, int batchMax) {
        return super.world(folder, partitions, batchMax).in(BUCKETS.place(20_000));
    }
}
