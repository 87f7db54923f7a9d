package tributary.sinks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.model.TenantId;
import tributary.registry.SinkDefinitions.SinkDefinition;
import tributary.testkit.SimulatedClock;

/// Sinks that stay away do not hold the outbox, and what that costs them is counted.
class ReliefTest {
    private static final TenantId OTHER = new TenantId("other");
    private static final long MB = 1L << 20;

    @TempDir
    Path folder;

    private final SimulatedClock clock = new SimulatedClock(Instant.parse("2026-11-27T19:00:00Z"));
    private final MemoryParcels parcels = new MemoryParcels();
    private final List<String> told = new ArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();

    private record Held(SinkDefinition definition, Spool spool, long safe) implements Relief.Waiting {
        @Override
        public long reached() {
            return safe;
        }
    }

    private Relief relief(long tenantMax) {
        return new Relief(
                parcels, (sink, count, why) -> told.add(sink.name() + " " + count + ", " + why), clock, tenantMax);
    }

    private Held away(TenantId tenant, String name, long bytesMax) {
        SinkDefinition definition = new SinkDefinition(tenant, name, tenant + "-" + name, "t", "{}", Instant.EPOCH);
        return new Held(definition, new Spool(definition, folder.resolve(definition.id()), clock, bytesMax), 0);
    }

    private void say(TenantId tenant, String sink, int from, int to, String filler) {
        IntStream.range(from, to).forEach(n -> parcels.add(tenant, sink, "d", n + filler));
    }

    private static List<String> read(Parcels line, TenantId tenant, String sink) throws InterruptedException {
        List<String> payloads = new ArrayList<>();
        try (Parcels.Reader reader = line.reader(tenant, sink, 0)) {
            Parcels.Page page = reader.next(Duration.ZERO, 7, MB);
            while (!page.parcels().isEmpty()) {
                page.parcels().forEach(parcel -> payloads.add(parcel.payload()));
                page = reader.next(Duration.ZERO, 7, MB);
            }
        }
        return payloads;
    }

    private static List<String> numbers(int from, int to) {
        return IntStream.range(from, to).mapToObj(Integer::toString).toList();
    }

    @Test
    void outboxIsHeldForASinkWhileThereIsRoomAndGoesOnWithoutItWhenItIsCrowded() throws Exception {
        Held sink = away(TenantId.MAIN, "hook", 64 * MB);
        Relief relief = relief(256 * MB);
        say(TenantId.MAIN, "hook", 0, 250, "");

        relief.tend(List.of(sink), lock);
        assertThat(parcels.released()).isZero();
        parcels.crowded = true;
        relief.tend(List.of(sink), lock);

        assertThat(parcels.released()).isGreaterThan(700);
        say(TenantId.MAIN, "hook", 250, 260, "");
        assertThat(read(relief.line(sink.spool()), TenantId.MAIN, "hook")).isEqualTo(numbers(0, 260));
        assertThat(sink.spool().loss().count()).isZero();
    }

    @Test
    void whatWaitsInFilesIsThereAfterARestartWithoutWhatACrashCutOff() throws Exception {
        Held sink = away(TenantId.MAIN, "hook", 64 * MB);
        parcels.crowded = true;
        say(TenantId.MAIN, "hook", 0, 50, "");
        relief(256 * MB).tend(List.of(sink), lock);
        Path file;
        try (Stream<Path> files = Files.list(folder.resolve(sink.definition().id()))) {
            file = files.findFirst().orElseThrow();
        }
        Files.write(file, new byte[] {0, 0, 0, 9, 1, 2, 3}, StandardOpenOption.APPEND);

        Held again = away(TenantId.MAIN, "hook", 64 * MB);
        Relief relief = relief(256 * MB);
        say(TenantId.MAIN, "hook", 50, 60, "");
        relief.tend(List.of(again), lock);

        assertThat(read(relief.line(again.spool()), TenantId.MAIN, "hook")).isEqualTo(numbers(0, 60));
    }

