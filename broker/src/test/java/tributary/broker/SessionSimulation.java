package tributary.broker;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tributary.broker.Attachment.ShowRetained;
import tributary.broker.SimulatedClient.Name;
import tributary.broker.SimulatedClient.Nature;
import tributary.broker.SimulatedClient.Said;
import tributary.log.Receipt;
import tributary.model.DeviceId;
import tributary.model.Fault;
import tributary.model.Message;
import tributary.model.TenantId;
import tributary.model.Topic;
import tributary.model.TopicFilter;
import tributary.testkit.SimulatedClock;

/// One life of a broker and its clients under faults, all of it drawn from a seed: clients that crash, come
/// back with and without what they knew, and take each other's sessions; a network that loses packets; a server
/// that dies between any two steps; a disk that is full. [SessionOracle] judges all the time, and at the end
/// when all is healed.
final class SessionSimulation {
    /// What a run came across; what no seed reaches is not tested.
    enum Sight {
        CRASH,
        GRACEFUL_RESTART,
        RESUMED,
        TAKEN_OVER,
        FETCHED,
        DROPPED,
        EXPIRED,
        WILL,
        DISK_FULL,
        DEVICE_REMOVED,
        JOURNAL_REWRITTEN,
        RETAINED,
        /// Only where the journal is asked to forget.
        FORGOTTEN,
        /// Only where the journal has little room.
        CHANGES_DROPPED
    }

    /// What is told of a run that failed; `-Dsim.events` tells more.
    private static final int EVENTS_KEPT = Integer.getInteger("sim.events", 120);

    /// The journal is asked to forget once in so many steps.
    private static final int FORGETS_EVERY = 60;

    /// So long a crash is likely after changes were dropped.
    private static final int STEPS_BEHIND_GAP = 30;

    private static final TenantId[] TENANTS = {new TenantId("acme"), new TenantId("bolt")};

    private final long seed;
    private final Set<Flaw> flaws;
    private final SplittableRandom random;
    private final SimulatedClock clock = new SimulatedClock(Instant.ofEpochSecond(1_700_000_000));
    private final SimulatedLog log;
    private final SimulatedLog journal;
    private final KnownDevices devices = new KnownDevices();
    private final SessionOracle oracle = new SessionOracle(this);
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private final List<SimulatedClient> clients = new ArrayList<>();
    private final List<SimulatedLine> lines = new ArrayList<>();
    private final Deque<String> events = new ArrayDeque<>();
    private final Set<Sight> sights = EnumSet.noneOf(Sight.class);
    private final BrokerSettings settings;
    private final Journal.Room room;
    private final boolean filling;
    private final boolean removing;

    /// When the journal is to forget, of which the other chances know nothing; null for never.
    private final @Nullable SplittableRandom forgetting;
    private Broker broker;
    private Outlet wide;
    private Outlet narrow;
    private long nanos = 1;
    private long number;
    private long received;
    private long droppedBefore;
    private final Map<String, Long> droppedOf = new HashMap<>();
    private boolean closing;
    private int gapsSeen;
    private int stepsBehindGap;

    SessionSimulation(long seed, Set<Flaw> flaws) {
        this(seed, flaws, Journal.Room.DEFAULT);
    }

    /// @param room what the journal holds
    SessionSimulation(long seed, Set<Flaw> flaws, Journal.Room room) {
        this(seed, flaws, room, false);
    }

    /// @param forgetting whether things are erased, so that the journal is asked to forget
    SessionSimulation(long seed, Set<Flaw> flaws, Journal.Room room, boolean forgetting) {
        this.forgetting = forgetting ? new SplittableRandom(-seed) : null;
        this.seed = seed;
        this.room = room;
        this.flaws = flaws;
        this.random = new SplittableRandom(seed);
        // Swarm: each seed has its own mix of faults, clients and limits, and many have none of a kind.
        this.log = new SimulatedLog(random.split(), 2, 1);
        this.journal = new SimulatedLog(random.split(), 1, random.nextBoolean() ? 2 : 4096);
        this.filling = random.nextInt(4) == 0;
        this.removing = random.nextInt(4) == 0;
        boolean tight = random.nextInt(4) == 0;
        this.settings = new BrokerSettings(
                100,
                Duration.ofDays(2),
                tight ? 5 + random.nextInt(20) : 100_000,
                tight ? 2_000 : 1 << 20,
                Duration.ofDays(30),
                1_000,
                1 << 20);
        people();
    }

