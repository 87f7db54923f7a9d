package tributary.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.model.DeviceId;
import tributary.model.TopicFilter;
import tributary.registry.Credentials.Issued;
import tributary.registry.Credentials.Verdict;
import tributary.registry.Device;
import tributary.registry.Principal;
import tributary.registry.RegistrySettings;
import tributary.registry.SqlRegistry;

/// Sessions and those whose they are: keys that are replaced and revoked, devices that are removed.
class HoldersTest {
    private static final long HOUR = 3600;
    private static final Set<TopicFilter> ALL = Set.of(new TopicFilter("#"));

    @TempDir
    Path folder;

    private SqlRegistry registry;
    private BrokerHouse house;

    @BeforeEach
    void open() {
        registry = SqlRegistry.open(
                RegistrySettings.DEFAULTS, folder.resolve("registry"), InstantSource.system(), new SecureRandom());
        registry.tenants().add(BrokerHouse.ACME, "Acme");
        house = new BrokerHouse(folder, BrokerSettings.DEFAULTS);
        house.holders = registry.credentials();
        house.restarts();
    }

    @AfterEach
    void close() {
        house.close();
        registry.close();
    }

    private Issued key(String title, Set<TopicFilter> scope) {
        return registry.credentials().issueKey(BrokerHouse.ACME, title, Principal.Role.DEVICE, scope, scope, null);
    }

    private Principal who(Issued key) {
        return ((Verdict.Accepted) registry.credentials().verify(key.secret())).principal();
    }

    private void revoke(Issued key) {
        registry.credentials().revoke(BrokerHouse.ACME, key.credential());
    }

    private static void await(String what, BooleanSupplier condition) throws InterruptedException {
        Instant deadline = Instant.now().plusSeconds(60);
        while (!condition.getAsBoolean()) {
            assertThat(Instant.now()).as("not within a minute: %s", what).isBefore(deadline);
            Thread.sleep(2);
        }
    }

    private Issued replaced(Issued key) {
        return registry.credentials()
                .replace(BrokerHouse.ACME, null, key.credential())
                .orElseThrow();
    }

    @Test
    void keyThatReplacesAnotherGetsItsSessionWhichOutlivesTheOldOne() throws Exception {
        Issued old = key("dashboard", ALL);
        house.client("c").open(who(old), HOUR).hears("a", 1).goes();
        house.publishes("a", "meanwhile");
        Issued anew = replaced(old);

        Ear ear = house.client("c").open(who(anew), HOUR);

        assertThat(ear.next()).isEqualTo("present");
        assertThat(ear.next()).isEqualTo("a meanwhile 1");
        ear.goes();
        revoke(old);
        house.publishes("a", "later");
        house.allIsNoted();
        house.isKilled();
        ear = house.client("c").open(who(anew), HOUR);
        assertThat(ear.next()).isEqualTo("present");
        assertThat(ear.next()).isEqualTo("a later 1");
    }

    @Test
    void keyOfAnotherTitleOrWithOtherRightsGetsNoSessionOfAnother() throws Exception {
        house.client("c").open(who(key("dashboard", ALL)), HOUR);
        for (Issued other : new Issued[] {key("robot", ALL), key("dashboard", Set.of(new TopicFilter("a/#")))}) {
            assertThatThrownBy(() -> house.client("c").open(who(other), HOUR)).hasMessageContaining("Occupied");
        }
    }

    @Test
    void sessionOfARevokedKeyEndsAndNothingWaitsForItAnyMore() throws Exception {
        Issued key = key("dashboard", ALL);
        Ear away = house.client("away").open(who(key), HOUR).hears("a", 1);
        away.goes();
        Ear there = house.client("there").open(who(key), HOUR).hears("a", 1);
        Ear other = house.client("other").open(who(key("robot", ALL)), HOUR).hears("a", 1);

        revoke(key);

        await("its sessions end", () -> house.broker.counts().sessions() == 1);
        assertThat(there.detached.poll(60, TimeUnit.SECONDS)).isEqualTo(Client.Why.REVOKED);
        assertThat(other.detached).isEmpty();
        assertThat(house.broker.counts().subscriptions()).isEqualTo(1);
        assertThat(house.broker.of(BrokerHouse.ACME).lasting()).isEqualTo(1);
        Ear anew = house.client("away").open(who(key("dashboard", ALL)), HOUR);
        assertThat(anew.next()).isEqualTo("fresh");
    }

    /// Whoever is faster than the broker's look.
    @Test
    void clientIdOfARevokedKeyIsFreeAtOnce() throws Exception {
        Issued key = key("dashboard", ALL);
        house.client("c").open(who(key), HOUR).hears("a", 1).goes();
        Principal another = who(key("robot", ALL));
        revoke(key);
        assertThat(house.client("c").open(another, HOUR).next()).isEqualTo("fresh");
    }

    @Test
    void deviceHasNoMoreSessionsThanItMayAndEachThatEndsMakesRoom() throws Exception {
        house.close();
        house = new BrokerHouse(folder, BrokerSettings.DEFAULTS.ofDevice(2));
        Principal pump = device("pump");
        Ear fleeting = house.client("1").open(pump, 0);
        house.client("2").open(pump, HOUR).goes();
        assertThatThrownBy(() -> house.client("3").open(pump, HOUR))
                .hasMessageContaining("device 'pump' has 2 sessions (broker.sessions-per-device)");
        house.client("2").open(pump, HOUR);
        house.client("3").open(device("valve"), HOUR);

        fleeting.goes();
        house.client("4").open(pump, HOUR);

        house.allIsNoted();
        house.isKilled();
        assertThatThrownBy(() -> house.client("5").open(pump, HOUR)).hasMessageContaining("2 sessions");
    }

    private static Principal device(String id) {
        return new Principal(
                BrokerHouse.ACME,
                "device:" + id,
                Principal.Kind.DEVICE,
                new DeviceId(id),
                Principal.Role.DEVICE,
                Set.of(),
                Set.of(),
                null,
                "token of " + id);
    }

    @Test
    void whatWasTakenAwayWhileNothingRanLeavesNoSession() throws Exception {
        DeviceId pump = new DeviceId("pump");
        registry.devices().add(new Device(BrokerHouse.ACME, pump, null, "", Map.of(), "{}", Instant.EPOCH));
        Issued token = registry.credentials().issueToken(BrokerHouse.ACME, pump, null);
        Issued key = key("dashboard", ALL);
        house.client("pump").open(who(token), HOUR).hears("a", 1).goes();
        house.client("c").open(who(key), HOUR).hears("a", 1).goes();
        house.allIsNoted();

        house.isKilled(() -> {
            house.devices.remove(BrokerHouse.ACME, pump);
            revoke(key);
        });

        await("both sessions end", () -> house.broker.counts().sessions() == 0);
    }
}