    @Test
    void beyondTheLimitOfASinkTheOldestGoAndAreCountedAndTold() throws Exception {
        Held sink = away(TenantId.MAIN, "hook", MB);
        Held other = away(OTHER, "hook", MB);
        Relief relief = relief(256 * MB);
        parcels.crowded = true;
        say(OTHER, "hook", 0, 1, "");
        say(TenantId.MAIN, "hook", 0, 300, "x".repeat(10_000));

        relief.tend(List.of(sink, other), lock);
        relief.tend(List.of(sink, other), lock);

        List<String> kept = read(relief.line(sink.spool()), TenantId.MAIN, "hook");
        Spool.Loss loss = sink.spool().loss();
        assertThat(loss.count()).isEqualTo(300 - kept.size());
        assertThat(kept).hasSizeBetween(90, 105);
        assertThat(kept.getLast()).startsWith("299x");
        assertThat(told)
                .containsExactly("hook " + loss.count()
                        + ", 1,048,576 bytes wait for the sink, which is its limit (waiting-max)");
        assertThat(read(relief.line(other.spool()), OTHER, "hook")).containsExactly("0");
        Held again = away(TenantId.MAIN, "hook", MB);
        relief.tend(List.of(again), lock);
        assertThat(again.spool().loss().count()).as("after a restart").isEqualTo(loss.count());
    }

    @Test
    void sinksOfOneTenantShareALimitAndThatOfAnotherIsLeftAlone() throws Exception {
        Held large = away(TenantId.MAIN, "large", 64 * MB);
        Held small = away(TenantId.MAIN, "small", 64 * MB);
        Held other = away(OTHER, "hook", 64 * MB);
        parcels.crowded = true;
        say(TenantId.MAIN, "small", 0, 10, "x".repeat(10_000));
        say(OTHER, "hook", 0, 150, "x".repeat(10_000));
        say(TenantId.MAIN, "large", 0, 1000, "x".repeat(10_000));

        relief(5 * MB).tend(List.of(large, small, other), lock);

        assertThat(large.spool().bytes() + small.spool().bytes()).isLessThanOrEqualTo(5 * MB);
        assertThat(large.spool().loss().count()).isPositive();
        assertThat(large.spool().loss().why()).contains("sinks.waiting-max");
        assertThat(small.spool().loss().count()).isZero();
        assertThat(other.spool().loss().count()).isZero();
    }

    @Test
    void diskThatDoesNotTakeWhatWaitsIsTriedAgainUntilTheOutboxIsFull() throws Exception {
        Path blocked = folder.resolve("main-hook");
        Files.writeString(blocked, "a file where the folder should be");
        Held sink = away(TenantId.MAIN, "hook", MB);
        Relief relief = relief(256 * MB);
        parcels.crowded = true;
        say(TenantId.MAIN, "hook", 0, 10, "");

        relief.tend(List.of(sink), lock);
        assertThat(parcels.released())
                .as("nothing is lost as long as there is room")
                .isZero();
        parcels.full = true;
        relief.tend(List.of(sink), lock);

        assertThat(parcels.released()).isPositive();
        assertThat(sink.spool().loss().count()).isEqualTo(10);
        assertThat(sink.spool().loss().why()).contains("cannot be written");
    }

    @Test
    void fileThatIsDamagedIsNeverServedBehindTheDamage() throws Exception {
        Held sink = away(TenantId.MAIN, "hook", MB);
        Relief relief = relief(256 * MB);
        parcels.crowded = true;
        say(TenantId.MAIN, "hook", 0, 10, "");
        relief.tend(List.of(sink), lock);
        Path file;
        try (Stream<Path> files = Files.list(folder.resolve(sink.definition().id()))) {
            file = files.findFirst().orElseThrow();
        }
        byte[] content = Files.readAllBytes(file);
        content[content.length / 2] ^= 1;
        Files.write(file, content);
        say(TenantId.MAIN, "hook", 10, 12, "");

        List<String> read = read(relief.line(sink.spool()), TenantId.MAIN, "hook");

        assertThat(read).startsWith("0").endsWith("10", "11");
        assertThat(sink.spool().loss().count()).isEqualTo(12 - read.size());
        assertThat(sink.spool().loss().why()).contains("is damaged");
    }

    @Test
    void deliveredFilesAreRemoved() throws IOException {
        Held sink = away(TenantId.MAIN, "hook", MB);
        Relief relief = relief(256 * MB);
        parcels.crowded = true;
        say(TenantId.MAIN, "hook", 0, 10, "");
        relief.tend(List.of(sink), lock);
        assertThat(sink.spool().bytes()).isPositive();

        relief.tend(List.of(new Held(sink.definition(), sink.spool(), parcels.end())), lock);

        assertThat(sink.spool().bytes()).isZero();
        try (Stream<Path> files = Files.list(folder.resolve(sink.definition().id()))) {
            assertThat(files).isEmpty();
        }
    }
}
