package tributary.gateway;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.decode.EventFormat;
import tributary.log.Log;
import tributary.log.Receipt;
import tributary.model.DeviceId;
import tributary.model.Event;
import tributary.model.Fault;
import tributary.model.Message;
import tributary.model.Micros;
import tributary.model.PlatformException;
import tributary.model.TenantId;
import tributary.registry.Sightings;

/// Writes events into the log, on a thread of its own, so that no client waits for one: whoever notes an event puts it
/// into a bounded queue and goes on. Many at once, as when all devices come back, go into the log together.
public final class EventLog implements Events, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EventLog.class);

    /// Events that may wait for the log: enough for 30,000 devices that leave and come back at once.
    static final int WAITING_MAX = 65_536;

    /// Events about refusals that a tenant has at once, and after which time one more.
    static final int REFUSED_AT_ONCE = 200;

    static final long REFUSED_EVERY_MICROS = 100_000;

    private static final int BATCH = 1_000;
    private static final long POLL_MILLIS = 100;
    private static final long GATHER_NANOS = 5_000_000;
    private static final long TICK_MILLIS = 1_000;
    private static final int SWEEP_TICKS = 60;
    private static final long RELIEF_MILLIS_MAX = 1_000;
    private static final long CLOSE_SECONDS_MAX = 10;

    private final Log log;
    private final Sightings sightings;
    private final InstantSource clock;
    private final BlockingQueue<Event> waiting = new ArrayBlockingQueue<>(WAITING_MAX);
    private final Set<Sighted> pending = ConcurrentHashMap.newKeySet();
    private final Map<TenantId, Allowance> refusals = new ConcurrentHashMap<>();
    private final LongAdder written = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder dropped = new LongAdder();
    private final LongAdder withheld = new LongAdder();

    /// Events that were taken and are not in the log yet.
    private final AtomicLong unanswered = new AtomicLong();

    private final Thread thread;
    private final Receipt receipt = new Receipt() {
        @Override
        public void durable(int partition, long position) {
            written.increment();
            unanswered.decrementAndGet();
        }

        @Override
        public void refused(Fault fault, String detail) {
            failed.increment();
            unanswered.decrementAndGet();
            lastFailure = detail;
        }
    };

    private volatile @Nullable LivePresence presence;
    private volatile boolean closing;
    private volatile String lastFailure = "";

    // the thread's own
    private long tickMillis;
    private int ticks;
    private long failuresSaid;

    private record Sighted(TenantId tenant, DeviceId device) {}

    private EventLog(Log log, Sightings sightings, InstantSource clock) {
        this.log = Objects.requireNonNull(log, "log");
        this.sightings = Objects.requireNonNull(sightings, "sightings");
        this.clock = Objects.requireNonNull(clock, "clock");
        this.thread = Thread.ofPlatform().name("events").daemon().unstarted(this::run);
    }

    /// Begins to write. [#close] has to come before that of the log.
    public static EventLog open(Log log, Sightings sightings, InstantSource clock) {
        EventLog events = new EventLog(log, sightings, clock);
        events.thread.start();
        return events;
    }

    /// Looks after what presence holds back from now on.
    public void lookAfter(LivePresence of) {
        presence = of;
    }

    /// Says that the server started: who was connected before is not any more, which after a crash nothing else says.
    public void started(Collection<TenantId> tenants) {
        long now = nowMicros();
        for (TenantId tenant : tenants) {
            note(new Event(
                    tenant,
                    null,
                    Event.Kind.STARTED,
                    now,
                    Message.Origin.PLATFORM,
                    null,
                    "",
                    "",
                    "",
                    "",
                    "the server started: who was connected before is not any more",
                    1));
        }
    }

    /// Takes down a line of the attempts log when it is new, and when its count has doubled. What cannot be told whose
    /// it is has no event.
    public void refused(Attempt attempt) {
        TenantId tenant = attempt.tenant();
        if (tenant == null || Long.bitCount(attempt.count()) != 1) {
            return;
        }
        Allowance allowance =
                refusals.computeIfAbsent(tenant, _ -> new Allowance(REFUSED_AT_ONCE, REFUSED_EVERY_MICROS));
        boolean allowed;
        synchronized (allowance) {
            allowed = allowance.take(attempt.lastMicros());
        }
        if (!allowed) {
            withheld.increment();
            return;
        }
        note(new Event(
                tenant,
                attempt.device(),
                Event.Kind.REFUSED,
                attempt.lastMicros(),
                attempt.door(),
                null,
                attempt.clientId(),
                attempt.address(),
                attempt.subject(),
                attempt.cause().slug(),
                attempt.sentence(),
                attempt.count()));
    }

    /// Takes down that something of a tenant is gone for good.
    ///
    /// @param subject what lost it, `sink:hook`
    /// @param cause   a word to count by
    public void lost(TenantId tenant, String subject, String cause, String reason, long count) {
        note(new Event(
                tenant,
                null,
                Event.Kind.LOST,
                nowMicros(),
                Message.Origin.PLATFORM,
                null,
                "",
                "",
                subject,
                cause,
                reason,
                count));
    }

    @Override
    public void note(Event event) {
        unanswered.incrementAndGet();
        if (!waiting.offer(event)) {
            unanswered.decrementAndGet();
            dropped.increment();
        }
    }

    @Override
    public void firstSeen(Event event) {
        DeviceId device = event.device();
        if (device != null && pending.size() < WAITING_MAX && pending.add(new Sighted(event.tenant(), device))) {
            note(event);
        }
    }

    /// @return figures for metrics
    public EventCounts counts() {
        return new EventCounts(written.sum(), failed.sum(), dropped.sum(), withheld.sum(), unanswered.get());
    }

    private void run() {
        List<Event> batch = new ArrayList<>(BATCH);
        try {
            while (true) {
                Event first = waiting.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
                if (first != null) {
                    batch.add(first);
                    waiting.drainTo(batch, BATCH - 1);
                    write(batch);
                    gather(batch.size());
                    batch.clear();
                } else if (closing) {
                    return;
                }
                tick();
            }
        } catch (InterruptedException e) {
            LOG.warn("events that waited are not written, because the server was told to end at once");
        }
    }

    /// Lets more events come together before the next round, which is a transaction of the registry and a flush of the
    /// log; not where very many wait already.
    private void gather(int taken) {
        if (taken < BATCH && !closing) {
            LockSupport.parkNanos(GATHER_NANOS);
        }
    }

    private void write(List<Event> batch) throws InterruptedException {
        Set<Sighted> first = sightings(batch);
        for (Event event : batch) {
            if (event.kind() == Event.Kind.FIRST_SEEN && !first.contains(sighted(event))) {
                unanswered.decrementAndGet();
                continue;
            }
            if (log.congested()) {
                CountDownLatch relieved = new CountDownLatch(1);
                log.whenRelieved(relieved::countDown);
                relieved.await(RELIEF_MILLIS_MAX, TimeUnit.MILLISECONDS);
            }
            log.append(EventFormat.message(event), receipt);
        }
    }

    private static Sighted sighted(Event event) {
        return new Sighted(event.tenant(), Objects.requireNonNull(event.device()));
    }

    /// @return devices that were seen for the first time; the registry knows it by now
    private Set<Sighted> sightings(List<Event> batch) {
        Map<TenantId, Map<DeviceId, Instant>> seen = new HashMap<>();
        for (Event event : batch) {
            if (event.kind() == Event.Kind.FIRST_SEEN) {
                Instant at = Micros.instant(event.atMicros());
                seen.computeIfAbsent(event.tenant(), _ -> new HashMap<>())
                        .put(sighted(event).device(), at);
            }
        }
        Set<Sighted> first = new HashSet<>();
        seen.forEach((tenant, devices) -> {
            try {
                for (DeviceId device : sightings.note(tenant, devices)) {
                    first.add(new Sighted(tenant, device));
                }
                devices.keySet().forEach(device -> pending.remove(new Sighted(tenant, device)));
            } catch (PlatformException e) {
                // they stay pending until the next sweep, so that a registry that fails is not asked at each message
                failed.add(devices.size());
                lastFailure = String.valueOf(e.getMessage());
            }
        });
        return first;
    }

    private void tick() {
        long now = clock.millis();
        if (now - tickMillis < TICK_MILLIS && now >= tickMillis) {
            return;
        }
        tickMillis = now;
        LivePresence watched = presence;
        if (watched != null) {
            watched.settle(false);
        }
        if (++ticks % SWEEP_TICKS == 0) {
            pending.clear();
            if (watched != null) {
                watched.sweep();
            }
            long failures = failed.sum() + dropped.sum();
            if (failures > failuresSaid) {
                LOG.warn(
                        "{} events could not be written (the last one: {}); no message is concerned",
                        failures - failuresSaid,
                        lastFailure.isEmpty() ? "too many waited" : lastFailure);
                failuresSaid = failures;
            }
        }
    }

    private long nowMicros() {
        return Micros.of(clock.instant());
    }

    /// Gives the log what waits, but does not try for ever; the log's own end waits for the disk.
    @Override
    public void close() {
        LivePresence watched = presence;
        if (watched != null) {
            watched.settle(true);
        }
        closing = true;
        try {
            if (!thread.join(Duration.ofSeconds(CLOSE_SECONDS_MAX))) {
                thread.interrupt();
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
