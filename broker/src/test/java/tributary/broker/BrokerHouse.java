package tributary.broker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tributary.log.LogSettings;
import tributary.log.Receipt;
import tributary.log.SegmentLog;
import tributary.model.DeviceId;
import tributary.model.Fault;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.TenantId;
import tributary.model.Topic;
import tributary.registry.Holders;
import tributary.registry.TenantLimits;

/// A broker over two real logs, with a clock that a test moves, that can be closed or left like after a kill
/// and opened again.
final class BrokerHouse implements AutoCloseable {
    static final TenantId ACME = new TenantId("acme");
    private static final long JOURNAL_SEGMENT_BYTES = 4 << 20;

    final ExecutorService thread = Executors.newSingleThreadExecutor();
    final AtomicInteger batches = new AtomicInteger();
    final KnownDevices devices = new KnownDevices();
    final LinkedBlockingQueue<Will> spoken = new LinkedBlockingQueue<>();
    final AtomicLong aheadNanos = new AtomicLong();
    final BrokerSettings settings;
    Outlet outlet = new Outlet(thread, batches::incrementAndGet, 512 * 1024);

    /// Asked from the next start on.
    TenantLimits limits = TenantLimits.NONE;

    /// Asked from the next start on.
    Holders holders = Holders.NONE;

    private final Path folder;
    private final LogSettings small;
    private final AtomicLong wrongNanos = new AtomicLong();
    private final InstantSource clock = () -> Instant.now().plus(Duration.ofNanos(aheadNanos.get() + wrongNanos.get()));
    SegmentLog log;
    SegmentLog journal;
    Broker broker;

    BrokerHouse(Path folder, BrokerSettings settings) {
        this(folder, settings, JOURNAL_SEGMENT_BYTES);
    }

    /// @param journalSegmentBytes twice what one record of the journal may have
    BrokerHouse(Path folder, BrokerSettings settings, long journalSegmentBytes) {
        this.folder = folder;
        this.settings = settings;
        this.small = new LogSettings(1, journalSegmentBytes, 8 << 20, 1 << 20, Duration.ofMinutes(1), 64 << 20);
        open();
    }

    private void open() {
        log = SegmentLog.open(LogSettings.DEFAULTS, folder.resolve("log"), clock);
        journal = SegmentLog.open(small, folder.resolve("sessions"), clock);
        broker = Broker.start(
                settings,
                new Broker.World(
                        log, journal, devices, clock, () -> System.nanoTime() + aheadNanos.get(), limits, holders));
        broker.speakThrough((will, said) -> {
            said.accept(true); // first, so that whoever hears the will knows that this is noted
            spoken.add(will);
        });
    }

    /// Goes on ahead of the real time.
    void waits(Duration time) {
        aheadNanos.addAndGet(time.toNanos());
    }

    /// Somebody sets the wall clock; the time goes on as before.
    void wallClockJumps(Duration by) {
        wrongNanos.addAndGet(by.toNanos());
    }

    /// Stops in good order and starts again.
    void restarts() {
        outlet.close();
        broker.close();
        journal.close();
        log.close();
        outlet = new Outlet(thread, batches::incrementAndGet, 512 * 1024);
        open();
    }

    /// Waits until all that happened is noted and durable.
    void allIsNoted() throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!broker.journal().quiet()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not noted within a minute");
            }
            TimeUnit.MILLISECONDS.sleep(1);
        }
    }

    /// @return whether a file of the journal has these letters
    boolean journalHas(String letters) throws IOException {
        boolean has = false;
        try (Stream<Path> files = Files.walk(folder.resolve("sessions"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                has |= new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(letters);
            }
        } catch (NoSuchFileException | UncheckedIOException e) {
            return true; // a file went meanwhile: look again
        }
        return has;
    }

    /// Waits until the broker has offered all that is durable to whoever listens.
    void allIsOffered() throws InterruptedException {
        CountDownLatch offered = new CountDownLatch(1);
        broker.whenRead(broker.ends(), offered::countDown);
        if (!offered.await(60, TimeUnit.SECONDS)) {
            throw new AssertionError("not read within a minute");
        }
    }

    /// Stops without noting anything more, as a kill does, and starts again.
    void isKilled() {
        isKilled(() -> {});
    }

    /// @param meanwhile done while nothing runs
    void isKilled(Runnable meanwhile) {
        outlet.close();
        broker.abandon();
        journal.close();
        log.close();
        meanwhile.run();
        outlet = new Outlet(thread, batches::incrementAndGet, 512 * 1024);
        open();
    }

    /// @return whether the journal comes to rest within two minutes: for two seconds nothing is written
    boolean noted() throws InterruptedException {
        long before = -1;
        for (int i = 0; i < 60; i++) {
            long end = journal.end(0);
            if (end == before && broker.journal().quiet()) {
                return true;
            }
            before = end;
            TimeUnit.SECONDS.sleep(2);
        }
        return false;
    }

    Ear.Ticket client(String clientId) {
        return client(ACME, clientId);
    }

    Ear.Ticket client(TenantId tenant, String clientId) {
        return new Ear.Ticket(broker, outlet, thread, tenant, clientId);
    }

    /// Publishes at QoS 1 and waits for the disk.
    void publishes(String topic, String payload) throws InterruptedException {
        publishes(message(ACME, null, topic, payload, 1, false, MessageProperties.NONE));
    }

    void publishes(Message message) throws InterruptedException {
        CountDownLatch durable = new CountDownLatch(1);
        List<String> refused = new ArrayList<>();
        log.append(message, new Receipt() {
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
        if (!durable.await(60, TimeUnit.SECONDS) || !refused.isEmpty()) {
            throw new AssertionError("not durable: " + refused);
        }
    }

    /// Publishes many small messages at QoS 1, as fast as the log takes them, and waits for the disk.
    void publishes(String topic, int count) throws InterruptedException {
        for (int i = 0; i < count; i++) {
            while (log.congested()) {
                TimeUnit.MILLISECONDS.sleep(1);
            }
            log.append(message(ACME, null, topic, "x", 1, false, MessageProperties.NONE), Receipt.NONE);
        }
        publishes(topic, "last");
    }

    Message message(
            TenantId tenant,
            @Nullable DeviceId device,
            String topic,
            String payload,
            int qos,
            boolean retain,
            MessageProperties properties) {
        return new Message(
                tenant,
                device,
                new Topic(topic),
                payload.getBytes(),
                clock.millis() * 1000,
                Message.Origin.MQTT,
                "mouth",
                qos,
                retain,
                properties);
    }

    @Override
    public void close() {
        outlet.close();
        broker.close();
        journal.close();
        log.close();
        thread.shutdown();
    }
}
