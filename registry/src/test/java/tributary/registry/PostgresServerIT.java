package tributary.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tributary.model.Fault;
import tributary.model.PlatformException;
import tributary.model.TenantId;

/// What is particular to PostgreSQL.
final class PostgresServerIT {
    @RegisterExtension
    static final PostgresExtension POSTGRES = new PostgresExtension();

    @TempDir
    Path folder;

    private final World world = new World(new SettableClock(), new SecureRandom(), new ReadyKeys());

    @Test
    void schemaIsMadeInABareDatabaseAndLeftAloneAfterwards() {
        RegistrySettings bare = POSTGRES.bareDatabase();
        try (Registry registry = SqlRegistry.open(bare, folder, world)) {
            registry.tenants().add(new TenantId("other"), "Other");
        }

        try (Registry registry = SqlRegistry.open(bare, folder, world)) {
            assertThat(registry.tenants().all()).hasSize(2);
        }
    }

    @Test
    void secondProcessIsKeptOut() {
        RegistrySettings settings = POSTGRES.emptyDatabase();
        try (Registry first = SqlRegistry.open(settings, folder, world)) {
            assertThatThrownBy(() -> SqlRegistry.open(settings, folder, world))
                    .isInstanceOf(PlatformException.class)
                    .hasMessageContaining("Another Tributary uses the registry")
                    .hasMessageContaining("Stop it first");
            assertThat(first.tenants().all()).hasSize(1);
        }
    }

    @Test
    void wrongPasswordAndMissingServerSayWhatToLookAfter() throws Exception {
        RegistrySettings good = POSTGRES.emptyDatabase();
        Path wrong = Files.writeString(folder.resolve("wrong"), "canary-wrong-password\n");

        assertThatThrownBy(() -> SqlRegistry.open(with(good, good.url(), wrong.toString()), folder, world))
                .isInstanceOfSatisfying(
                        PlatformException.class, e -> assertThat(e.fault()).isEqualTo(Fault.REGISTRY_FAILED))
                .hasMessageContaining("registry.password-file")
                .hasMessageNotContaining("canary");
        assertThatThrownBy(() -> SqlRegistry.open(
                        with(good, "jdbc:postgresql://127.0.0.1:1/none?password=canary", good.passwordFile()),
                        folder,
                        world))
                .hasMessageContaining("registry.url")
                .hasMessageNotContaining("canary");
        assertThatThrownBy(() -> SqlRegistry.open(with(good, good.url(), "/nowhere"), folder, world))
                .hasMessageContaining("registry.password-file cannot be read");
    }

    private static RegistrySettings with(RegistrySettings s, String url, String passwordFile) {
        return new RegistrySettings(
                url,
                s.user(),
                passwordFile,
                s.issuer(),
                s.devicesPerTenantMax(),
                s.sensorsPerDeviceMax(),
                s.sensorsPerTenantMax(),
                s.credentialsPerHolderMax(),
                s.verifiedTokensMax(),
                s.sessionLife());
    }
}
