package tributary.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.model.DeviceId;
import tributary.model.TenantId;

final class SqliteRegistryTest {
    @Test
    void keepsADeviceAndItsTokenOverARestart(@TempDir Path folder) {
        String secret;
        DeviceId pump = new DeviceId("pump-1");
        try (Registry registry =
                SqlRegistry.open(RegistrySettings.DEFAULTS, folder, Clock.systemUTC(), new SecureRandom())) {
            registry.devices()
                    .add(new Device(
                            TenantId.MAIN,
                            pump,
                            null,
                            "pump",
                            Map.of("site", "a"),
                            "{}",
                            Clock.systemUTC().instant()));
            secret =
                    registry.credentials().issueToken(TenantId.MAIN, pump, null).secret();
            assertThat(registry.credentials().verify(secret)).isInstanceOf(Credentials.Verdict.Accepted.class);
        }
        try (Registry registry =
                SqlRegistry.open(RegistrySettings.DEFAULTS, folder, Clock.systemUTC(), new SecureRandom())) {
            assertThat(registry.devices().find(TenantId.MAIN, pump)).isPresent();
            assertThat(registry.credentials().verify(secret)).isInstanceOf(Credentials.Verdict.Accepted.class);
        }
    }
}
