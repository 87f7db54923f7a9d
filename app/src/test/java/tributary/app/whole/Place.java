package tributary.app.whole;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tributary.model.DeviceId;
import tributary.model.TenantId;
import tributary.registry.Device;
import tributary.registry.Registry;
import tributary.registry.RegistrySettings;
import tributary.registry.SinkDefinitions.SinkDefinition;
import tributary.registry.SqlRegistry;

/// What histories have in real files, in memory where there is such a place: a registry for all, and for each the
/// position and files of its sink and its lake.
final class Place implements AutoCloseable {
    private final Path folder;
    private final int lakeEvery;
    private final SqlRegistry registry;
    private final SinkDefinition sink;

    /// @param lakeEvery one history in so many has a lake
    Place(int lakeEvery) {
        this.lakeEvery = lakeEvery;
        try {
            Path memory = Path.of("/dev/shm");
            folder = Files.isWritable(memory)
                    ? Files.createTempDirectory(memory, "whole")
                    : Files.createTempDirectory("whole");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        registry = SqlRegistry.open(
                RegistrySettings.DEFAULTS, folder.resolve("registry"), InstantSource.system(), new SecureRandom());
        Instant now = Instant.ofEpochSecond(1_700_000_000);
        for (String name : List.of("d1", "d2", "d3")) {
            registry.devices().add(new Device(TenantId.MAIN, new DeviceId(name), null, "t", Map.of(), "{}", now));
        }
        sink = new SinkDefinition(TenantId.MAIN, "s", "id-s", "t", "{}", now);
        registry.sinks().save(sink, Map.of());
    }

    Registry registry() {
        return registry;
    }

    SinkDefinition sink() {
        return sink;
    }

    @Nullable
    Path lake(long seed) {
        return seed % lakeEvery == 0 ? folder.resolve("lake") : null;
    }

    Path sinks() {
        return folder.resolve("sink");
    }

    /// Takes away what a history left.
    void clear() {
        registry.deadLetters().removeAll(sink.id());
        delete(folder.resolve("lake"));
        delete(folder.resolve("sink"));
    }

    private static void delete(Path what) {
        if (!Files.exists(what)) {
            return;
        }
        try (Stream<Path> all = Files.walk(what)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        registry.close();
        delete(folder);
    }
}
