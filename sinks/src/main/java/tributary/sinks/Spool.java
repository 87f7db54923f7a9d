package tributary.sinks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.registry.SinkDefinitions.SinkDefinition;

/// Parcels of one sink that waited so long that the outbox of all had to go on without them: files of its own, up to a
/// limit. Beyond that the oldest file goes, and how many parcels that were is kept and shown.
///
/// For any thread. A parcel that a crash has given it twice is read once, because positions only grow.
final class Spool {
    private static final Logger LOG = LoggerFactory.getLogger(Spool.class);
    private static final long FILE_BYTES_LEAST = 64 << 10;
    private static final long FILE_BYTES_MOST = 4 << 20;

    /// The limit is so many files at least, that what is dropped at once is a small part of it.
    private static final int FILES = 16;

    private static final String ENDING = ".waiting";
    private static final String LOST = "lost";

    private final SinkDefinition sink;
    private final Path folder;
    private final InstantSource clock;
    private final long bytesMax;
    private boolean ready;

    /// By the position from which on their records are.
    private final NavigableMap<Long, SpoolFile> files = new TreeMap<>();

    private long bytes;

    /// Of the newest record.
    private long last = -1;

    /// What is before it is delivered, and no loss.
    private long reached;

    /// Where the last page ended, so that the next one does not read a file from its beginning.
    private @Nullable Cursor cursor;

    private volatile Loss loss = Loss.NONE;

    /// What went because there was no room for it, since the sink was added.
    ///
    /// @param count  how many parcels
    /// @param before nothing before this position is kept
    /// @param at     when the last ones went, or null
    /// @param why    for people
    record Loss(long count, long before, @Nullable Instant at, String why) {
        static final Loss NONE = new Loss(0, 0, null, "");
    }

    /// @param position everything before it was read
    /// @param offset   in the file, where a record begins
    private record Cursor(SpoolFile file, long position, long offset) {}

    /// Makes nothing, and reads what is there when it is first asked for.
    Spool(SinkDefinition sink, Path folder, InstantSource clock, long bytesMax) {
        this.sink = sink;
        this.folder = folder;
        this.clock = clock;
        this.bytesMax = bytesMax;
    }

    private void ready() throws IOException {
        if (ready) {
            return;
        }
        files.clear();
        bytes = 0;
        if (Files.isDirectory(folder)) {
            loss = readLoss();
            try (Stream<Path> all = Files.list(folder)) {
                for (Path path :
                        all.filter(file -> file.toString().endsWith(ENDING)).toList()) {
                    find(path);
                }
            }
        }
        ready = true;
    }

    private void find(Path path) throws IOException {
        SpoolFile file = SpoolFile.open(path);
        if (file.last() < loss.before()) {
            // its loss was counted, and then the process died
            Files.deleteIfExists(path);
            return;
        }
        String name = String.valueOf(path.getFileName());
        files.put(Long.parseLong(name.substring(0, name.length() - ENDING.length())), file);
        bytes += file.length();
        last = Math.max(last, file.last());
    }

    /// Takes parcels; they are on the disk when it returns. What it has it does not take again.
    ///
    /// @throws IOException where the disk does not take them; they can be given again
    synchronized void add(List<Parcel> parcels) throws IOException {
        ready();
        List<SpoolFile.Entry> group = new ArrayList<>();
        long size = 0;
        for (Parcel parcel : parcels) {
            if (parcel.position() <= last) {
                continue;
            }
            byte[] text = ParcelText.kept(parcel).getBytes(StandardCharsets.UTF_8);
            if (!group.isEmpty() && size + SpoolFile.bytes(text) > fileBytes()) {
                append(group, size);
                group.clear();
                size = 0;
            }
            group.add(new SpoolFile.Entry(parcel.position(), text, 0));
            size += SpoolFile.bytes(text);
        }
        if (!group.isEmpty()) {
            append(group, size);
        }
    }

    private void append(List<SpoolFile.Entry> group, long size) throws IOException {
        while (bytes + size > bytesMax && !files.isEmpty()) {
            dropOldest("%,d bytes wait for the sink, which is its limit (waiting-max)".formatted(bytesMax));
        }
        Map.Entry<Long, SpoolFile> newest = files.lastEntry();
        if (newest != null && newest.getValue().length() + size <= fileBytes()) {
            newest.getValue().append(group);
        } else {
            Files.createDirectories(folder);
            SpoolFile file = SpoolFile.fresh(folder.resolve("%019d%s".formatted(last + 1, ENDING)));
            file.append(group);
            files.put(last + 1, file);
        }
        bytes += size;
        last = group.getLast().position();
    }

    private long fileBytes() {
        return Math.clamp(bytesMax / FILES, FILE_BYTES_LEAST, FILE_BYTES_MOST);
    }

