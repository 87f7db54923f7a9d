package tributary.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import tributary.model.DeviceId;
import tributary.model.TenantId;

/// What the parts of the registry's contract share: a registry that can be closed and opened again, and short words
/// for what is in it. A subclass says where the database is.
abstract class RegistryContract {
    static final TenantId MAIN = TenantId.MAIN;
    static final TenantId OTHER = new TenantId("other");
    static final DeviceId PUMP = new DeviceId("pump-1");
    static final Duration HOUR = Duration.ofHours(1);

    @TempDir
    Path folder;

    final SettableClock clock = new SettableClock();
    final World world = new World(clock, new SecureRandom(), new ReadyKeys());
    private RegistrySettings settings;
    private @Nullable Registry open;

    /// @return settings that lead to a database that is empty
    abstract RegistrySettings emptyDatabase();

    @BeforeEach
    void openRegistry() {
        settings = emptyDatabase();
        open = SqlRegistry.open(settings, folder.resolve("data"), world);
    }

    @AfterEach
    void closeRegistry() {
        if (open != null) {
            open.close();
            open = null;
        }
    }

    Registry registry() {
        return open;
    }

    void reopen() {
        reopen(UnaryOperator.identity());
    }

    /// Opens the same database again, with other settings.
    void reopen(UnaryOperator<RegistrySettings> change) {
        closeRegistry();
        open = SqlRegistry.open(change.apply(settings), folder.resolve("data"), world);
    }

    Devices devices() {
        return registry().devices();
    }

    Credentials credentials() {
        return registry().credentials();
    }

    Device add(String id) {
        return add(MAIN, id, null);
    }

    Device add(TenantId tenant, String id, @Nullable String parent) {
        return devices().add(device(tenant, id, parent));
    }

    Device device(TenantId tenant, String id, @Nullable String parent) {
        DeviceId carrier = parent == null ? null : new DeviceId(parent);
        return new Device(tenant, new DeviceId(id), carrier, "", Map.of(), "{}", clock.instant());
    }

    Credentials.Issued jwt(Credentials.Algorithm algorithm) {
        return credentials().issueJwt(MAIN, PUMP, HOUR, algorithm, Set.of(), Set.of());
    }

    Principal accepted(String secret) {
        Credentials.Verdict verdict = credentials().verify(secret);
        assertThat(verdict).isInstanceOf(Credentials.Verdict.Accepted.class);
        return ((Credentials.Verdict.Accepted) verdict).principal();
    }

    Credentials.Reason refused(String secret) {
        Credentials.Verdict verdict = credentials().verify(secret);
        assertThat(verdict).isInstanceOf(Credentials.Verdict.Refused.class);
        return ((Credentials.Verdict.Refused) verdict).reason();
    }

    static RegistrySettings limits(
            RegistrySettings s, int devices, int sensorsOfDevice, int sensorsOfTenant, int credentials) {
        return new RegistrySettings(
                s.url(),
                s.user(),
                s.passwordFile(),
                s.issuer(),
                devices,
                sensorsOfDevice,
                sensorsOfTenant,
                credentials,
                s.verifiedTokensMax(),
                s.sessionLife());
    }
}