    private void people() {
        boolean steadyTeam = random.nextBoolean();
        int count = 2 + random.nextInt(4);
        for (int i = 0; i < count; i++) {
            TenantId tenant = TENANTS[random.nextInt(3) == 0 ? 1 : 0];
            boolean isDevice = random.nextInt(4) == 0;
            DeviceId device = isDevice ? new DeviceId("d" + i) : null;
            add(new Name(tenant, "c" + i, device, random.nextBoolean(), new Nature("", random.nextInt(3) == 0, false)));
            if (random.nextInt(4) == 0) {
                add(new Name(tenant, "c" + i, device, true, new Nature("", false, true)));
            }
        }
        int workers = random.nextBoolean() ? 0 : 2 + random.nextInt(2);
        for (int i = 0; i < workers; i++) {
            add(new Name(
                    TENANTS[0], "w" + i, null, random.nextBoolean(), new Nature("g", steadyTeam || i == 0, false)));
        }
    }

    private void add(Name name) {
        clients.add(new SimulatedClient(this, random.split(), name));
    }

    /// Runs the seed.
    ///
    /// @return what it came across
    /// @throws AssertionError with the seed and the last events where a promise was broken
    Set<Sight> run() {
        try {
            open();
            int steps = 400 + random.nextInt(2_000);
            for (int i = 0; i < steps; i++) {
                move();
                forget();
                crashBehindGap();
                oracle.settled();
                see(broker.journal().gaps() > 0, Sight.CHANGES_DROPPED);
            }
            heal();
            return sights;
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(
                    "seed %d: %s%nthe last events:%n  %s".formatted(seed, e, String.join("\n  ", events)), e);
        }
    }

    private void move() {
        switch (random.nextInt(60)) {
            case 0, 1, 2, 3, 4, 5, 6, 7 -> broker.step(Duration.ZERO);
            case 8, 9 -> broker.fetchStep();
            case 10, 11, 12, 13, 14, 15 -> work(1 + random.nextInt(4));
            case 16, 17, 18 -> log.flush();
            case 19, 20, 21 -> log.tell();
            case 22, 23, 24 -> journal.flush();
            case 25, 26, 27 -> journal.tell();
            case 28 -> pass();
            case 29 -> fill();
            case 30 -> {
                if (random.nextInt(6) == 0) {
                    crash();
                }
            }
            case 31 -> {
                if (random.nextInt(30) == 0) {
                    restart();
                }
            }
            case 32 -> remove();
            case 33, 34 -> notice();
            case 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48 -> carry();
            default -> {
                if (!clients.isEmpty()) {
                    clients.get(random.nextInt(clients.size())).act();
                }
            }
        }
    }

    /// Where changes were dropped and how everything stands is half noted, a crash is most likely to be noticed.
    private void crashBehindGap() {
        if (broker.journal().gaps() > gapsSeen) {
            gapsSeen = broker.journal().gaps();
            stepsBehindGap = 0;
        }
        if (gapsSeen > 0 && stepsBehindGap++ < STEPS_BEHIND_GAP && random.nextInt(STEPS_BEHIND_GAP) == 0) {
            crash();
        }
    }

    /// Something was erased: what the journal has until now is to go.
    private void forget() {
        if (forgetting != null && forgetting.nextInt(FORGETS_EVERY) == 0) {
            long end = broker.forget();
            event("the journal is to forget what is before %d", end);
            oracle.forgets(end);
        }
    }

    private void work(int count) {
        for (int i = 0; i < count && !tasks.isEmpty(); i++) {
            tasks.remove().run();
        }
    }

    private void carry() {
        if (!lines.isEmpty()) {
            SimulatedLine line = lines.get(random.nextInt(lines.size()));
            for (int i = 1 + random.nextInt(3); i > 0; i--) {
                boolean _ = random.nextBoolean() ? line.carryToServer() : line.carryToClient();
            }
        }
    }

    /// A door finds a connection broken.
    private void notice() {
        List<SimulatedLine> broken = lines.stream().filter(SimulatedLine::isCut).toList();
        if (!broken.isEmpty()) {
            SimulatedLine line = broken.get(random.nextInt(broken.size()));
            line.noticed();
            lines.remove(line);
        }
    }

    private void pass() {
        long seconds = random.nextInt(3) == 0 ? random.nextInt(100) : random.nextInt(3);
        pass(seconds);
    }

    private void pass(long seconds) {
        event("%d s pass", seconds);
        nanos += seconds * 1_000_000_000L;
        clock.advance(Duration.ofSeconds(seconds));
        // What is due happens within moments, so that the oracle can say what must have happened.
        for (int i = 0; i < 3; i++) {
            broker.step(Duration.ZERO);
        }
    }

