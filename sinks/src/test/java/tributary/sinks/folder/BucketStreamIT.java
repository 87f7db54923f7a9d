package tributary.sinks.folder;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.model.TenantId;
import tributary.sinks.Harness;
import tributary.sinks.Outcome;
import tributary.sinks.Parcel;
import tributary.sinks.Raw;
import tributary.sinks.Sink;
import tributary.sinks.SinkStatus;
import tributary.testkit.S3Server;

/// A delivery stream into a bucket of a real server, which goes away in the middle.
class BucketStreamIT {
    private static final Map<String, String> SECRET = Map.of("secret-key", S3Server.SECRET_KEY);
    private static final long NOON = 1_795_780_800_000L;

    @TempDir
    Path folder;

    private S3Server server;
    private Path objects;

    @BeforeEach
    void start() {
        server = S3Server.start();
        objects = server.bucket("streams");
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    private String config(String more) {
        return "{\"bucket\":\"s3://streams/some/prefix\",\"endpoint\":\"" + server.endpoint()
                + "\",\"path-style\":true,\"access-key\":\"" + S3Server.ACCESS_KEY + "\"" + more + "}";
    }

    /// The server writes while we look: a file that goes or gets its name meanwhile is left out.
    private List<Path> files() {
        List<Path> files = new ArrayList<>();
        try {
            Files.walkFileTree(objects, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    files.add(file);
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
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return files.stream().sorted().toList();
    }

    private List<String> names() {
        return files().stream().map(file -> objects.relativize(file).toString()).toList();
    }

    private static List<String> lines(Path file) {
        try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> lines() {
        return files().stream().flatMap(file -> lines(file).stream()).toList();
    }

    private static List<String> numbers(int to) {
        return IntStream.range(0, to).mapToObj(n -> "{\"n\":" + n + "}").toList();
    }

    private static Parcel parcel(long n, Raw raw) {
        return new Parcel(n, TenantId.MAIN, "hot", 1, "bare", "pump-1", NOON, "{\"n\":" + n + "}", null, raw);
    }

    private Sink bare(String more) {
        Sink sink = Harness.bare(new BucketType(), folder.resolve("bare"), config(more), SECRET);
        sink.resume(0);
        return sink;
    }

    @Test
    void rawRecordsLieBesideTheTransformedOnes() throws Exception {
        Raw one = new Raw("0-1", "env/x", NOON, "{\"t\":1}".getBytes(StandardCharsets.UTF_8));
        Raw bytes = new Raw("0-2", "env/x", NOON, new byte[] {(byte) 0xFF});
        try (Sink sink = bare(",\"prefix\":\"hive-day\"")) {
            sink.deliver(List.of(parcel(1, one), parcel(2, one), parcel(3, null), parcel(4, bytes)));
            assertThat(sink.flush()).isEqualTo(Outcome.DONE);
        }
        String day = "year=2026/month=11/day=27/bare-0000000000000001-0000000000000004.jsonl.gz";
        assertThat(names()).containsExactly("some/prefix/raw/" + day, "some/prefix/" + day);
        assertThat(lines(files().getFirst()))
                .containsExactly(
                        "{\"id\":\"0-1\",\"topic\":\"env/x\",\"at\":" + NOON + ",\"payload\":{\"t\":1}}",
                        "{\"id\":\"0-2\",\"topic\":\"env/x\",\"at\":" + NOON + ",\"base64\":\"/w==\"}");
        assertThat(lines(files().getLast())).hasSize(4);
    }

    @Test
    void parquetInTheBucketIsReadByAnotherEngine() throws Exception {
        try (Sink sink = bare(",\"format\":\"parquet\",\"columns\":\"device(), n integer\"")) {
            sink.deliver(IntStream.range(0, 500).mapToObj(n -> parcel(n, null)).toList());
            assertThat(sink.flush()).isEqualTo(Outcome.DONE);
        }
        assertThat(names()).containsExactly("some/prefix/2026/11/27/12/bare-0000000000000000-0000000000000499.parquet");
        assertThat(ParquetTest.rows(
                        "SELECT device, count(*), sum(n) FROM '" + files().getFirst() + "' GROUP BY device"))
                .containsExactly("pump-1 500 124750");
    }

    @Test
    void bucketIsKilledWhileSinksStopAndStartAndNothingIsLostOrTwice() {
        try (Harness house = new Harness(folder, "127.0.0.1", new BucketType())) {
            house.good(
                    "lake",
                    "bucket",
                    config(",\"every\":\"1s\",\"size\":\"1KB\",\"retry-first\":\"20ms\",\"retry-most\":\"100ms\""),
                    SECRET);
            say(house, 0, 100);
            Harness.until("the first files", () -> !files().isEmpty());
            Supplier<S3Server> again = server.stop();
            say(house, 100, 200);
            Harness.until("it waits", () -> house.status("lake").state() == SinkStatus.State.RETRYING);
            assertThat(house.status("lake").toString()).contains("in s3://streams/some/prefix");
            house.stop();
            house.open();
            say(house, 200, 300);
            server = again.get();
            Harness.until("the rest", () -> house.done("lake"));
        }
        assertThat(lines()).containsExactlyInAnyOrderElementsOf(numbers(300));
        assertThat(names()).allMatch(name -> name.startsWith("some/prefix/20"));
    }

    private static void say(Harness house, int from, int to) {
        for (int n = from; n < to; n++) {
            house.say("lake", "d", "{\"n\":" + n + "}");
        }
    }

    /// Sink and server die at any step, and the runner has noted any position up to what is safe.
    @Test
    void noLineIsLostOrTwiceWhereverSinkOrServerDies() throws Exception {
        SplittableRandom chance = new SplittableRandom(7);
        Supplier<S3Server> again = null;
        long noted = 0;
        long next = 0;
        int outages = 0;
        Sink sink = null;
        while (next < 400 || sink == null) {
            if (sink == null) {
                sink = Harness.bare(new BucketType(), folder.resolve("bare"), config(",\"size\":\"1KB\""), SECRET);
                next = sink.resume(noted);
            }
            if (again == null && outages < 4 && chance.nextInt(12) == 0) {
                again = server.stop();
                outages++;
            }
            long to = Math.min(400, next + 1 + chance.nextInt(20));
            Outcome outcome = sink.deliver(IntStream.range((int) next, (int) to)
                    .mapToObj(n -> parcel(n, null))
                    .toList());
            long done = switch (outcome) {
                case Outcome.Done _ -> to - next;
                case Outcome.Away away -> away.done();
                default -> throw new AssertionError(outcome);
            };
            next += done;
            noted = chance.nextBoolean() ? Math.max(noted, Math.min(sink.held(), next)) : noted;
            if (!(outcome instanceof Outcome.Done) && again != null && chance.nextBoolean()) {
                server = again.get();
                again = null;
            }
            if (chance.nextInt(8) == 0) {
                // as a killed process leaves it
                sink = null;
            }
        }
        if (again != null) {
            server = again.get();
        }
        assertThat(sink.flush()).isEqualTo(Outcome.DONE);
        sink.close();
        assertThat(outages).isPositive();
        assertThat(lines()).containsExactlyInAnyOrderElementsOf(numbers(400));
    }

    @Test
    void testSaysWhatIsWrongAndLeavesNothing() throws Exception {
        try (Harness house = new Harness(folder, "127.0.0.1", new BucketType())) {
            house.good("lake", "bucket", config(""), Map.of("secret-key", "canary-of-another-secret"));
            assertThat(house.test("lake").what()).contains("answers 403").doesNotContain("canary");
            house.good("lake", "bucket", config(""), SECRET);
            assertThat(house.test("lake").delivered()).isTrue();
            assertThat(names()).singleElement().asString().contains("/lake-test-");
            try (Stream<Path> state = Files.walk(house.folder.resolve("sinks/state"))) {
                assertThat(state.map(Path::toString)).noneMatch(name -> name.endsWith("-test"));
            }
        }
    }

    @Test
    void bucketOnAClosedAddressIsNotReached() {
        try (Harness house = new Harness(folder, "", new BucketType())) {
            for (String host : new String[] {"127.0.0.1", "localhost", "2130706433", "[::1]"}) {
                house.good("lake", "bucket", config("").replace("127.0.0.1", host), SECRET);
                assertThat(house.test("lake").what()).as(host).contains("sinks.private-addresses");
            }
            // the bucket's name before the host's does not help
            house.good(
                    "lake",
                    "bucket",
                    config("").replace("127.0.0.1", "localhost").replace("true", "false"),
                    SECRET);
            assertThat(house.test("lake").delivered()).isFalse();
        }
        assertThat(names()).isEmpty();
    }

    @Test
    void everyMistakeIsReported() {
        try (Harness house = new Harness(folder, "", new BucketType())) {
            assertThat(house.mistakes(
                            "bucket",
                            "{\"bucket\":\"streams\",\"endpoint\":\"storage:9000\",\"secret-key\":\"x\"}",
                            Map.of()))
                    .anyMatch(flaw -> flaw.contains("bucket must be an address like s3://"))
                    .anyMatch(flaw -> flaw.contains("endpoint must be an address like https://"))
                    .anyMatch(flaw -> flaw.contains("access-key is missing"))
                    .anyMatch(flaw -> flaw.contains("the secret secret-key is missing"))
                    .anyMatch(flaw -> flaw.contains("secret-key is a secret"));
            assertThat(house.mistakes("bucket", "{\"bucket\":\"s3://a-b/../c\",\"access-key\":\"x\"}", SECRET))
                    .anyMatch(flaw -> flaw.contains("letters, digits"))
                    .anyMatch(flaw -> flaw.contains("region is missing"));
        }
    }
}