    /// Reads the next parcels.
    ///
    /// @param end only those before it
    /// @return some; where there are no more before `end`, that is its next
    synchronized Parcels.Page read(long from, long end, int countMax, long payloadMax) throws IOException {
        ready();
        Gathering gathering = new Gathering(from, end, countMax, payloadMax);
        Long first = files.floorKey(from);
        for (SpoolFile file :
                List.copyOf(files.tailMap(first == null ? from : first, true).values())) {
            if (file.last() < gathering.next) {
                continue;
            }
            Cursor known = cursor;
            gathering.offset =
                    known != null && known.file == file && known.position <= gathering.next ? known.offset : 0;
            boolean sound = file.read(gathering.offset, gathering::take);
            cursor = new Cursor(file, gathering.next, gathering.offset);
            if (gathering.full) {
                return new Parcels.Page(gathering.found, gathering.next);
            }
            if (!sound) {
                damaged(file);
                gathering.next = file.last() + 1;
            }
        }
        return new Parcels.Page(gathering.found, Math.max(from, end));
    }

    /// What is behind the damage is lost.
    private void damaged(SpoolFile file) throws IOException {
        LOG.error("sink {} of {}: {} is damaged", sink.name(), sink.tenant(), file.path());
        SpoolFile sound = SpoolFile.open(file.path());
        files.replaceAll((_, known) -> known == file ? sound : known);
        bytes -= file.length() - sound.length();
        cursor = null;
        lose(file.count() - sound.count(), 0, "the file %s is damaged".formatted(file.path()));
    }

    /// A page that grows.
    private final class Gathering {
        final List<Parcel> found = new ArrayList<>();
        final long end;
        final int countMax;
        final long payloadMax;
        long next;
        long offset;
        long payload;
        boolean full;

        Gathering(long from, long end, int countMax, long payloadMax) {
            this.next = from;
            this.end = end;
            this.countMax = countMax;
            this.payloadMax = payloadMax;
        }

        boolean take(SpoolFile.Entry entry) {
            if (entry.position() >= end) {
                return false;
            }
            if (entry.position() >= next) {
                Parcel parcel =
                        ParcelText.read(sink, entry.position(), new String(entry.text(), StandardCharsets.UTF_8));
                int size = parcel.bytes();
                if (found.size() == countMax || (!found.isEmpty() && payload + size > payloadMax)) {
                    full = true;
                    return false;
                }
                found.add(parcel);
                payload += size;
                next = entry.position() + 1;
            }
            offset = entry.next();
            return true;
        }
    }

    /// Forgets what is delivered.
    synchronized void trim(long before) throws IOException {
        ready();
        while (!files.isEmpty() && files.firstEntry().getValue().last() < before) {
            remove(files.firstEntry());
        }
    }

    /// Everything before this position is delivered.
    synchronized void reached(long before) {
        reached = Math.max(reached, before);
    }

    /// Drops the oldest file, where there is one.
    synchronized void dropOldest(String why) throws IOException {
        ready();
        Map.Entry<Long, SpoolFile> oldest = files.firstEntry();
        if (oldest != null) {
            // counted first: of what is gone and was not counted nobody would ever learn
            long count = waiting(oldest.getValue());
            if (count > 0) {
                lose(count, oldest.getValue().last() + 1, why);
            }
            remove(oldest);
        }
    }

    /// @return how many parcels of a file are not delivered
    private long waiting(SpoolFile file) throws IOException {
        long[] count = {0};
        file.read(0, entry -> {
            count[0] += entry.position() >= reached ? 1 : 0;
            return true;
        });
        return count[0];
    }

    /// Gives parcels up that the disk does not take.
    synchronized void giveUp(List<Parcel> parcels, String why) {
        long count = parcels.stream().filter(parcel -> parcel.position() > last).count();
        if (count == 0) {
            return;
        }
        last = parcels.getLast().position();
        try {
            lose(count, 0, why);
        } catch (IOException e) {
            LOG.error("sink {} of {} lost {} parcels, and that cannot be kept", sink.name(), sink.tenant(), count, e);
        }
    }

    private void lose(long count, long before, String why) throws IOException {
        Loss known = loss;
        Loss now = new Loss(known.count() + count, Math.max(known.before(), before), clock.instant(), why);
        loss = now;
        Files.createDirectories(folder);
        Path fresh = folder.resolve(LOST + ".new");
        Files.writeString(fresh, "%d %d %d %s".formatted(now.count(), now.before(), clock.millis(), why));
        Files.move(fresh, folder.resolve(LOST), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private Loss readLoss() throws IOException {
        try {
            String[] words = Files.readString(folder.resolve(LOST)).split(" ", 4);
            return new Loss(
                    Long.parseLong(words[0]),
                    Long.parseLong(words[1]),
                    Instant.ofEpochMilli(Long.parseLong(words[2])),
                    words[3]);
        } catch (NoSuchFileException e) {
            return Loss.NONE;
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            LOG.warn("sink {} of {}: what it lost before is not known any more", sink.name(), sink.tenant());
            return Loss.NONE;
        }
    }

    private void remove(Map.Entry<Long, SpoolFile> entry) throws IOException {
        Files.deleteIfExists(entry.getValue().path());
        files.remove(entry.getKey());
        bytes -= entry.getValue().length();
    }

    /// @return bytes that wait in it
    synchronized long bytes() {
        return bytes;
    }

    Loss loss() {
        return loss;
    }
}