    private void fill() {
        if (filling) {
            boolean full = random.nextInt(3) == 0;
            log.full(full);
            boolean journalFull = random.nextInt(4) == 0;
            journal.full(journalFull);
            event("full: log %s, journal %s", full, journalFull);
            sights.add(Sight.DISK_FULL);
        }
    }

    private void remove() {
        if (removing && random.nextInt(60) == 0) {
            List<SimulatedClient> those =
                    clients.stream().filter(client -> client.device() != null).toList();
            if (!those.isEmpty()) {
                SimulatedClient client = those.get(random.nextInt(those.size()));
                event("the device of %s is removed", client);
                devices.remove(client.tenant(), client.device());
                oracle.removed(client);
                clients.removeIf(other -> other.id().equals(client.id()));
                client.drop();
                pass(2);
                sights.add(Sight.DEVICE_REMOVED);
            }
        }
    }

    private void crash() {
        event("the server dies");
        sights.add(Sight.CRASH);
        oracle.crashed();
        broker.abandon();
        cutAll();
        log.crash();
        journal.crash();
        open();
    }

    private void restart() {
        event("the server stops in good order");
        sights.add(Sight.GRACEFUL_RESTART);
        log.settle();
        while (!tasks.isEmpty()) {
            work(1);
        }
        closing = true;
        broker.close();
        closing = false;
        oracle.crashed();
        cutAll();
        log.settle();
        journal.settle();
        log.crash();
        journal.crash();
        open();
    }

    private void cutAll() {
        lines.clear();
        tasks.clear();
        clients.forEach(SimulatedClient::drop);
    }

    private void open() {
        gapsSeen = 0;
        droppedBefore = dropped();
        noteDropped();
        wide = new Outlet(tasks::add, () -> {}, 1 << 20);
        narrow = new Outlet(tasks::add, () -> {}, 500);
        broker = Broker.openUnmanned(
                settings, new Broker.World(log, journal, devices, clock, this::monotonic), room, flaws);
        broker.speakThrough(this::speak);
        pass(0);
    }

    /// While the broker closes it waits for its journal; that is then written whenever it looks at the time.
    private long monotonic() {
        if (closing) {
            nanos += 100_000_000L;
            journal.settle();
        }
        return nanos;
    }

    private void speak(Will will, Consumer<Boolean> said) {
        event("the will %s of %s is published", will.properties().contentType(), will.clientId());
        oracle.speaks(will);
        sights.add(Sight.WILL);
        Message message = new Message(
                will.author().tenant(),
                will.author().device(),
                new Topic(will.topic()),
                will.payload(),
                micros(),
                Message.Origin.MQTT,
                will.clientId(),
                will.qos(),
                will.retain(),
                will.properties(),
                Message.WILL + will.number());
        log.append(message, new Receipt() {
            @Override
            public void durable(int partition, long position) {
                said.accept(true);
            }

            @Override
            public void refused(Fault fault, String detail) {
                said.accept(false);
            }
        });
    }

    private long dropped() {
        return broker == null ? 0 : droppedBefore + broker.counts().dropped();
    }

    /// A process counts for itself; each session's count goes on here.
    private void noteDropped() {
        if (broker != null) {
            for (Session session : broker.directory().sessions()) {
                droppedOf.merge(
                        session.tenant() + "/" + session.clientId(),
                        session.view().dropped(),
                        Long::sum);
            }
        }
    }

    /// @return messages that were counted as dropped for the session of that name
    long droppedOf(TenantId tenant, String clientId) {
        return droppedOf.getOrDefault(tenant + "/" + clientId, 0L);
    }

    private void heal() {
        event("heal");
        log.full(false);
        journal.full(false);
        for (int round = 0; round < 6; round++) {
            if (round == 2) {
                done(); // without having to come back
                clients.forEach(SimulatedClient::drop); // what was not answered while the disk was full is now
            }
            for (SimulatedClient client : clients) {
                if (!client.connected() && !client.name().nature().rival()) {
                    client.connect(client.forgetful(), 86_400, null);
                }
            }
            settle();
        }
        done();
        noteDropped();
        oracle.judge(dropped());
        look();
        retained();
        if (forgetting != null) {
            forgotten();
        }
    }

    /// A note that is under way, and the one behind it, have the time that they need.
    private void forgotten() {
        for (int i = 0; i < 3; i++) {
            pass(6);
            settle();
        }
        oracle.judgeForgotten(journal.start(0));
        sights.add(Sight.FORGOTTEN);
    }

