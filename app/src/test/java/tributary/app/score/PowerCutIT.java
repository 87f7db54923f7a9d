package tributary.app.score;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The power cut of the scoreboard takes what was not flushed, and nothing else.
class PowerCutIT {
    private static final int BYTES = 64 << 10;

    @TempDir
    Path work;

    @Test
    void whatWasFlushedStaysAndWhatWasNotIsGoneWholeOrInParts() throws Exception {
        Path data = Files.createDirectories(work.resolve("data"));
        byte[] written = new byte[BYTES];
        Arrays.fill(written, (byte) 7);
        Path source = Files.write(work.resolve("source"), written);
        PowerCut power = new PowerCut(work, data);
        Set<String> fates = new HashSet<>();
        for (int seed = 0; seed < 40; seed++) {
            Path flushed = data.resolve("flushed-" + seed);
            Path open = data.resolve("open-" + seed);
            run(power, "dd", "if=" + source, "of=" + flushed, "bs=4096", "conv=fsync");
            run(power, "sync", data.toString());
            run(power, "dd", "if=" + source, "of=" + open, "bs=4096");

            power.cut(new SplittableRandom(seed));

            assertThat(flushed).hasBinaryContent(written);
            fates.add(fate(open, written));
        }

        assertThat(fates).containsExactlyInAnyOrder("no name", "empty", "whole", "in parts");
    }

    private static String fate(Path file, byte[] written) throws IOException {
        if (!Files.exists(file)) {
            return "no name";
        }
        byte[] found = Files.readAllBytes(file);
        return found.length == 0 ? "empty" : Arrays.equals(found, written) ? "whole" : "in parts";
    }

    private static void run(PowerCut power, String... command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(power.environment());
        Process process =
                builder.redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
    }
}
