package tributary.gateway.mqtt;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import tributary.broker.Broker;
import tributary.broker.BrokerSettings;
import tributary.gateway.AttemptSettings;
import tributary.gateway.Checkpoint;
import tributary.gateway.DeviceTree;
import tributary.gateway.IntakeSettings;
import tributary.gateway.KeyRing;
import tributary.gateway.MemoryLog;
import tributary.gateway.NoCertificates;
import tributary.gateway.RecentAttempts;
import tributary.log.Receipt;
import tributary.model.Fault;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.TenantId;
import tributary.model.Topic;
import tributary.registry.Certificates;
import tributary.registry.TenantLimits;

/// An MQTT door with all behind it, and two tenants with devices: `acme` has the gateway `gw`, which carries `pump`,
/// and `boiler`; `other` has a `boiler`, too.
final class House implements AutoCloseable {
    private static final TenantId NOBODY = new TenantId("nobody");

    final MemoryLog log = new MemoryLog();
    final DeviceTree devices = new DeviceTree()
            .with("acme", "gw")
            .with("acme", "pump", "gw")
            .with("acme", "boiler")
            .with("other", "boiler");
    final KeyRing keys = new KeyRing();
    final AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);
    private final AtomicReference<Instant> stopped = new AtomicReference<>();
    final InstantSource clock = () -> Objects.requireNonNullElseGet(stopped.get(), InstantSource.system()::instant)
            .plus(ahead.get());
    final RecentAttempts attempts = new RecentAttempts(AttemptSettings.DEFAULTS, devices, clock);
    final MemoryLog journal = new MemoryLog(1);

    /// Limits that tenants have of their own.
    final Map<TenantId, Map<TenantLimits.Limit, Long>> own = new ConcurrentHashMap<>();

    final Broker broker = Broker.start(
            BrokerSettings.DEFAULTS, new Broker.World(log, journal, devices, clock, this::nanos, new Own(own), keys));
    final Checkpoint intake;
    final MqttDoor door;

    private record Own(Map<TenantId, Map<Limit, Long>> all) implements TenantLimits {
        @Override
        public boolean set(TenantId tenant, Map<Limit, Long> limits) {
            throw new UnsupportedOperationException("a test writes them down itself");
        }

        @Override
        public void onChange(Runnable listener) {}
    }

    /// Time that a test lets pass passes by every clock: the wall's alone would have been set.
    private long nanos() {
        return System.nanoTime() + ahead.get().toNanos();
    }

    House() {
        this(IntakeSettings.DEFAULTS, small());
    }

    House(IntakeSettings limits, MqttSettings settings) {
        this(limits, settings, new NoCertificates());
    }

    House(IntakeSettings limits, MqttSettings settings, Certificates certificates) {
        intake = new Checkpoint(limits, devices, log, attempts, clock)
                .keptBy((tenant, topic, bytes) -> broker.of(tenant).cannotRetain(topic, bytes));
        door = MqttDoor.open(settings, intake, broker, new MqttDoor.Identities(keys, certificates), clock);
    }

    /// The defaults on a free port, with limits that a test reaches.
    static MqttSettings small() {
        return new MqttSettings("127.0.0.1", 0, 1_000, 320 * 1024, 20, Duration.ofMinutes(20), 10, 64 * 1024, 2);
    }

    int port() {
        return door.port();
    }

    List<Message> stored() {
        return log.messages().stream()
                .filter(message -> !message.tenant().equals(NOBODY))
                .toList();
    }

    /// By the wall clock no time passes any more: no allowance fills up and nothing expires, however slow the machine.
    void stopClock() {
        stopped.set(Instant.now());
    }

    void startClock() {
        stopped.set(null);
    }

    /// Waits until all that is durable was offered to whoever listens: a message of nobody's tenant behind the last one
    /// of each partition tells.
    void settle() throws InterruptedException {
        long before = broker.received().getOrDefault(NOBODY, 0L);
        for (int digit = 0; digit < log.partitions(); digit++) {
            log.append(marker(digit), new Receipt() {
                @Override
                public void durable(int partition, long position) {}

                @Override
                public void refused(Fault fault, String detail) {
                    throw new AssertionError(detail);
                }
            });
        }
        await(
                "the broker has read all that is durable",
                () -> broker.received().getOrDefault(NOBODY, 0L) == before + log.partitions());
    }

    /// @param digit one for each partition: their codes follow each other, and so do the partitions of their hashes
    private static Message marker(int digit) {
        return new Message(
                NOBODY,
                null,
                new Topic("marker"),
                new byte[0],
                0,
                Message.Origin.MQTT,
                Integer.toString(digit),
                1,
                false,
                MessageProperties.NONE);
    }

    /// Waits for something that another thread does.
    static void await(String what, BooleanSupplier condition) throws InterruptedException {
        Instant deadline = Instant.now().plusSeconds(60);
        while (!condition.getAsBoolean()) {
            if (Instant.now().isAfter(deadline)) {
                throw new AssertionError("not within a minute: " + what);
            }
            Thread.sleep(2);
        }
    }

    @Override
    public void close() {
        log.release();
        door.close();
        broker.close();
        log.close();
        journal.close();
    }
}
