package tributary.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static tributary.query.QueryWorld.MAIN;
import static tributary.query.QueryWorld.micros;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.model.DeviceId;
import tributary.query.QueryWorld.Row;
import tributary.registry.Device;
import tributary.registry.Sensors;

/// Files that are in a bucket: the worker says which it needs, and has them while the query runs.
class FarFilesTest {
    @TempDir
    Path data;

    private QueryWorld world;
    private FarFiles far;
    private Path first;
    private Path second;

    @BeforeEach
    void open() throws IOException {
        world = new QueryWorld(data);
        far = new FarFiles(data.resolve("far"));
        world.far = far;
        world.add(MAIN, Row.of("pump-1", "temp", micros("2026-01-01T00:00:00Z"), 20, 1));
        world.add(MAIN, Row.of("pump-1", "temp", micros("2026-01-01T00:00:01Z"), 21.5, 2));
        first = world.seal(MAIN);
        world.add(MAIN, Row.of("pump-2", "temp", micros("2026-01-02T00:00:00Z"), 30, 3));
        second = world.seal(MAIN);
        far.take(first);
        far.take(second);
        world.add(MAIN, Row.of("pump-2", "temp", micros("2026-01-02T00:00:01Z"), 31, 4));
    }

    @AfterEach
    void close() {
        world.close();
    }

    @Test
    void filesAreFetchedForAStatementAndLetGoAfterIt() {
        assertThat(world.rows("SELECT device, value FROM readings ORDER BY ts"))
                .containsExactly("pump-1,20.0", "pump-1,21.5", "pump-2,30.0", "pump-2,31.0");
        assertThat(far.fetched).containsExactlyInAnyOrder(first, second);
        assertThat(far.here()).as("files that are still held").isZero();
        assertThat(world.rows("SELECT count(*) FROM readings")).containsExactly("4");
    }

    @Test
    void statementThatNamesNoReadingsFetchesNone() {
        assertThat(world.rows("SELECT count(*) FROM devices")).containsExactly("0");
        assertThat(world.rows("SELECT 1")).containsExactly("1");
        assertThat(far.fetched).isEmpty();
    }

    @Test
    void seriesFetchOnlyFilesOfTheirDevicesAndTime() {
        String answer = series("pump-2", "2026-01-01T00:00:00Z", "2026-01-03T00:00:00Z");
        assertThat(answer.lines().skip(1)).hasSize(2);
        assertThat(far.fetched).containsExactly(second);
        assertThat(series("pump-1", "2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z")
                        .lines()
                        .skip(1))
                .isEmpty();
        assertThat(far.fetched).as("nothing more").containsExactly(second);
    }

    @Test
    void viewOfADeviceTypeIsMadeOfFarFiles() {
        world.device(new Device(MAIN, new DeviceId("pump-1"), null, "pump", Map.of(), "{}", Instant.EPOCH));
        world.sensor(new Sensors.Sensor(
                MAIN, new DeviceId("pump-1"), "temp", Sensors.Kind.NUMBER, "", null, null, Instant.EPOCH));
        assertThat(world.rows("SELECT device, temp FROM pump ORDER BY ts"))
                .containsExactly("pump-1,20.0", "pump-1,21.5");
    }

    @Test
    void failedAndWrongStatementsLetGoToo() {
        assertThatThrownBy(() -> world.rows("SELECT error('no') FROM readings")).isInstanceOf(QueryException.class);
        assertThatThrownBy(() -> world.rows("SELECT nothing FROM readings")).isInstanceOf(QueryException.class);
        assertThat(far.here()).isZero();
        assertThat(world.rows("SELECT count(*) FROM readings")).containsExactly("4");
    }

    @Test
    void statementThatNeedsMoreThanMayBeHereSaysWhatToDo() {
        far.bytesMax = 10;
        assertThatThrownBy(() -> world.rows("SELECT count(*) FROM readings"))
                .isInstanceOf(QueryException.class)
                .hasMessageContaining("lake.copies-max");
        assertThat(far.fetched).isEmpty();
        assertThat(world.rows("SELECT count(*) FROM devices")).containsExactly("0");
    }

    private String series(String device, String from, String to) {
        QueryEngine.SeriesRequest request = new QueryEngine.SeriesRequest(
                List.of(new QueryEngine.SeriesName(new DeviceId(device), "temp")),
                Instant.parse(from),
                Instant.parse(to),
                new QueryEngine.Sampling.Raw());
        return new String(
                QueryWorld.write(
                        world.engine.series(MAIN, request, QueryWorld.within(Duration.ofSeconds(20))), RowFormat.CSV),
                StandardCharsets.UTF_8);
    }
}
