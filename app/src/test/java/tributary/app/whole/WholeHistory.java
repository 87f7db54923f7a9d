package tributary.app.whole;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tributary.app.server.MoodyReceiver;
import tributary.app.server.SinkBug;
import tributary.broker.Broker;
import tributary.broker.Outlet;
import tributary.broker.PlantedBroker;
import tributary.lake.SimulatedLake;
import tributary.log.Log;
import tributary.log.LogSettings;
import tributary.log.PlantedLog;
import tributary.model.PlatformException;
import tributary.registry.DeadLetters.DeadLetter;
import tributary.sinks.Parcel;
import tributary.testkit.ProcessDied;
import tributary.testkit.SimulatedClock;
import tributary.testkit.SimulatedDisk;
import tributary.testkit.SimulatedDisk.Rates;

/// One history of the whole river, all of it drawn from a seed: devices and listeners with their connections, the log,
/// sessions, rules, the lake and a sink take steps in an order that the seed chooses, over disks that fail, a catalogue
/// and a receiver that have moods, and a process that dies between and in the middle of steps.
final class WholeHistory {
    /// What a history came across; what no seed reaches is not tested.
    enum Sight {
        KILL,
        POWER_CUT,
        DEATH_IN_STEP,
        DEATH_IN_OPENING,
        DEATH_IN_DELIVERY,
        DEATH_OF_LAKE,
        GRACEFUL_RESTART,
        DISK_REFUSED,
        STUCK,
        SPOOLED,
        ANSWER_LOST,
        DEAD_LETTER,
        RULE_OUTPUT,
        ALERT,
        SEALED
    }

    private static final int EVENTS_KEPT = Integer.getInteger("sim.events", 60);
    private static final int ROUNDS_MAX = 5_000;
    private static final int QUIET_SECONDS = 12;
    private static final Pattern LETTER = Pattern.compile("\\\\?\"n\\\\?\":(\\d+)");

    private final long seed;
    private final Plant plant;
    private final SplittableRandom random;
    private final SimulatedClock clock;
    private final Stations.Ground ground;
    private final Ledger ledger = new Ledger(this);
    private final MoodyReceiver receiver;
    private final List<Peer> peers = new ArrayList<>();
    private final List<Line> lines = new ArrayList<>();
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private final Deque<String> events = new ArrayDeque<>();
    private final Set<Sight> sights = EnumSet.noneOf(Sight.class);
    private final SplittableRandom answers;
    private final Rates rates;
    private final int deadly;
    private final boolean filling;
    private Stations at;
    private Outlet outlet = new Outlet(tasks::add, () -> {}, 1 << 20);
    private long nanos = 1;
    private long number;
    private long received;
    private long stepsToLive = Long.MAX_VALUE;
    private boolean healed;
    private boolean closing;
    private long told;

    /// The process is gone in the middle of a step of the lake.
    private static final class LakeDied extends Error {
        private static final long serialVersionUID = 1;
    }

