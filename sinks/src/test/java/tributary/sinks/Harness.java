package tributary.sinks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Assertions;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tributary.model.TenantId;
import tributary.registry.RegistrySettings;
import tributary.registry.SinkDefinitions.SinkDefinition;
import tributary.registry.SqlRegistry;

/// Sinks at work over a real registry and an outbox in memory, which outlives their crashes.
public final class Harness implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    public final MemoryParcels parcels = new MemoryParcels();
    public final Path folder;
    public final SqlRegistry registry;
    private final List<SinkType> types;
    private final String allowed;
    /// What the server would make events of.
    final List<String> losses = new CopyOnWriteArrayList<>();

    /// Where messages go that sinks bring in.
    public final MemoryInlet inlet = new MemoryInlet();

    long waitingMax = SinkSettings.DEFAULTS.waitingMax();
    public Sinks sinks;

    /// @param allowed addresses that sinks may connect to
    public Harness(Path folder, String allowed, SinkType... types) {
        this.folder = folder;
        this.types = List.of(types);
        this.allowed = allowed;
        registry = SqlRegistry.open(
                RegistrySettings.DEFAULTS, folder.resolve("data"), InstantSource.system(), new SecureRandom());
        open();
    }

    /// Begins anew after [#stop] or [#kill].
    public void open() {
        sinks = Sinks.open(
                new SinkSettings(allowed, waitingMax),
                types,
                new Sinks.World(
                        registry,
                        parcels,
                        folder.resolve("sinks"),
                        InstantSource.system(),
                        new SecureRandom(),
                        (sink, count, why) -> losses.add(sink.name() + " " + count + ": " + why),
                        inlet));
    }

    public void stop() {
        sinks.close();
    }

    public Sinks.Put put(String name, String type, String config, Map<String, String> secrets) {
        return sinks.put(TenantId.MAIN, name, type, JSON.readTree(config), secrets);
    }

    /// @throws AssertionError where the definition has mistakes
    public SinkView good(String name, String type, String config, Map<String, String> secrets) {
        return switch (put(name, type, config, secrets)) {
            case Sinks.Put.Saved saved -> saved.sink();
            case Sinks.Put.Flawed flawed -> throw new AssertionError(flawed.flaws());
        };
    }

    public List<String> mistakes(String type, String config, Map<String, String> secrets) {
        return switch (put("wrong", type, config, secrets)) {
            case Sinks.Put.Saved _ -> List.of();
            case Sinks.Put.Flawed flawed ->
                flawed.flaws().stream()
                        .map(flaw -> flaw.where() + " " + flaw.what())
                        .toList();
        };
    }

    public Parcel say(String sink, String device, String payload) {
        return parcels.add(TenantId.MAIN, sink, device, payload);
    }

    public SinkView view(String sink) {
        return sinks.find(TenantId.MAIN, sink).orElseThrow();
    }

    public SinkStatus status(String sink) {
        return view(sink).status();
    }

    /// @return whether it is at work and nothing waits
    public boolean done(String sink) {
        SinkStatus status = status(sink);
        return status.state() == SinkStatus.State.RUNNING && status.behind() < 3;
    }

    public SinkDefinition definition(String sink) {
        return registry.sinks().find(TenantId.MAIN, sink).orElseThrow();
    }

    public List<Sinks.Dead> dead(String sink) {
        return sinks.dead(definition(sink), Long.MIN_VALUE, 1000);
    }

    public Sinks.Tested test(String sink) {
        try {
            return sinks.test(TenantId.MAIN, sink).orElseThrow();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /// Waits for something that other threads bring about.
    public static void until(String what, BooleanSupplier condition) {
        until(what, 120, condition);
    }

    /// The same with patience of its own, for servers that start slowly on a machine that has much to do.
    static void until(String what, int seconds, BooleanSupplier condition) {
        long deadline = System.nanoTime() + seconds * 1_000_000_000L;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                Assertions.fail("this did not happen within " + seconds + " s: " + what);
            }
            try {
                Thread.sleep(10);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    /// Opens a sink of a type without anything around it.
    public static Sink bare(SinkType type, Path folder, String config, Map<String, String> secrets) {
        SinkFields fields = new SinkFields(JSON.readTree(config), secrets);
        Pace.read(fields, type.pace());
        try {
            Files.createDirectories(folder.resolve("state"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        SinkType.Plan plan = type.plan(
                fields,
                new SinkType.Place(
                        TenantId.MAIN,
                        "bare",
                        "s0",
                        folder.resolve("state"),
                        folder.resolve("out"),
                        AddressGuard.allowing("127.0.0.1"),
                        InstantSource.system(),
                        false));
        if (!fields.flaws().isEmpty()) {
            throw new AssertionError(fields.flaws());
        }
        return plan.open();
    }

    /// @return the fields of a type with their defaults, and its secrets
    public static Map<String, String> fields(SinkType type, Path folder) {
        SinkFields fields = new SinkFields(JSON.readTree("{}"), Map.of());
        Pace.read(fields, type.pace());
        type.plan(
                fields,
                new SinkType.Place(
                        TenantId.MAIN,
                        "x",
                        "s0",
                        folder,
                        folder,
                        AddressGuard.allowing(""),
                        InstantSource.system(),
                        true));
        List<String> secrets = new ArrayList<>(fields.knownSecrets());
        Map<String, String> known = new TreeMap<>(fields.known());
        secrets.forEach(secret -> known.put("secret " + secret, ""));
        return known;
    }

    public static JsonNode json(String text) {
        return JSON.readTree(text);
    }

    @Override
    public void close() {
        sinks.close();
        registry.close();
    }
}
