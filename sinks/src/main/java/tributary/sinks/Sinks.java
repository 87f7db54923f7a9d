package tributary.sinks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tributary.model.TenantId;
import tributary.registry.DeadLetters;
import tributary.registry.DeadLetters.DeadLetter;
import tributary.registry.Registry;
import tributary.registry.SinkDefinitions.SinkDefinition;
import tributary.sinks.Definitions.Prepared;

/// All sinks at work: a delivery of its own for each definition in the registry, on a virtual thread of its own.
///
/// Owns one thread beside, which sees to it that none of them holds the outbox ([Relief]). Changes are one at a time.
public final class Sinks implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Sinks.class);
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration CARE_EVERY = Duration.ofSeconds(1);
    private static final Duration CARE_ENDS = Duration.ofSeconds(10);

    private final World world;
    private final Definitions definitions;
    private final Map<Key, Running> running = new ConcurrentHashMap<>();
    private final ReentrantLock changing = new ReentrantLock();
    private final ScheduledExecutorService care;
    private final Relief relief;

    /// Hears of parcels that went because too many waited.
    public interface Losses {
        /// @param count how many since it was said last
        void lost(SinkDefinition sink, long count, String why);
    }

    /// What the sinks stand on.
    ///
    /// @param folder where positions are, and below it what sinks write
    /// @param inlet  where messages go that sinks bring in
    public record World(
            Registry registry,
            SharedParcels parcels,
            Path folder,
            InstantSource clock,
            RandomGenerator random,
            Losses losses,
            Inlet inlet) {
        /// One in which nobody hears of losses, and nothing comes in.
        public World(
                Registry registry, SharedParcels parcels, Path folder, InstantSource clock, RandomGenerator random) {
            this(registry, parcels, folder, clock, random, (_, _, _) -> {}, Inlet.NONE);
        }

        public World {
            Objects.requireNonNull(inlet, "inlet");
            Objects.requireNonNull(losses, "losses");
            Objects.requireNonNull(registry, "registry");
            Objects.requireNonNull(parcels, "parcels");
            Objects.requireNonNull(folder, "folder");
            Objects.requireNonNull(clock, "clock");
            Objects.requireNonNull(random, "random");
        }
    }

    private record Key(TenantId tenant, String name) {}

    /// What became of a definition.
    public sealed interface Put {
        /// @param fresh whether there was none of that name
        record Saved(SinkView sink, boolean fresh) implements Put {}

        /// Nothing was changed.
        record Flawed(List<SinkFlaw> flaws) implements Put {}
    }

    /// What became of a test message.
    ///
    /// @param delivered whether the receiver has it
    /// @param what      what happened, for people
    /// @param took      how long
    public record Tested(boolean delivered, String what, Duration took) {}

    private Sinks(SinkSettings settings, List<SinkType> types, World world) {
        this.world = world;
        this.definitions = new Definitions(types, settings.guard(), world.folder(), world.clock());
        this.care = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name("sinks-care").daemon(true).factory());
        this.relief = new Relief(world.parcels(), world.losses(), world.clock(), settings.waitingMax());
    }

    /// Begins to deliver.
    ///
    /// @param types what kinds of sinks there are
    public static Sinks open(SinkSettings settings, List<SinkType> types, World world) {
        Sinks sinks = new Sinks(settings, types, world);
        try {
            List<SinkDefinition> all = world.registry().sinks().all();
            Files.createDirectories(world.folder().resolve("state"));
            Leftovers.deleteOthers(
                    world.folder().resolve("state"),
                    all.stream().map(SinkDefinition::id).collect(Collectors.toSet()));
            all.forEach(sinks::start);
        } catch (IOException e) {
            sinks.close();
            throw new UncheckedIOException(e);
        }
        sinks.care.scheduleWithFixedDelay(
                sinks::care, CARE_EVERY.toMillis(), CARE_EVERY.toMillis(), TimeUnit.MILLISECONDS);
        return sinks;
    }

    /// @return the kinds there are
    public List<String> types() {
        return definitions.types();
    }

    /// @return the tenant's sinks by name
    public List<SinkView> all(TenantId tenant) {
        return world.registry().sinks().all(tenant).stream().map(this::view).toList();
    }

    /// @return all sinks of all tenants with how they do, for metrics; in memory
    public Map<String, SinkStatus> statuses() {
        Map<String, SinkStatus> all = new TreeMap<>();
        running.forEach((key, delivery) -> all.put(key.tenant() + "/" + key.name(), delivery.status()));
        return all;
    }

    /// @return how it goes with what sinks of all tenants bring in, of those that do
    public Map<String, SourceStatus> sources() {
        Map<String, SourceStatus> all = new TreeMap<>();
        running.forEach((key, delivery) -> all.put(key.tenant() + "/" + key.name(), delivery.sourceStatus()));
        all.values().removeIf(status -> status.state() == SourceStatus.State.OFF);
        return all;
    }

    public Optional<SinkView> find(TenantId tenant, String name) {
        return world.registry().sinks().find(tenant, name).map(this::view);
    }

    private SinkView view(SinkDefinition definition) {
        Running delivery = running.get(new Key(definition.tenant(), definition.name()));
        return new SinkView(
                definition,
                world.registry().sinks().secrets(definition).keySet(),
                delivery == null ? SinkStatus.broken("it is being changed") : delivery.status(),
                delivery == null ? SourceStatus.OFF : delivery.sourceStatus(),
                world.registry().deadLetters().amount(definition.id()));
    }

    /// Checks and keeps a definition, and delivers by it from now on. One that is new begins with what rules say from
    /// now on; one that changes goes on where it was.
    ///
    /// @param config  a JSON object
    /// @param secrets in addition to those that are set; "" takes one away
    /// @throws IllegalArgumentException where the registry refuses the name, or there are too many
    public Put put(TenantId tenant, String name, String type, JsonNode config, Map<String, String> secrets) {
        changing.lock();
        try {
            Optional<SinkDefinition> before = world.registry().sinks().find(tenant, name);
            Map<String, String> kept = new LinkedHashMap<>();
            before.filter(known -> known.type().equals(type))
                    .ifPresent(known -> kept.putAll(world.registry().sinks().secrets(known)));
            secrets.forEach((secret, value) -> {
                if (value.isEmpty()) {
                    kept.remove(secret);
                } else {
                    kept.put(secret, value);
                }
            });
            String id = before.map(SinkDefinition::id).orElseGet(this::freshId);
            SinkDefinition definition = new SinkDefinition(
                    tenant,
                    name,
                    id,
                    type,
                    JSON.writeValueAsString(config),
                    world.clock().instant());
            Prepared prepared = definitions.read(definition, config, kept, false);
            if (!prepared.flaws().isEmpty()) {
                return new Put.Flawed(prepared.flaws());
            }
            if (before.isEmpty()) {
                begin(definition);
            }
            world.registry().sinks().save(definition, kept);
            Running old = running.remove(new Key(tenant, name));
            if (old != null) {
                old.close();
            }
            start(definition);
            return new Put.Saved(view(definition), before.isEmpty());
        } finally {
            changing.unlock();
        }
    }

    private String freshId() {
        return "s" + HexFormat.of().toHexDigits(world.random().nextLong());
    }

    /// The position is on the disk before the definition is: a crash in between leaves a folder of nobody's.
    private void begin(SinkDefinition definition) {
        try {
            Files.createDirectories(definitions.state(definition));
            try (PositionFile file =
                    PositionFile.open(definitions.state(definition).resolve("position"))) {
                file.write(world.parcels().end());
            }
            new Marks(definitions.state(definition)).added(world.clock().instant());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// @return whether it existed; its dead letters are gone, too
    public boolean remove(TenantId tenant, String name) {
        changing.lock();
        try {
            Optional<SinkDefinition> known = world.registry().sinks().find(tenant, name);
            Running delivery = running.remove(new Key(tenant, name));
            if (delivery != null) {
                delivery.close();
            }
            boolean removed = world.registry().sinks().remove(tenant, name);
            known.ifPresent(definition -> Leftovers.delete(definitions.state(definition)));
            return removed;
        } finally {
            changing.unlock();
        }
    }

    /// Ends the sinks of a tenant that was removed, and deletes what they kept and wrote here.
    public void dismiss(TenantId tenant) {
        changing.lock();
        try {
            for (Map.Entry<Key, Running> of : Map.copyOf(running).entrySet()) {
                if (of.getKey().tenant().equals(tenant)) {
                    running.remove(of.getKey());
                    of.getValue().close();
                    Leftovers.delete(definitions.state(of.getValue().definition()));
                }
            }
            Leftovers.delete(world.folder().resolve("out").resolve(tenant.value()));
        } finally {
            changing.unlock();
        }
    }

    /// Delivers a test message by the definition, beside the delivery that is at work.
    ///
    /// @return empty where there is no such sink
    public Optional<Tested> test(TenantId tenant, String name) throws InterruptedException {
        Optional<SinkDefinition> known = world.registry().sinks().find(tenant, name);
        if (known.isEmpty()) {
            return Optional.empty();
        }
        SinkDefinition definition = known.get();
        Instant begin = world.clock().instant();
        Prepared prepared = definitions.read(
                definition,
                JSON.readTree(definition.config()),
                world.registry().sinks().secrets(definition),
                true);
        if (!prepared.flaws().isEmpty()) {
            return Optional.of(new Tested(false, prepared.flaws().getFirst().what(), Duration.ZERO));
        }
        String payload = JSON.writeValueAsString(JSON.createObjectNode()
                .put("test", true)
                .put("message", "A test of the sink '" + name + "' of Tributary.")
                .put("at", begin.toEpochMilli()));
        Parcel parcel =
                new Parcel(-begin.toEpochMilli(), tenant, "test", 0, name, "test", begin.toEpochMilli(), payload, null);
        Outcome outcome;
        try (Sink sink = prepared.plan().open()) {
            outcome = sink.deliver(List.of(parcel));
            if (outcome instanceof Outcome.Done) {
                outcome = sink.flush();
            }
        }
        Duration took = Duration.between(begin, world.clock().instant());
        return Optional.of(
                switch (outcome) {
                    case Outcome.Done _ -> new Tested(true, "delivered", took);
                    case Outcome.Away away -> new Tested(false, away.reason(), took);
                    case Outcome.Failed failed -> new Tested(false, failed.reason(), took);
                    case Outcome.Refused refused -> new Tested(false, "refused for good: " + refused.reason(), took);
                    case Outcome.Lost lost -> new Tested(false, lost.reason(), took);
                });
    }

    /// @return where an output is on its way to a sink
    public Fate fate(TenantId tenant, String name, Fate.Wanted wanted) {
        Running delivery = running.get(new Key(tenant, name));
        Optional<SinkDefinition> known = world.registry().sinks().find(tenant, name);
        if (delivery == null || known.isEmpty()) {
            return new Fate.NoSink();
        }
        Fate found = new FateSearch(
                        known.get(),
                        relief.line(delivery.spool()),
                        world.registry().deadLetters())
                .of(wanted, delivery);
        return found instanceof Fate.Through through
                ? new Marks(definitions.state(known.get())).fate(wanted, through)
                : found;
    }

    /// @return dead letters in order, those after the position
    public List<Dead> dead(SinkDefinition sink, long after, int countMax) {
        List<Dead> all = new ArrayList<>();
        for (DeadLetter letter : world.registry().deadLetters().page(sink.id(), after, countMax)) {
            ParcelText.parcel(sink, letter).ifPresent(parcel -> all.add(new Dead(letter, parcel)));
        }
        return all;
    }

    /// A dead letter and the parcel in it.
    public record Dead(DeadLetter letter, Parcel parcel) {}

    /// Gives a dead letter another payload.
    ///
    /// @param payload JSON
    /// @return empty where there is none of that position any more
    public Optional<Dead> edit(SinkDefinition sink, long position, String payload) {
        DeadLetters letters = world.registry().deadLetters();
        Optional<DeadLetter> found = letters.find(sink.id(), position);
        Optional<Parcel> parcel = found.flatMap(letter -> ParcelText.parcel(sink, letter));
        if (found.isEmpty() || parcel.isEmpty()) {
            return Optional.empty();
        }
        DeadLetter letter = found.get();
        Parcel edited = parcel.get().saying(payload);
        return switch (letters.edit(letter, ParcelText.kept(edited))) {
            case DONE -> letters.find(sink.id(), position).map(kept -> new Dead(kept, edited));
            case GONE -> Optional.empty();
            case NO_ROOM -> throw new IllegalArgumentException("there is no room for a larger letter");
        };
    }

    /// Has a dead letter delivered again, soon and beside the order of the others. Where that fails it stays.
    ///
    /// @return whether there is one of that position, and the sink is at work
    public boolean again(SinkDefinition sink, long position) {
        Running delivery = running.get(new Key(sink.tenant(), sink.name()));
        boolean there = world.registry().deadLetters().find(sink.id(), position).isPresent();
        return there && delivery != null && delivery.again(position);
    }

    /// Has all dead letters delivered again.
    ///
    /// @return how many
    public int allAgain(SinkDefinition sink) {
        Running delivery = running.get(new Key(sink.tenant(), sink.name()));
        int count = 0;
        long after = Long.MIN_VALUE;
        List<DeadLetter> page = world.registry().deadLetters().page(sink.id(), after, 100);
        while (delivery != null && !page.isEmpty()) {
            for (DeadLetter letter : page) {
                count += delivery.again(letter.position()) ? 1 : 0;
            }
            after = page.getLast().position();
            page = world.registry().deadLetters().page(sink.id(), after, 100);
        }
        return count;
    }

    /// @return whether it existed
    public boolean drop(SinkDefinition sink, long position) {
        Marks marks = new Marks(definitions.state(sink));
        changing.lock();
        try {
            world.registry()
                    .deadLetters()
                    .find(sink.id(), position)
                    .flatMap(letter -> ParcelText.parcel(sink, letter))
                    .ifPresent(parcel -> marks.dropped(parcel.atMillis()));
            return world.registry().deadLetters().remove(sink.id(), position);
        } finally {
            changing.unlock();
        }
    }

    /// @return how many there were
    public int dropAll(SinkDefinition sink) {
        Marks marks = new Marks(definitions.state(sink));
        changing.lock();
        try {
            long newest = Long.MIN_VALUE;
            List<Dead> page = dead(sink, Long.MIN_VALUE, 100);
            while (!page.isEmpty()) {
                for (Dead dead : page) {
                    newest = Math.max(newest, dead.parcel().atMillis());
                }
                page = dead(sink, page.getLast().letter().position(), 100);
            }
            if (newest != Long.MIN_VALUE) {
                marks.dropped(newest);
            }
            return world.registry().deadLetters().removeAll(sink.id());
        } finally {
            changing.unlock();
        }
    }

    private void start(SinkDefinition definition) {
        Spool spool = new Spool(
                definition,
                definitions.state(definition).resolve("waiting"),
                world.clock(),
                definitions.waitingMax(definition));
        Running delivery = new Running(definition, spool, () -> open(definition, spool));
        running.put(new Key(definition.tenant(), definition.name()), delivery);
        delivery.start();
    }

    /// @throws IllegalStateException where the definition cannot be used
    private Running.Opened open(SinkDefinition definition, Spool spool) {
        JsonNode config;
        try {
            config = JSON.readTree(definition.config());
        } catch (JacksonException e) {
            throw new IllegalStateException("its definition is no JSON; put it anew", e);
        }
        Prepared prepared =
                definitions.read(definition, config, world.registry().sinks().secrets(definition), false);
        if (!prepared.flaws().isEmpty()) {
            throw new IllegalStateException(prepared.flaws().getFirst().what() + ". Put its definition anew.");
        }
        try {
            Files.createDirectories(definitions.state(definition));
            PositionFile file = PositionFile.open(definitions.state(definition).resolve("position"));
            Delivery delivery = new Delivery(
                    definition,
                    prepared.plan().open(),
                    prepared.pace(),
                    file,
                    new Delivery.World(
                            relief.line(spool), world.registry().deadLetters(), world.clock(), world.random()));
            return new Running.Opened(
                    delivery, prepared.plan().source(world.inlet()).orElse(null));
        } catch (IOException e) {
            throw new IllegalStateException("its position cannot be read: " + e.getMessage(), e);
        }
    }

    private void care() {
        try {
            relief.tend(running.values(), changing);
        } catch (RuntimeException e) {
            LOG.warn("the outbox could not be told what is delivered; the next time is in {}", CARE_EVERY, e);
        }
    }

    @Override
    public void close() {
        relief.stop();
        care.shutdown();
        try {
            if (!care.awaitTermination(CARE_ENDS.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("what waits for sinks could not be put in order in time; it is when the server starts again");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        running.values().forEach(Running::ask);
        running.values().forEach(Running::close);
        running.clear();
    }
}