    /// @param place where the history is, and what it shares with others
    WholeHistory(long seed, Plant plant, Place place) {
        this.seed = seed;
        this.plant = plant;
        this.random = new SplittableRandom(seed);
        this.clock = new SimulatedClock(Instant.ofEpochSecond(1_700_000_000));
        // Swarm: each seed has its own mix of faults and sizes, and many have none of a kind.
        this.rates = random.nextInt(3) > 0 ? Rates.NONE : new Rates(rate(), rate(), rate(), rate());
        this.deadly = random.nextInt(4) == 0 ? 0 : 1 + random.nextInt(6);
        this.filling = random.nextInt(4) == 0;
        this.answers = random.split();
        SplittableRandom moods = random.nextInt(4) == 0 ? null : random.split();
        this.receiver = new MoodyReceiver(moods, WholeHistory::poison, plant.sinkBug() == SinkBug.AWAY_IS_DONE);
        LogSettings settings = new LogSettings(
                1 + random.nextInt(2),
                1 << 16 << random.nextInt(2),
                1 << 20,
                random.nextBoolean() ? 0 : 1 << 14,
                Duration.ofDays(30),
                1L << 36);
        LogSettings journal = new LogSettings(
                1, 1 << 16, 1 << 20, random.nextBoolean() ? 0 : 1 << 14, Duration.ofMinutes(1), 1L << 30);
        this.ground = new Stations.Ground(
                new SimulatedDisk(random.split()),
                new SimulatedDisk(random.split()),
                new SimulatedDisk(random.split()),
                new SimulatedDisk(random.split()),
                place.lake(seed),
                place.sinks(),
                place.registry(),
                place.sink(),
                clock,
                settings,
                journal);
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            peers.add(new Peer(this, random.split(), "d" + i, -1));
        }
        for (int i = 1 + random.nextInt(2); i > 0; i--) {
            peers.add(new Peer(this, random.split(), "l" + i, random.nextInt(4) == 0 ? 1 : 2));
        }
    }

    private int rate() {
        return random.nextInt(2) == 0 ? 0 : 3 + random.nextInt(40);
    }

    private static boolean poison(Parcel parcel) {
        return parcel.rule().equals("r0")
                && parcel.payload().contains("\"v\":9")
                && parcel.payload().contains("7");
    }

    /// Runs the seed.
    ///
    /// @return what it came across
    /// @throws AssertionError with the seed and the last events where a promise was broken
    Set<Sight> run() {
        try {
            at = start();
            step(at.rules::turn); // rules are there before the first message
            int steps = 150 + random.nextInt(550);
            for (int i = 0; i < steps; i++) {
                move();
                if (at.lake != null && random.nextInt(6) == 0) {
                    lake();
                }
            }
            heal();
            return sights;
        } catch (AssertionError | RuntimeException | IOException | InterruptedException e) {
            throw new AssertionError(
                    "seed %d: %s%nthe last events:%n  %s".formatted(seed, e, String.join("\n  ", events)), e);
        } finally {
            close();
        }
    }

    private void close() {
        if (at != null) {
            at.delivery.close();
            if (at.lake != null) {
                at.lake.close();
            }
        }
    }

    /// Something that a station does, and may die of.
    private interface Step {
        void run() throws IOException, InterruptedException;
    }

    private void move() throws IOException, InterruptedException {
        switch (random.nextInt(100)) {
            case 0, 1 -> faults();
            case 2, 3 -> dieSoon();
            case 4, 5 -> {
                if (deadly > 0 && random.nextInt(12) < deadly) {
                    dies(random.nextBoolean());
                }
            }
            case 6 -> {
                if (deadly > 0 && random.nextInt(12) == 0) {
                    restart();
                }
            }
            case 7, 8 -> pass(random.nextInt(4) == 0 ? 3_000 : 300);
            case 9 -> step(() -> at.tidy());
            case 10 ->
                step(() -> {
                    at.delivery.tend();
                    see(at.delivery.spooled() > 0, Sight.SPOOLED);
                });
            case 11, 12, 13, 14, 15 -> deliver();
            case 16, 17, 18, 19 -> lake();
            case 20, 21, 22, 23, 24 -> step(() -> at.rules.turn());
            case 25, 26, 27 -> step(() -> at.rules.republish());
            case 28, 29, 30, 31, 32, 33 -> step(() -> PlantedBroker.step(at.broker));
            case 34, 35 -> step(() -> PlantedBroker.fetch(at.broker));
            case 36, 37, 38, 39 -> step(() -> at.journal.step(0));
            case 40, 41, 42, 43, 44 -> step(() -> at.log.step(random.nextInt(at.log.partitions())));
            case 45, 46, 47, 48, 49, 50 -> work(1 + random.nextInt(4));
            case 51, 52 -> notice();
            case 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71, 72 -> carry();
            default -> peers.get(random.nextInt(peers.size())).act();
        }
        if (PlantedLog.refusing(at.log)) {
            sights.add(Sight.DISK_REFUSED);
        }
    }

    /// Does a step. Where the world fails it is left, as the thread that it is of does before it tries again.
    private void step(Step step) throws IOException, InterruptedException {
        try {
            step.run();
        } catch (ProcessDied e) {
            sights.add(Sight.DEATH_IN_STEP);
            event("died in a step");
            dies(random.nextBoolean());
        } catch (PlatformException e) {
            event("failed: %s", e.detail());
        } catch (IOException e) {
            event("failed: %s", e.getMessage());
        }
    }

    private void deliver() throws IOException, InterruptedException {
        try {
            step(() -> at.delivery.step());
        } catch (MoodyReceiver.Died e) {
            sights.add(Sight.DEATH_IN_DELIVERY);
            event("died in a delivery");
            dies(random.nextInt(3) == 0);
        }
    }

    private void lake() throws IOException, InterruptedException {
        SimulatedLake lake = at.lake;
        if (lake == null) {
            return;
        }
        try {
            if (deadly > 0 && random.nextInt(12) == 0) {
                stepsToLive = random.nextInt(4);
            }
            step(() -> {
                if (random.nextInt(3) > 0) {
                    lake.follow();
                } else if (lake.seal()) {
                    sights.add(Sight.SEALED);
                }
            });
        } catch (LakeDied e) {
            sights.add(Sight.DEATH_OF_LAKE);
            event("died in a step of the lake");
            dies(random.nextBoolean());
        }
    }

    private void faults() {
        if (rates.equals(Rates.NONE) && !filling) {
            return;
        }
        for (SimulatedDisk disk : ground.disks()) {
            disk.rates(random.nextInt(3) == 0 ? rates : Rates.NONE);
            boolean full = filling && random.nextInt(4) == 0;
            disk.capacity(full ? disk.used() + random.nextInt(4_000) : Long.MAX_VALUE);
        }
        event("faults are drawn anew");
    }

    private void dieSoon() {
        if (deadly > 0 && random.nextInt(6) < deadly) {
            ground.disks().get(random.nextInt(4)).dieAfter(1 + random.nextInt(12));
            event("death in wait");
        }
    }

    private void work(int count) {
        for (int i = 0; i < count && !tasks.isEmpty(); i++) {
            tasks.remove().run();
        }
    }

    private void carry() {
        if (!lines.isEmpty()) {
            Line line = lines.get(random.nextInt(lines.size()));
            for (int i = 1 + random.nextInt(3); i > 0; i--) {
                boolean _ = random.nextBoolean() ? line.carryToServer() : line.carryToClient();
            }
        }
    }

    /// A door finds a connection broken.
    private void notice() {
        List<Line> broken = lines.stream().filter(Line::isCut).toList();
        if (!broken.isEmpty()) {
            Line line = broken.get(random.nextInt(broken.size()));
            line.noticed();
            lines.remove(line);
        }
    }

    private void pass(int millisMax) {
        long millis = 1 + random.nextInt(millisMax);
        clock.advance(Duration.ofMillis(millis));
        nanos += millis * 1_000_000;
    }

    /// The process is gone, and comes back.
    ///
    /// @param power whether what was not flushed is gone, too
    private void dies(boolean power) throws IOException {
        event(power ? "power cut" : "kill");
        sights.add(power ? Sight.POWER_CUT : Sight.KILL);
        long end = at.line.parcels().end();
        long from = at.delivery.die(power);
        receiver.excuseFrom(from);
        if (plant.sinkBug() == SinkBug.NOTED_TOO_EARLY) {
            at.delivery.rewrite(Math.max(from, end));
        }
        gone(power);
    }

    private void gone(boolean power) throws IOException {
        at.line.close();
        if (at.lake != null) {
            at.lake.close();
        }
        ground.disks().forEach(disk -> end(disk, power));
        lines.clear();
        tasks.clear();
        peers.forEach(Peer::drop);
        at = start();
        ledger.judge(at.log);
    }

    private static void end(SimulatedDisk disk, boolean power) {
        if (power) {
            disk.cutPower();
        } else {
            disk.kill();
        }
    }

    private void restart() throws IOException {
        event("stops in good order");
        sights.add(Sight.GRACEFUL_RESTART);
        calmDisks();
        closing = true;
        at.close();
        closing = false;
        at.delivery.close();
        gone(false);
    }

    private void calmDisks() {
        stepsToLive = Long.MAX_VALUE;
        for (SimulatedDisk disk : ground.disks()) {
            disk.dieAfter(Long.MAX_VALUE);
            disk.rates(Rates.NONE);
            disk.capacity(Long.MAX_VALUE);
        }
    }

    private Stations start() throws IOException {
        outlet = new Outlet(tasks::add, () -> {}, random.nextInt(3) == 0 ? 300 : 1 << 20);
        while (true) {
            calmDisks();
            boolean first = at == null;
            if (!first && !healed && deadly > 0 && random.nextInt(5) == 0) {
                ground.disks().get(random.nextInt(4)).dieAfter(1 + random.nextInt(20));
            }
            try {
                Stations started = new Stations(
                        ground,
                        new Stations.Wishes(
                                plant,
                                random.split(),
                                receiver,
                                this::monotonic,
                                healed ? null : answers,
                                this::lakeStep,
                                this::stuck));
                ground.disks().forEach(disk -> disk.dieAfter(Long.MAX_VALUE));
                return started;
            } catch (ProcessDied e) {
                sights.add(Sight.DEATH_IN_OPENING);
                boolean power = random.nextBoolean();
                event("died while opening, power cut %s", power);
                ground.disks().forEach(disk -> end(disk, power));
            }
        }
    }

    /// While the broker closes it waits for its journal; that is then written whenever it looks at the time.
    private long monotonic() {
        if (closing) {
            nanos += 100_000_000L;
            at.journal.step(0);
        }
        return nanos;
    }

    private void lakeStep() {
        if (stepsToLive-- <= 0) {
            stepsToLive = Long.MAX_VALUE;
            throw new LakeDied();
        }
    }

    /// Somebody makes room, and mends what is broken.
    private void stuck() {
        sights.add(Sight.STUCK);
        event("the disks are looked after");
        for (SimulatedDisk disk : ground.disks()) {
            disk.rates(Rates.NONE);
            disk.capacity(Long.MAX_VALUE);
        }
    }

    /// All is well again: everything has to come to its end, and then all is judged.
    private void heal() throws IOException, InterruptedException {
        event("heal");
        calmDisks();
        receiver.calmDown();
        if (random.nextBoolean()) {
            dies(random.nextBoolean());
        }
        settle();
        ledger.judge(at.log);
        for (Peer peer : peers) {
            Ledger.check(peer.idle(), "%s has still packets under way", peer.id());
        }
        ledger.judgeListeners();
        judgeRules();
        healed = true;
        dies(random.nextBoolean());
        ledger.judge(at.log);
        judgeLake();
    }

    /// Lets everything happen that is to happen without anybody doing something new.
    private void settle() throws IOException, InterruptedException {
        for (int quiet = 0, round = 0; quiet < QUIET_SECONDS || !at.delivery.done(); round++) {
            Ledger.check(
                    round < ROUNDS_MAX,
                    "it never comes to rest: quiet for %d s, the sink done %s, rules began again because of %s",
                    quiet,
                    at.delivery.done(),
                    at.rules.failure());
            for (Peer peer : peers) {
                if (!peer.connected()) {
                    peer.connect();
                }
                if (peer.listens() && !peer.subscribed()) {
                    peer.act();
                }
            }
            boolean any = at.flush() | PlantedBroker.step(at.broker) | PlantedBroker.fetch(at.broker);
            any |= !tasks.isEmpty();
            work(tasks.size());
            for (Line line : List.copyOf(lines)) {
                if (line.isCut()) {
                    line.noticed();
                    lines.remove(line);
                    any = true;
                } else {
                    any |= line.carryToServer() | line.carryToClient();
                }
            }
            any |= at.rules.turn() | at.rules.republish();
            at.delivery.tend();
            at.delivery.step();
            quiet = any ? 0 : quiet + 1;
            if (!any) {
                clock.advance(Duration.ofSeconds(1));
                nanos += 1_000_000_000L;
                at.tidy();
            }
        }
    }

    private void judgeRules() {
        Map<String, List<String>> expected = RuleOracle.expected(ledger.logged());
        Map<String, List<String>> delivered = new TreeMap<>();
        receiver.judged()
                .values()
                .forEach(parcels -> parcels.forEach(parcel -> delivered
                        .computeIfAbsent(parcel.rule(), _ -> new ArrayList<>())
                        .add(parcel.payload())));
        Map<String, List<String>> found = RuleOracle.said(delivered);
        // what the receiver refuses is put aside, and counts as kept in its place
        Map<String, List<String>> wanted = new TreeMap<>(expected);
        List<String> letters = ground
                .registry()
                .deadLetters()
                .page(ground.sink().id(), Long.MIN_VALUE, 10_000)
                .stream()
                .map(WholeHistory::letter)
                .toList();
        wanted.replaceAll((who, texts) -> who.startsWith("r0")
                ? texts.stream().filter(text -> !letters.contains(text)).collect(Collectors.toList())
                : texts);
        wanted.values().removeIf(List::isEmpty);
        Ledger.check(found.equals(wanted), "the receiver has%n%s%nand should have%n%s", found, wanted);
        see(!letters.isEmpty(), Sight.DEAD_LETTER);
        see(receiver.lostAnswers(), Sight.ANSWER_LOST);
        Map<String, List<String>> republished = ledger.outputs().stream()
                .collect(Collectors.groupingBy(text -> text.contains("\"alert\"") ? "r3" : "r0"));
        Map<String, List<String>> heard = RuleOracle.said(republished);
        expected.keySet().removeIf(who -> who.startsWith("r1") || who.startsWith("r2"));
        Ledger.check(heard.equals(expected), "rules made of the log%n%s%nand should have%n%s", heard, expected);
        see(republished.containsKey("r0"), Sight.RULE_OUTPUT);
        see(republished.containsKey("r3"), Sight.ALERT);
    }

    private static String letter(DeadLetter letter) {
        Matcher found = LETTER.matcher(letter.parcel());
        Ledger.check(found.find(), "no number in %s", letter.parcel());
        return found.group(1);
    }

    /// What a fresh process has in files once all is sealed is what the log has.
    private void judgeLake() throws IOException, InterruptedException {
        SimulatedLake lake = at.lake;
        if (lake == null) {
            return;
        }
        for (int round = 0; !lake.caughtUp(at.log); round++) {
            Ledger.check(round < ROUNDS_MAX, "the lake never catches up");
            lake.follow();
            lake.seal();
        }
        lake.freeze();
        for (int round = 0; lake.seal(); round++) {
            Ledger.check(round < ROUNDS_MAX, "the lake is never done");
            sights.add(Sight.SEALED);
        }
        lake.commitReader();
        Map<String, List<String>> expected = new TreeMap<>();
        ledger.logged()
                .values()
                .forEach(all -> all.forEach(one -> expected.put(
                        one.spot().partition() + " " + one.spot().position(),
                        List.of(
                                one.device() + " n=" + (double) one.number(),
                                one.device() + " v=" + (double) one.value()))));
        Map<String, List<String>> rows = lake.readings();
        Ledger.check(rows.equals(expected), "readings are%n%s%nand should be%n%s", rows, expected);
        Map<String, Integer> messages = lake.messages();
        Ledger.check(
                messages.size() == ledger.count() && messages.values().stream().allMatch(count -> count == 1),
                "messages are%n%s%nof %d records",
                messages,
                ledger.count());
    }

    // What peers, lines and the ledger ask the world.

    void opened(Line line) {
        lines.add(line);
    }

    SplittableRandom random() {
        return random;
    }

    Plant plant() {
        return plant;
    }

    Ledger ledger() {
        return ledger;
    }

    Broker broker() {
        return at.broker;
    }

    Log log() {
        return at.log;
    }

    Deque<Runnable> tasks() {
        return tasks;
    }

    Outlet outlet() {
        return outlet;
    }

    /// Time goes on a little with each message, so that no two are received at the same moment.
    long micros() {
        return clock.millis() * 1000 + ++received;
    }

    long nextNumber() {
        return ++number;
    }

    private void see(boolean there, Sight sight) {
        if (there) {
            sights.add(sight);
        }
    }

    void event(String what, @Nullable Object... arguments) {
        if (events.size() == EVENTS_KEPT) {
            events.remove();
        }
        String event = what.formatted(arguments);
        told = told * 31 + event.hashCode();
        events.add(event);
    }

    /// @return a number for all that happened, the same for the same story
    long story() {
        return told;
    }
}
