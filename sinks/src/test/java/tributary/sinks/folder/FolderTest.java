package tributary.sinks.folder;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.ZstdInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.model.TenantId;
import tributary.sinks.Harness;
import tributary.sinks.Outcome;
import tributary.sinks.Parcel;
import tributary.sinks.Sink;

class FolderTest {
    private static final long NOON = 1_795_780_800_000L;

    @TempDir
    Path folder;

    private Sink open(String config) {
        Sink sink = Harness.bare(new FolderType(), folder, config, Map.of());
        resumed = sink.resume(position);
        return sink;
    }

    /// What the runner has noted, and where the sink then wants to begin.
    private long position;

    private long resumed;

    private static Parcel parcel(long position, long atMillis, String payload) {
        return new Parcel(position, TenantId.MAIN, "hot", 1, "bare", "pump-" + position % 3, atMillis, payload, null);
    }

    private static List<Parcel> parcels(long from, long to) {
        List<Parcel> parcels = new ArrayList<>();
        for (long n = from; n < to; n++) {
            parcels.add(parcel(n, NOON + n % 2 * 3_600_000, "{\"n\":" + n + "}"));
        }
        return parcels;
    }

    private List<Path> files() {
        try (Stream<Path> all = Files.walk(folder.resolve("out"))) {
            return all.filter(Files::isRegularFile)
                    .map(file -> folder.resolve("out").relativize(file))
                    .filter(file -> !file.toString().startsWith(".parts"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String content(Path file) {
        Path whole = folder.resolve("out").resolve(file);
        try (InputStream in = Files.newInputStream(whole);
                InputStream plain = file.toString().endsWith(".gz")
                        ? new GZIPInputStream(in)
                        : file.toString().endsWith(".zst") ? new ZstdInputStream(in) : in) {
            return new String(plain.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> lines() {
        return files().stream().flatMap(file -> content(file).lines()).toList();
    }

    @Test
    void filesAppearWholeInTheFolderOfTheirHourAndSayWhatIsInThem() throws Exception {
        try (Sink sink = open("{}")) {
            assertThat(sink.deliver(parcels(1, 5))).isEqualTo(Outcome.DONE);
            assertThat(sink.held()).isEqualTo(1);
            assertThat(files()).isEmpty();

            assertThat(sink.flush()).isEqualTo(Outcome.DONE);

            assertThat(sink.held()).isEqualTo(Long.MAX_VALUE);
            assertThat(files())
                    .extracting(Path::toString)
                    .containsExactly(
                            "2026/11/27/12/bare-0000000000000002-0000000000000004.jsonl.gz",
                            "2026/11/27/13/bare-0000000000000001-0000000000000003.jsonl.gz");
            assertThat(lines()).containsExactly("{\"n\":2}", "{\"n\":4}", "{\"n\":1}", "{\"n\":3}");
        }
    }

    @Test
    void csvHasAHeaderQuotesAndRunsInNoSpreadsheet() throws Exception {
        try (Sink sink = open("{\"format\":\"csv\",\"columns\":\"device(), a, b.c\",\"compression\":\"zstd\","
                + "\"prefix\":\"hive-day\"}")) {
            sink.deliver(List.of(
                    parcel(1, NOON, "{\"a\":\"x,\\\"y\\\"\",\"b\":{\"c\":-1.5}}"),
                    parcel(2, NOON, "{\"a\":\"=cmd()\"}"),
                    parcel(3, NOON, "{\"a\":\"-x\\ny\",\"b\":{\"c\":\"+1\"}}")));
            sink.flush();
        }
        assertThat(files())
                .extracting(Path::toString)
                .containsExactly("year=2026/month=11/day=27/bare-0000000000000001-0000000000000003.csv.zst");
        assertThat(content(files().getFirst()))
                .isEqualTo(
                        "device,a,b.c\r\npump-1,\"x,\"\"y\"\"\",-1.5\r\npump-2,'=cmd(),\r\npump-0,\"'-x\ny\",'+1\r\n");
    }

    @Test
    void envelopeIsOneLineAndSoIsAPayloadWithLineBreaks() throws Exception {
        try (Sink sink = open("{\"body\":\"envelope\",\"compression\":\"none\",\"prefix\":\"none\"}")) {
            sink.deliver(List.of(parcel(1, NOON, "{\n\"a\": 1}")));
            sink.flush();
        }
        assertThat(content(files().getFirst()).lines()).hasSize(1);
        assertThat(Harness.json(content(files().getFirst()))
                        .path("payload")
                        .path("a")
                        .intValue())
                .isEqualTo(1);
        try (Sink sink = open("{\"compression\":\"none\",\"prefix\":\"none\"}")) {
            sink.deliver(List.of(parcel(2, NOON, "{\n\"a\": 1}")));
            sink.flush();
        }
        assertThat(content(files().getLast())).isEqualTo("{\"a\":1}\n");
    }

    @Test
    void fileEndsWhenItIsLarge() throws Exception {
        try (Sink sink = open("{\"size\":\"1KB\",\"prefix\":\"none\"}")) {
            for (int n = 0; n < 300; n++) {
                sink.deliver(parcels(n, n + 1));
            }
            assertThat(files()).hasSize(2);
            sink.flush();
        }
        assertThat(lines()).hasSize(300);
    }

    @Test
    void crashBetweenTheNamesOfTwoFilesGivesTheSecondItsNameAtTheNextStart() throws Exception {
        try (Sink sink = open("{}")) {
            sink.deliver(parcels(1, 5));
            Path parts = folder.resolve("out/.parts");
            sink.flush();
            // as if only the first of the two had been named
            Path second = folder.resolve("out").resolve(files().getLast());
            Files.move(second, parts.resolve("part-0"));
        }
        assertThat(files()).hasSize(1);
        position = 1;

        open("{}").close();

        assertThat(resumed).as("all of them are delivered").isEqualTo(5);
        assertThat(lines()).containsExactlyInAnyOrder("{\"n\":1}", "{\"n\":2}", "{\"n\":3}", "{\"n\":4}");
    }

    @Test
    void partsOfACrashAreThrownAwayAndTheirParcelsComeAgain() throws Exception {
        Sink crashed = open("{}");
        crashed.deliver(parcels(1, 5));
        position = 1;
        try (Sink sink = open("{}")) {
            assertThat(resumed).isEqualTo(1);
            sink.deliver(parcels(1, 5));
            sink.flush();
        }
        crashed.close();
        assertThat(lines()).hasSize(4).doesNotHaveDuplicates();
        try (Stream<Path> parts = Files.list(folder.resolve("out/.parts"))) {
            assertThat(parts).isEmpty();
        }
    }

    /// The runner dies at any step and has noted any position up to what is safe.
    @Test
    void noLineIsLostOrTwiceWhereverTheProcessDies() throws Exception {
        for (int seed = 0; seed < 40; seed++) {
            SplittableRandom chance = new SplittableRandom(seed);
            Path home = folder.resolve("seed-" + seed);
            long noted = 0;
            long next = 0;
            Sink sink = null;
            while (next < 200 || sink == null) {
                if (sink == null) {
                    sink = Harness.bare(
                            new FolderType(), home, "{\"size\":\"1KB\",\"compression\":\"none\"}", Map.of());
                    next = sink.resume(noted);
                }
                long to = Math.min(200, next + 1 + chance.nextInt(9));
                assertThat(sink.deliver(parcels(next, to))).isEqualTo(Outcome.DONE);
                next = to;
                if (chance.nextInt(3) == 0) {
                    noted = Math.max(noted, Math.min(sink.held(), next));
                }
                if (chance.nextInt(10) == 0) {
                    sink = null;
                }
            }
            sink.flush();
            List<String> lines = new ArrayList<>();
            try (Stream<Path> all = Files.walk(home.resolve("out"))) {
                for (Path file : all.filter(Files::isRegularFile).toList()) {
                    lines.addAll(Files.readAllLines(file));
                }
            }
            assertThat(lines)
                    .as("seed %d", seed)
                    .containsExactlyInAnyOrderElementsOf(IntStream.range(0, 200)
                            .mapToObj(n -> "{\"n\":" + n + "}")
                            .toList());
        }
    }

    @Test
    void fullDiskLosesNothing() throws Exception {
        try (Sink sink = open("{\"prefix\":\"none\"}")) {
            Path parts = folder.resolve("out/.parts");
            Files.delete(parts);
            Files.writeString(parts, "no folder");

            assertThat(sink.deliver(parcels(1, 5))).isInstanceOf(Outcome.Lost.class);
            assertThat(sink.held()).isEqualTo(Long.MAX_VALUE);

            Files.delete(parts);
            assertThat(sink.resume(1)).isEqualTo(1);
            sink.deliver(parcels(1, 5));
            sink.flush();
        }
        assertThat(lines()).hasSize(4);
    }

    @Test
    void sinkAtWorkWritesWhatRulesSayAndATestBesideIt() {
        try (Harness house = new Harness(folder.resolve("house"), "", new FolderType())) {
            house.good("lake", "folder", "{\"every\":\"1s\",\"prefix\":\"none\"}", Map.of());
            for (int n = 0; n < 50; n++) {
                house.say("lake", "d", "{\"n\":" + n + "}");
            }
            Path out = house.folder.resolve("sinks/out/main/lake");
            Harness.until("a file", () -> house.done("lake"));
            assertThat(house.test("lake").delivered()).isTrue();
            try (Stream<Path> files = Files.list(out)) {
                assertThat(files.map(file -> file.getFileName().toString()))
                        .anyMatch(name -> name.startsWith("lake-0000000000000003-"))
                        .anyMatch(name -> name.startsWith("lake-test-"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Test
    void everyMistakeIsReported() {
        try (Harness house = new Harness(folder.resolve("house"), "", new FolderType())) {
            assertThat(house.mistakes(
                            "folder",
                            "{\"format\":\"csv\",\"compresion\":\"gzip\",\"prefix\":\"weekly\",\"size\":\"1\"}",
                            Map.of()))
                    .anyMatch(flaw -> flaw.contains("columns is missing"))
                    .anyMatch(flaw -> flaw.contains("did you mean compression?"))
                    .anyMatch(flaw -> flaw.contains("prefix must be one of hour, day, hive-hour, hive-day, none"))
                    .anyMatch(flaw -> flaw.contains("size must be a size"));
        }
    }
}
