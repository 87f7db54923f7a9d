package tributary.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static tributary.query.QueryWorld.MAIN;
import static tributary.query.QueryWorld.at;
import static tributary.query.QueryWorld.micros;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.model.DeviceId;
import tributary.model.TenantId;
import tributary.query.QueryWorld.Row;
import tributary.registry.Device;
import tributary.registry.Sensors;

/// The views of device types: one row for each device and time, one column for each sensor.
class TypeViewsTest {
    private static final Instant NOON = at("2026-01-01T12:00:00Z");

    @TempDir
    Path data;

    QueryWorld world;
    private long position;

    @BeforeEach
    void open() {
        world = new QueryWorld(data);
    }

    @AfterEach
    void close() {
        world.close();
    }

    private void device(String id, String type) {
        world.device(new Device(MAIN, new DeviceId(id), null, type, Map.of(), "{}", NOON));
    }

    private void sensor(String device, String path, Sensors.Kind kind, int minute) {
        world.sensor(new Sensors.Sensor(
                MAIN, new DeviceId(device), path, kind, "", null, null, NOON.plusSeconds(60L * minute)));
    }

    private void reads(String device, String sensor, String time, double value) {
        world.add(MAIN, Row.of(device, sensor, micros("2026-01-01T" + time + "Z"), value, position++));
    }

    private void says(String device, String sensor, String time, String text) {
        long ts = micros("2026-01-01T" + time + "Z");
        world.add(MAIN, new Row(device, sensor, ts, Double.NaN, text, ts, 0, position++, false));
    }

    /// Two pumps and a fan, partly in a file and partly not yet.
    private void pumpsAndFan() {
        device("p1", "pump");
        device("p2", "pump");
        device("f1", "fan");
        sensor("p1", "temperature", Sensors.Kind.NUMBER, 0);
        sensor("p1", "humidity", Sensors.Kind.NUMBER, 1);
        sensor("p2", "temperature", Sensors.Kind.NUMBER, 2);
        sensor("p2", "door.open", Sensors.Kind.BOOLEAN, 3);
        sensor("f1", "speed", Sensors.Kind.NUMBER, 0);
        reads("p1", "temperature", "12:00:00", 20);
        reads("p1", "humidity", "12:00:00", 50);
        reads("f1", "speed", "12:00:00", 900);
        world.seal(MAIN);
        reads("p1", "temperature", "12:01:00", 21);
        reads("p2", "temperature", "12:00:00", 30);
        reads("p2", "door.open", "12:00:00", 1);
    }

    @Test
    void sensorsOfADeviceAtOneTimeAreOneRow() {
        pumpsAndFan();

        assertThat(world.rows("SELECT device, ts, temperature, humidity FROM pump ORDER BY device, ts"))
                .containsExactly(
                        "p1,2026-01-01T12:00:00Z,20.0,50.0",
                        "p1,2026-01-01T12:01:00Z,21.0,",
                        "p2,2026-01-01T12:00:00Z,30.0,");
        assertThat(world.rows("SELECT temperature, humidity FROM pump WHERE humidity > 40 AND device = 'p1'"))
                .containsExactly("20.0,50.0");
        assertThat(world.rows("SELECT * FROM fan")).containsExactly("f1,2026-01-01T12:00:00Z,900.0");
    }

    @Test
    void nestedSensorIsAColumnWithADottedNameInQuotes() {
        pumpsAndFan();

        assertThat(world.rows("SELECT \"door.open\" FROM pump")).containsExactly("true");
        assertThatThrownBy(() -> world.rows("SELECT door FROM pump"))
                .hasMessageContaining("did you mean \"door.open\"?");
    }

    @Test
    void starShowsEverySensorInTheOrderInWhichTheyWereSeenFirst() {
        pumpsAndFan();

        assertThat(world.ask(MAIN, "SELECT * FROM pump WHERE device = 'p2'", RowFormat.CSV))
                .isEqualTo("device,ts,temperature,humidity,door.open\r\n" + "p2,2026-01-01T12:00:00Z,30.0,,true\r\n");
        assertThat(world.rows("SELECT count(*) FROM pump")).containsExactly("3");
        assertThat(world.rows("SELECT count(p) FROM pump AS p WHERE p.humidity IS NULL"))
                .containsExactly("2");
        assertThat(world.rows("SELECT e FROM pump AS p(a, b, c, d, e) WHERE a = 'p2'"))
                .containsExactly("true");
    }

