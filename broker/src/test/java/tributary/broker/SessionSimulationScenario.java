package tributary.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Thousands of lives of a broker and its clients, each from its seed. `-Dsim.seeds=100000 -Dsim.first=1` runs
/// more of them than a build.
class SessionSimulationScenario {
    private static final int SEEDS_OF_A_BUILD = 100;
    private static final long LITTLE_ROOM_BYTES = 400;

    /// So small that most of what is noted is cut.
    private static final int PIECE_BYTES = 64;

    @Test
    void sessionsKeepTheirPromisesWhateverTheSeed() {
        long first = Long.getLong("sim.first", 1);
        int count = Integer.getInteger("sim.seeds", SEEDS_OF_A_BUILD);

        Set<SessionSimulation.Sight> seen = run(first, count);

        if (count >= SEEDS_OF_A_BUILD) {
            assertThat(seen)
                    .as("what the simulation came across")
                    .containsAll(EnumSet.complementOf(
                            EnumSet.of(SessionSimulation.Sight.CHANGES_DROPPED, SessionSimulation.Sight.FORGOTTEN)));
        }
    }

    /// While the disk is full so little may wait for it that changes are dropped.
    @Test
    void sessionsKeepTheirPromisesWhereTheJournalHasLittleRoom() {
        Set<SessionSimulation.Sight> seen = EnumSet.noneOf(SessionSimulation.Sight.class);
        for (long seed = 1; seed <= SEEDS_OF_A_BUILD; seed++) {
            seen.addAll(new SessionSimulation(seed, Set.of(), room(LITTLE_ROOM_BYTES)).run());
        }
        assertThat(seen).contains(SessionSimulation.Sight.CHANGES_DROPPED);
    }

    @Test
    void sessionsKeepTheirPromisesWhereTheJournalCutsWhatIsLarge() {
        for (long seed = 1; seed <= SEEDS_OF_A_BUILD; seed++) {
            long unwrittenBytesMax = seed % 2 == 0 ? LITTLE_ROOM_BYTES : Journal.Room.DEFAULT.unwrittenBytesMax();
            new SessionSimulation(seed, Set.of(), new Journal.Room(unwrittenBytesMax, PIECE_BYTES)).run();
        }
    }

    /// Each erasure asks for it.
    @Test
    void sessionsKeepTheirPromisesWhereTheJournalIsToForget() {
        Set<SessionSimulation.Sight> seen = EnumSet.noneOf(SessionSimulation.Sight.class);
        for (long seed = 1; seed <= SEEDS_OF_A_BUILD; seed++) {
            long unwrittenBytesMax = seed % 2 == 0 ? LITTLE_ROOM_BYTES : Journal.Room.DEFAULT.unwrittenBytesMax();
            seen.addAll(new SessionSimulation(seed, Set.of(), room(unwrittenBytesMax), true).run());
        }
        assertThat(seen)
                .contains(
                        SessionSimulation.Sight.CRASH,
                        SessionSimulation.Sight.RESUMED,
                        SessionSimulation.Sight.CHANGES_DROPPED,
                        SessionSimulation.Sight.FORGOTTEN);
    }

    private static Journal.Room room(long unwrittenBytesMax) {
        return new Journal.Room(unwrittenBytesMax, Journal.Room.DEFAULT.pieceBytesMax());
    }

    @Test
    void theSameSeedTellsTheSameStory() {
        assertThat(new SessionSimulation(7, Set.of()).run()).isEqualTo(new SessionSimulation(7, Set.of()).run());
    }

    private static Set<SessionSimulation.Sight> run(long first, int count) {
        Set<SessionSimulation.Sight> seen = EnumSet.noneOf(SessionSimulation.Sight.class);
        for (long seed = first; seed < first + count; seed++) {
            seen.addAll(new SessionSimulation(seed, Set.of()).run());
        }
        return seen;
    }

    @Test
    void seedsThatFailedOnceStayGood() throws IOException {
        for (Seed one : seedsThatFailedOnce()) {
            new SessionSimulation(one.seed(), Set.of(), room(one.unwrittenBytesMax())).run();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "SEND_BEFORE_NOTE, 20",
        "RELEASE_BEFORE_NOTE, 50",
        "COMPLETE_BEFORE_NOTE, 80",
        "CONFIRM_BEFORE_NOTE, 20",
        "FORGET_RELEASED, 80",
        "FORGET_TAKEN, 20",
        "FORGET_SPOKEN, 20",
        "FORGET_DUE, 100",
        "SPEAK_ONCE, 100",
        "OFFER_AGAIN, 20",
        "OFFER_FROM_END, 20",
        "PASS_TAKING, 20",
        "COMMIT_BEFORE_DURABLE, 20",
        "LOSE_FRESH, 20",
        "OVERTAKE, 20",
        "GIVE_BACK_SENT, 20",
        "FORGET_HELD, 20",
        "FORGET_RETAINED, 20",
        "REVIVE, 80",
        "FORGET_SPENT, 110",
        "RELEASE_ONCE, 60",
    })
    void thePlantedFlawIsFound(Flaw flaw, int seedsMost) {
        int found = firstToFind(flaw, 1, seedsMost, Journal.Room.DEFAULT.unwrittenBytesMax());

        assertThat(found).as("seed that finds %s", flaw).isBetween(1, seedsMost);
    }

