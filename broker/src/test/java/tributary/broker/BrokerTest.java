package tributary.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.log.LogSettings;
import tributary.log.Receipt;
import tributary.log.SegmentLog;
import tributary.model.Fault;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.TenantId;
import tributary.model.Topic;
import tributary.model.TopicFilter;

/// The broker over the real log.
class BrokerTest {
    private static final TenantId ACME = new TenantId("acme");

    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private final AtomicInteger batches = new AtomicInteger();
    private final Outlet outlet = new Outlet(thread, batches::incrementAndGet);
    private SegmentLog log;
    private Broker broker;

    @BeforeEach
    void open(@TempDir Path folder) {
        log = SegmentLog.open(LogSettings.DEFAULTS, folder, InstantSource.system());
        broker = Broker.start(log);
    }

    @AfterEach
    void close() {
        outlet.close();
        broker.close();
        log.close();
        thread.shutdown();
    }

    /// Remembers what it hears as `topic payload qos`.
    private static final class Ear implements Client {
        final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        final AtomicInteger takenOver = new AtomicInteger();

        @Override
        public void deliver(Delivery delivery, Target target) {
            heard.add(delivery.message().topic() + " "
                    + new String(delivery.message().payload()) + " " + target.qos());
        }

        @Override
        public void takenOver() {
            takenOver.incrementAndGet();
        }

        String next() throws InterruptedException {
            return heard.poll(10, TimeUnit.SECONDS);
        }
    }

    // begin of the example in README.md
    @Test
    void subscriberHearsWhatBecomesDurable() throws Exception {
        Ear ear = new Ear();
        Session session = broker.open(ACME, "display-1", "device:display-1", new Session.Place(outlet, ear));
        session.subscribe(new Subscription(new TopicFilter("devices/+/telemetry"), 1, false, false, 0));

        publish(ACME, "devices/boiler/telemetry", "21.5");

        assertThat(ear.next()).isEqualTo("devices/boiler/telemetry 21.5 1");
        session.close();
    }
    // end of the example

    @Test
    void orderOfADeviceIsKeptAndABatchCrossesInOneHop() throws Exception {
        Ear ear = new Ear();
        open("ear", ear, "#");
        int count = 5_000;
        for (int i = 0; i < count; i++) {
            append(ACME, "t", Integer.toString(i), Receipt.NONE);
        }
        for (int i = 0; i < count; i++) {
            assertThat(ear.next()).isEqualTo("t " + i + " 0");
        }
        assertThat(batches.get()).isLessThan(count / 2);
    }

    @Test
    void whatWasDurableBeforeIsNotHeard() throws Exception {
        Ear ear = new Ear();
        for (int i = 0; i < 20; i++) {
            publish(ACME, "t", "before");
            Session session = open("ear", ear, "t");
            publish(ACME, "t", "after" + i);
            assertThat(ear.next()).isEqualTo("t after" + i + " 0");
            session.close();
        }
    }

    @Test
    void whatWasPublishedWhileNobodyListenedIsSkipped() throws Exception {
        Ear ear = new Ear();
        Session first = open("ear", ear, "t");
        publish(ACME, "t", "1");
        assertThat(ear.next()).startsWith("t 1");
        first.unsubscribe(new TopicFilter("t"));
        publish(ACME, "t", "2");
        first.subscribe(new Subscription(new TopicFilter("t"), 0, false, false, 0));
        publish(ACME, "t", "3");
        assertThat(ear.next()).startsWith("t 3");
    }

    @Test
    void tenantHearsNothingOfAnother() throws Exception {
        Ear stranger = new Ear();
        Ear ear = new Ear();
        broker.open(new TenantId("other"), "same", "s", new Session.Place(outlet, stranger))
                .subscribe(new Subscription(new TopicFilter("#"), 0, false, false, 0));
        open("same", ear, "#");
        publish(ACME, "t", "secret");
        assertThat(ear.next()).startsWith("t secret");
        assertThat(stranger.heard).isEmpty();
        assertThat(ear.takenOver).hasValue(0);
    }

    @Test
    void sessionThatWasTakenOverDoesNotRemoveItsSuccessorWhenItCloses() throws Exception {
        Ear old = new Ear();
        Ear fresh = new Ear();
        Session before = open("c", old, "t");
        open("c", fresh, "t");
        assertThat(old.takenOver).hasValue(1);

        before.close();

        Ear third = new Ear();
        open("c", third, "t");
        assertThat(fresh.takenOver).as("the successor was still known").hasValue(1);
        assertThat(broker.counts().sessions()).isEqualTo(1);
    }

    @Test
    void clientIdOfAnotherSubjectIsNotTakenOver() {
        open("c", new Ear(), "t");
        assertThat(broker.open(ACME, "c", "somebody else", new Session.Place(outlet, new Ear())))
                .isNull();
    }

    @Test
    void closedSessionLeavesNoSubscriptionBehind() {
        Session session = open("c", new Ear(), "a", "b/+", "#");
        assertThat(broker.counts().subscriptions()).isEqualTo(3);
        session.close();
        session.close();
        assertThat(broker.counts()).isEqualTo(new BrokerCounts(0, 0, 0, 0));
    }

    @Test
    void brokerWaitsForAThreadThatIsBehindAndLosesNothing() throws Exception {
        Ear ear = new Ear();
        open("ear", ear, "t");
        CountDownLatch busy = new CountDownLatch(1);
        thread.execute(() -> {
            try {
                busy.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        String payload = "x".repeat(100_000);
        int count = 300;
        for (int i = 0; i < count; i++) {
            publish(ACME, "t", payload);
        }
        assertThat(broker.counts().matched())
                .as("what waits for the thread is bounded to some megabytes")
                .isLessThan(200);
        busy.countDown();
        for (int i = 0; i < count; i++) {
            assertThat(ear.next()).hasSizeGreaterThan(100_000);
        }
    }

    private Session open(String clientId, Ear ear, String... filters) {
        Session session = broker.open(ACME, clientId, "subject", new Session.Place(outlet, ear));
        for (String filter : filters) {
            session.subscribe(new Subscription(new TopicFilter(filter), 0, false, false, 0));
        }
        return session;
    }

    private void publish(TenantId tenant, String topic, String payload) throws InterruptedException {
        CountDownLatch durable = new CountDownLatch(1);
        List<String> refused = new ArrayList<>();
        append(tenant, topic, payload, new Receipt() {
            @Override
            public void durable(int partition, long position) {
                durable.countDown();
            }

            @Override
            public void refused(Fault fault, String detail) {
                refused.add(detail);
                durable.countDown();
            }
        });
        assertThat(durable.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(refused).isEmpty();
    }

    private void append(TenantId tenant, String topic, String payload, Receipt receipt) {
        log.append(
                new Message(
                        tenant,
                        null,
                        new Topic(topic),
                        payload.getBytes(),
                        Instant.now().toEpochMilli() * 1000,
                        Message.Origin.MQTT,
                        "mouth",
                        1,
                        false,
                        MessageProperties.NONE),
                receipt);
    }
}
