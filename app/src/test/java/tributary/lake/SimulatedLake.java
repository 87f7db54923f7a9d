package tributary.lake;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;
import tributary.decode.PayloadDecoder;
import tributary.log.Log;
import tributary.log.LogReader;
import tributary.model.TenantId;
import tributary.registry.Sensors;
import tributary.testkit.SimulatedClock;

/// The real lake step by step, with real Parquet files and Iceberg tables: what follows the log, and what seals and
/// commits. Lies beside the lake because nothing of this is for anybody else.
public final class SimulatedLake implements AutoCloseable {
    private static final LakeSettings SETTINGS = new LakeSettings(
                    12,
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(2),
                    4_000,
                    1_000,
                    64L << 20,
                    Duration.ofMinutes(15),
                    Duration.ofSeconds(3))
            .with(new LakeSettings.Sides(true, Duration.ofDays(36_500), 64L << 20));

    private static final ParquetFiles JUDGE = new ParquetFiles(64L << 20);

    private final IcebergLake.Unmanned lake;
    private final LogReader reader;

    /// What it lives on.
    ///
    /// @param folder  a real one
    /// @param answers draws what the catalogue answers, or null for one that always does its work
    /// @param dying   told before each step of making rows permanent, and may throw
    /// @param line    changes what it reads from the log, for faults that are planted
    public record World(
            Path folder,
            Log log,
            Sensors sensors,
            SimulatedClock clock,
            @Nullable SplittableRandom answers,
            boolean believing,
            Runnable dying,
            UnaryOperator<LogReader> line) {}

    public SimulatedLake(World world) {
        Steps steps = new Steps() {
            @Override
            public void before(Step step) {
                world.dying().run();
            }

            @Override
            public Table around(Table table) {
                return world.answers() == null
                        ? table
                        : new BaseTable(
                                new MoodyCatalog(
                                        ((HasTableOperations) table).operations(), world.answers(), world.believing()),
                                table.name());
            }
        };
        reader = world.line().apply(world.log().reader("lake"));
        lake = Objects.requireNonNull(
                IcebergLake.openUnmanned(
                        world.folder(),
                        SETTINGS,
                        new LakeInputs(world.log(), new PayloadDecoder(), world.sensors(), world.clock()),
                        steps,
                        reader),
                "a lake in a folder opens");
    }

    /// Takes what the log has next, and does what is due.
    public void follow() throws InterruptedException {
        lake.follower().turn(Duration.ZERO, 0);
    }

    /// @return whether anything waited to be sealed
    public boolean seal() {
        return lake.seals().step();
    }

    /// @return whether it has everything before the log's ends
    public boolean caughtUp(Log log) {
        for (int partition = 0; partition < log.partitions(); partition++) {
            if (lake.lake().visibleUpTo(partition) < log.end(partition)) {
                return false;
            }
        }
        return true;
    }

    /// Lets everything in memory go to files.
    public void freeze() {
        lake.follower().freezeAll();
    }

    /// Tells the log what is in files.
    public void commitReader() {
        lake.follower().commitReader();
    }

    /// @return by partition and position the text of each row of `readings` in files: `sensor=value` of `device`
    public Map<String, List<String>> readings() throws IOException {
        Map<String, List<String>> rows = new TreeMap<>();
        List<Path> files = lake.lake().snapshot(TenantId.MAIN).readings().stream()
                .map(Snapshot.DataFile::path)
                .toList();
        if (!files.isEmpty()) {
            JUDGE.read(
                    "SELECT part || ' ' || position, device || ' ' || sensor || '=' || value FROM "
                            + ParquetFiles.source(files) + " ORDER BY sensor",
                    row -> rows.computeIfAbsent(row.getString(1), _ -> new ArrayList<>())
                            .add(row.getString(2)));
        }
        return rows;
    }

    /// @return by partition and position how many rows of `messages` are in files
    public Map<String, Integer> messages() throws IOException {
        Map<String, Integer> rows = new TreeMap<>();
        List<Path> files = lake.lake().snapshot(TenantId.MAIN).side(Side.MESSAGES).files().stream()
                .map(Snapshot.DataFile::path)
                .toList();
        if (!files.isEmpty()) {
            JUDGE.read(
                    "SELECT part || ' ' || position FROM " + ParquetFiles.source(files),
                    row -> rows.merge(row.getString(1), 1, Integer::sum));
        }
        return rows;
    }

    /// As a killed process ends; files stay.
    @Override
    public void close() {
        lake.close();
        reader.close();
    }
}