    /// While the disk is full so little may wait for it that changes are dropped.
    @ParameterizedTest
    @CsvSource({"LEAVE_GAP, 1, 20", "FOLLOW_GAP, 741, 760", "RELEASE_ONCE, 1, 20", "FORGET_ENDED, 841, 870"})
    void theFlawPlantedWhereChangesAreDroppedIsFound(Flaw flaw, int first, int last) {
        int found = firstToFind(flaw, first, last, LITTLE_ROOM_BYTES);

        assertThat(found).as("seed that finds %s", flaw).isBetween(first, last);
    }

    @ParameterizedTest
    @CsvSource({"FORGET_UNNOTED, 20", "FORGET_ONCE, 20"})
    void theFlawPlantedWhereTheJournalIsToForgetIsFound(Flaw flaw, int seedsMost) {
        int found = firstToFind(flaw, 1, seedsMost, Journal.Room.DEFAULT.unwrittenBytesMax(), true);

        assertThat(found).as("seed that finds %s", flaw).isBetween(1, seedsMost);
    }

    /// Few seeds come across it: a full disk, overlapping subscriptions of which one is lowered or taken back, and a
    /// crash.
    @ParameterizedTest
    @CsvSource({"628371, 16777216", "824732, 400"})
    void theFlawThatNeedsManyThingsAtOnceIsFound(int seed, long unwrittenBytesMax) {
        assertThat(firstToFind(Flaw.LOWER_BEFORE_NOTE, seed, seed, unwrittenBytesMax))
                .isEqualTo(seed);
    }

    private static int firstToFind(Flaw flaw, int first, int last, long unwrittenBytesMax) {
        return firstToFind(flaw, first, last, unwrittenBytesMax, false);
    }

    private static int firstToFind(Flaw flaw, int first, int last, long unwrittenBytesMax, boolean forgetting) {
        for (int seed = first; seed <= last; seed++) {
            try {
                new SessionSimulation(seed, Set.of(flaw), room(unwrittenBytesMax), forgetting).run();
            } catch (AssertionError e) {
                return seed;
            }
        }
        return -1;
    }

    private record Seed(long seed, long unwrittenBytesMax) {
        /// @param text a number, or `7@400` for the seed 7 where the journal has room for 400 bytes
        static Seed of(String text) {
            String[] parts = text.split("@");
            return new Seed(
                    Long.parseLong(parts[0]),
                    parts.length > 1 ? Long.parseLong(parts[1]) : Journal.Room.DEFAULT.unwrittenBytesMax());
        }
    }

    private static List<Seed> seedsThatFailedOnce() throws IOException {
        try (InputStream in =
                Objects.requireNonNull(SessionSimulationScenario.class.getResourceAsStream("/seeds.txt"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(line -> Seed.of(line.strip().split(" ")[0]))
                    .toList();
        }
    }

    /// Runs seeds one after the other and tells which fail: `-Dsim.seeds` many from `-Dsim.first` on;
    /// `-Dsim.unwritten=400` gives the journal little room, `-Dsim.piece=64` cuts what it notes,
    /// `-Dsim.forgetting=true` has it forget, and
    /// `-Dsim.flaw=REVIVE` plants a flaw.
    public static void main(String[] arguments) {
        long first = Long.getLong("sim.first", 1);
        int count = Integer.getInteger("sim.seeds", 10_000);
        Journal.Room room = new Journal.Room(
                Long.getLong("sim.unwritten", Journal.Room.DEFAULT.unwrittenBytesMax()),
                Integer.getInteger("sim.piece", Journal.Room.DEFAULT.pieceBytesMax()));
        Set<Flaw> flaws = EnumSet.noneOf(Flaw.class);
        String flaw = System.getProperty("sim.flaw");
        if (flaw != null) {
            flaws.add(Flaw.valueOf(flaw));
        }
        int failed = 0;
        for (long seed = first; seed < first + count; seed++) {
            try {
                new SessionSimulation(seed, flaws, room, Boolean.getBoolean("sim.forgetting")).run();
            } catch (AssertionError e) {
                failed++;
                System.out.println(
                        count == 1
                                ? e.getMessage()
                                : e.getMessage().lines().findFirst().orElse(""));
            }
        }
        System.out.printf("%d seeds from %d, %d failed%n", count, first, failed);
    }
}
