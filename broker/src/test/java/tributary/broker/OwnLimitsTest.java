package tributary.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.TenantId;
import tributary.model.Topic;
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
    void retainedMessagesHaveRoomBeyondTheSettingWhereTheTenantMayHaveThem() throws Exception {
        limit(Limit.RETAINED, 3);
        for (TenantId tenant : List.of(BrokerHouse.ACME, OTHER)) {
            house.publishes(retained(tenant, "a", "1"));
            house.publishes(retained(tenant, "b", "1"));
        }
        house.allIsOffered();
        assertThat(cannotRetain(BrokerHouse.ACME, "c", 1)).isNull();
        assertThat(cannotRetain(OTHER, "c", 1)).contains("as many retained messages as it may, 2");
        assertThat(cannotRetain(OTHER, "b", 1)).as("in place of another").isNull();

        limit(Limit.RETAINED_BYTES, 5);
        assertThat(cannotRetain(BrokerHouse.ACME, "b", 4)).isNull();
        assertThat(cannotRetain(BrokerHouse.ACME, "b", 5)).contains("as many bytes as they may, 5");
    }

    /// A client that does not wait for answers has many on their way before the first counts, and a limit may
    /// be lowered.
    @Test
    void whatTheDoorsTookIsKeptAlsoBeyondTheLimitAndOverARestart() throws Exception {
        for (String topic : List.of("a", "b", "c", "d")) {
            house.publishes(retained(BrokerHouse.ACME, topic, "1"));
        }
        house.allIsOffered();
        assertThat(retained(BrokerHouse.ACME)).containsExactly("a", "b", "c", "d");
        assertThat(cannotRetain(BrokerHouse.ACME, "e", 1)).contains("as many retained messages as it may, 2");

        house.allIsNoted();
        house.restarts();
        assertThat(retained(BrokerHouse.ACME)).containsExactly("a", "b", "c", "d");

        limit(Limit.RETAINED, 1);
        house.restarts();
        assertThat(retained(BrokerHouse.ACME)).containsExactly("a", "b", "c", "d");
    }

    private @Nullable String cannotRetain(TenantId tenant, String topic, int bytes) {
        return house.broker.of(tenant).cannotRetain(new Topic(topic), bytes);
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
