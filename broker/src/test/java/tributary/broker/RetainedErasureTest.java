package tributary.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tributary.broker.Attachment.Failure;
import tributary.model.DeviceId;
import tributary.model.MessageProperties;
import tributary.model.TenantId;
import tributary.model.TopicFilter;

/// Retained messages, and those that wait for clients, of devices whose data is erased.
class RetainedErasureTest {
    private static final DeviceId PUMP = new DeviceId("pump");
    private static final DeviceId BOILER = new DeviceId("boiler");
    private static final TenantId OTHER = new TenantId("other");

    private BrokerHouse house;

    @BeforeEach
    void open(@TempDir Path folder) {
        house = new BrokerHouse(folder, BrokerSettings.DEFAULTS);
    }

    @AfterEach
    void close() {
        house.close();
    }

    private void retained(TenantId tenant, @Nullable DeviceId device, String topic) throws Exception {
        house.publishes(house.message(tenant, device, topic, "1", 1, true, MessageProperties.NONE));
    }

    private void plain(@Nullable DeviceId device, String topic, String payload) throws Exception {
        house.publishes(house.message(BrokerHouse.ACME, device, topic, payload, 1, false, MessageProperties.NONE));
    }

    private void interrupt(String interruption) {
        switch (interruption) {
            case "nothing" -> {}
            case "restart" -> house.restarts();
            case "kill" -> house.isKilled();
            default -> throw new IllegalArgumentException(interruption);
        }
    }

    private void forget(@Nullable DeviceId device) throws Exception {
        CompletableFuture<Optional<Failure>> done = new CompletableFuture<>();
        house.broker.of(BrokerHouse.ACME).erase(device, failure -> done.complete(Optional.ofNullable(failure)));
        assertThat(done.get(60, TimeUnit.SECONDS)).isEmpty();
    }

    private List<String> topics(TenantId tenant) {
        return house.broker.of(tenant).retained(new TopicFilter("#"), "", 99).stream()
                .map(message -> message.topic().value())
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"nothing", "restart", "kill"})
    void areGoneAndThoseOfOthersAreNot(String interruption) throws Exception {
        retained(BrokerHouse.ACME, PUMP, "devices/pump/a");
        retained(BrokerHouse.ACME, PUMP, "devices/pump/b");
        retained(BrokerHouse.ACME, BOILER, "devices/boiler/a");
        retained(OTHER, PUMP, "devices/pump/a");

        forget(PUMP);

        interrupt(interruption);
        assertThat(topics(BrokerHouse.ACME)).containsExactly("devices/boiler/a");
        assertThat(topics(OTHER)).containsExactly("devices/pump/a");
    }

    @ParameterizedTest
    @ValueSource(strings = {"nothing", "restart", "kill"})
    void whatWaitsForSessionsAndGroupsIsNotDelivered(String interruption) throws Exception {
        Ear ear = house.client("away").open(false, 3600, null, true);
        assertThat(ear.next()).isEqualTo("fresh");
        ear.hears("#", 2);
        ear.goes();
        Ear worker = house.client("worker").open(false, 3600, null, true);
        assertThat(worker.next()).isEqualTo("fresh");
        worker.hears("$share/g/#", 1);
        worker.goes();
        plain(PUMP, "devices/pump/a", "before");
        plain(BOILER, "devices/boiler/a", "other");

        forget(PUMP);
        plain(PUMP, "devices/pump/a", "after");

        interrupt(interruption);
        for (String client : List.of("away", "worker")) {
            Ear back = house.client(client).open(false, 3600, null, true);
            assertThat(back.next()).isEqualTo("present");
            assertThat(List.of(back.next(), back.next()))
                    .as(client)
                    .containsExactlyInAnyOrder("devices/boiler/a other 1", "devices/pump/a after 1");
            back.goes();
        }
    }

    @Test
    void nothingOfATenantIsDeliveredOnceItIsErased() throws Exception {
        Ear ear = house.client("away").open(false, 3600, null, true);
        assertThat(ear.next()).isEqualTo("fresh");
        ear.hears("#", 1);
        ear.goes();
        plain(PUMP, "devices/pump/a", "before");
        plain(null, "alerts/x", "before");

        forget(null);
        plain(null, "alerts/x", "after");

        house.isKilled();
        Ear back = house.client("away").open(false, 3600, null, true);
        assertThat(back.next()).isEqualTo("present");
        assertThat(back.next()).isEqualTo("alerts/x after 1");
    }

    @Test
    void whatIsRetainedAfterwardsStays() throws Exception {
        retained(BrokerHouse.ACME, PUMP, "devices/pump/a");
        forget(PUMP);
        retained(BrokerHouse.ACME, PUMP, "devices/pump/a");
        Ear ear = house.client("c").open(true, 0, null, true);
        assertThat(ear.next()).isEqualTo("fresh");
        ear.hears("#", 1);
        assertThat(ear.next()).isEqualTo("devices/pump/a 1 1 retained");
    }

    @Test
    void allOfATenantGoWithItsData() throws Exception {
        retained(BrokerHouse.ACME, PUMP, "devices/pump/a");
        retained(BrokerHouse.ACME, null, "alerts/x");
        retained(OTHER, PUMP, "devices/pump/a");
        forget(null);
        assertThat(topics(BrokerHouse.ACME)).isEmpty();
        assertThat(topics(OTHER)).containsExactly("devices/pump/a");
    }

    /// The journal would not fill a segment for weeks, nor be written anew.
    @Test
    void noFileHasWhatWasRetained() throws Exception {
        house.publishes(
                house.message(BrokerHouse.ACME, PUMP, "devices/pump/a", "canary", 1, true, MessageProperties.NONE));
        retained(BrokerHouse.ACME, BOILER, "devices/boiler/a");
        house.allIsOffered();
        house.allIsNoted();
        assertThat(house.journalHas("canary")).isTrue();

        forget(PUMP);

        house.waits(Duration.ofSeconds(6));
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        while (house.journalHas("canary")) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(20);
        }
        house.isKilled();
        assertThat(topics(BrokerHouse.ACME)).containsExactly("devices/boiler/a");
    }
}
