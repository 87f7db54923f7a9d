package tributary.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Which files are made one, and when.
class MergePlanTest {
    private static final long MB = 1L << 20;
    private static final long DAY_MILLIS = 86_400_000L;
    private static final long HOUR_MILLIS = 3_600_000L;
    private static final int TODAY = 20_000;

    /// Noon.
    private static final long NOW = TODAY * DAY_MILLIS + 12 * HOUR_MILLIS;

    private static final CareSettings SETTINGS = CareSettings.DEFAULTS;

    private final List<Snapshot.DataFile> files = new ArrayList<>();
    private final Map<Path, Long> sealed = new HashMap<>();

    private void file(int day, long bytes, Duration age, String minDevice, String maxDevice, boolean late) {
        Path path = Path.of("file-" + files.size());
        long from = day * SegmentOrder.DAY_MICROS;
        files.add(new Snapshot.DataFile(path, 1_000, bytes, late, from, from + 1, minDevice, maxDevice));
        sealed.put(path, NOW - age.toMillis());
    }

    private void small(int day, int minutes) {
        file(day, MB, Duration.ofMinutes(minutes), "a", "z", false);
    }

    private List<MergePlan.Merge> plan() {
        return new MergePlan(SETTINGS, NOW, sealed::get).of(files);
    }

    private static List<String> names(MergePlan.Merge merge) {
        return merge.files().stream()
                .map(file -> file.path().toString())
                .sorted()
                .toList();
    }

    @Test
    void youngSmallFilesOfTodayWait() {
        for (int i = 0; i < CareSettings.SMALL_FILES - 1; i++) {
            file(TODAY, MB / 2, Duration.ofMinutes(i), "a", "z", false);
        }
        assertThat(plan()).isEmpty();
    }

    @Test
    void aFewSmallFilesAreJoinedAtOnceWhereTheyHaveAQuarterOfTheTargetSize() {
        for (int i = 0; i < CareSettings.LARGER_FILES; i++) {
            file(TODAY, 2 * MB, Duration.ZERO, "a", "z", false);
        }
        assertThat(plan())
                .singleElement()
                .satisfies(merge -> assertThat(merge.files()).hasSize(CareSettings.LARGER_FILES));
    }

    @Test
    void tinyFilesKeepNoOthersWaiting() {
        file(TODAY, 4_000, Duration.ofMinutes(2), "a", "z", false);
        file(TODAY, 5_000, Duration.ofMinutes(1), "a", "z", false);
        for (int i = 0; i < CareSettings.SMALL_FILES; i++) {
            small(TODAY, 0);
        }
        assertThat(plan())
                .singleElement()
                .satisfies(merge -> assertThat(merge.files()).hasSize(CareSettings.SMALL_FILES + 2));
    }

    @Test
    void anOldTinyFileDoesNotMakeAYoungOneBeRewritten() {
        file(TODAY, 4_000, Duration.ofMinutes(90), "a", "z", false);
        file(TODAY, 8 * MB, Duration.ofMinutes(2), "a", "z", false);
        assertThat(plan()).isEmpty();
    }

    @Test
    void asManySmallFilesAsAreTooManyAreJoinedAtOnce() {
        for (int i = 0; i < CareSettings.SMALL_FILES; i++) {
            small(TODAY, 0);
        }
        assertThat(plan()).singleElement().satisfies(merge -> {
            assertThat(merge.day()).isEqualTo(TODAY);
            assertThat(merge.files()).hasSize(CareSettings.SMALL_FILES);
        });
    }

    @Test
    void twoSmallFilesAreJoinedWhenOneHasWaitedLongEnough() {
        small(TODAY, 31);
        small(TODAY, 1);
        assertThat(plan())
                .singleElement()
                .satisfies(merge -> assertThat(merge.files()).hasSize(2));
    }

    @Test
    void aSmallFileAloneIsLeft() {
        small(TODAY, 600);
        file(TODAY, 40 * MB, Duration.ofHours(5), "a", "z", false);
        assertThat(plan()).isEmpty();
    }

