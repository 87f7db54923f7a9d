package tributary.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.decode.Decoder;
import tributary.decode.ReadingSink;
import tributary.model.Message;
import tributary.model.TenantId;

/// A copy of a lake that is made while a window is decoded again is before that or after it, or is known to be neither.
class RedecodeWatchTest {
    private static final TenantId MAIN = TenantId.MAIN;

    @TempDir
    Path temp;

    /// Reads what the former rejects, and rejects what that reads.
    private record Otherwise() implements Decoder {
        @Override
        public void decode(Message message, ReadingSink sink) {
            String text = new String(message.payload(), StandardCharsets.UTF_8);
            if (text.equals("nonsense")) {
                sink.number("recovered", message.receivedMicros(), 1);
            } else {
                sink.rejected(0, "otherwise");
            }
        }
    }

    /// A copy of the catalogue as of a step.
    ///
    /// @param sure whether the watch takes it for whole
    private record Copied(String when, Path folder, boolean sure) {}

    private static Set<String> rows(Lake lake) {
        Snapshot snapshot = lake.snapshot(MAIN);
        Set<String> rows = new TreeSet<>(World.rows(snapshot).keySet());
        rows.addAll(SideContents.of(snapshot, Side.REJECTED).stream()
                .map(row -> row.get("part") + "-" + row.get("position") + " " + row.get("reason"))
                .collect(Collectors.toSet()));
        return rows;
    }

    private World world() {
        World world = new World(temp.resolve("lake"), 1, 10);
        world.careAtOnce(1 << 20, false);
        return world;
    }

    private static Lake.Redecoding all(World world) {
        return new Lake.Redecoding(
                MAIN, 0, Long.MAX_VALUE / 2, new long[1], new long[] {world.log.end(0)}, new Otherwise());
    }

    /// Copies the catalogue alone, as a backup does while the server works.
    private Copied copied(String when) {
        try {
            RedecodeWatch watch = RedecodeWatch.begin(temp.resolve("lake"));
            Path folder = copy(when);
            return new Copied(
                    when, folder, watch.whole(() -> LakeCopy.contents(folder).notes()));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private Path copy(String name) throws IOException {
        Path folder = Files.createDirectory(temp.resolve(name));
        try (Connection connection = DriverManager.getConnection(
                        "jdbc:sqlite:" + temp.resolve("lake").resolve("catalog.db"));
                PreparedStatement vacuum = connection.prepareStatement("VACUUM INTO ?")) {
            vacuum.setString(1, folder.resolve("catalog.db").toString());
            vacuum.execute();
        } catch (SQLException e) {
            throw new IOException(e);
        }
        return folder;
    }

    /// Makes a lake of a copy of the catalogue.
    private Set<String> restored(World world, Path folder) throws Exception {
        Path from = temp.resolve("lake");
        for (Path file : LakeCopy.contents(folder).files()) {
            Path place = folder.resolve(from.relativize(file));
            Files.createDirectories(place.getParent());
            Files.copy(file, place);
        }
        LakeCopy.moved(folder);
        World there = new World(folder, world.log);
        try (IcebergLake lake = there.open()) {
            there.awaitVisible(lake);
            return rows(lake);
        }
    }

    @Test
    void copyOfAnyStepIsBeforeOrAfterWhereTheWatchTakesItForWhole() throws Exception {
        World world = world();
        List<Copied> copies = new ArrayList<>();
        AtomicBoolean looks = new AtomicBoolean();
        Set<String> before;
        Set<String> after;
        try (IcebergLake lake = world.open(step -> {
            if (looks.get() && step.name().startsWith("REDECODE")) {
                copies.add(copied(copies.size() + "-" + step));
            }
        })) {
            world.send(MAIN, "a", "x 1 1");
            world.send(MAIN, "b", "nonsense");
            world.awaitVisible(lake);
            before = rows(lake);
            looks.set(true);
            lake.redecode(all(world));
            looks.set(false);
            after = rows(lake);
            copies.add(copied("end"));
        }

        assertThat(before).isNotEmpty().doesNotContainAnyElementsOf(after);
        Set<String> outcomes = new HashSet<>();
        for (Copied copied : copies) {
            Set<String> seen = restored(world, copied.folder());
            String outcome = seen.equals(before) ? "before" : seen.equals(after) ? "after" : "neither";
            outcomes.add(outcome);
            assertThat(outcome.equals("neither")).as(copied + " has " + seen).isNotEqualTo(copied.sure());
        }
        assertThat(outcomes).containsExactlyInAnyOrder("before", "neither", "after");
    }

    @Test
    void copyDuringWhichAWindowWasDecodedIsMadeAgain() throws Exception {
        World world = world();
        try (IcebergLake lake = world.open()) {
            world.send(MAIN, "a", "x 1 1");
            world.awaitVisible(lake);
            for (int time = 0; time < 3; time++) {
                RedecodeWatch watch = RedecodeWatch.begin(world.folder);
                lake.redecode(all(world));
                Map<String, Set<String>> notes = LakeCopy.contents(world.folder).notes();
                assertThat(watch.whole(() -> notes)).as("time " + time).isFalse();
                assertThat(RedecodeWatch.begin(world.folder).whole(() -> notes)).isTrue();
            }
        }
    }

    @Test
    void folderOfAServerThatDiedBetweenTwoTablesIsWholeOnceItRanAgain() throws Exception {
        World world = world();
        AtomicInteger commits = new AtomicInteger();
        IcebergLake lake = world.open(step -> {
            if (step == Steps.Step.REDECODE_COMMIT && commits.incrementAndGet() == 2) {
                throw new Killed();
            }
        });
        world.send(MAIN, "a", "x 1 1");
        world.send(MAIN, "b", "nonsense");
        world.awaitVisible(lake);
        try {
            lake.redecode(all(world));
            throw new AssertionError("it goes on");
        } catch (Killed e) {
            lake.abandon();
        }
        assertThat(copied("dead").sure()).isFalse();
        world.open().close();
        assertThat(copied("alive").sure()).isTrue();
    }

    /// What no handler of a failure sees.
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1;
    }
}
