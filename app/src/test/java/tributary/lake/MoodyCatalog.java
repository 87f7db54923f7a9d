package tributary.lake;

import java.util.SplittableRandom;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.LocationProvider;
import org.jspecify.annotations.Nullable;

/// Commits of the real catalogue, of which some are refused, and of some the answer is lost, or comes before the work.
final class MoodyCatalog implements TableOperations {
    private final TableOperations real;
    private final SplittableRandom random;
    private final boolean believing;
    private @Nullable Runnable late;

    /// @param believing whether a refusal is taken for success, which is a mistake
    MoodyCatalog(TableOperations real, SplittableRandom random, boolean believing) {
        this.real = real;
        this.random = random;
        this.believing = believing;
    }

    @Override
    public void commit(TableMetadata base, TableMetadata metadata) {
        Runnable commit = () -> real.commit(base, metadata);
        switch (random.nextInt(8)) {
            case 0 -> {
                if (!believing) {
                    throw new IllegalStateException("no connection");
                }
            }
            case 1 -> {
                commit.run();
                throw new CommitStateUnknownException(new IllegalStateException("the answer is lost"));
            }
            case 2 -> {
                commit.run();
                throw new IllegalStateException("the connection broke");
            }
            case 3 -> {
                late = commit;
                throw new CommitStateUnknownException(new IllegalStateException("no answer yet"));
            }
            case 4 -> {
                commit.run();
                try {
                    commit.run();
                } catch (CommitFailedException e) {
                    return;
                }
                throw new AssertionError("a commit of an older state of the table was taken");
            }
            default -> commit.run();
        }
    }

    @Override
    public TableMetadata current() {
        return real.current();
    }

    @Override
    public TableMetadata refresh() {
        Runnable commit = late;
        late = null;
        if (commit != null) {
            commit.run();
        }
        return real.refresh();
    }

    @Override
    public FileIO io() {
        return real.io();
    }

    @Override
    public String metadataFileLocation(String fileName) {
        return real.metadataFileLocation(fileName);
    }

    @Override
    public LocationProvider locationProvider() {
        return real.locationProvider();
    }

    @Override
    public boolean requireStrictCleanup() {
        return real.requireStrictCleanup();
    }
}
