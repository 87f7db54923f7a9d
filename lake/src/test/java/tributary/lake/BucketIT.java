package tributary.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tributary.bucket.Bucket;
import tributary.bucket.BucketSettings;
import tributary.model.DeviceId;
import tributary.model.TenantId;

/// A lake in a bucket of a real server, its catalogue in a real PostgreSQL.
class BucketIT {
    @RegisterExtension
    static final BucketExtension BUCKETS = new BucketExtension();

    private static final TenantId MAIN = TenantId.MAIN;

    @TempDir
    Path temp;

    @Test
    void largeFilesGoInPartsAndComeBackWhole() throws IOException {
        byte[] bytes = new byte[80 << 20];
        new Random(1).nextBytes(bytes);
        Path file = Files.write(temp.resolve("large"), bytes);
        try (Bucket bucket = Bucket.open(BUCKETS.place().bucket())) {
            bucket.put("a/large", file);
            bucket.get("a/large", temp.resolve("back"));
            assertThat(Files.mismatch(file, temp.resolve("back"))).isEqualTo(-1);
            assertThat(bucket.find("a/large").orElseThrow().bytes()).isEqualTo(bytes.length);
            assertThat(bucket.abortUploads(Long.MAX_VALUE))
                    .as("uploads left over")
                    .isZero();
            bucket.delete("a/large");
            bucket.delete("a/large");
            assertThat(bucket.find("a/large")).isEmpty();
            assertThatThrownBy(() -> bucket.get("a/large")).isInstanceOf(NoSuchFileException.class);
        }
    }

    @Test
    void listingTellsEveryObjectOfThePrefixAndNoOther() throws IOException {
        BucketSettings settings = BUCKETS.place().bucket();
        try (Bucket bucket = Bucket.open(settings);
                Bucket beside = Bucket.open(BUCKETS.bucket(settings.name(), "some/other"))) {
            for (int i = 0; i < 1_050; i++) {
                bucket.put("t/" + i, new byte[] {1});
            }
            bucket.put("tt/x", new byte[3]);
            beside.put("t/y", new byte[3]);
            Set<String> keys = new TreeSet<>();
            bucket.list("t/", found -> keys.add(found.key()));
            assertThat(keys).hasSize(1_050).allMatch(key -> key.startsWith("t/"));
        }
    }

    @Test
    void wrongSecretIsSaidWithoutSayingIt() throws IOException {
        BucketSettings good = BUCKETS.place().bucket();
        Path secret = Files.writeString(temp.resolve("secret"), "canary-of-another-secret\n");
        BucketSettings wrong = new BucketSettings(
                good.name(), good.prefix(), good.endpoint(), "", true, good.accessKey(), secret.toString());
        try (Bucket bucket = Bucket.open(wrong)) {
            assertThatThrownBy(() -> bucket.put("x", new byte[1]))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("403")
                    .satisfies(e -> {
                        StringWriter trace = new StringWriter();
                        e.printStackTrace(new PrintWriter(trace));
                        assertThat(trace.toString()).doesNotContain("canary-of-another-secret");
                    });
        }
        assertThat(wrong.toString() + BUCKETS.place()).doesNotContain("canary-of-another-secret");
    }

    @Test
    void whatWasErasedIsInNoObjectAndNoCopy() throws Exception {
        World world = new World(temp.resolve("lake"), 2, 10).in(BUCKETS.place());
        world.careAtOnce(1 << 20, false);
        world.keepSnapshots(Duration.ZERO);
        world.sealAtOnce();
        for (int i = 0; i < 20; i++) {
            world.send(MAIN, i % 2 == 0 ? "gone-device" : "stays", "x " + i + " " + i);
        }
        Path objects = BUCKETS.objects(world.settings.warehouse().bucket().name());
        try (IcebergLake lake = world.open()) {
            world.awaitVisible(lake);
            World.await(() -> lake.snapshot(MAIN).hot().isEmpty());
            Snapshot before = lake.snapshot(MAIN);
            World.hold(lake, before).close();
            lake.erase(MAIN, new DeviceId("gone-device"));
            world.log.forget();
            for (int i = 0; i < 100 && lake.erasures(MAIN).getFirst().phase() != Lake.Phase.DONE; i++) {
                lake.careNow();
            }
            assertThat(lake.erasures(MAIN).getFirst().phase()).isEqualTo(Lake.Phase.DONE);
            Snapshot after = lake.snapshot(MAIN);
            try (Hold _ = World.hold(lake, after)) {
                assertThat(World.rows(after).keySet()).hasSize(10).allMatch(row -> row.startsWith("stays"));
            }
        }
        assertThat(filesWith(objects, "gone-device")).as("objects").isEmpty();
        assertThat(filesWith(world.folder.resolve("bucket"), "gone-device"))
                .as("copies")
                .isEmpty();
    }

    private static Set<Path> filesWith(Path folder, String text) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> holds(file, text))
                    .collect(Collectors.toSet());
        }
    }

    private static boolean holds(Path file, String text) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1).contains(text);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void copiesStayBelowTheirLimitAndAreGoneAfterAStart() throws Exception {
        World world = new World(temp.resolve("lake"), 1, 10).in(BUCKETS.place(12_000));
        world.careAtOnce(1 << 20, false);
        world.sealAtOnce();
        try (IcebergLake lake = world.open()) {
            for (int i = 0; i < 12; i++) {
                world.send(MAIN, "d", "x " + i + " " + i);
                world.awaitVisible(lake);
                World.awaitSealed(lake, MAIN);
            }
            assertThat(bytes(world.folder.resolve("bucket"))).isLessThan(13_000);
            Snapshot snapshot = lake.snapshot(MAIN);
            assertThat(snapshot.readings()).hasSizeGreaterThan(5);
            try (Hold _ = World.hold(lake, snapshot)) {
                assertThat(World.rows(snapshot)).isEqualTo(world.expected(MAIN));
            }
            assertThat(bytes(world.folder.resolve("bucket"))).isLessThan(13_000);
        }
        try (IcebergLake lake = world.open()) {
            Snapshot snapshot = lake.snapshot(MAIN);
            try (Hold _ = World.hold(lake, snapshot)) {
                assertThat(World.rows(snapshot)).isEqualTo(world.expected(MAIN));
            }
        }
    }

    /// Of a lake at work: a file that goes while we look is none.
    private static long bytes(Path folder) throws IOException {
        long[] sum = {0};
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                sum[0] += attributes.size();
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                if (e instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw e;
            }
        });
        return sum[0];
    }

    @Test
    void startWaitsForABucketOrACatalogueThatIsAway() throws Exception {
        Warehouse good = BUCKETS.place();
        Warehouse away =
                new Warehouse(good.bucket(), "jdbc:postgresql://127.0.0.1:1/none", "x", "", good.copyBytesMax());
        World world = new World(temp.resolve("lake"), 1, 10).in(away);
        try (IcebergLake lake = world.open()) {
            World.await(() -> lake.trouble().isPresent());
            assertThat(lake.trouble().orElseThrow()).contains("lake.catalog");
            assertThat(lake.ready()).isFalse();
        }
        world.in(good);
        world.send(MAIN, "d", "x 1 1");
        try (IcebergLake lake = world.open()) {
            world.awaitVisible(lake);
            assertThat(World.rows(lake.snapshot(MAIN))).isEqualTo(Map.of("d x 1", "1.0"));
        }
    }
}
