package tributary.lake;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tributary.model.DeviceId;
import tributary.model.Fault;
import tributary.model.PlatformException;
import tributary.model.TenantId;

/// What is to be erased, each wish in a file of its own: once it is taken it survives every crash until it is done.
final class Erasures {
    private static final String SUFFIX = ".properties";
    private static final long KEPT_MILLIS = 90L * 86_400_000;

    private final Path folder;
    private final Map<String, Wish> wishes = new ConcurrentHashMap<>();

    /// One wish and how far it is.
    ///
    /// @param device    null for all of the tenant
    /// @param before    by partition: rows before this position
    /// @param sequences by table: the commit that counts for the phase
    record Wish(
            String id,
            TenantId tenant,
            @Nullable DeviceId device,
            long wishedMillis,
            long[] before,
            Lake.Phase phase,
            long changedMillis,
            Map<String, Long> sequences) {
        Wish {
            before = before.clone();
            sequences = Map.copyOf(sequences);
        }

        Wish to(Lake.Phase next, long nowMillis, Map<String, Long> tables) {
            return new Wish(id, tenant, device, wishedMillis, before, next, nowMillis, tables);
        }

        Lake.Erasure shown() {
            return new Lake.Erasure(id, tenant, device, wishedMillis, phase, changedMillis);
        }
    }

    private Erasures(Path folder) {
        this.folder = folder;
    }

    /// @param lake the lake's folder
    static Erasures open(Path lake, long nowMillis) throws IOException {
        Erasures erasures = new Erasures(lake.resolve(".erasures"));
        Folders.make(erasures.folder);
        try (Stream<Path> files = Files.list(erasures.folder)) {
            for (Path file : files.filter(f -> f.toString().endsWith(SUFFIX)).toList()) {
                Wish wish = read(file);
                if (wish.phase == Lake.Phase.DONE && nowMillis - wish.changedMillis > KEPT_MILLIS) {
                    Files.delete(file);
                } else {
                    erasures.wishes.put(wish.id, wish);
                }
            }
        }
        return erasures;
    }

    /// Takes a wish; it is on the disk when this returns.
    Wish add(TenantId tenant, @Nullable DeviceId device, long[] before, long nowMillis) {
        long open = open().stream().filter(wish -> wish.tenant().equals(tenant)).count();
        if (open >= Lake.ERASURES_OPEN_MAX) {
            throw new IllegalStateException(open + " erasures of " + tenant + " are under way; ask before adding one");
        }
        Wish wish = new Wish(
                UUID.randomUUID().toString(),
                tenant,
                device,
                nowMillis,
                before,
                Lake.Phase.WAITING,
                nowMillis,
                Map.of());
        try {
            save(wish);
        } catch (IOException e) {
            throw new PlatformException(
                    Fault.LAKE_FAILED,
                    "the wish cannot be written down (" + e.getMessage() + "), so nothing is erased; try again",
                    e);
        }
        return wish;
    }

    /// @return those that are not done, the oldest first
    List<Wish> open() {
        return all().stream().filter(wish -> wish.phase != Lake.Phase.DONE).toList();
    }

    /// @return all, the oldest first
    List<Wish> all() {
        return wishes.values().stream()
                .sorted(Comparator.comparingLong(Wish::wishedMillis).thenComparing(Wish::id))
                .toList();
    }

    /// Writes down how far it is.
    synchronized void save(Wish wish) throws IOException {
        Properties text = new Properties();
        text.setProperty("tenant", wish.tenant.value());
        DeviceId device = wish.device;
        if (device != null) {
            text.setProperty("device", device.value());
        }
        text.setProperty("wished", Long.toString(wish.wishedMillis));
        text.setProperty(
                "before", LongStream.of(wish.before).mapToObj(Long::toString).collect(Collectors.joining(",")));
        text.setProperty("phase", wish.phase.name());
        text.setProperty("changed", Long.toString(wish.changedMillis));
        wish.sequences.forEach((table, sequence) -> text.setProperty("sequence." + table, Long.toString(sequence)));
        Path file = folder.resolve(wish.id + SUFFIX);
        Path fresh = folder.resolve(wish.id + ".new");
        try (Writer out = Files.newBufferedWriter(fresh, StandardCharsets.UTF_8)) {
            text.store(out, null);
        }
        Folders.replace(fresh, file);
        wishes.put(wish.id, wish);
    }

    private static Wish read(Path file) throws IOException {
        Properties text = new Properties();
        try (Reader in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            text.load(in);
        }
        try {
            Map<String, Long> sequences = new TreeMap<>();
            for (String key : text.stringPropertyNames()) {
                if (key.startsWith("sequence.")) {
                    sequences.put(key.substring("sequence.".length()), Long.parseLong(text.getProperty(key)));
                }
            }
            String name = file.getFileName().toString();
            String device = text.getProperty("device");
            return new Wish(
                    name.substring(0, name.length() - SUFFIX.length()),
                    new TenantId(text.getProperty("tenant", "")),
                    device == null ? null : new DeviceId(device),
                    Long.parseLong(text.getProperty("wished", "")),
                    Arrays.stream(text.getProperty("before", "").split(","))
                            .mapToLong(Long::parseLong)
                            .toArray(),
                    Lake.Phase.valueOf(text.getProperty("phase", "")),
                    Long.parseLong(text.getProperty("changed", "")),
                    sequences);
        } catch (IllegalArgumentException e) {
            throw new IOException("%s says no wish to erase (%s); restore or remove it".formatted(file, e), e);
        }
    }
}
