package tributary.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import tributary.log.Log.Damage;
import tributary.model.Fault;
import tributary.model.Message;
import tributary.testkit.ProcessDied;
import tributary.testkit.SimulatedClock;
import tributary.testkit.SimulatedDisk;

/// The log on a simulated disk, stepped by the test; and each fault of a disk by itself.
class SimulatedLogTest extends LogContract {
    private static final LogSettings ONE = new LogSettings(1, 64 * KB, 256 * KB, 0, KEEP_ALL, 64 * MB);

    private final SimulatedDisk disk = new SimulatedDisk(new SplittableRandom(42));
    private final SimulatedClock clock = new SimulatedClock(Instant.ofEpochSecond(1_700_000_000));

    @Override
    SegmentLog openLog(LogSettings settings) throws IOException {
        return SegmentLog.openUnmanned(new LogWorld(disk, clock, new SplittableRandom(1), settings, Set.of()));
    }

    @Override
    void settle(Log log) {
        for (int partition = 0; partition < log.partitions(); partition++) {
            ((SegmentLog) log).step(partition);
        }
    }

    private SegmentLog openOne() throws IOException {
        return (SegmentLog) open(ONE);
    }

    private SegmentLog reopenAfterKill() throws IOException {
        disk.kill();
        return openLog(ONE);
    }

    private SegmentLog reopenAfterPowerCut() throws IOException {
        disk.cutPower();
        return openLog(ONE);
    }

    private static List<String> texts(Log log) {
        return readAll(fromTheStart(log)).stream().map(LogContract::text).toList();
    }

    @Override
    void closeAll() {
        disk.kill();
    }

    @Test
    void nobodyIsToldBeforeTheFlush() throws IOException {
        SegmentLog log = openOne();

        Told told = append(log, Samples.telemetry("boiler-7", "21.5"));

        assertThat(told.isOpen()).isTrue();
        assertThat(texts(log)).isEmpty();
        log.step(0);
        assertThat(told.isDurable()).isTrue();
        assertThat(texts(log)).containsExactly("21.5");
    }

