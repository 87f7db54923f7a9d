package tributary.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A secret that a setting names the file of, so that it stands in no configuration and in no list of processes.
public final class SecretFile {
    private SecretFile() {}

    /// @param key  the setting, for people
    /// @param file whose first line is the secret
    /// @return the line without spaces around it; "" where the file is empty
    /// @throws IOException that names the setting and what to do, and nothing of the secret
    public static String read(String key, String file) throws IOException {
        try {
            return Files.readString(Path.of(file))
                    .lines()
                    .findFirst()
                    .orElse("")
                    .strip();
        } catch (IOException e) {
            throw new IOException(
                    key + " cannot be read: " + e.getMessage() + ". Name a file whose first line is the secret.", e);
        }
    }
}
