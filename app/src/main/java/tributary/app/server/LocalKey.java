package tributary.app.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import tributary.model.Fault;
import tributary.model.PlatformException;
import tributary.model.TenantId;
import tributary.model.TopicFilter;
import tributary.registry.Credentials;
import tributary.registry.Credentials.Verdict;
import tributary.registry.Principal;

/// The API key with which commands on this machine sign in. It lies in the data folder, readable by its owner only:
/// who can read it could read everything else there too.
final class LocalKey {
    private static final String FILE = "cli.key";

    private LocalKey() {}

    /// Makes the key where there is none that works.
    static void ensure(DataFolder data, Credentials credentials) {
        Path file = data.path().resolve(FILE);
        try {
            if (Files.exists(file) && credentials.verify(Files.readString(file).strip()) instanceof Verdict.Accepted) {
                return;
            }
        } catch (IOException e) {
            // unreadable: a new one replaces it
        }
        Set<TopicFilter> everything = Set.of(new TopicFilter("#"));
        Credentials.Issued key = credentials.issueKey(
                TenantId.MAIN, "commands on this machine", Principal.Role.OWNER, everything, everything, null);
        data.write(FILE, key.secret() + "\n");
    }

    /// @return the key that [#ensure] left
    static String read(DataFolder data) {
        try {
            return Files.readString(data.path().resolve(FILE)).strip();
        } catch (IOException e) {
            throw new PlatformException(
                    Fault.DATA_FOLDER, "cannot read " + data.path().resolve(FILE) + ": " + e, e);
        }
    }
}
