package tributary.app.score;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What `native/power.c` wrote down and was not flushed afterwards: what a power cut may take back.
final class FileJournal {
    private static final int HEADER_BYTES = 64;

    /// Of a file, by its number: bytes that were replaced, oldest first.
    final Map<Long, List<Write>> writes = new HashMap<>();

    /// Of names in folders, oldest first.
    final List<Named> names = new ArrayList<>();

    enum Kind {
        WRITE,
        SYNC,
        CREATE,
        BORN,
        RENAME,
        UNLINK,
        MKDIR,
        CANCEL
    }

    /// @param from  where bytes were written
    /// @param count how many
    /// @param size  of the file before
    /// @param old   what was there before, as far as the file went
    record Write(long seq, long from, long count, long size, byte[] old) {}

    /// @param grave the name of what was there before, in the folder for what is removed; 0 is none
    record Named(long seq, Kind kind, Set<Long> folders, Path path, Path to, long grave) {}

    /// Reads it to its end, which may be in the middle of a record.
    static FileJournal read(Path file) throws IOException {
        FileJournal journal = new FileJournal();
        try (InputStream stream = Files.newInputStream(file);
                DataInputStream in = new DataInputStream(new BufferedInputStream(stream, 1 << 20))) {
            while (true) {
                journal.record(in);
            }
        } catch (EOFException e) {
            return journal;
        }
    }

    private void record(DataInputStream in) throws IOException {
        byte[] bytes = new byte[HEADER_BYTES];
        in.readFully(bytes);
        ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        long seq = header.getLong();
        long file = header.getLong();
        long folder = header.getLong();
        long from = header.getLong();
        long count = header.getLong();
        long size = header.getLong();
        Kind kind = Kind.values()[header.getInt() - 1];
        byte[] first = new byte[header.getInt()];
        byte[] second = new byte[header.getInt()];
        byte[] old = new byte[header.getInt()];
        in.readFully(first);
        in.readFully(second);
        in.readFully(old);
        switch (kind) {
            case WRITE ->
                writes.computeIfAbsent(file, _ -> new ArrayList<>()).add(new Write(seq, from, count, size, old));
            case SYNC -> flushed(file, from);
            case BORN -> writes.remove(file);
            case CANCEL -> names.removeIf(name -> name.seq == from);
            case CREATE, RENAME, UNLINK, MKDIR -> {
                Set<Long> folders = new HashSet<>(Set.of(folder));
                if (kind == Kind.RENAME) {
                    folders.add(file);
                }
                names.add(new Named(seq, kind, folders, path(first), path(second), from));
            }
        }
    }

    private void flushed(long file, long upTo) {
        List<Write> of = writes.get(file);
        if (of != null) {
            of.removeIf(write -> write.seq <= upTo);
            if (of.isEmpty()) {
                writes.remove(file);
            }
        }
        names.forEach(name -> {
            if (name.seq <= upTo) {
                name.folders.remove(file);
            }
        });
        names.removeIf(name -> name.folders.isEmpty());
    }

    private static Path path(byte[] bytes) {
        return Path.of(new String(bytes, StandardCharsets.UTF_8));
    }
}
