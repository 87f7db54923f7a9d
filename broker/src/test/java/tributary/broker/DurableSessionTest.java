package tributary.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tributary.log.Receipt;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.TenantId;
import tributary.model.Topic;
import tributary.model.TopicFilter;

/// Sessions that outlive their connection, their process, and a kill.
class DurableSessionTest {
    private static final long HOUR = 3600;

    private BrokerHouse house;

    @BeforeEach
    void open(@TempDir Path folder) {
        house = new BrokerHouse(
                folder, new BrokerSettings(100, Duration.ofDays(2), 1_000, 1 << 20, Duration.ofDays(1), 100, 1 << 20));
    }

    @AfterEach
    void close() {
        house.close();
    }

    /// A kill comes when all that was done before is noted: what it does to the rest, the simulation says.
    private void interrupt(String how) throws Exception {
        switch (how) {
            case "nothing" -> {}
            case "restart" -> house.restarts();
            case "kill" -> {
                house.allIsNoted();
                house.isKilled();
            }
            default -> throw new IllegalArgumentException(how);
        }
    }

    private Ear comesBack(boolean answers) throws Exception {
        Ear ear = house.client("c").open(false, HOUR, null, answers);
        assertThat(ear.next()).isEqualTo("present");
        return ear;
    }

    @ParameterizedTest
    @ValueSource(strings = {"nothing", "restart", "kill"})
    void absentSubscriberGetsWhatWasPublishedMeanwhileInOrder(String interruption) throws Exception {
        Ear ear = house.client("c").open(false, HOUR, null, true).hears("a/#", 1);
        assertThat(ear.next()).isEqualTo("fresh");
        house.publishes("a/1", "before");
        assertThat(ear.next()).isEqualTo("a/1 before 1");
        ear.goes();
        house.publishes("a/1", "1");
        house.publishes("b", "not this");
        interrupt(interruption);
        house.publishes("a/1", "2");
        ear = comesBack(true);
        house.publishes("a/1", "3");
        assertThat(ear.next()).isEqualTo("a/1 1 1");
        assertThat(ear.next()).isEqualTo("a/1 2 1");
        assertThat(ear.next()).isEqualTo("a/1 3 1");
        assertThat(ear.hearsNothing()).isTrue();
    }

    @Test
    void cleanStartForgetsEverything() throws Exception {
        house.client("c").open(false, HOUR, null, true).hears("a", 1).goes();
        house.publishes("a", "1");
        Ear ear = house.client("c").open(true, HOUR, null, true);
        assertThat(ear.next()).isEqualTo("fresh");
        house.publishes("a", "2");
        assertThat(ear.hearsNothing()).isTrue();
        house.allIsNoted();
        house.isKilled();
        ear = house.client("c").open(false, HOUR, null, true);
        assertThat(ear.next()).isEqualTo("present");
        house.publishes("a", "3");
        assertThat(ear.hearsNothing()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"nothing", "restart", "kill"})
    void unacknowledgedMessagesComeAgainInOrderWithTheirIdentifiersAndMarkedAsDuplicates(String interruption)
            throws Exception {
        Ear ear = house.client("c").open(false, HOUR, null, false).hears("a", 1);
        assertThat(ear.next()).isEqualTo("fresh");
        house.publishes("a", "1");
        house.publishes("a", "2");
        house.publishes("a", "3");
        assertThat(ear.next()).isEqualTo("a 1 1 #1");
        assertThat(ear.next()).isEqualTo("a 2 1 #2");
        assertThat(ear.next()).isEqualTo("a 3 1 #3");
        ear.acknowledges(2);
        ear.goes();
        interrupt(interruption);
        ear = comesBack(false);
        assertThat(ear.next()).isEqualTo("a 1 1 dup #1");
        assertThat(ear.next()).isEqualTo("a 3 1 dup #3");
        house.publishes("a", "4");
        assertThat(ear.next()).startsWith("a 4 1 #");
    }

