package tributary.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.log.Receipt;
import tributary.model.MessageProperties;
import tributary.model.TenantId;

/// Who hears what, over the real log.
class BrokerTest {
    private BrokerHouse house;

    @BeforeEach
    void open(@TempDir Path folder) {
        house = new BrokerHouse(folder, BrokerSettings.DEFAULTS);
    }

    @AfterEach
    void close() {
        house.close();
    }

    private Ear ear(String clientId, String... filters) throws Exception {
        Ear ear = house.client(clientId).open(true, 0, null, true);
        assertThat(ear.next()).isEqualTo("fresh");
        for (String filter : filters) {
            ear.hears(filter, 0);
        }
        return ear;
    }

    @Test
    void subscriberHearsWhatBecomesDurable() throws Exception {
        Ear ear = ear("display-1").hears("devices/+/telemetry", 1);
        house.publishes("devices/boiler/telemetry", "21.5");
        assertThat(ear.next()).isEqualTo("devices/boiler/telemetry 21.5 1");
    }

    @Test
    void orderOfADeviceIsKeptAndManyCrossInOneHop() throws Exception {
        Ear ear = ear("ear", "#");
        int count = 5_000;
        for (int i = 0; i < count; i++) {
            house.log.append(
                    house.message(BrokerHouse.ACME, null, "t", Integer.toString(i), 0, false, MessageProperties.NONE),
                    Receipt.NONE);
        }
        for (int i = 0; i < count; i++) {
            assertThat(ear.next()).isEqualTo("t " + i + " 0");
        }
        assertThat(house.batches.get()).isLessThan(count / 2);
    }

    @Test
    void whatWasDurableBeforeIsNotHeard() throws Exception {
        for (int i = 0; i < 20; i++) {
            house.publishes("t", "before");
            Ear ear = ear("ear", "t");
            house.publishes("t", "after" + i);
            assertThat(ear.next()).isEqualTo("t after" + i + " 0");
            ear.goes();
        }
    }

    @Test
    void whatWasPublishedWhileNobodyListenedIsSkipped() throws Exception {
        Ear ear = ear("ear", "t");
        house.publishes("t", "1");
        assertThat(ear.next()).isEqualTo("t 1 0");
        assertThat(ear.forgets("t")).isTrue();
        assertThat(ear.forgets("t")).isFalse();
        house.publishes("t", "2");
        ear.hears("t", 0);
        house.publishes("t", "3");
        assertThat(ear.next()).isEqualTo("t 3 0");
    }

    @Test
    void tenantHearsNothingOfAnother() throws Exception {
        Ear stranger = house.client(new TenantId("other"), "same").open(true, 0, null, true);
        stranger.hears("#", 0);
        Ear ear = ear("same", "#");
        house.publishes("t", "secret");
        assertThat(ear.next()).isEqualTo("t secret 0");
        assertThat(stranger.next()).isEqualTo("fresh");
        assertThat(stranger.hearsNothing()).isTrue();
        assertThat(ear.detached).isEmpty();
    }

    @Test
    void clientThatWasTakenOverDoesNotEndTheSessionOfItsSuccessorWhenItGoes() throws Exception {
        Ear old = ear("c", "t");
        Ear fresh = ear("c", "t");
        assertThat(old.detached.take()).isEqualTo(Client.Why.TAKEN_OVER);
        old.goes();
        house.publishes("t", "1");
        assertThat(fresh.next()).isEqualTo("t 1 0");
        assertThat(old.hearsNothing()).isTrue();
        assertThat(house.broker.counts().sessions()).isEqualTo(1);
    }

    @Test
    void clientIdOfAnotherSubjectIsNotTakenOver() throws Exception {
        ear("c", "t");
        assertThat(house.client("c").ask("somebody else")).isInstanceOf(Welcome.Occupied.class);
    }

    @Test
    void endedSessionLeavesNoSubscriptionBehind() throws Exception {
        Ear ear = ear("c", "a", "b/+", "#", "$share/g/x");
        assertThat(house.broker.counts().subscriptions()).isEqualTo(4);
        ear.goes();
        assertThat(house.broker.counts().subscriptions()).isZero();
        assertThat(house.broker.counts().sessions()).isZero();
    }

    /// A group hands a member at most 32 messages that it has not looked at; QoS 0 does not wait with the group.
    @Test
    void qosZeroGoesToAMemberThatIsBehindAsLongAsThatOneHasRoomInMemory() throws Exception {
        Ear ear = ear("c", "$share/g/t");
        CountDownLatch busy = new CountDownLatch(1);
        house.thread.execute(() -> {
            try {
                busy.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        for (int i = 0; i < 100; i++) {
            house.publishes(house.message(BrokerHouse.ACME, null, "t", "" + i, 0, false, MessageProperties.NONE));
        }
        busy.countDown();
        for (int i = 0; i < 100; i++) {
            assertThat(ear.next()).isEqualTo("t " + i + " 0");
        }
    }

    @Test
    void overlappingSubscriptionsGiveOneCopyWithTheHighestQosAndAllIdentifiers() throws Exception {
        Ear ear = ear("c", "a/#").hears("a/b", 1).hears("+/b", 0);
        house.publishes("a/b", "1");
        assertThat(ear.next()).isEqualTo("a/b 1 1");
        assertThat(ear.hearsNothing()).isTrue();
    }

    @Test
    void brokerWaitsForAThreadThatIsBehindAndLosesNothing() throws Exception {
        Ear ear = ear("ear").hears("t", 1);
        CountDownLatch busy = new CountDownLatch(1);
        house.thread.execute(() -> {
            try {
                busy.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        String payload = "x".repeat(100_000);
        int count = 300;
        for (int i = 0; i < count; i++) {
            house.publishes("t", payload);
        }
        busy.countDown();
        for (int i = 0; i < count; i++) {
            assertThat(ear.next()).hasSizeGreaterThan(100_000);
        }
    }

    @Test
    void slowClientLosesQosZeroAndItIsCounted() throws Exception {
        Ear ear = ear("ear", "t");
        ear.reads = false;
        for (int i = 0; i < 20; i++) {
            house.publishes("t", "x".repeat(100_000));
        }
        house.allIsOffered();
        ear.looksAgain();
        assertThat(ear.next()).startsWith("t xxx");
        assertThat(house.broker.counts().dropped()).isBetween(10L, 20L);
    }

    @Test
    void slowClientGetsEverythingOfQosOneInOrderAndItWaitsInTheLog() throws Exception {
        Ear ear = ear("ear").hears("t", 1);
        ear.reads = false;
        int count = 2_000;
        for (int i = 0; i < count; i++) {
            house.log.append(
                    house.message(
                            BrokerHouse.ACME, null, "t", i + " " + "x".repeat(500), 1, false, MessageProperties.NONE),
                    Receipt.NONE);
        }
        house.publishes("t", "last ");
        while (house.broker.counts().waiting() <= count) {
            Thread.sleep(5);
        }
        ear.looksAgain();
        for (int i = 0; i < count; i++) {
            assertThat(ear.next()).startsWith("t " + i + " x");
        }
        assertThat(ear.next()).startsWith("t last");
        assertThat(house.broker.counts().fetched()).isPositive();
        assertThat(house.broker.counts().dropped()).isZero();
    }
}
