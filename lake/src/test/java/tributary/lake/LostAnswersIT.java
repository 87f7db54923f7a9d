package tributary.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tributary.bucket.BucketSettings;
import tributary.model.TenantId;

/// Connections to the catalogue and to the bucket that break after the server did what it was asked: no row is lost and
/// none is there twice.
class LostAnswersIT {
    @RegisterExtension
    static final BucketExtension BUCKETS = new BucketExtension();

    private static final TenantId MAIN = TenantId.MAIN;

    @TempDir
    Path temp;

    @Test
    void commitsWhoseAnswerTheNetworkLosesAreThereOnce() throws Exception {
        Warehouse place = BUCKETS.place();
        int port = BUCKETS.postgres().port();
        try (LossyLink link = new LossyLink(port, "UPDATE iceberg_tables", 2)) {
            Warehouse lossy = new Warehouse(
                    place.bucket(),
                    place.catalog().replace(":" + port + "/", ":" + link.port() + "/"),
                    place.user(),
                    place.passwordFile(),
                    place.copyBytesMax());
            lives(new World(temp.resolve("lake"), 2, 10).in(lossy), place);
            assertThat(link.lost.get()).as("answers lost").isGreaterThan(7);
        }
    }

    @Test
    void objectsWhoseAnswerTheNetworkLosesAreThereOnce() throws Exception {
        Warehouse place = BUCKETS.place();
        BucketSettings bucket = place.bucket();
        int port = Integer.parseInt(bucket.endpoint().replaceAll(".*:", ""));
        try (LossyLink link = new LossyLink(port, "PUT /", 5)) {
            BucketSettings lossy = new BucketSettings(
                    bucket.name(),
                    bucket.prefix(),
                    "http://127.0.0.1:" + link.port(),
                    "",
                    true,
                    bucket.accessKey(),
                    bucket.secretKeyFile());
            Warehouse warehouse =
                    new Warehouse(lossy, place.catalog(), place.user(), place.passwordFile(), place.copyBytesMax());
            lives(new World(temp.resolve("lake"), 2, 10).in(warehouse), place);
            assertThat(link.lost.get()).as("answers lost").isGreaterThan(10);
        }
    }

    private static void lives(World world, Warehouse good) throws Exception {
        world.careAtOnce(1 << 20, false);
        world.keepSnapshots(Duration.ofMillis(1));
        world.sealAtOnce();
        int sent = 0;
        for (int life = 0; life < 3; life++) {
            try (IcebergLake lake = world.open()) {
                sent = world.sendSixAndCompare(
                        lake,
                        sent,
                        snapshot -> assertThat(SideContents.of(snapshot, Side.MESSAGES))
                                .hasSameSizeAs(world.messages(MAIN)));
            }
        }
        world.in(good);
        try (IcebergLake lake = world.open()) {
            // what the last life could not commit in its last tries is read from the log
            world.awaitVisible(lake);
            World.awaitSealed(lake, MAIN);
            Snapshot snapshot = lake.snapshot(MAIN);
            assertThat(snapshot.hot()).as("what is in memory").isEmpty();
            try (Hold _ = World.hold(lake, snapshot)) {
                assertThat(World.rows(snapshot)).isEqualTo(world.expected(MAIN));
            }
        }
        assertThat(IcebergView.rows(world, MAIN)).isEqualTo(world.expected(MAIN));
    }
}