    @Test
    void aFileMuchLargerThanTheOthersIsNotRewrittenWithThem() {
        small(TODAY, 40);
        small(TODAY, 40);
        file(TODAY, 15 * MB, Duration.ofMinutes(40), "a", "z", false);
        assertThat(plan())
                .singleElement()
                .satisfies(merge -> assertThat(names(merge)).containsExactly("file-0", "file-1"));
    }

    /// Each is more than twice as large as all below it together, so that sizes alone would never join them.
    @Test
    void filesOfManySizesThatHaveWaitedAreJoinedAndYoungOnesAreNotRewrittenForThem() {
        for (long bytes = 4_000; bytes < 15 * MB; bytes *= 4) {
            file(TODAY, bytes, Duration.ofMinutes(31), "a", "z", false);
        }
        int old = files.size();
        file(TODAY, 15 * MB, Duration.ofMinutes(29), "a", "z", false);
        assertThat(old).isGreaterThan(5);
        assertThat(plan())
                .singleElement()
                .satisfies(merge -> assertThat(merge.files()).hasSize(old).doesNotContain(files.getLast()));
    }

    /// A day of a quiet stream, a file of some bytes a minute: at no moment are two files there that are older
    /// than an hour, and what is rewritten for that is little.
    @Test
    void ofAQuietStreamNoTwoSmallFilesAreOlderThanAnHour() {
        long start = TODAY * DAY_MILLIS;
        long rewritten = 0;
        long bytes = 0;
        for (int minute = 0; minute < 24 * 60; minute++) {
            long now = start + minute * 60_000L;
            file(TODAY, 4_000 + minute % 7, Duration.ofMillis(NOW - now), "a", "z", false);
            bytes += 4_000;
            MergePlan plan = new MergePlan(SETTINGS, now, sealed::get);
            for (List<MergePlan.Merge> due = plan.of(files); !due.isEmpty(); due = plan.of(files)) {
                MergePlan.Merge merge = due.getFirst();
                rewritten += merge.bytes();
                files.removeAll(merge.files());
                Path path = Path.of("joined-" + minute + "-" + files.size());
                sealed.put(path, now);
                long from = TODAY * SegmentOrder.DAY_MICROS;
                files.add(new Snapshot.DataFile(path, 1, merge.bytes(), false, from, from + 1, "a", "z"));
            }
            assertThat(files)
                    .as("minute %d", minute)
                    .filteredOn(file -> now - sealed.get(file.path()) > HOUR_MILLIS)
                    .hasSizeLessThan(2);
        }
        assertThat(rewritten).isLessThan(60 * bytes);
    }

    @Test
    void daysAreNotMixedAndTheNewestIsFirst() {
        for (int i = 0; i < CareSettings.SMALL_FILES; i++) {
            small(TODAY, 0);
            small(TODAY - 1, 90);
        }
        assertThat(plan()).extracting(MergePlan.Merge::day).containsExactly(TODAY, TODAY - 1);
    }

    @Test
    void filesOfADayThatIsOverAreNotTouchedBeforeItIsQuiet() {
        file(TODAY - 1, 20 * MB, Duration.ofMinutes(59), "a", "m", false);
        file(TODAY - 1, 20 * MB, Duration.ofMinutes(59), "f", "z", false);
        assertThat(plan()).isEmpty();
    }

    @Test
    void filesOfADayThatIsOverThatOverlapAreMadeFilesThatDoNot() {
        file(TODAY - 1, 20 * MB, Duration.ofMinutes(61), "a", "m", false);
        file(TODAY - 1, 20 * MB, Duration.ofMinutes(61), "f", "p", false);
        file(TODAY - 1, 20 * MB, Duration.ofMinutes(61), "q", "z", false);
        assertThat(plan())
                .singleElement()
                .satisfies(merge -> assertThat(names(merge)).containsExactly("file-0", "file-1"));
    }

    @Test
    void filesThatShareOneDeviceAtTheirEdgesAreInOrder() {
        file(TODAY - 1, 20 * MB, Duration.ofHours(3), "a", "f", false);
        file(TODAY - 1, 20 * MB, Duration.ofHours(3), "f", "p", false);
        file(TODAY - 1, 20 * MB, Duration.ofHours(3), "p", "z", false);
        assertThat(plan()).isEmpty();
        assertThat(new MergePlan(SETTINGS, NOW, sealed::get).atRest(files)).isTrue();
    }

