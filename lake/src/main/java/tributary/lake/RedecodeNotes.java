package tributary.lake;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tributary.model.TenantId;

/// What is to be committed to several tables, or to none, each in a file of its own from before the first commit until
/// after the last one: a catalogue commits one table at a time.
final class RedecodeNotes {
    private static final String SUFFIX = ".properties";

    /// Of the one that ended last: it stays, so that whoever looks twice sees that there was one meanwhile.
    private static final String ENDED = ".ended";

    private final Path folder;

    /// @param id     which the commits carry
    /// @param tables in the order of their commits; where the first has none, nothing is to be done
    record Note(String id, TenantId tenant, List<Change> tables) {
        Note {
            tables = List.copyOf(tables);
        }
    }

    /// Files of a table that go, and files that come, as in [RedecodePlan.Part].
    record Change(String table, List<Named> old, List<Named> rewritten, List<Named> added) {
        Change {
            old = List.copyOf(old);
            rewritten = List.copyOf(rewritten);
            added = List.copyOf(added);
        }
    }

    /// @param day days since 1970
    record Named(int day, Path path) {}

    /// @param lake the lake's folder
    RedecodeNotes(Path lake) {
        this.folder = lake.resolve(".redecoded");
    }

    /// @return what was begun and not ended
    List<Note> all() throws IOException {
        List<Note> notes = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file :
                        files.filter(f -> f.toString().endsWith(SUFFIX)).toList()) {
                    notes.add(read(file));
                }
            }
        }
        return notes;
    }

    /// @return another answer than before, where any was begun or ended since
    Set<String> names() throws IOException {
        if (!Files.isDirectory(folder)) {
            return Set.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(SUFFIX) || name.endsWith(ENDED))
                    .collect(Collectors.toSet());
        }
    }

    /// It is on the disk when this returns.
    void save(Note note) throws IOException {
        Folders.make(folder);
        Properties text = new Properties();
        text.setProperty("tenant", note.tenant.value());
        for (int t = 0; t < note.tables.size(); t++) {
            Change files = note.tables.get(t);
            text.setProperty(t + ".table", files.table);
            put(text, t + ".old.", files.old);
            put(text, t + ".rewritten.", files.rewritten);
            put(text, t + ".added.", files.added);
        }
        Path fresh = folder.resolve(note.id + ".new");
        try (Writer out = Files.newBufferedWriter(fresh, StandardCharsets.UTF_8)) {
            text.store(out, null);
        }
        Folders.replace(fresh, folder.resolve(note.id + SUFFIX));
    }

    void end(Note note) throws IOException {
        Path file = folder.resolve(note.id + SUFFIX);
        if (Files.exists(file)) {
            Path ended = folder.resolve(note.id + ENDED);
            Folders.replace(file, ended);
            try (DirectoryStream<Path> others = Files.newDirectoryStream(folder, "*" + ENDED)) {
                for (Path other : others) {
                    if (!other.equals(ended)) {
                        Files.deleteIfExists(other);
                    }
                }
            }
        }
    }

    private static void put(Properties text, String key, List<Named> files) {
        for (int i = 0; i < files.size(); i++) {
            text.setProperty(key + i, files.get(i).day + " " + files.get(i).path);
        }
    }

    private static Note read(Path file) throws IOException {
        Properties text = new Properties();
        try (Reader in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            text.load(in);
        }
        try {
            List<Change> tables = new ArrayList<>();
            for (int t = 0; text.containsKey(t + ".table"); t++) {
                tables.add(new Change(
                        text.getProperty(t + ".table", ""),
                        named(text, t + ".old."),
                        named(text, t + ".rewritten."),
                        named(text, t + ".added.")));
            }
            String name = file.getFileName().toString();
            return new Note(
                    name.substring(0, name.length() - SUFFIX.length()),
                    new TenantId(text.getProperty("tenant", "")),
                    tables);
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    "%s does not say what was decoded again (%s); restore or remove it".formatted(file, e), e);
        }
    }

    private static List<Named> named(Properties text, String key) {
        List<Named> files = new ArrayList<>();
        for (int i = 0; text.containsKey(key + i); i++) {
            String[] words = text.getProperty(key + i, "").split(" ", 2);
            files.add(new Named(Integer.parseInt(words[0]), Path.of(words[1])));
        }
        return files;
    }
}
