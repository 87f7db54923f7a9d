package tributary.app.whole;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class WholeSimulationScenario {
    /// Runs seeds one after the other and tells which fail: `-Dsim.seeds` many from `-Dsim.first` on.
    public static void main(String[] arguments) {
        long first = Long.getLong("sim.first", 1);
        int count = Integer.getInteger("sim.seeds", 100);
        int every = Integer.getInteger("sim.lake", 16);
        String flaw = System.getProperty("sim.plant");
        int failed = 0;
        long begin = System.nanoTime();
        Set<WholeHistory.Sight> seen = EnumSet.noneOf(WholeHistory.Sight.class);
        try (Place place = new Place(every)) {
            for (long seed = first; seed < first + count; seed++) {
                try {
                    Plant plant = flaw == null
                            ? Plant.NONE
                            : new Plant(Plant.Station.valueOf(flaw.split(" ")[0]), flaw.split(" ")[1], count);
                    seen.addAll(new WholeHistory(seed, plant, place).run());
                } catch (AssertionError e) {
                    failed++;
                    System.out.println(count == 1 ? e.getMessage() : e.getMessage().lines().findFirst().orElse(""));
                    if (count == 1 && e.getCause() != null) {
                        e.getCause().printStackTrace(System.out);
                    }
                }
                place.clear();
            }
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        System.out.printf("%d seeds from %d, %d failed, %.1f a second, seen %s%n", count, first, failed, count / seconds, seen);
    }
}
