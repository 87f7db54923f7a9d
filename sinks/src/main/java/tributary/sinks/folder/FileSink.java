package tributary.sinks.folder;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tributary.sinks.Outcome;
import tributary.sinks.Parcel;
import tributary.sinks.Raw;
import tributary.sinks.Sink;
import tributary.sinks.SinkType.Place;

/// Writes parcels into parts, one a folder, and puts all of them where they belong in one go when they are large or
/// old enough.
///
/// What is in parts is not delivered: after a crash they are thrown away and the parcels come again. Parts that are
/// whole are first *committed*: written down with the names that they will have. From then on they are put on the
/// shelf, again and again until all are there, and their parcels do not come again. So there is no half file and no
/// parcel twice, whatever dies in between.
final class FileSink implements Sink {
    private static final int PARTS_MAX = 64;
    private static final String RAW = "raw/";

    private final Shape shape;
    private final Place place;
    private final Shelf shelf;
    private final Path committed;

    /// By the path that they will have before their name.
    private final Map<String, Part> open = new LinkedHashMap<>();

    /// What is written down and not yet all on the shelf.
    private @Nullable Commit pending;

    private Instant since = Instant.EPOCH;
    private long bytes;
    private long oldest = Long.MAX_VALUE;
    private long end;
    private int made;

    FileSink(Shape shape, Place place, Shelf shelf) {
        this.shape = shape;
        this.place = place;
        this.shelf = shelf;
        this.committed = place.state().resolve("files" + mark(place));
    }

    /// @return what tells the files of a test from those of the sink at work
    static String mark(Place place) {
        return place.testing() ? "-test" : "";
    }

    @Override
    public long resume(long position) {
        try {
            Commit last = Commit.read(committed);
            pending = last.moves().isEmpty() ? null : last;
            oldest = pending == null ? Long.MAX_VALUE : position;
            if (pending != null && shelve() instanceof Outcome.Done) {
                // parts of this life may have the names that parts of an earlier one had
                new Commit(last.end(), Map.of()).write(committed);
            }
            clear(pending == null ? Set.of() : last.moves().keySet());
            end = Math.max(position, last.end());
            return end;
        } catch (IOException e) {
            throw new UncheckedIOException(trouble(e), e);
        }
    }

    /// Makes the folder of parts, and throws away what is in it.
    private void clear(Set<String> but) throws IOException {
        Files.createDirectories(shelf.parts());
        try (Stream<Path> files = Files.list(shelf.parts())) {
            for (Path file : files.toList()) {
                String name = String.valueOf(file.getFileName());
                if (but.contains(name)) {
                    made = Math.max(made, Part.number(name) + 1);
                } else {
                    Files.delete(file);
                }
            }
        }
    }

    @Override
    public Outcome deliver(List<Parcel> batch) {
        Outcome before = shelve();
        if (!(before instanceof Outcome.Done)) {
            return before;
        }
        int done = 0;
        try {
            for (Parcel parcel : batch) {
                Outcome room = room(parcel);
                if (!(room instanceof Outcome.Done)) {
                    return room.after(done);
                }
                add(parcel);
                done++;
            }
        } catch (ColumnType.Misfit e) {
            return new Outcome.Refused(done, e.what());
        } catch (IOException e) {
            return lost(e);
        }
        // what is written down is delivered later where the shelf is away, so the batch is done
        Outcome after = bytes >= shape.size() ? commit() : Outcome.DONE;
        return after.after(batch.size());
    }

    /// Parcels of many hours are many parts, each an open file.
    private Outcome room(Parcel parcel) {
        boolean full = open.size() >= PARTS_MAX && !open.containsKey(Lines.prefix(parcel, shape.prefix()));
        return full ? commit() : Outcome.DONE;
    }

    private void add(Parcel parcel) throws IOException, ColumnType.Misfit {
        String line = Lines.of(parcel, shape);
        String prefix = Lines.prefix(parcel, shape.prefix());
        if (open.isEmpty()) {
            since = place.clock().instant();
            oldest = parcel.position();
        }
        bytes += part(prefix, shape.format()).write(line, parcel.position());
        Raw raw = parcel.raw();
        if (raw != null && !shape.showsRaw()) {
            bytes += part(RAW + prefix, Shape.Format.JSON_LINES).raw(raw, parcel.position());
        }
        oldest = Math.min(oldest, parcel.position());
        end = Math.max(end, parcel.position() + 1);
    }

    private Part part(String folder, Shape.Format format) throws IOException {
        Part part = open.get(folder);
        if (part == null) {
            Files.createDirectories(shelf.parts());
            part = Part.open(shelf.parts(), made++, format, shape);
            open.put(folder, part);
        }
        return part;
    }

    @Override
    public long held() {
        return oldest;
    }

    @Override
    public Outcome tick() {
        Outcome before = shelve();
        boolean due = !open.isEmpty() && !place.clock().instant().isBefore(since.plus(shape.every()));
        return due && before instanceof Outcome.Done ? commit() : before;
    }

    @Override
    public Outcome flush() {
        Outcome before = shelve();
        return before instanceof Outcome.Done ? commit() : before;
    }

    /// Writes down which parts become which files, and puts them on the shelf.
    private Outcome commit() {
        if (open.isEmpty()) {
            return Outcome.DONE;
        }
        try {
            Map<String, String> moves = new LinkedHashMap<>();
            for (Map.Entry<String, Part> one : open.entrySet()) {
                Part part = one.getValue();
                Path whole = part.finish();
                String folder =
                        one.getKey().isEmpty() || one.getKey().endsWith("/") ? one.getKey() : one.getKey() + "/";
                moves.put(String.valueOf(whole.getFileName()), folder + name(part));
            }
            Commit commit = new Commit(end, moves);
            commit.write(committed);
            pending = commit;
            open.clear();
            bytes = 0;
        } catch (IOException e) {
            return lost(e);
        }
        return shelve();
    }

    /// Puts what is written down where it belongs.
    private Outcome shelve() {
        Commit commit = pending;
        if (commit == null) {
            return Outcome.DONE;
        }
        try {
            shelf.put(commit.moves());
            pending = null;
            oldest = Long.MAX_VALUE;
            return Outcome.DONE;
        } catch (IOException e) {
            return Outcome.away("files cannot be put %s: %s".formatted(shelf.place(), e.getMessage()));
        }
    }

    /// @return `hot-0000000000000003-0000000000000009.jsonl.gz`: which parcels are in it, and sorted by them
    private String name(Part part) {
        String range = place.testing() ? "test-" + -part.first() : "%016d-%016d".formatted(part.first(), part.last());
        return place.name() + "-" + range + "." + part.ending();
    }

    /// The parts are gone, unless they were committed: then [#resume] puts them on the shelf.
    private Outcome lost(IOException cause) {
        forget();
        return new Outcome.Lost(trouble(cause));
    }

    private String trouble(IOException cause) {
        return "files cannot be written in %s: %s. Look after the disk.".formatted(shelf.parts(), cause.getMessage());
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
        shelf.close();
        if (place.testing()) {
            forgetTest();
        }
    }

    /// A test that did not arrive is told, and not tried again.
    private void forgetTest() {
        try {
            pending = null;
            clear(Set.of());
            Files.delete(shelf.parts());
            Files.deleteIfExists(committed);
        } catch (IOException e) {
            // the next test throws it away
        }
    }
}
