package tributary.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.TenantId;
import tributary.model.TopicFilter;
import tributary.registry.RegistrySettings;
import tributary.registry.SqlRegistry;
import tributary.registry.TenantLimits.Limit;

/// Limits of one tenant that change while the broker works.
class OwnLimitsTest {
    private static final TenantId OTHER = new TenantId("other");
    private static final long HOUR = 3600;
    private static final BrokerSettings SETTINGS =
            new BrokerSettings(2, Duration.ofDays(1), 1000, 1 << 20, Duration.ofDays(1), 2, 1 << 20);

    @TempDir
    Path folder;

    private SqlRegistry registry;
    private BrokerHouse house;

    @BeforeEach
    void open() {
        registry = SqlRegistry.open(
                RegistrySettings.DEFAULTS, folder.resolve("registry"), InstantSource.system(), new SecureRandom());
        registry.tenants().add(BrokerHouse.ACME, "Acme");
        registry.tenants().add(OTHER, "Other");
        house = new BrokerHouse(folder, SETTINGS);
        house.limits = registry.limits();
        house.restarts();
    }

    @AfterEach
    void close() {
        house.close();
        registry.close();
    }

    private void limit(Limit limit, long value) {
        registry.limits().set(BrokerHouse.ACME, Map.of(limit, value));
    }

    private Welcome arrives(TenantId tenant, String clientId) throws Exception {
        List<Welcome> answers = new ArrayList<>();
        house.broker.connect(
                new Arrival(
                        Ear.principal(tenant, "subject"),
                        clientId,
                        false,
                        HOUR,
                        10,
                        null,
                        house.outlet,
                        house.client(tenant, clientId + "-its-ear").open(true, 0, null, true)),
                answers::add);
        return answers.isEmpty() ? null : answers.getFirst();
    }

    @Test
    void sessionsOfOneTenantAreHeldToItsOwnLimitAsItIsNow() throws Exception {
        house.client("a").open(false, HOUR, null, true);
        house.client("b").open(false, HOUR, null, true);
        assertThat(arrives(BrokerHouse.ACME, "c"))
                .isInstanceOfSatisfying(
                        Welcome.Unavailable.class,
                        no -> assertThat(no.detail()).contains("2 sessions").contains("broker.sessions-max"));

        limit(Limit.SESSIONS, 3);

        house.client("c").open(false, HOUR, null, true);
        assertThat(house.broker.of(BrokerHouse.ACME).lasting()).isEqualTo(3);
        assertThat(arrives(BrokerHouse.ACME, "d"))
                .isInstanceOfSatisfying(
                        Welcome.Unavailable.class,
                        no -> assertThat(no.detail()).contains("3 sessions").contains("own limit 'sessions'"));
        house.client(OTHER, "a").open(false, HOUR, null, true);
        assertThat(house.broker.of(OTHER).lasting()).isEqualTo(1);
    }

    @Test
    void retainedMessagesBeyondTheSettingAreKeptOverARestartWhereTheTenantMayHaveThem() throws Exception {
        limit(Limit.RETAINED, 3);
        for (TenantId tenant : List.of(BrokerHouse.ACME, OTHER)) {
            for (String topic : List.of("a", "b", "c", "d")) {
                house.publishes(retained(tenant, topic, "1"));
            }
        }
        house.allIsOffered();
        assertThat(retained(BrokerHouse.ACME)).containsExactly("a", "b", "c");
        assertThat(retained(OTHER)).containsExactly("a", "b");

        house.allIsNoted();
        house.restarts();

        assertThat(retained(BrokerHouse.ACME)).containsExactly("a", "b", "c");
        limit(Limit.RETAINED_BYTES, 5);
        house.publishes(retained(BrokerHouse.ACME, "c", "123456"));
        house.allIsOffered();
        assertThat(retained(BrokerHouse.ACME))
                .as("what does not fit is not there, and the old one neither")
                .containsExactly("a", "b");
        assertThat(house.broker.received()).containsEntry(BrokerHouse.ACME, 1L);
    }

    private Message retained(TenantId tenant, String topic, String payload) {
        return house.message(tenant, null, topic, payload, 1, true, MessageProperties.NONE);
    }

    private List<String> retained(TenantId tenant) {
        return house.broker.of(tenant).retained(new TopicFilter("#"), "", 99).stream()
                .map(message -> message.topic().value())
                .toList();
    }
}
