package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Files of every kind that can be imported, through the real program into a real server.
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class ImportIT {
    private static final Duration SOON = Duration.ofSeconds(90);

    @TempDir
    private Path temp;

    private ServerProcess server;
    private Rest rest;

    @BeforeEach
    void start() throws IOException {
        server = ServerProcess.start(temp.resolve("data"));
        rest = Rest.of(server);
    }

    @AfterEach
    void stop() throws InterruptedException {
        server.close();
    }

    private ServerProcess.Outcome load(String... arguments) throws Exception {
        List<String> all =
                new ArrayList<>(List.of("import", "--data", temp.resolve("data").toString()));
        all.addAll(List.of(arguments));
        return ServerProcess.run(all.toArray(new String[0]));
    }

    private String file(String name, String text) throws IOException {
        return Files.writeString(temp.resolve(name), text).toString();
    }

    /// @return all readings of a device, in order
    private List<String> readings(String device) throws Exception {
        Await.until("everything becomes visible", SOON, rest::everythingVisible);
        List<String> found = new ArrayList<>();
        for (JsonNode row : rest.sql(
                "SELECT sensor, ts, value, text FROM readings WHERE device = '" + device + "' ORDER BY sensor, ts")) {
            found.add(row.path(0).asString() + " " + row.path(1).asString() + " "
                    + (row.path(2).isNull()
                            ? row.path(3).asString()
                            : row.path(2).asString()));
        }
        return found;
    }

    @Test
    void rowsOfWideAndLongFilesKeepTheirTimesAndWhatIsRefusedIsToldWithItsRow() throws Exception {
        rest.device("pump");
        String wide = file(
                "wide.csv",
                "\ufeffdevice,time,temperature,\"door.open\",note\r\n"
                        + "pump,2026-01-01 12:00:00,21.5,true,\"says \"\"hi\"\",\nand more\"\r\n"
                        + "pump,2026-01-01 12:00:01,,false,\r\n"
                        + "ghost,2026-01-01 12:00:00,1,,\r\n"
                        + "pump,noon,1,,\r\n"
                        + "pump,2026-01-01 12:00:02,1\r\n");

        ServerProcess.Outcome refused = load(wide);
        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.err()).contains("--zone UTC");

        ServerProcess.Outcome would = load(wide, "--zone", "Europe/Berlin", "--again", "--dry-run");
        assertThat(would.exit()).isEqualTo(1);
        assertThat(would.err())
                .contains("3 rows of 2 devices would be sent, 2 refused; nothing was done")
                .contains("1 times: 'noon' is no time")
                .contains("device ghost is not there: its rows would be refused");
        assertThat(rest.number("SELECT count(*) FROM readings")).isZero();

        ServerProcess.Outcome outcome = load(wide, "--zone", "Europe/Berlin", "--again");
        assertThat(outcome.err())
                .contains("5 rows, 4 readings stored, 3 refused")
                .contains("no device 'ghost'");
        assertThat(outcome.exit()).isEqualTo(1);
        assertThat(Path.of(wide + ".refused.csv"))
                .content()
                .startsWith("row,device,reason\n")
                .contains("3,\"ghost\",\"there is no device")
                .contains("4,\"pump\",\"'noon' is no time")
                .contains("5,\"\",\"the row has 3 cells and the header has 5\"");
        assertThat(readings("pump"))
                .containsExactly(
                        "door.open 2026-01-01T11:00:00Z 1.0",
                        "door.open 2026-01-01T11:00:01Z 0.0",
                        "note 2026-01-01T11:00:00Z says \"hi\",\nand more",
                        "temperature 2026-01-01T11:00:00Z 21.5");

        String tall = file(
                "long.csv",
                "unit;at;name;reading\nfan;1767268800.5;rpm;1200\nfan;1767268801;serial;00417\nfan;1767268801;rpm;NaN\n");
        outcome = load(
                tall,
                "--delimiter",
                ";",
                "--device-column",
                "unit",
                "--time-column",
                "at",
                "--time-unit",
                "s",
                "--sensor-column",
                "name",
                "--value-column",
                "reading",
                "--as-text",
                "serial",
                "--add-devices");
        assertThat(outcome.exit()).as(outcome.err()).isZero();
        assertThat(outcome.err()).contains("3 rows, 2 readings stored, 0 refused");
        assertThat(readings("fan"))
                .containsExactly("rpm 2026-01-01T12:00:00.500Z 1200.0", "serial 2026-01-01T12:00:01Z 00417");

        outcome = load(wide, "--device-column", "nowhere", "--again");
        assertThat(outcome.exit()).isEqualTo(2);
        assertThat(outcome.err()).contains("there is no column 'nowhere'; there are: device, time, temperature");
    }

    @Test
    void parquetLineProtocolAndThingsBoardAreReadAndComingTwiceIsOneRow() throws Exception {
        Path parquet = temp.resolve("history.parquet");
        try (Connection duck = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duck.createStatement()) {
            statement.execute("COPY (SELECT 'mill-' || (i % 2) AS machine, TIMESTAMPTZ '2026-02-01 00:00:00+00'"
                    + " + to_microseconds(i * 1000001) AS at, i AS load, i / 4 AS wear, i % 3 = 0 AS busy FROM range(3000) r(i))"
                    + " TO '" + parquet + "' (FORMAT parquet)");
        }
        ServerProcess.Outcome outcome = load(
                parquet.toString(),
                "--device-column",
                "machine",
                "--time-column",
                "at",
                "--columns",
                "load,wear=wear.part,busy",
                "--add-devices");
        assertThat(outcome.exit()).as(outcome.err()).isZero();
        Await.until("everything becomes visible", SOON, rest::everythingVisible);
        assertThat(rest.number("SELECT count(*) FROM readings WHERE device LIKE 'mill-%'"))
                .isEqualTo(9000);
        assertThat(rest.number("SELECT CAST(sum(value) AS BIGINT) FROM readings WHERE sensor = 'load'"))
                .isEqualTo(2999L * 3000 / 2);
        assertThat(rest.number("SELECT CAST(4 * sum(value) AS BIGINT) FROM readings WHERE sensor = 'wear.part'"))
                .isEqualTo(2999L * 3000 / 2);
        assertThat(rest.number("SELECT epoch_us(max(ts)) FROM readings WHERE sensor = 'busy'"))
                .isEqualTo(1_769_904_000_000_000L + 2999L * 1_000_001);

        String lines = file(
                "influx.lp",
                "# DML\nweather,serial=ws-1,site=north temperature=21.5,wet=t 1769904000\n"
                        + "weather,serial=ws-1 temperature=warm 1769904000\nweather temperature=1 1769904000\n");
        outcome = load(lines, "--device-tag", "serial", "--time-unit", "s", "--add-devices");
        assertThat(outcome.err()).contains("2 readings stored, 2 refused");
        assertThat(Path.of(lines + ".refused.csv"))
                .content()
                .contains("3,\"ws-1\",")
                .contains("4,\"\",");
        assertThat(readings("ws-1"))
                .containsExactly(
                        "weather[site=north].temperature 2026-02-01T00:00:00Z 21.5",
                        "weather[site=north].wet 2026-02-01T00:00:00Z 1.0");

        String telemetry = file(
                "boiler-7.json",
                "{\"temperature\": [{\"ts\": 1769904000000, \"value\": \"21.5\"}, {\"ts\": 1769904001000, \"value\": \"22\"}],"
                        + " \"state\": [{\"ts\": 1769904000000, \"value\": \"idle\"}]}");
        assertThat(load(telemetry, "--add-devices").exit()).isZero();
        assertThat(load(telemetry).err()).contains("imported before");
        assertThat(load(telemetry, "--again").err()).contains("3 readings stored");
        assertThat(readings("boiler-7"))
                .containsExactly(
                        "state 2026-02-01T00:00:00Z idle",
                        "temperature 2026-02-01T00:00:00Z 21.5",
                        "temperature 2026-02-01T00:00:01Z 22.0");
    }

    @Test
    void importThatIsKilledGoesOnWhereItWas() throws Exception {
        int rows = 300_000;
        StringBuilder text = new StringBuilder("device,ts,seq,half\n");
        for (int i = 0; i < rows; i++) {
            text.append("unit-").append(i % 50).append(',').append(1_769_904_000_000L + i * 10L);
            text.append(',').append(i).append(',').append(i / 2.0).append('\n');
        }
        Path csv = Path.of(file("big.csv", text.toString()));
        Path place = temp.resolve("big.csv.import");
        Process first = ServerProcess.begin(
                "import", "--data", temp.resolve("data").toString(), csv.toString(), "--add-devices");
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
        while (first.isAlive() && !(Files.exists(place) && pieces(place) > 0)) {
            assertThat(System.nanoTime()).as("the first batch is through").isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(5);
        }
        first.destroyForcibly();
        first.waitFor();
        long through = pieces(place);
        assertThat(through).as("it was cut off in the middle").isBetween(1L, rows - 1L);

        ServerProcess.Outcome outcome = load(csv.toString(), "--add-devices", "--json");
        assertThat(outcome.exit()).as(outcome.err()).isZero();
        JsonNode answer = Rest.JSON.readTree(outcome.out());
        assertThat(answer.path("rows").asLong()).isEqualTo(rows);
        assertThat(answer.path("readings").asLong()).isEqualTo(2L * rows);
        Await.until("everything becomes visible", SOON, rest::everythingVisible);
        assertThat(rest.number("SELECT count(*) FROM readings WHERE device LIKE 'unit-%'"))
                .isEqualTo(2L * rows);
        assertThat(rest.number("SELECT CAST(sum(value) AS BIGINT) FROM readings WHERE sensor = 'seq'"))
                .isEqualTo((rows - 1L) * rows / 2);
    }

    private static long pieces(Path place) throws IOException {
        return Rest.JSON.readTree(Files.readString(place)).path("pieces").asLong();
    }
}
