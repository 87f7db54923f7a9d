package tributary.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.LocationProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tributary.model.TenantId;

/// A catalogue whose answers get lost, come late or speak of something done twice: no row is lost and none is there
/// twice.
class UncertainCommitScenario {
    private static final TenantId MAIN = TenantId.MAIN;
    private static final int LIVES = 12;
    private static final int LIVES_MAX = 60;

    @TempDir
    Path temp;

    private final Map<Answer, Integer> given = new EnumMap<>(Answer.class);
    private final SplittableRandom random = new SplittableRandom(4);

    /// What becomes of a commit.
    private enum Answer {
        /// Done, and told.
        GOOD,
        /// Done, and Iceberg is told that nobody knows.
        LOST,
        /// Done, and Iceberg is told of a failure.
        LOST_AS_FAILURE,
        /// Not done, and told.
        REFUSED,
        /// Told as unknown, and done when the table is looked at the next time.
        LATE,
        /// Told as unknown, and tried when another commit was made in its place.
        TOO_LATE,
        /// Done, and tried a second time.
        TWICE
    }

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void rowsAreThoseOfTheLogWhateverBecomesOfTheAnswersToCommits() throws Exception {
        World world = world(temp.resolve("lake"));
        world.careAtOnce(1 << 20, false);
        world.keepSnapshots(Duration.ofMillis(1));
        world.sealAtOnce();
        int sent = 0;
        // a slow machine makes fewer commits of the same rows, and has fewer answers in as many lives
        for (int life = 0; life < LIVES || given.size() < Answer.values().length && life < LIVES_MAX; life++) {
            IcebergLake lake = world.open(new Catalogue());
            sent = world.sendSixAndCompare(lake, sent, _ -> {});
            lake.close();
        }
        System.out.println("answers: " + given);
        assertThat(given.keySet()).containsExactly(Answer.values());
        try (IcebergLake lake = world.open()) {
            // what the last life could not commit in its last tries is read from the log
            world.awaitVisible(lake);
            World.awaitSealed(lake, MAIN);
            Snapshot snapshot = lake.snapshot(MAIN);
            assertThat(snapshot.hot()).as("what is in memory").isEmpty();
            try (Hold _ = World.hold(lake, snapshot)) {
                assertThat(World.rows(snapshot)).isEqualTo(world.expected(MAIN));
                assertThat(SideContents.of(snapshot, Side.MESSAGES)).hasSameSizeAs(world.messages(MAIN));
                assertThat(RollupContents.of(snapshot))
                        .isEqualTo(RollupContents.expected(snapshot, world.expected(MAIN)));
            }
        }
        assertThat(IcebergView.rows(world, MAIN)).isEqualTo(world.expected(MAIN));
    }

    /// @return an empty one
    World world(Path folder) {
        return new World(folder, 2, 10);
    }

    private final class Catalogue implements Steps {
        @Override
        public void before(Step step) {}

        @Override
        public Table around(Table table) {
            return new BaseTable(new Uncertain(((HasTableOperations) table).operations()), table.name());
        }
    }

    /// Commits of the real catalogue, with answers of chance. For one thread at a time, as its table is.
    private final class Uncertain implements TableOperations {
        private final TableOperations real;
        private @Nullable Runnable late;
        private @Nullable Runnable tooLate;

        Uncertain(TableOperations real) {
            this.real = real;
        }

        private Answer draw() {
            synchronized (given) {
                Answer answer =
                        random.nextInt(3) > 0 ? Answer.GOOD : Answer.values()[random.nextInt(Answer.values().length)];
                given.merge(answer, 1, Integer::sum);
                return answer;
            }
        }

        @Override
        public void commit(TableMetadata base, TableMetadata metadata) {
            Runnable commit = () -> real.commit(base, metadata);
            switch (draw()) {
                case GOOD -> commit.run();
                case LOST -> {
                    commit.run();
                    throw new CommitStateUnknownException(new IllegalStateException("the answer is lost"));
                }
                case LOST_AS_FAILURE -> {
                    commit.run();
                    throw new IllegalStateException("the connection broke");
                }
                case REFUSED -> throw new IllegalStateException("no connection");
                case LATE -> {
                    late = commit;
                    throw new CommitStateUnknownException(new IllegalStateException("no answer yet"));
                }
                case TOO_LATE -> {
                    tooLate = commit;
                    throw new CommitStateUnknownException(new IllegalStateException("no answer yet"));
                }
                case TWICE -> {
                    commit.run();
                    refused(commit);
                }
            }
            Runnable other = tooLate;
            tooLate = null;
            if (other != null) {
                refused(other);
            }
        }

        /// What is of an older state of the table must not get in.
        private static void refused(Runnable commit) {
            try {
                commit.run();
            } catch (CommitFailedException e) {
                return;
            }
            throw new AssertionError("a commit of an older state of the table was taken");
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
}
