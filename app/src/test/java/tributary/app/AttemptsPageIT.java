package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `docs/attempts.md` shows what happens.
class AttemptsPageIT {
    @TempDir
    private Path folder;

    @Test
    void thePageShowsWhatHappens() throws Exception {
        try (ServerProcess server = ServerProcess.start(folder.resolve("data"))) {
            assertThat(new ShownPage(folder, server).run("docs/attempts.md")).isEqualTo(3);
        }
    }
}