    @Test
    void onlyTheSensorsThatAStatementNamesAreRead() {
        device("p1", "pump");
        for (int sensor = 0; sensor < 20; sensor++) {
            sensor("p1", "s" + sensor, Sensors.Kind.NUMBER, sensor);
            for (int i = 0; i < 10_000; i++) {
                world.add(MAIN, Row.of("p1", "s" + sensor, i * 1_000_000L, i, position++));
            }
            world.seal(MAIN);
        }

        List<Long> one = cost("SELECT avg(s7) FROM pump");
        List<Long> all = cost("SELECT avg(columns(*)) FROM (SELECT * EXCLUDE (device, ts) FROM pump)");

        assertThat(one.getFirst()).as("rows for one of twenty sensors").isEqualTo(10_000);
        assertThat(all.getFirst()).as("rows for all").isEqualTo(200_000);
        assertThat(one.getLast()).as("bytes").isPositive().isLessThan(all.getLast() / 2);
        assertThat(world.ask(MAIN, "EXPLAIN SELECT avg(s7) FROM pump", RowFormat.CSV))
                .contains("(sensor = 's7')")
                .doesNotContain("'s8'");
    }

    /// Rows and bytes that a statement reads.
    private List<Long> cost(String statement) {
        String[] total = world.rows("EXPLAIN " + statement).getFirst().split(",");
        return List.of(Long.parseLong(total[2]), Long.parseLong(total[5]));
    }

    @Test
    void newSensorIsANewColumnBehindTheOthersAndOldStatementsGoOn() {
        pumpsAndFan();
        String old = "SELECT temperature, humidity FROM pump WHERE device = 'p1' ORDER BY ts";
        List<String> before = world.rows(old);

        sensor("p1", "a.new.one", Sensors.Kind.TEXT, 9);
        says("p1", "a.new.one", "12:00:00", "ok");

        assertThat(world.rows(old)).isEqualTo(before);
        assertThat(world.ask(MAIN, "SELECT * FROM pump", RowFormat.CSV))
                .startsWith("device,ts,temperature,humidity,door.open,a.new.one\r\n");
        assertThat(world.rows("SELECT temperature, \"a.new.one\" FROM pump WHERE \"a.new.one\" = 'ok'"))
                .containsExactly("20.0,ok");
    }

    @Test
    void columnKeepsTheKindThatWasSeenFirstAndReadsWhatItCanOfOthers() {
        device("p1", "pump");
        device("p2", "pump");
        sensor("p1", "level", Sensors.Kind.NUMBER, 0);
        sensor("p2", "level", Sensors.Kind.TEXT, 1);
        reads("p1", "level", "12:00:00", 1.5);
        says("p2", "level", "12:00:00", "2.5");
        says("p2", "level", "12:01:00", "broken");

        assertThat(world.rows("SELECT device, level FROM pump ORDER BY device, ts"))
                .containsExactly("p1,1.5", "p2,2.5", "p2,");
        assertThat(world.rows("SELECT typeof(level) FROM pump LIMIT 1")).containsExactly("DOUBLE");
    }

    @Test
    void namesThatDifferOnlyInCaseAreTwoColumnsAndTheFirstKeepsItsName() {
        device("p1", "pump");
        sensor("p1", "temp", Sensors.Kind.NUMBER, 0);
        sensor("p1", "Temp", Sensors.Kind.NUMBER, 1);
        sensor("p1", "ts", Sensors.Kind.NUMBER, 2);
        reads("p1", "temp", "12:00:00", 1);
        reads("p1", "Temp", "12:00:00", 2);
        reads("p1", "ts", "12:00:00", 3);

        assertThat(world.rows("SELECT temp, \"Temp_2\", ts_2 FROM pump")).containsExactly("1.0,2.0,3.0");
    }

