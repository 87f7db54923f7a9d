package tributary.app.backup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tributary.model.Fault;
import tributary.model.PlatformException;

/// What the file `version` in a data folder says: which format its files have, and who wrote it last.
///
/// The format counts up when a version writes into the folder what the one before it would misread. Older
/// folders are upgraded by whoever opens a part of them; newer ones are not touched.
///
/// @param format  0 for a folder from before there was this file
/// @param program the version of the program, or "" for such a folder
public record FolderVersion(int format, String program) {
    /// The format that this version writes, and the newest that it reads.
    public static final int FORMAT = 1;

    /// The file's name.
    public static final String FILE = "version";

    private static final Pattern TEXT = Pattern.compile("format (\\d{1,9})\nprogram (\\S{1,100})\n");

    /// Reads a folder's version.
    ///
    /// @param program the version of this program
    /// @throws PlatformException with `DATA_FOLDER` where the folder is newer, or its file says nothing
    public static FolderVersion of(Path data, String program) {
        Path file = data.resolve(FILE);
        if (!Files.exists(file)) {
            return new FolderVersion(0, "");
        }
        String text;
        try {
            text = Files.readString(file);
        } catch (IOException e) {
            throw new PlatformException(Fault.DATA_FOLDER, file + " cannot be read: " + e.getMessage(), e);
        }
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new PlatformException(
                    Fault.DATA_FOLDER,
                    file + " does not say which version of Tributary wrote the folder; nothing was touched.\n"
                            + "  Restore the file, or delete it where you know that this version, %s, wrote the folder."
                                    .formatted(program));
        }
        FolderVersion found = new FolderVersion(Integer.parseInt(matcher.group(1)), matcher.group(2));
        if (found.format > FORMAT) {
            throw new PlatformException(
                    Fault.DATA_FOLDER,
                    ("the data folder %s is of format %d, written by Tributary %s; this is Tributary %s, which knows"
                                    + " formats up to %d. Nothing in it was touched.\n"
                                    + "  Start version %s or a later one on it, or make a folder of a backup from"
                                    + " before: tributary restore BACKUP --data NEW")
                            .formatted(data, found.format, found.program, program, FORMAT, found.program));
        }
        return found;
    }

    /// @return the file's text for a folder that this program writes
    public static String text(String program) {
        return "format " + FORMAT + "\nprogram " + program + "\n";
    }
}
