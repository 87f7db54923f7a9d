package tributary.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Histories of a lake, each from its seed, against a model in memory. `-Dsim.seeds=10000 -Dsim.first=1` runs more of
/// them than a build.
class LakeSimulationScenario {
    private static final int SEEDS_OF_A_BUILD = 100;

    @TempDir
    Path temp;

    @Test
    @Timeout(value = 30, unit = TimeUnit.MINUTES)
    void tablesSayWhatTheModelSaysWhateverTheSeed() throws Exception {
        long first = Long.getLong("sim.first", 1);
        int count = Integer.getInteger("sim.seeds", SEEDS_OF_A_BUILD);
        Set<LakeHistory.Sight> seen = EnumSet.noneOf(LakeHistory.Sight.class);
        for (long seed = first; seed < first + count; seed++) {
            Path folder = temp.resolve("seed" + seed);
            try {
                seen.addAll(new LakeHistory(seed, folder).run());
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
            Folders.clear(folder);
        }
        if (count >= SEEDS_OF_A_BUILD) {
            assertThat(seen).as("what the histories came across").containsAll(EnumSet.allOf(LakeHistory.Sight.class));
        }
    }
}
