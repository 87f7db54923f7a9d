package tributary.log;

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

/// Thousands of lives of a log, each from its seed. `-Dsim.seeds=100000 -Dsim.first=1` runs more of them than a build.
class LogSimulationScenario {
    private static final int SEEDS_OF_A_BUILD = 100;

    @Test
    void nothingAcknowledgedIsLostWhateverTheSeed() {
        long first = Long.getLong("sim.first", 1);
        int count = Integer.getInteger("sim.seeds", SEEDS_OF_A_BUILD);

        Set<LogSimulation.Sight> seen = run(first, count);

        if (count >= SEEDS_OF_A_BUILD) {
            assertThat(seen)
                    .as("what the simulation came across")
                    .containsAll(EnumSet.allOf(LogSimulation.Sight.class));
        }
    }

    @Test
    void seedsThatFailedOnceStayGood() throws IOException {
        for (long seed : seedsThatFailedOnce()) {
            run(seed, 1);
        }
    }

    @Test
    void theSameSeedTellsTheSameStory() {
        assertThat(new LogSimulation(7, Set.of()).run()).isEqualTo(new LogSimulation(7, Set.of()).run());
    }

    @ParameterizedTest
    @CsvSource({
        "ACKNOWLEDGE_BEFORE_FLUSH, 50",
        "FLUSH_AGAIN, 100",
        "NO_CHECK, 50",
        "NO_FOLDER_FORCE, 20",
        "NO_REWRITE_AT_RECOVERY, 20",
        "FLUSH_AT_RECOVERY, 20",
        "STOP_AT_DAMAGE, 200",
        "COMMIT_WITHOUT_FORCE, 20",
        "NO_LOOK_BEHIND, 50",
        "REFUSE_WRITTEN, 50",
    })
    void thePlantedFlawIsFound(Flaw flaw, int seedsMost) {
        int found = firstToFind(flaw, seedsMost);

        assertThat(found).as("seed that finds %s", flaw).isBetween(1, seedsMost);
    }

    private static int firstToFind(Flaw flaw, int seedsMost) {
        for (int seed = 1; seed <= seedsMost; seed++) {
            try {
                new LogSimulation(seed, Set.of(flaw)).run();
            } catch (AssertionError e) {
                return seed;
            }
        }
        return -1;
    }

    private static Set<LogSimulation.Sight> run(long first, int count) {
        Set<LogSimulation.Sight> seen = EnumSet.noneOf(LogSimulation.Sight.class);
        for (long seed = first; seed < first + count; seed++) {
            seen.addAll(new LogSimulation(seed, Set.of()).run());
        }
        return seen;
    }

    private static List<Long> seedsThatFailedOnce() throws IOException {
        try (InputStream in = Objects.requireNonNull(LogSimulationScenario.class.getResourceAsStream("/seeds.txt"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(line -> Long.parseLong(line.strip().split(" ")[0]))
                    .toList();
        }
    }

    /// Runs seeds one after the other and says how far it is: `-Dsim.seeds` many from `-Dsim.first` on.
    public static void main(String[] arguments) {
        long first = Long.getLong("sim.first", 1);
        int count = Integer.getInteger("sim.seeds", 10_000);
        for (long seed = first; seed < first + count; seed++) {
            new LogSimulation(seed, Set.of()).run();
            if ((seed - first + 1) % 1000 == 0) {
                System.out.printf("%d seeds, the last was %d, all good%n", seed - first + 1, seed);
            }
        }
    }
}
