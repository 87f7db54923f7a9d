package tributary.app.whole;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;
import tributary.app.whole.Plant.Station;

/// Many histories of the whole river, each from its seed. `./dev sim` runs more of them than a build; RATIONALE.md says
/// what is in them.
class WholeSimulationScenario {
    private static final int SEEDS_OF_A_BUILD = 100;

    /// A lake has real files and tables, and costs as much as twenty histories without.
    private static final int LAKE_EVERY = 16;

    private static Place place;
    private static Level before;

    /// Disks that fail are told of, in thousands of lines.
    private static Logger logger() {
        return (Logger) LoggerFactory.getLogger("tributary");
    }

    @BeforeAll
    static void open() {
        before = logger().getLevel();
        logger().setLevel(Level.OFF);
        place = new Place(LAKE_EVERY);
    }

    @AfterAll
    static void close() {
        place.close();
        logger().setLevel(before);
    }

    private static WholeHistory history(long seed, Plant plant) {
        place.clear();
        return new WholeHistory(seed, plant, place);
    }

    @Test
    void theRiverKeepsItsPromisesWhateverTheSeed() {
        long first = Long.getLong("sim.first", 1);
        int count = Integer.getInteger("sim.seeds", SEEDS_OF_A_BUILD);
        Set<WholeHistory.Sight> seen = EnumSet.noneOf(WholeHistory.Sight.class);
        for (long seed = first; seed < first + count; seed++) {
            seen.addAll(history(seed, Plant.NONE).run());
        }
        if (count >= SEEDS_OF_A_BUILD) {
            assertThat(seen).as("what the histories came across").isEqualTo(EnumSet.allOf(WholeHistory.Sight.class));
        }
    }

    @Test
    void seedsThatFailedOnceStayGood() throws IOException {
        for (String seed : lines("/whole/seeds.txt")) {
            history(Long.parseLong(seed.split(" ")[0]), Plant.NONE).run();
        }
    }

    @Test
    void theSameSeedTellsTheSameStory() {
        WholeHistory one = history(7, Plant.NONE);
        one.run();
        WholeHistory other = history(7, Plant.NONE);
        other.run();

        assertThat(one.story()).isEqualTo(other.story());
    }

    @ParameterizedTest
    @MethodSource("plants")
    void thePlantedFaultIsFound(Plant plant) {
        int step = plant.station() == Station.LAKE ? LAKE_EVERY : 1;
        String found = "";
        for (int i = 0; i < plant.seedsMost() && found.isEmpty(); i++) {
            try {
                history(plant.first() + (long) i * step, plant).run();
            } catch (AssertionError e) {
                found = String.valueOf(e.getMessage());
            }
        }
        assertThat(found).as("what is seen of %s", plant).isNotEmpty();
    }

    static List<Plant> plants() throws IOException {
        return lines("/whole/plants.txt").stream().map(Plant::of).toList();
    }

    @Test
    void asManyFaultsArePlantedAsIsPromised() throws IOException {
        assertThat(plants()).hasSizeGreaterThanOrEqualTo(25).doesNotHaveDuplicates();
    }

    private static List<String> lines(String resource) throws IOException {
        try (InputStream in = Objects.requireNonNull(WholeSimulationScenario.class.getResourceAsStream(resource))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .toList();
        }
    }

    /// Runs seeds one after the other and tells which fail: `-Dsim.seeds` many from `-Dsim.first` on, one in
    /// `-Dsim.lake` with a lake; `-Dsim.plant="BROKER OVERTAKE"` plants a fault, `-Dsim.events=500` tells more.
    public static void main(String[] arguments) {
        long first = Long.getLong("sim.first", 1);
        int count = Integer.getInteger("sim.seeds", 1_000);
        String planted = System.getProperty("sim.plant");
        Plant plant = planted == null ? Plant.NONE : Plant.of(planted + " 1 1");
        int failed = 0;
        logger().setLevel(Level.OFF);
        long begin = System.nanoTime();
        Set<WholeHistory.Sight> seen = EnumSet.noneOf(WholeHistory.Sight.class);
        try (Place own = new Place(Integer.getInteger("sim.lake", LAKE_EVERY))) {
            for (long seed = first; seed < first + count; seed++) {
                own.clear();
                try {
                    seen.addAll(new WholeHistory(seed, plant, own).run());
                } catch (AssertionError e) {
                    failed++;
                    String why = String.valueOf(e.getMessage());
                    System.out.println(
                            count == 1 ? why : why.lines().findFirst().orElse(""));
                }
            }
        }
        System.out.printf(
                "%d seeds from %d, %d failed, %.1f a second, seen %s%n",
                count, first, failed, count * 1e9 / (System.nanoTime() - begin), seen);
    }
}