    /// Nothing is under way to or from a client any more.
    private void done() {
        for (SimulatedClient client : clients) {
            if (!client.name().nature().rival() && !client.idle()) {
                throw new AssertionError(client + " has still packets under way");
            }
        }
    }

    /// Lets everything happen that is to happen without anybody doing something new.
    private void settle() {
        boolean any = true;
        for (int i = 0; any; i++) {
            if (i > 100_000) {
                throw new AssertionError("it never comes to rest");
            }
            any = log.settle() | journal.settle() | broker.step(Duration.ZERO) | broker.fetchStep();
            any |= !tasks.isEmpty();
            work(tasks.size());
            for (SimulatedLine line : List.copyOf(lines)) {
                if (line.isCut()) {
                    line.noticed();
                    lines.remove(line);
                    any = true;
                } else {
                    any |= line.carryToServer() | line.carryToClient();
                }
            }
            if (!any && i < 100_000) {
                long before = journal.end(0);
                pass(1);
                any = journal.end(0) != before || !journal.idle() || !log.idle() || !tasks.isEmpty();
            }
        }
    }

    private void look() {
        BrokerCounts counts = broker.counts();
        see(counts.dropped() > 0, Sight.DROPPED);
        see(counts.expired() > 0, Sight.EXPIRED);
        see(counts.fetched() > 0, Sight.FETCHED);
        see(counts.retained() > 0, Sight.RETAINED);
        see(journal.start(0) > 0, Sight.JOURNAL_REWRITTEN);
    }

    void see(boolean there, Sight sight) {
        if (there) {
            sights.add(sight);
        }
    }

    private void retained() {
        for (TenantId tenant : TENANTS) {
            Map<String, Long> shown = new HashMap<>();
            Watcher watcher = new Watcher(shown);
            SimulatedClient guest = new SimulatedClient(
                    this, random.split(), new Name(tenant, "watcher", null, true, new Nature("", false, true)));
            broker.connect(
                    new Arrival(guest.principal(), "watcher", true, 0, 1_000, null, wide, watcher), watcher::welcome);
            settle();
            oracle.judgeRetained(tenant, shown);
        }
    }

    /// Sees the retained messages of a tenant.
    private record Watcher(Map<String, Long> shown, Attachment[] hold) implements Client {
        Watcher(Map<String, Long> shown) {
            this(shown, new Attachment[1]);
        }

        void welcome(Welcome welcome) {
            hold[0] = ((Welcome.Attached) welcome).attachment();
            hold[0].start();
            Subscription all = new Subscription(new TopicFilter("#"), 0, false, false, 0);
            hold[0].subscribe(List.of(new Attachment.Request(all, ShowRetained.ALWAYS)), _ -> {});
        }

        @Override
        public void wake() {
            while (hold[0].poll() instanceof Outgoing.Publish publish) {
                Message message = publish.delivery().message();
                shown.put(message.topic().value(), Said.number(message));
            }
        }

        @Override
        public void detached(Why why) {
            throw new AssertionError("nobody takes the watcher's session");
        }
    }

    // What clients, lines and the oracle ask the world.

    void opened(SimulatedLine line) {
        lines.add(line);
    }

    SplittableRandom random() {
        return random;
    }

    SessionOracle oracle() {
        return oracle;
    }

    Broker broker() {
        return broker;
    }

    SimulatedLog log() {
        return log;
    }

    KnownDevices devices() {
        return devices;
    }

    Deque<Runnable> tasks() {
        return tasks;
    }

    Outlet outlet(boolean slow) {
        return slow ? narrow : wide;
    }

    boolean journalIdle() {
        return journal.idle() && broker.journal().quiet();
    }

    @Nullable
    SimulatedClient client(TenantId tenant, String id) {
        return clients.stream()
                .filter(client -> client.tenant().equals(tenant) && client.id().equals(id))
                .filter(client -> !client.name().nature().rival())
                .findFirst()
                .orElse(null);
    }

    long[] ends() {
        return new long[] {log.end(0), log.end(1)};
    }

    long nanos() {
        return nanos;
    }

    /// Time goes on a little with each message, so that no two are received at the same moment.
    long micros() {
        return clock.millis() * 1000 + ++received;
    }

    long nextNumber() {
        return ++number;
    }

    void event(String what, Object... arguments) {
        if (events.size() == EVENTS_KEPT) {
            events.remove();
        }
        events.add(what.formatted(arguments));
    }
}
