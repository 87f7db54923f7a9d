package tributary.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SessionFuzzTest {
    private static final int RUNS = Integer.getInteger("tributary.fuzz", 2_000);

    /// What Jazzer found worth keeping stays good without it.
    @Test
    void corpusIsJudgedInEveryBuild() throws Exception {
        Path folder = Path.of(Objects.requireNonNull(
                        SessionFuzzTest.class.getResource("SessionFuzzInputs/noOrderOfCallsBreaksASession"))
                .toURI());
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> all = files.toList();
            for (Path file : all) {
                SessionFuzz.judge(Files.readAllBytes(file));
            }
            assertThat(all).isNotEmpty();
        }
    }

    @Test
    void noOrderOfCallsDrawnFromASeedBreaksASession() {
        SplittableRandom random = new SplittableRandom(20_261_127);
        for (int run = 0; run < RUNS; run++) {
            byte[] bytes = new byte[random.nextInt(400)];
            random.nextBytes(bytes);
            SessionFuzz.judge(bytes);
        }
    }
}