    @Test
    void aSlowDiskHoldsReceiptsBackAndAsksAppendersToPause() throws Exception {
        SegmentLog log = openLog(new LogSettings(1, 64 * KB, 32 * KB, 0, KEEP_ALL, 64 * MB));
        log.start();
        List<Told> told = new ArrayList<>();
        CountDownLatch relieved = new CountDownLatch(1);
        try (log) {
            told.add(append(log, Samples.telemetry("boiler-7", "before")));
            await(told.getFirst()::isDurable);
            disk.holdForces();
            while (!log.congested()) {
                told.add(append(log, Samples.telemetry("boiler-7", "x".repeat(1000))));
            }
            log.whenRelieved(relieved::countDown);

            assertThat(told.subList(1, told.size())).allMatch(Told::isOpen);
            assertThat(relieved.getCount()).isEqualTo(1);
            disk.releaseForces();

            assertThat(relieved.await(60, TimeUnit.SECONDS)).isTrue();
            await(told.getLast()::isDurable);
            assertThat(told).allMatch(Told::isDurable);
            assertThat(log.congested()).isFalse();
        }
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            LockSupport.parkNanos(100_000);
        }
    }

    @Test
    void oneFlushServesAllThatWaited() throws IOException {
        SegmentLog log = openOne();
        append(log, Samples.telemetry("boiler-7", "first"));
        log.step(0);
        long before = log.stats().flushes();

        for (int i = 0; i < 500; i++) {
            append(log, Samples.telemetry("boiler-7", "n" + i));
        }
        log.step(0);

        assertThat(log.stats().flushes() - before).isEqualTo(1);
        assertThat(log.stats().appended()).isEqualTo(501);
    }

    @Test
    void whatWasToldSurvivesAPowerCut() throws IOException {
        SegmentLog log = openOne();
        appendAndSettle(log, "boiler-7", 1000);

        assertThat(texts(reopenAfterPowerCut())).hasSize(1000);
    }

    @Test
    void aFailedFlushIsAnsweredWithANewSegmentAndNobodyNotices() throws IOException {
        SegmentLog log = openOne();
        append(log, Samples.telemetry("boiler-7", "before"));
        log.step(0);
        disk.failForces(1);

        Told told = append(log, Samples.telemetry("boiler-7", "during"));
        log.step(0);

        assertThat(told.isDurable()).isTrue();
        assertThat(told.position()).isEqualTo(1);
        assertThat(disk.files().stream().filter(path -> path.endsWith(".seg"))).hasSize(2);
        assertThat(texts(reopenAfterPowerCut())).containsExactly("before", "during");
    }

    @Test
    void aDiskThatKeepsFailingRefusesWithTheReasonUntilItWorksAgain() throws IOException {
        SegmentLog log = openOne();
        append(log, Samples.telemetry("boiler-7", "before"));
        log.step(0);
        disk.failForces(100);
        Told written = append(log, Samples.telemetry("boiler-7", "may be on disk"));
        log.step(0);

        Told refused = append(log, Samples.telemetry("boiler-7", "not taken"));

        assertThat(written.isOpen())
                .as("nobody can say whether it will show up")
                .isTrue();
        assertThat(refused.fault()).isEqualTo(Fault.DISK_FAILED);
        assertThat(refused.detail()).contains("the disk failed").contains("tries again by itself");
        assertThat(log.congested()).isFalse();
        disk.failForces(0);
        log.step(0);
        Told after = append(log, Samples.telemetry("boiler-7", "taken again"));
        log.step(0);
        assertThat(written.isDurable()).isTrue();
        assertThat(after.isDurable()).isTrue();
        assertThat(texts(log)).containsExactly("before", "may be on disk", "taken again");
    }

    @Test
    void aFullDiskRefusesWithTheReasonAndGoesOnByItself() throws IOException {
        SegmentLog log = openOne();
        append(log, Samples.telemetry("boiler-7", "first"));
        log.step(0);
        disk.capacity(disk.used());
        List<Told> told = new ArrayList<>();
        while (told.stream().noneMatch(Told::isRefused)) {
            told.add(append(log, Samples.telemetry("boiler-7", "x".repeat(1000))));
            log.step(0);
        }

        assertThat(told.getLast().fault()).isEqualTo(Fault.LOG_FULL);
        assertThat(told.getLast().detail()).contains("there is no room").contains("goes on by itself");
        disk.capacity(Long.MAX_VALUE);
        log.step(0);
        Told after = append(log, Samples.telemetry("boiler-7", "last"));
        log.step(0);
        assertThat(after.isDurable()).isTrue();
        assertThat(texts(reopenAfterPowerCut())).hasSize(told.size() + 1).endsWith("last");
    }

    @Test
    void aFlippedBitIsReportedAndTheRecordsAroundItAreServed() throws IOException {
        SegmentLog log = openOne();
        appendAndSettle(log, "boiler-7", 100);
        log.close();
        int at = SegmentHeader.BYTES + 50 * recordBytes() + 20;
        disk.damage(segment(), at, new byte[] {(byte) (disk.byteAt(segment(), at) ^ 4)});

        SegmentLog again = reopenAfterKill();

        assertThat(readAll(fromTheStart(again))).hasSize(99);
        assertThat(again.damage()).singleElement().satisfies(damage -> {
            assertThat(damage.end() - damage.first()).isEqualTo(1);
            assertThat(damage.detail()).contains(segment()).containsPattern("byte \\d+");
        });
    }

    @Test
    void aFlipOfAnyByteOfARecordIsFound() throws IOException {
        SegmentLog log = openOne();
        appendAndSettle(log, "boiler-7", 3);
        log.close();
        int bytes = recordBytes();

        for (int i = 0; i < 3 * bytes; i++) {
            int at = SegmentHeader.BYTES + i;
            byte good = disk.byteAt(segment(), at);
            disk.damage(segment(), at, new byte[] {(byte) (good ^ 1 << i % 8)});
            try (SegmentLog again = reopenAfterKill()) {
                assertThat(readAll(fromTheStart(again))).as("flip at %d", at).hasSize(2);
                assertThat(again.damage()).as("flip at %d", at).hasSize(1);
            }
            disk.damage(segment(), at, new byte[] {good});
        }
    }

    @Test
    void aFileCutOffAnywhereIsReportedAndItsPositionsAreNotUsedAgain() throws IOException {
        SegmentLog log = openOne();
        appendAndSettle(log, "boiler-7", 20);
        log.close();
        for (int cut = 20 * recordBytes(); cut >= 0; cut -= 7) {
            disk.cutAtRest(segment(), SegmentHeader.BYTES + cut);
            disk.kill();
            SegmentLog again = openLog(ONE);
            int whole = texts(again).size();
            assertThat(whole).isLessThanOrEqualTo(cut / (recordBytes() - 1));
            assertThat(again.damage()).isNotEmpty();
            Damage lost = again.damage().getLast();
            assertThat(lost.end()).isGreaterThanOrEqualTo(20);
            assertThat(again.end(0)).isGreaterThanOrEqualTo(20);
            // Only the cut is tried again, not what the log wrote after it.
            disk.files().stream()
                    .filter(path -> path.startsWith("p0/") && !path.equals(segment()))
                    .toList()
                    .forEach(this::forget);
        }
    }

    @Test
    void aZeroedBlockIsReported() throws IOException {
        SegmentLog log = openOne();
        List<Told> told = appendAndSettle(log, "boiler-7", 200);
        log.close();
        disk.damage(segment(), 4096, new byte[512]);

        SegmentLog again = reopenAfterKill();

        int read = readAll(fromTheStart(again)).size();
        Damage damage = again.damage().getFirst();
        assertThat(read).isLessThan(told.size());
        assertThat(damage.end() - damage.first()).isEqualTo(told.size() - read);
    }

    @Test
    void aDamagedHeaderCostsNoRecord() throws IOException {
        SegmentLog log = openOne();
        appendAndSettle(log, "boiler-7", 10);
        log.close();
        disk.damage(segment(), 30, new byte[] {99});

        SegmentLog again = reopenAfterKill();

        assertThat(texts(again)).hasSize(10);
        assertThat(again.damage())
                .singleElement()
                .satisfies(damage -> assertThat(damage.detail()).contains(segment()));
    }

    @Test
    void aLostMetaFileIsMadeAnewFromASegment() throws IOException {
        Log log = open(SMALL);
        appendAndSettle(log, "boiler-7", 10);
        log.close();
        disk.damage("meta", 20, new byte[] {0});
        disk.kill();

        Log again = openLog(new LogSettings(9, 64 * KB, 256 * KB, 0, KEEP_ALL, 64 * MB));

        assertThat(again.partitions()).isEqualTo(2);
        assertThat(texts(again)).hasSize(10);
    }

    @Test
    void aTornTailThatNobodyWasToldOfIsNoDamage() throws IOException {
        SegmentLog log = openOne();
        appendAndSettle(log, "boiler-7", 10);
        for (int i = 0; i < 300; i++) {
            append(log, Samples.telemetry("boiler-7", "lost" + i));
        }
        disk.dieAfter(2);
        try {
            log.step(0);
        } catch (ProcessDied e) {
            assertThat(disk.hasDied()).isTrue();
        }

        SegmentLog again = reopenAfterPowerCut();

        assertThat(texts(again).subList(0, 10)).hasSize(10).doesNotContain("lost0");
        assertThat(again.damage()).isEmpty();
    }

    @Test
    void aPayloadThatLooksLikeARecordIsNotTakenForOne() throws IOException {
        SegmentLog log = openOne();
        append(log, Samples.telemetry("boiler-7", "first"));
        log.step(0);
        byte[] record = new byte[recordBytes() + 8];
        for (int i = 0; i < record.length; i++) {
            record[i] = disk.byteAt(segment(), SegmentHeader.BYTES + i);
        }
        // The stolen bytes carry the position that the next record would have.
        RecordFormat.putLong(record, RecordFormat.WORD_AT, 1);
        Message template = Samples.telemetry("boiler-7", "");
        Message bait = new Message(
                template.tenant(),
                template.device(),
                template.topic(),
                record,
                1,
                template.origin(),
                "",
                0,
                false,
                template.properties());
        append(log, bait);
        append(log, Samples.telemetry("boiler-7", "last"));
        log.close();
        int start = SegmentHeader.BYTES + recordLengthAt(SegmentHeader.BYTES);
        disk.damage(segment(), start + 4, new byte[] {1, 2, 3, 4});

        assertThat(texts(reopenAfterKill())).containsExactly("first", "last");
    }

    @Test
    void anOldSegmentIsDeletedOnlyWhenEveryNamedReaderIsPastIt() throws IOException {
        SegmentLog log = (SegmentLog) open(new LogSettings(1, 64 * KB, 256 * KB, 0, Duration.ofHours(1), 64 * MB));
        LogReader reader = log.reader("lake");
        appendAndSettle(log, "boiler-7", 3000);
        clock.advance(Duration.ofDays(2));

        log.tidy(true);
        assertThat(log.start(0)).isZero();

        readAll(reader);
        reader.commit(0, 3000);
        log.tidy(true);
        assertThat(log.start(0)).isPositive();
        assertThat(texts(log)).hasSize((int) (3000 - log.start(0)));
    }

    @Test
    void aReaderThatGivesWayHoldsRecordsByAgeButNeverMakesTheLogRefuse() throws IOException {
        SegmentLog log = (SegmentLog) open(new LogSettings(1, 64 * KB, 256 * KB, 0, Duration.ofHours(1), 256 * KB));
        LogReader reader = log.yieldingReader("rules");
        appendAndSettle(log, "boiler-7", 1000);
        clock.advance(Duration.ofDays(2));
        log.tidy(true);
        assertThat(log.start(0)).as("there is room").isZero();

        appendAndSettle(log, "boiler-7", 10_000);

        assertThat(log.stats().refused()).isZero();
        assertThat(log.stats().bytes()).isLessThanOrEqualTo(256 * KB);
        assertThat(log.start(0)).isPositive();
        assertThat(readAll(reader)).hasSize((int) (11_000 - log.start(0)));
        reader.commit(0, log.end(0));
        reader.close();
        assertThat(log.reader("rules").position(0)).isEqualTo(11_000);
    }

    @Test
    void theSizeLimitDeletesTheOldestAndRefusesWhereAReaderStillNeedsIt() throws IOException {
        SegmentLog log = (SegmentLog) open(new LogSettings(1, 64 * KB, 256 * KB, 0, KEEP_ALL, 256 * KB));
        appendAndSettle(log, "boiler-7", 10_000);
        assertThat(log.start(0)).isPositive();
        assertThat(log.stats().bytes()).isLessThanOrEqualTo(256 * KB);
        assertThat(log.stats().refused()).isZero();

        LogReader reader = log.reader("lake");
        List<Told> told = appendAndSettle(log, "boiler-7", 10_000);

        Told refused = told.getLast();
        assertThat(refused.fault()).isEqualTo(Fault.LOG_FULL);
        assertThat(refused.detail()).contains("log.size-max").contains("the reader 'lake' has yet to read");
        readAll(reader);
        reader.commit(0, log.end(0));
        log.step(0);
        Told taken = append(log, Samples.telemetry("boiler-7", "room again"));
        log.step(0);
        assertThat(taken.isDurable()).isTrue();
    }

    @Test
    void aCommitThatTheDiskRefusesLeavesTheReaderWhereItWas() throws IOException {
        SegmentLog log = openOne();
        appendAndSettle(log, "boiler-7", 10);
        LogReader reader = log.reader("lake");
        reader.commit(0, 4);
        disk.failForces(1);

        assertThatThrownBy(() -> reader.commit(0, 8)).hasMessageContaining("'lake' was not kept");

        assertThat(reopenAfterPowerCut().reader("lake").position(0)).isEqualTo(4);
    }

    @Test
    void aReaderThatCommittedBeyondTheEndProvesThatRecordsAreGone() throws IOException {
        SegmentLog log = openOne();
        appendAndSettle(log, "boiler-7", 10);
        log.reader("lake").commit(0, 10);
        log.close();
        disk.files().stream().filter(path -> path.endsWith(".seg")).toList().forEach(this::forget);
        disk.kill();

        SegmentLog again = openLog(ONE);

        assertThat(again.damage()).anySatisfy(damage -> assertThat(damage.end()).isEqualTo(10));
        assertThat(again.end(0)).isEqualTo(10);
    }

    private void forget(String path) {
        try {
            disk.delete(path);
            disk.forceFolder("p0");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private String segment() {
        return disk.files().stream()
                .filter(path -> path.endsWith("000000000000.seg"))
                .findFirst()
                .orElseThrow();
    }

    private int recordBytes() {
        return recordLengthAt(SegmentHeader.BYTES);
    }

    private int recordLengthAt(int offset) {
        byte[] length = new byte[4];
        for (int i = 0; i < 4; i++) {
            length[i] = disk.byteAt(segment(), offset + i);
        }
        return RecordFormat.intAt(length, 0);
    }
}
