package tributary.sinks.folder;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tributary.sinks.Outcome;
import tributary.sinks.Parcel;
import tributary.sinks.Sink;
import tributary.sinks.SinkType.Place;

/// Writes parcels into parts, one a folder, and gives all of them their names in one step when they are large or old
/// enough.
///
/// What is in parts is not delivered: after a crash they are thrown away and the parcels come again. What has a name is
/// whole and durable, and its parcels do not come again. So there is no half file and no parcel twice.
final class FolderSink implements Sink {
    private static final int PARTS_MAX = 64;

    private final FolderType.Shape shape;
    private final Place place;
    private final Path parts;
    private final Path committed;
    private final Map<String, Part> open = new LinkedHashMap<>();
    private Instant since = Instant.EPOCH;
    private long bytes;
    private long oldest = Long.MAX_VALUE;
    private long end;
    private int made;

    FolderSink(FolderType.Shape shape, Place place) {
        this.shape = shape;
        this.place = place;
        String mark = place.testing() ? "-test" : "";
        this.parts = place.output().resolve(".parts" + mark);
        this.committed = place.state().resolve("files" + mark);
    }

    @Override
    public long resume(long position) {
        try {
            Commit last = Commit.read(committed);
            last.apply(parts, place.output());
            if (!last.moves().isEmpty()) {
                // parts of this life may have the names that parts of an earlier one had
                new Commit(last.end(), Map.of()).write(committed);
            }
            clear();
            end = Math.max(position, last.end());
            return end;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Makes the folder of parts, and throws away what is in it.
    private void clear() throws IOException {
        Files.createDirectories(parts);
        try (Stream<Path> files = Files.list(parts)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
    }

    @Override
    public Outcome deliver(List<Parcel> batch) {
        try {
            for (Parcel parcel : batch) {
                add(parcel);
            }
            return bytes >= shape.size() ? commit() : Outcome.DONE;
        } catch (IOException e) {
            return lost(e);
        }
    }

    private void add(Parcel parcel) throws IOException {
        String prefix = Lines.prefix(parcel, shape.prefix());
        Part part = open.get(prefix);
        if (part == null) {
            if (open.size() >= PARTS_MAX) {
                write();
            }
            if (open.isEmpty()) {
                since = place.clock().instant();
            }
            Files.createDirectories(parts);
            part = Part.open(parts.resolve("part-" + made++), shape.compression());
            open.put(prefix, part);
            part.write(Lines.header(shape));
        }
        bytes += part.write(Lines.of(parcel, shape), parcel.position());
        oldest = Math.min(oldest, parcel.position());
        end = Math.max(end, parcel.position() + 1);
    }

    @Override
    public long held() {
        return oldest;
    }

    @Override
    public Outcome tick() {
        boolean due = !open.isEmpty() && !place.clock().instant().isBefore(since.plus(shape.every()));
        return due ? commit() : Outcome.DONE;
    }

    @Override
    public Outcome flush() {
        return commit();
    }

    private Outcome commit() {
        try {
            write();
            return Outcome.DONE;
        } catch (IOException e) {
            return lost(e);
        }
    }

    private void write() throws IOException {
        if (open.isEmpty()) {
            return;
        }
        Map<String, String> moves = new LinkedHashMap<>();
        for (Map.Entry<String, Part> one : open.entrySet()) {
            Part part = one.getValue();
            part.finish();
            String folder = one.getKey().isEmpty() ? "" : one.getKey() + "/";
            moves.put(String.valueOf(part.file().getFileName()), folder + name(part));
        }
        Commit commit = new Commit(end, moves);
        commit.write(committed);
        commit.apply(parts, place.output());
        open.clear();
        bytes = 0;
        oldest = Long.MAX_VALUE;
    }

    /// @return `hot-0000000000000003-0000000000000009.jsonl.gz`: which parcels are in it, and sorted by them
    private String name(Part part) {
        String range = place.testing() ? "test-" + -part.first() : "%016d-%016d".formatted(part.first(), part.last());
        return place.name() + "-" + range + "." + shape.format().ending + shape.compression().ending;
    }

    /// The parts are gone, unless they were committed: then [#resume] gives them their names.
    private Outcome lost(IOException cause) {
        forget();
        return new Outcome.Lost("files cannot be written below %s: %s. Look after the disk."
                .formatted(place.output(), cause.getMessage()));
    }

    private void forget() {
        for (Part part : open.values()) {
            try {
                part.close();
            } catch (IOException e) {
                // it is thrown away anyhow
            }
        }
        open.clear();
        bytes = 0;
        oldest = Long.MAX_VALUE;
    }

    @Override
    public void close() {
        forget();
    }
}
