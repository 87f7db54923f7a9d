package tributary.query.worker;

import java.util.ArrayList;
import java.util.List;

/// What a worker process forbids itself through the system before it reads any SQL, by the names that people
/// see.
public final class WallNames {
    static final String FIRST_TO_GO = "first to go when memory is short";
    static final String NO_DUMPS = "no core dumps";
    static final String OPEN_FILES = "open files";
    static final String NO_WRITING = "no byte into any file";
    static final String OWN_FOLDER = "reads only its tenant's folder";
    static final String NO_NETWORK = "no network";
    static final String MEMORY = "memory";

    private static final List<String> ALL =
            List.of(OWN_FOLDER, NO_NETWORK, NO_WRITING, MEMORY, OPEN_FILES, NO_DUMPS, FIRST_TO_GO);

    private WallNames() {}

    /// @param standing names, as a worker says them
    /// @return those that do not stand
    public static List<String> missing(List<String> standing) {
        List<String> missing = new ArrayList<>(ALL);
        missing.removeAll(standing);
        return List.copyOf(missing);
    }
}