    @Test
    void typeWithTheNameOfATableHasAViewWithAnotherNameAndTheSchemaTellsIt() {
        device("e1", "events");
        device("p1", "Acme Pump/2");
        sensor("e1", "n", Sensors.Kind.NUMBER, 0);
        sensor("p1", "n", Sensors.Kind.NUMBER, 0);
        reads("e1", "n", "12:00:00", 1);
        reads("p1", "n", "12:00:00", 2);

        assertThat(world.rows("SELECT n FROM events_type")).containsExactly("1.0");
        assertThat(world.rows("SELECT n FROM acme_pump_2")).containsExactly("2.0");
        assertThat(world.rows("SELECT count(*) FROM events")).containsExactly("0");
        assertThat(world.engine.known(MAIN).views())
                .extracting(QueryEngine.View::name, QueryEngine.View::types)
                .containsExactly(tuple("acme_pump_2", List.of("Acme Pump/2")), tuple("events_type", List.of("events")));
    }

    @Test
    void deviceThatBecomesOfAnotherTypeTakesItsHistoryWithIt() {
        pumpsAndFan();
        assertThat(world.rows("SELECT speed FROM fan")).hasSize(1);
        device("f2", "fan");
        sensor("f2", "speed", Sensors.Kind.NUMBER, 5);
        reads("f2", "speed", "12:00:00", 1000);

        assertThat(world.rows("SELECT speed FROM fan ORDER BY speed")).containsExactly("900.0", "1000.0");
    }

    @Test
    void viewsPassTheSameWall() {
        pumpsAndFan();
        world.device(new Device(new TenantId("other"), new DeviceId("z1"), null, "zebra", Map.of(), "{}", NOON));

        for (String escape : List.of(
                "SELECT * FROM zebra",
                "SELECT * FROM main.pump",
                "SELECT * FROM temp.pump",
                "DROP VIEW pump",
                "CREATE VIEW pump AS SELECT 1",
                "COPY pump TO '/tmp/tributary-escape.csv'",
                "WITH d AS (DELETE FROM pump RETURNING *) SELECT * FROM d",
                "SELECT * FROM pump, read_text('/etc/passwd')")) {
            assertThatThrownBy(() -> world.rows(escape))
                    .as(escape)
                    .isInstanceOfSatisfying(
                            QueryException.class, e -> assertThat(e.reason()).isEqualTo(QueryException.Reason.REFUSED));
        }
    }

    @Test
    void typeThatIsAPathOrHasQuotesOpensNothing() {
        device("d1", "/etc/passwd");
        device("d2", "x\"; DROP VIEW readings; --");
        sensor("d1", "n\"; DROP VIEW readings; --", Sensors.Kind.NUMBER, 0);
        sensor("d2", "it's", Sensors.Kind.NUMBER, 0);
        reads("d1", "n\"; DROP VIEW readings; --", "12:00:00", 1);
        reads("d2", "it's", "12:00:00", 2);

        assertThat(world.rows("SELECT * FROM _etc_passwd")).containsExactly("d1,2026-01-01T12:00:00Z,1.0");
        assertThat(world.rows("SELECT \"it's\" FROM x_drop_view_readings_")).containsExactly("2.0");
        assertThatThrownBy(() -> world.rows("SELECT * FROM '/etc/passwd'")).hasMessageContaining("there is no table");
        assertThat(world.rows("SELECT count(*) FROM readings")).containsExactly("2");
    }

    @Test
    void mistypedNamesAreAnsweredWithTheirPlaceAndWhatWasMeant() {
        pumpsAndFan();

        assertThatThrownBy(() -> world.rows("SELECT 1\nFROM pmup")).isInstanceOfSatisfying(QueryException.class, e -> {
            assertThat(e.hint()).isEqualTo("pump");
            assertThat(List.of(e.line(), e.column())).containsExactly(2, 6);
        });
        assertThatThrownBy(() -> world.rows("SELECT humidity,\n       temprature FROM pump"))
                .isInstanceOfSatisfying(QueryException.class, e -> {
                    assertThat(e.hint()).isEqualTo("temperature");
                    assertThat(List.of(e.line(), e.column())).containsExactly(2, 8);
                })
                .hasMessageContaining("did you mean temperature?");
        assertThatThrownBy(() -> world.rows("SELECT strftim(ts) FROM readings"))
                .isInstanceOfSatisfying(
                        QueryException.class, e -> assertThat(e.hint()).isEqualTo("strftime"));
    }
}
