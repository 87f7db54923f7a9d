package tributary.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tributary.lake.Side;
import tributary.lake.Snapshot;
import tributary.lake.Snapshot.DataFile;
import tributary.lake.Snapshot.SideTable;
import tributary.model.TenantId;

/// The tenant's own files of the lake, listed and downloaded. Real ones: `files.spec.ts` of the portal.
class LakeFilesTest {
    private static final long DAY_MICROS = 86_400_000_000L;

    @TempDir
    Path data;

    private World world;

    @BeforeEach
    void start() throws IOException {
        world = new World(data.resolve("world"));
        world.lake.snapshots.put(
                TenantId.MAIN,
                new Snapshot(
                        TenantId.MAIN,
                        List.of(
                                file(TenantId.MAIN, "readings", "1970-01-02", "two.parquet"),
                                file(TenantId.MAIN, "readings", "1970-01-02", "one.parquet"),
                                file(TenantId.MAIN, "readings", "1970-01-03", "three.parquet")),
                        List.of(),
                        Map.of(
                                Side.EVENTS,
                                new SideTable(
                                        List.of(file(TenantId.MAIN, "events", "1970-01-02", "event.parquet")),
                                        List.of())),
                        List.of()));
        world.lake.snapshots.put(
                World.OTHER,
                new Snapshot(
                        World.OTHER,
                        List.of(file(World.OTHER, "readings", "1970-01-02", "theirs.parquet")),
                        List.of(),
                        Map.of(),
                        List.of()));
    }

    @AfterEach
    void stop() {
        world.close();
    }

    private DataFile file(TenantId tenant, String table, String day, String name) throws IOException {
        Path path = data.resolve("lake/" + tenant.value() + "/" + table + "/data/ts_day=" + day + "/" + name);
        Files.createDirectories(path.getParent());
        Files.writeString(path, "bytes of " + name);
        return new DataFile(path, 10, 20, false, DAY_MICROS, 2 * DAY_MICROS, "a", "b");
    }

    @Test
    void tablesHaveTheirDaysAndSums() {
        JsonNode tables = world.get(world.viewer, "/api/v1/lake/tables").json().path("tables");
        JsonNode readings = tables.path(0);
        assertThat(readings.path("table").asString()).isEqualTo("readings");
        assertThat(readings.path("files").intValue()).isEqualTo(3);
        assertThat(readings.path("rows").intValue()).isEqualTo(30);
        assertThat(readings.path("bytes").intValue()).isEqualTo(60);
        assertThat(Json.text(readings.path("days")))
                .isEqualTo("[{\"day\":\"1970-01-03\",\"files\":1,\"rows\":10,\"bytes\":20},"
                        + "{\"day\":\"1970-01-02\",\"files\":2,\"rows\":20,\"bytes\":40}]");
        assertThat(tables).hasSize(4);
    }

    @Test
    void filesOfADayAreListedAndComeAsTheyAre() {
        JsonNode files = world.get(world.viewer, "/api/v1/lake/tables/readings/files?day=1970-01-02")
                .json()
                .path("files");
        assertThat(files).hasSize(2);
        assertThat(files.path(0).path("file").asString()).isEqualTo("one.parquet");
        assertThat(files.path(0).path("minTs").asString()).isEqualTo("1970-01-02T00:00:00Z");
        World.Reply bytes = world.get(world.viewer, "/api/v1/lake/tables/readings/files/one.parquet");
        assertThat(bytes.text()).isEqualTo("bytes of one.parquet");
        assertThat(bytes.header("Content-Type")).isEqualTo("application/vnd.apache.parquet");
        assertThat(world.get(world.viewer, "/api/v1/lake/tables/events/files/event.parquet")
                        .text())
                .isEqualTo("bytes of event.parquet");
    }

    @Test
    void filesOfOthersAndWaysOutOfTheFolderAreTheSame404() {
        World.Reply nothing = world.get(world.viewer, "/api/v1/lake/tables/readings/files/never.parquet");
        assertThat(nothing.status()).isEqualTo(404);
        for (String path : List.of(
                "readings/files/theirs.parquet",
                "events/files/one.parquet",
                "readings/files/%2e%2e%2fone.parquet",
                "readings/files/..%2f..%2f..%2f..%2fworld%2fregistry.db",
                "readings/files/ts_day=1970-01-02%2fone.parquet",
                "%2e%2e/files/one.parquet",
                "metadata/files")) {
            World.Reply reply = world.get(world.viewer, "/api/v1/lake/tables/" + path);
            assertThat(reply.status()).as(path).isEqualTo(404);
            assertThat(reply.text()).as(path).isEqualTo(nothing.text());
        }
        assertThat(world.get(world.stranger, "/api/v1/lake/tables/readings/files/theirs.parquet")
                        .text())
                .isEqualTo("bytes of theirs.parquet");
        assertThat(world.get(world.stranger, "/api/v1/lake/tables").text())
                .contains("\"files\":1")
                .doesNotContain("1970-01-03");
    }

    @Test
    void fileThatWasMergedAwayMeanwhileIsGone() throws IOException {
        Files.delete(data.resolve("lake/main/readings/data/ts_day=1970-01-03/three.parquet"));
        assertThat(world.get(world.viewer, "/api/v1/lake/tables/readings/files/three.parquet")
                        .status())
                .isEqualTo(404);
    }
}