    @ParameterizedTest
    @ValueSource(strings = {"nothing", "restart", "kill"})
    void qosTwoIsReleasedAgainAndNeverPublishedAgainOnceTheClientHasIt(String interruption) throws Exception {
        Ear ear = house.client("c").open(false, HOUR, null, false).hears("a", 2);
        assertThat(ear.next()).isEqualTo("fresh");
        house.publishes(house.message(BrokerHouse.ACME, null, "a", "1", 2, false, MessageProperties.NONE));
        assertThat(ear.next()).isEqualTo("a 1 2 #1");
        ear.receives(1);
        assertThat(ear.next()).isEqualTo("release #1");
        ear.goes();
        interrupt(interruption);
        ear = comesBack(false);
        assertThat(ear.next()).isEqualTo("release #1");
        ear.completes(1);
        ear.goes();
        interrupt(interruption);
        ear = comesBack(false);
        assertThat(ear.heard.poll(300, TimeUnit.MILLISECONDS)).isIn(null, "release #1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"nothing", "restart", "kill"})
    void publishOfQosTwoIsKnownUntilItIsReleased(String interruption) throws Exception {
        Ear mouth = house.client("c").open(false, HOUR, null, true);
        assertThat(mouth.next()).isEqualTo("fresh");
        takes(mouth, 7);
        takes(mouth, 8);
        releases(mouth, 8);
        mouth.goes();
        interrupt(interruption);
        mouth = comesBack(true);
        assertThat(mouth.attachment().taken(7)).isEqualTo(Attachment.Taken.YES);
        assertThat(mouth.attachment().taken(8)).isEqualTo(Attachment.Taken.NO);
        releases(mouth, 7);
        interrupt(interruption);
        if (!interruption.equals("nothing")) {
            mouth = comesBack(true);
        }
        assertThat(mouth.attachment().taken(7)).isEqualTo(Attachment.Taken.NO);
    }

    private void takes(Ear mouth, int packetId) throws Exception {
        Message message = new Message(
                BrokerHouse.ACME,
                null,
                new Topic("out"),
                new byte[] {1},
                0,
                Message.Origin.MQTT,
                "c",
                2,
                false,
                MessageProperties.NONE,
                packetId);
        Attachment.Taking taking =
                mouth.attachment().take(packetId, house.log.partitionOf(BrokerHouse.ACME, null, message.publisher()));
        house.publishes(message);
        taking.durable(house.log.end(house.log.partitionOf(BrokerHouse.ACME, null, message.publisher())) - 1);
    }

    private static void releases(Ear mouth, int packetId) throws Exception {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        mouth.attachment().release(packetId, done::complete);
        assertThat(done.get(60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void sessionEndsWhenItsTimeIsOver() throws Exception {
        house.client("c").open(false, 600, null, true).hears("a", 1).goes();
        house.waits(Duration.ofSeconds(400));
        Ear ear = house.client("c").open(false, 600, null, true);
        assertThat(ear.next()).isEqualTo("present");
        ear.goes();
        house.waits(Duration.ofSeconds(400));
        await(() -> house.broker.counts().sessions() == 1);
        house.waits(Duration.ofSeconds(300));
        await(() -> house.broker.counts().sessions() == 0);
        assertThat(house.broker.counts().subscriptions()).isZero();
        ear = house.client("c").open(false, 600, null, true);
        assertThat(ear.next()).isEqualTo("fresh");
    }

    @Test
    void sessionThatRanOutWhileTheServerWasDownIsGone() throws Exception {
        house.client("c").open(false, 60, null, true).hears("a", 1).goes();
        house.allIsNoted();
        house.waits(Duration.ofSeconds(70));
        house.isKilled();
        await(() -> house.broker.counts().sessions() == 0);
    }

    @Test
    void oldestGoWhereMoreWaitThanASessionMayHave() throws Exception {
        house.client("c").open(false, HOUR, null, true).hears("a", 1).goes();
        for (int i = 0; i < 1_100; i++) {
            house.log.append(
                    house.message(BrokerHouse.ACME, null, "a", "" + i, 1, false, MessageProperties.NONE), Receipt.NONE);
        }
        house.publishes("a", "last");
        await(() -> house.broker.of(BrokerHouse.ACME).figures().dropped() == 101);
        assertThat(comesBack(true).next()).isEqualTo("a 101 1");
    }

    @Test
    void whatASessionLosesIsToldOnceWithItsClientsName() throws Exception {
        Map<String, Long> told = new ConcurrentHashMap<>();
        house.broker.tellLosses((tenant, client, count) -> told.merge(tenant + " " + client, count, Long::sum));
        house.client("c").open(false, HOUR, null, true).hears("a", 1).goes();
        for (int round = 1; round <= 2; round++) {
            long lost = 5 * round - 3;
            loses(lost);
            house.waits(Duration.ofSeconds(11));
            await(() -> told.getOrDefault("acme c", 0L) == lost);
        }
        assertThat(told).containsOnlyKeys("acme c");
    }

    @Test
    void whatASessionLostThatIsGoneIsToldInSum() throws Exception {
        LongAdder told = new LongAdder();
        house.broker.tellLosses((_, _, count) -> told.add(count));
        house.client("c").open(false, HOUR, null, true).hears("a", 1).goes();
        house.client("other").open(false, HOUR, null, true);
        loses(2);
        assertThat(house.broker.of(BrokerHouse.ACME).end("c")).isTrue();
        house.waits(Duration.ofSeconds(11));
        await(() -> told.sum() == 2);
    }

    /// Five messages come of which a session has room for three.
    ///
    /// @param inAll messages that are lost then
    private void loses(long inAll) throws Exception {
        for (int i = 1; i <= 5; i++) {
            house.publishes("a", i + "x".repeat(300 << 10));
        }
        await(() -> house.broker.of(BrokerHouse.ACME).figures().dropped() == inAll);
    }

    /// The session has room for 1 MB.
    @Test
    void oldestGoWhereMoreBytesWaitThanASessionMayHaveAndItsViewCountsThem() throws Exception {
        house.client("c").open(false, HOUR, null, true).hears("a", 1).goes();
        for (int i = 1; i <= 5; i++) {
            house.publishes("a", i + "x".repeat(300 << 10));
        }
        await(() -> house.broker.of(BrokerHouse.ACME).figures().dropped() == 2);
        SessionView seen = house.broker.of(BrokerHouse.ACME).session("c").orElseThrow();
        assertThat(seen.dropped()).isEqualTo(2);
        assertThat(seen.waiting()).isEqualTo(3);
        assertThat(seen.waitingBytes()).isBetween(900L << 10, 1L << 20);
        assertThat(comesBack(true).next()).startsWith("a 3x");
    }

    @Test
    void thousandsThatWaitComeInOrderWithASmallWindow() throws Exception {
        Ear ear = house.client("c").open(false, HOUR, null, true, 3).hears("a", 1);
        ear.goes();
        for (int i = 0; i < 900; i++) {
            house.log.append(
                    house.message(BrokerHouse.ACME, null, "a", "" + i, 1, false, MessageProperties.NONE), Receipt.NONE);
        }
        ear = house.client("c").open(false, HOUR, null, true, 3);
        assertThat(ear.next()).isEqualTo("present");
        for (int i = 0; i < 900; i++) {
            assertThat(ear.next()).isEqualTo("a " + i + " 1");
        }
    }

    @Test
    void messageThatExpiredIsNotDelivered() throws Exception {
        house.client("c").open(false, HOUR, null, true).hears("a", 1).goes();
        MessageProperties shortLived = new MessageProperties("", "", new byte[0], 10, false, List.of());
        house.publishes(house.message(BrokerHouse.ACME, null, "a", "short", 1, false, shortLived));
        house.publishes("a", "long");
        house.waits(Duration.ofSeconds(20));
        Ear ear = comesBack(true);
        assertThat(ear.next()).isEqualTo("a long 1");
        assertThat(house.broker.counts().expired()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {-3, 3})
    void neitherSessionNorMessageExpiresBecauseSomebodySetsTheClock(int days) throws Exception {
        house.client("c").open(false, HOUR, null, true).hears("a", 1).goes();
        MessageProperties tenMinutes = new MessageProperties("", "", new byte[0], 600, false, List.of());
        house.publishes(house.message(BrokerHouse.ACME, null, "a", "waits", 1, false, tenMinutes));
        house.publishes(house.message(BrokerHouse.ACME, null, "kept", "stays", 1, true, tenMinutes));
        house.wallClockJumps(Duration.ofDays(days));
        house.waits(Duration.ofSeconds(400)); // the retained messages are swept meanwhile
        Ear ear = comesBack(true);
        assertThat(ear.next()).isEqualTo("a waits 1");
        ear.hears("kept", 1);
        assertThat(ear.next()).startsWith("kept stays");
        house.waits(Duration.ofSeconds(400));
        Ear later = house.client("d").open(false, 0, null, true).hears("kept", 1);
        assertThat(later.next()).isEqualTo("fresh");
        assertThat(later.hearsNothing()).isTrue();
    }

    @Test
    void messageThatWaitedTooLongIsDroppedAndCounted() throws Exception {
        long twoDays = 2 * 24 * HOUR;
        house.client("c").open(false, twoDays, null, true).hears("a", 1).goes();
        house.publishes("a", "old");
        house.waits(Duration.ofHours(20));
        house.publishes("a", "new");
        await(() -> house.broker.of(BrokerHouse.ACME).figures().waiting() == 2);
        house.waits(Duration.ofMinutes(90 + 3 * 60));
        Ear ear = house.client("c").open(false, twoDays, null, true);
        assertThat(ear.next()).isEqualTo("present");
        assertThat(ear.next()).isEqualTo("a new 1");
        assertThat(house.broker.counts().dropped()).isEqualTo(1);
        assertThat(house.broker.of(BrokerHouse.ACME).figures().dropped()).isEqualTo(1);
        assertThat(house.broker.of(BrokerHouse.ACME).session("c").orElseThrow().dropped())
                .isEqualTo(1);
    }

    @Test
    void whatADeviceThatWasRemovedPublishedIsNotDelivered() throws Exception {
        house.client("c").open(false, HOUR, null, true).hears("#", 1).goes();
        DeviceId pump = new DeviceId("pump");
        house.publishes(house.message(BrokerHouse.ACME, pump, "devices/pump/t", "1", 1, false, MessageProperties.NONE));
        house.publishes("a", "2");
        house.devices.remove(BrokerHouse.ACME, pump);
        assertThat(comesBack(true).next()).isEqualTo("a 2 1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"nothing", "restart", "kill"})
    void retainedMessageIsShownToNewSubscribers(String interruption) throws Exception {
        retained("a/1", "old");
        retained("a/1", "new");
        retained("a/2", "gone");
        retained("a/2", "");
        retained("b/1", "other");
        interrupt(interruption);
        Ear ear = house.client("c").open(true, 0, null, true);
        assertThat(ear.next()).isEqualTo("fresh");
        ear.hears("a/+", 1);
        assertThat(ear.next()).isEqualTo("a/1 new 1 retained");
        assertThat(ear.hearsNothing()).isTrue();
        ear.hears("b/1", 0);
        assertThat(ear.next()).isEqualTo("b/1 other 0 retained");
        retained("a/1", "newest");
        assertThat(ear.next()).isEqualTo("a/1 newest 1");
    }

    @Test
    void retainedMessagesAreShownAsAskedFor() throws Exception {
        retained("a", "1");
        Ear ear = house.client("c").open(true, 0, null, true);
        assertThat(ear.next()).isEqualTo("fresh");
        Subscription subscription = new Subscription(new TopicFilter("a"), 1, false, false, 0);
        ear.hears(subscription, Attachment.ShowRetained.NEVER);
        assertThat(ear.hearsNothing()).isTrue();
        ear.hears(subscription, Attachment.ShowRetained.IF_NEW);
        assertThat(ear.hearsNothing()).isTrue();
        assertThat(ear.forgets("a")).isTrue();
        ear.hears(subscription, Attachment.ShowRetained.IF_NEW);
        assertThat(ear.next()).isEqualTo("a 1 1 retained");
        ear.hears(subscription, Attachment.ShowRetained.ALWAYS);
        assertThat(ear.next()).isEqualTo("a 1 1 retained");
    }

    private void retained(String topic, String payload) throws Exception {
        house.publishes(house.message(BrokerHouse.ACME, null, topic, payload, 1, true, MessageProperties.NONE));
    }

    @Test
    void membersOfAGroupShareTheMessagesAndEachGetsSome() throws Exception {
        Ear one = house.client("one").open(true, 0, null, true).hears("$share/g/a", 1);
        Ear two = house.client("two").open(true, 0, null, true).hears("$share/g/a", 1);
        Ear all = house.client("all").open(true, 0, null, true).hears("a", 1);
        for (Ear ear : List.of(one, two, all)) {
            assertThat(ear.next()).isEqualTo("fresh");
        }
        for (int i = 0; i < 100; i++) {
            house.publishes("a", "" + i);
        }
        for (int i = 0; i < 100; i++) {
            assertThat(all.next()).isEqualTo("a " + i + " 1");
        }
        await(() -> one.heard.size() + two.heard.size() == 100);
        assertThat(one.heard.size()).isBetween(20, 80);
        List<String> both = new ArrayList<>(one.heard);
        both.addAll(two.heard);
        assertThat(both).doesNotHaveDuplicates();
    }

    @Test
    void whatAMemberDidNotAcknowledgeGoesToAnotherWhenItDies() throws Exception {
        Ear one = house.client("one").open(true, 0, null, false).hears("$share/g/a", 1);
        assertThat(one.next()).isEqualTo("fresh");
        for (int i = 0; i < 5; i++) {
            house.publishes("a", "" + i);
            assertThat(one.next()).startsWith("a " + i + " 1 #");
        }
        Ear two = house.client("two").open(true, 0, null, true).hears("$share/g/a", 1);
        assertThat(two.next()).isEqualTo("fresh");
        one.goes();
        for (int i = 0; i < 5; i++) {
            assertThat(two.next()).isEqualTo("a " + i + " 1");
        }
    }

    /// A session without expiry ends with its connection: [MQTT-4.8.2-5].
    @ParameterizedTest
    @ValueSource(strings = {"restart", "kill"})
    void qosTwoOnItsWayToAMemberThatEndsWithTheServerGoesToNobodyElse(String interruption) throws Exception {
        Ear lasting = house.client("c").open(false, HOUR, null, true).hears("$share/g/a", 2);
        lasting.goes();
        Ear fleeting = house.client("d").open(true, 0, null, false).hears("$share/g/a", 2);
        assertThat(fleeting.next()).isEqualTo("fresh");
        house.publishes(house.message(BrokerHouse.ACME, null, "a", "1", 2, false, MessageProperties.NONE));
        assertThat(fleeting.next()).isEqualTo("a 1 2 #1");

        interrupt(interruption);

        house.publishes(house.message(BrokerHouse.ACME, null, "a", "2", 2, false, MessageProperties.NONE));
        lasting = comesBack(true);
        assertThat(lasting.next()).isEqualTo("a 2 2");
        assertThat(lasting.hearsNothing()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"nothing", "restart", "kill"})
    void messagesWaitForAGroupWhoseMembersAreAllAway(String interruption) throws Exception {
        house.client("c").open(false, HOUR, null, true).hears("$share/g/a", 1).goes();
        house.publishes("a", "1");
        house.publishes("a", "2");
        interrupt(interruption);
        house.publishes("a", "3");
        Ear ear = comesBack(true);
        for (int i = 1; i <= 3; i++) {
            assertThat(ear.next()).isEqualTo("a " + i + " 1");
        }
        assertThat(ear.hearsNothing()).isTrue();
    }

    private static Will will(String topic, long delaySeconds) {
        return new Will(
                Ear.principal(BrokerHouse.ACME, "subject"),
                "c",
                topic,
                new byte[] {1},
                1,
                false,
                MessageProperties.NONE,
                delaySeconds,
                0);
    }

    @Test
    void willIsSpokenForAClientThatGoesWithoutAGoodbyeOnly() throws Exception {
        house.client("c").open(true, 0, will("w1", 0), true).saysGoodbye();
        house.client("c").open(true, 0, will("w2", 0), true).goes();
        assertThat(house.spoken.poll(60, TimeUnit.SECONDS).topic()).isEqualTo("w2");
        assertThat(house.spoken).isEmpty();
    }

    @Test
    void willWithADelayIsSpokenAfterItUnlessTheClientCameBack() throws Exception {
        house.client("c").open(false, HOUR, will("w1", 300), true).goes();
        house.waits(Duration.ofSeconds(200));
        Ear ear = house.client("c").open(false, HOUR, will("w2", 300), true);
        house.waits(Duration.ofSeconds(600));
        assertThat(house.spoken.poll(300, TimeUnit.MILLISECONDS)).isNull();
        ear.goes();
        house.waits(Duration.ofSeconds(301));
        assertThat(house.spoken.poll(60, TimeUnit.SECONDS).topic()).isEqualTo("w2");
        assertThat(house.spoken.poll(300, TimeUnit.MILLISECONDS)).isNull();
    }

    @Test
    void willOfASessionThatEndsIsSpokenAtTheEndHoweverLongItsDelay() throws Exception {
        house.client("c").open(false, 60, will("w", 3600), true).goes();
        house.waits(Duration.ofSeconds(61));
        assertThat(house.spoken.poll(60, TimeUnit.SECONDS).topic()).isEqualTo("w");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, HOUR})
    void willIsSpokenOnceForAClientThatWasThereWhenTheServerWasKilled(long expirySeconds) throws Exception {
        house.client("c").open(false, expirySeconds, will("w", 0), true);
        house.allIsNoted();
        house.isKilled();
        assertThat(house.spoken.poll(60, TimeUnit.SECONDS).topic()).isEqualTo("w");
        house.allIsNoted();
        house.isKilled();
        assertThat(house.spoken.poll(500, TimeUnit.MILLISECONDS)).isNull();
    }

    @Test
    void sessionsOfATenantAreLimited() throws Exception {
        for (int i = 0; i < 100; i++) {
            house.client("c" + i).open(false, HOUR, null, true);
        }
        Arrival arrival = new Arrival(
                Ear.principal(BrokerHouse.ACME, "subject"),
                "one too many",
                false,
                HOUR,
                10,
                null,
                house.outlet,
                house.client("x").open(true, 0, null, true));
        List<Welcome> answers = new ArrayList<>();
        house.broker.connect(arrival, answers::add);
        assertThat(answers.getFirst()).isInstanceOf(Welcome.Unavailable.class);
        assertThat(((Welcome.Unavailable) answers.getFirst()).detail()).contains("broker.sessions-max");
        house.client(new TenantId("other"), "c").open(false, HOUR, null, true);
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long until = System.nanoTime() + 60_000_000_000L;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > until) {
                throw new AssertionError("not within a minute");
            }
            Thread.sleep(5);
        }
    }
}