    @Test
    void aLateFileBringsAllThatItOverlapsWithItToTheEnd() {
        file(TODAY - 3, 20 * MB, Duration.ofDays(2), "a", "d", false);
        file(TODAY - 3, 20 * MB, Duration.ofDays(2), "d", "h", false);
        file(TODAY - 3, 20 * MB, Duration.ofDays(2), "r", "z", false);
        file(TODAY - 3, MB, Duration.ofHours(2), "e", "f", true);
        assertThat(plan())
                .singleElement()
                .satisfies(merge -> assertThat(names(merge)).containsExactly("file-0", "file-1", "file-3"));
    }

    @Test
    void aDayThatNeverGetsQuietIsPutInOrderAfterADay() {
        file(TODAY - 2, 20 * MB, Duration.ofHours(25), "a", "m", true);
        file(TODAY - 2, 20 * MB, Duration.ofMinutes(1), "b", "m", true);
        assertThat(plan())
                .singleElement()
                .satisfies(merge -> assertThat(merge.files()).hasSize(2));
    }

    @Test
    void whatIsTooMuchToRewriteAtOnceIsOnlyJoined() {
        for (int i = 0; i < 70; i++) {
            file(TODAY - 1, 33 * MB, Duration.ofHours(2), "a", "z", false);
        }
        assertThat(plan()).isEmpty();
        small(TODAY - 1, 120);
        small(TODAY - 1, 120);
        assertThat(plan())
                .singleElement()
                .satisfies(merge -> assertThat(merge.files()).hasSize(2));
    }

    @Test
    void devicesAreComparedByTheirBytesAndNotByTheirCharacters() {
        // U+FFFD sorts before U+1F600 by bytes, and behind its surrogates by characters
        file(TODAY - 1, 20 * MB, Duration.ofHours(2), "a", "\uFFFD", false);
        file(TODAY - 1, 20 * MB, Duration.ofHours(2), "\uD83D\uDE00", "\uD83D\uDE01", false);
        assertThat(plan()).isEmpty();
    }

    @Test
    void filesWhoseDayIsNotKnownAreLeft() {
        Path path = Path.of("unknown");
        for (int i = 0; i < 20; i++) {
            files.add(new Snapshot.DataFile(path, 1, 1, true, Long.MIN_VALUE, Long.MAX_VALUE, "", "z"));
        }
        sealed.put(path, 0L);
        assertThat(plan()).isEmpty();
    }

    /// However files come, each merge leaves fewer files, and the plan comes to rest.
    @Test
    void mergingEndsWithADayInOrder() {
        long now = NOW + DAY_MILLIS + 2 * HOUR_MILLIS;
        for (int i = 0; i < 500; i++) {
            small(TODAY, 120);
        }
        List<Snapshot.DataFile> left = new ArrayList<>(files);
        int rounds = 0;
        MergePlan plan = new MergePlan(SETTINGS, now, sealed::get);
        for (List<MergePlan.Merge> merges = plan.of(left); !merges.isEmpty(); merges = plan.of(left)) {
            MergePlan.Merge merge = merges.getFirst();
            left.removeAll(merge.files());
            int fresh = Math.toIntExact(Math.max(1, merge.bytes() / SETTINGS.fileBytes()));
            assertThat(fresh).isLessThan(merge.files().size());
            for (int i = 0; i < fresh; i++) {
                Path path = Path.of("round-" + rounds + "-" + i);
                sealed.put(path, NOW);
                String device = "device-%03d".formatted(i);
                left.add(new Snapshot.DataFile(
                        path,
                        1,
                        merge.bytes() / fresh,
                        false,
                        TODAY * SegmentOrder.DAY_MICROS,
                        TODAY * SegmentOrder.DAY_MICROS + 1,
                        device,
                        device));
            }
            assertThat(++rounds).as("rounds").isLessThan(20);
        }
        assertThat(left).hasSizeLessThanOrEqualTo(16);
    }
}
