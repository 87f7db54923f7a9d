package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `docs/events.md` shows what happens.
class EventsPageIT {
    @TempDir
    private Path folder;

    @Test
    void thePageShowsWhatHappens() throws Exception {
        try (ServerProcess server = ServerProcess.start(folder.resolve("data"))) {
            assertThat(new ShownPage(folder, server).run("docs/events.md")).isEqualTo(3);
        }
    }
}
