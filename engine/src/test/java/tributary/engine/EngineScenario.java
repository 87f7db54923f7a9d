package tributary.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// Many lives of an engine, each from its seed. `-Dsim.seeds=100000 -Dsim.first=1` runs more of them than a build.
class EngineScenario {
    private static final int SEEDS_OF_A_BUILD = 12;

    /// So many lives come across everything.
    private static final int SIGHTS_NEED = 40;

    @Test
    void whatRulesSayIsTheSameHoweverOftenTheProcessDies() throws Exception {
        long first = Long.getLong("sim.first", 1);
        int count = Integer.getInteger("sim.seeds", SEEDS_OF_A_BUILD);
        Set<EngineSimulation.Sight> seen = EnumSet.noneOf(EngineSimulation.Sight.class);
        long outputs = 0;
        for (long seed = first; seed < first + count; seed++) {
            EngineSimulation calm = new EngineSimulation(seed, null);
            EngineSimulation deadly = new EngineSimulation(seed, seed * 31);

            Map<String, List<String>> expected = calm.run();

            assertThat(difference(expected, deadly.run()))
                    .as("seed %d, the outbox", seed)
                    .isEmpty();
            assertThat(difference(calm.heard(), deadly.heard()))
                    .as("seed %d, the log", seed)
                    .isEmpty();
            seen.addAll(deadly.sights());
            outputs += expected.values().stream().mapToInt(List::size).sum();
        }
        assertThat(outputs).as("what was said in all lives").isGreaterThan(count * 20L);
        if (count >= SIGHTS_NEED) {
            assertThat(seen).isEqualTo(EnumSet.allOf(EngineSimulation.Sight.class));
        }
    }

    /// @return where the two differ first, or "" where they do not
    private static String difference(Map<String, List<String>> expected, Map<String, List<String>> found) {
        Set<String> names = new TreeSet<>(expected.keySet());
        names.addAll(found.keySet());
        for (String name : names) {
            List<String> wanted = expected.getOrDefault(name, List.of());
            List<String> said = found.getOrDefault(name, List.of());
            for (int i = 0; i < Math.max(wanted.size(), said.size()); i++) {
                String left = i < wanted.size() ? wanted.get(i) : "nothing";
                String right = i < said.size() ? said.get(i) : "nothing";
                if (!left.equals(right)) {
                    return "%s number %d should be%n%s%nand is%n%s".formatted(name, i, left, right);
                }
            }
        }
        return "";
    }
}
