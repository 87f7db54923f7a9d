package tributary.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tributary.model.DeviceId;

final class SqliteTenantsTest extends TenantsContract {
    @Override
    RegistrySettings emptyDatabase() {
        return RegistrySettings.DEFAULTS;
    }

    @Override
    Connection connect() throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("data/registry.db"));
    }

    /// Neither free pages nor the write-ahead log of the running server show what was removed.
    @Test
    void filesDoNotShowARemovedTenant() throws IOException {
        String canary = "canary-in-the-file-8472";
        registry().tenants().add(OTHER, "Other");
        for (int i = 0; i < 500; i++) {
            devices()
                    .add(new Device(
                            OTHER, new DeviceId("d" + i), null, "", Map.of("site", canary), "{}", clock.instant()));
        }
        assertThat(filesShow(canary)).isTrue();

        registry().tenants().remove(OTHER);
        registry().tenants().erased(OTHER);

        assertThat(filesShow(canary)).isFalse();
    }

    private boolean filesShow(String text) throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("data"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(text)) {
                    return true;
                }
            }
        }
        return false;
    }
}
