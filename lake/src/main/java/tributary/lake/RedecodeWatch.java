package tributary.lake;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Says of a copy of a catalogue, made while a server may be at work, whether each window that was decoded again is in
/// all its tables or in none: a catalogue commits one table at a time. Begun before the copy, asked behind it.
public final class RedecodeWatch {
    private final RedecodeNotes notes;
    private final Set<String> before;

    private RedecodeWatch(RedecodeNotes notes) throws IOException {
        this.notes = notes;
        this.before = notes.names();
    }

    /// @param lake the lake's folder in the data folder, wherever its files are
    public static RedecodeWatch begin(Path lake) throws IOException {
        return new RedecodeWatch(new RedecodeNotes(lake));
    }

    /// What a copy has.
    public interface Copied {
        /// @return by `tenant/table`: which commits of several tables
        Map<String, Set<String>> notes() throws IOException;
    }

    /// @param copy is looked into only where there is need
    /// @return false where it has to be made again
    public boolean whole(Copied copy) throws IOException {
        try {
            List<RedecodeNotes.Note> begun = notes.all();
            Map<String, Set<String>> copied = begun.isEmpty() ? Map.of() : copy.notes();
            for (RedecodeNotes.Note note : begun) {
                long has = note.tables().stream()
                        .map(change -> copied.getOrDefault(note.tenant() + "/" + change.table(), Set.of()))
                        .filter(known -> known.contains(note.id()))
                        .count();
                if (has != 0 && has != note.tables().size()) {
                    return false;
                }
            }
        } catch (NoSuchFileException e) {
            return false; // one ended just now
        }
        // the same names, so that those were there all the time and no other was
        return notes.names().equals(before);
    }
}
