package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The commands of `docs/tls.md`, run in order.
class TlsPageIT {
    @TempDir
    private Path folder;

    @Test
    void thePageDoesWhatItSays() throws Exception {
        Page page = new Page(folder);
        List<String> blocks = Page.blocks("tls.md");
        assertThat(blocks.getFirst()).isEqualTo("./tributary up --tls");
        Path said = folder.resolve("server.txt");
        Process server = page.start(blocks.getFirst(), said);
        try {
            Page.Ports ports = Page.Ports.of(Files.readString(said));
            assertThat(page.run(ports.in(blocks.get(1)))).contains("{\"accepted\":1}");
            assertThat(page.run(blocks.get(2))).contains("broker.example.org").contains("192.0.2.17");
            assertThat(page.run(ports.in(blocks.get(3)))).contains("healthy  https://localhost:");
            for (String name : List.of("ca-key.pem", "server-key.pem")) {
                assertThat(Files.getPosixFilePermissions(
                                folder.resolve("tributary-data/tls").resolve(name)))
                        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
            }
        } finally {
            server.destroy();
            assertThat(server.waitFor(30, TimeUnit.SECONDS))
                    .as("stops when told")
                    .isTrue();
        }
    }
}
