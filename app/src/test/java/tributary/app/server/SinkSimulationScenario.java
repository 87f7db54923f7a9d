package tributary.app.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tributary.model.TenantId;
import tributary.registry.RegistrySettings;
import tributary.registry.SqlRegistry;

/// Many lives of the chain from the log to a receiver, each from its seed: what the receiver and the dead letters have
/// is what they have in a life without deaths and failures, in the order of each device, and twice only where an answer
/// was lost or a death came in between. `./dev sim` runs more of them.
class SinkSimulationScenario {
    /// With those that found something: in 34 a death in the first step of a rule cost it what was published before.
    private static final int SEEDS_OF_A_BUILD = 60;
    private static final int SEEDS_OF_A_BUG = 30;

    /// So many lives come across everything.
    private static final int SIGHTS_NEED = 60;

    /// In memory where there is such a place: the lives force files to the disk thousands of times.
    static final class InMemory implements TempDirFactory {
        @Override
        public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext context) throws IOException {
            Path memory = Path.of("/dev/shm");
            return Files.isWritable(memory)
                    ? Files.createTempDirectory(memory, "sinks")
                    : Files.createTempDirectory("sinks");
        }
    }

    @TempDir(factory = InMemory.class)
    Path folder;

    private SqlRegistry registry;

    @BeforeEach
    void open() {
        registry = SqlRegistry.open(
                RegistrySettings.DEFAULTS, folder.resolve("registry"), InstantSource.system(), new SecureRandom());
    }

    @AfterEach
    void close() {
        registry.close();
    }

    /// @return what is wrong, or ""
    private String live(long seed, SinkBug bug, Set<SinkChain.Sight> seen) throws Exception {
        Map<String, List<String>> expected =
                new SinkChain(seed, null, registry, folder.resolve("calm"), SinkBug.NONE).run();
        SinkChain chain = new SinkChain(seed, seed * 31, registry, folder.resolve("deadly"), bug);
        try {
            Map<String, List<String>> found = chain.run();
            seen.addAll(chain.sights());
            return difference(expected, found);
        } catch (AssertionError e) {
            return String.valueOf(e.getMessage());
        } finally {
            registry.sinks().all(TenantId.MAIN).forEach(sink -> registry.sinks().remove(TenantId.MAIN, sink.name()));
        }
    }

    /// @return where the two differ first
    private static String difference(Map<String, List<String>> expected, Map<String, List<String>> found) {
        Set<String> names = new TreeSet<>(expected.keySet());
        names.addAll(found.keySet());
        return names.stream()
                .filter(name -> !expected.getOrDefault(name, List.of()).equals(found.getOrDefault(name, List.of())))
                .findFirst()
                .map(name -> "%s should be%n%s%nand is%n%s".formatted(name, expected.get(name), found.get(name)))
                .orElse("");
    }

    @Test
    void whatReceiversHaveIsTheSameHoweverOftenTheProcessDies() throws Exception {
        long first = Long.getLong("sim.first", 1);
        int count = Integer.getInteger("sim.seeds", SEEDS_OF_A_BUILD);
        Set<SinkChain.Sight> seen = EnumSet.noneOf(SinkChain.Sight.class);
        for (long seed = first; seed < first + count; seed++) {
            assertThat(live(seed, SinkBug.NONE, seen)).as("seed %d", seed).isEmpty();
        }
        if (count >= SIGHTS_NEED) {
            assertThat(seen).isEqualTo(EnumSet.allOf(SinkChain.Sight.class));
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void plantedBugIsFound(SinkBug bug) throws Exception {
        Set<SinkChain.Sight> seen = EnumSet.noneOf(SinkChain.Sight.class);
        String found = "";
        for (long seed = 1; seed <= SEEDS_OF_A_BUG && found.isEmpty(); seed++) {
            found = live(seed, bug, seen);
        }
        assertThat(found).as("what is seen of " + bug).isNotEmpty();
    }
}
