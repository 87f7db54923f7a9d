package tributary.lake;

import java.nio.file.Path;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The same with files in a bucket and the catalogue in PostgreSQL.
class BucketSparkIT extends SparkScenario {
    @RegisterExtension
    static final BucketExtension BUCKETS = new BucketExtension();

    @Override
    World world(Path folder) {
        return super.world(folder).in(BUCKETS.place());
    }
}
