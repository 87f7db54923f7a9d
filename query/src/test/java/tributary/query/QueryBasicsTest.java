package tributary.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static tributary.query.QueryWorld.MAIN;
import static tributary.query.QueryWorld.micros;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.lake.Side;
import tributary.model.DeviceId;
import tributary.model.TenantId;
import tributary.query.QueryWorld.Row;
import tributary.registry.Device;
import tributary.registry.Sensors;

class QueryBasicsTest {
    @TempDir
    static Path data;

    static QueryWorld world;

    @BeforeAll
    static void open() {
        world = new QueryWorld(data);
        world.add(MAIN, Row.of("pump-1", "temp", micros("2026-01-01T00:00:00Z"), 20, 1));
        world.add(MAIN, Row.of("pump-1", "temp", micros("2026-01-01T00:00:01Z"), 21.5, 2));
        world.seal(MAIN);
        world.add(
                MAIN,
                new Row("pump-1", "state", micros("2026-01-01T00:00:02Z"), Double.NaN, "running", 7, 3, 3, false));
        world.add(MAIN, new Row("pump-1", "open", micros("2026-01-01T00:00:03Z"), 1, "true", 7, 3, 4, false));
    }

    @AfterAll
    static void close() {
        world.close();
    }

    @Test
    void sealedAndHotRowsAreOneTable() {
        assertThat(world.rows("SELECT sensor, ts, value, text FROM readings ORDER BY ts"))
                .containsExactly(
                        "temp,2026-01-01T00:00:00Z,20.0,",
                        "temp,2026-01-01T00:00:01Z,21.5,",
                        "state,2026-01-01T00:00:02Z,,running",
                        "open,2026-01-01T00:00:03Z,1.0,true");
    }

    @Test
    void starShowsTheColumnsThatUsersKnow() {
        assertThat(world.ask(MAIN, "SELECT * FROM readings LIMIT 0", RowFormat.CSV)
                        .strip())
                .isEqualTo("device,sensor,ts,value,text,received,part,position");
    }

    @Test
    void rowThatIsInTheSnapshotIsInTheAnswer() {
        TenantId tenant = new TenantId("fresh");
        for (int i = 1; i <= 20; i++) {
            world.add(tenant, Row.of("d", "s", i * 1000L, i, i));
            if (i % 7 == 0) {
                world.seal(tenant);
            }
            assertThat(world.ask(tenant, "SELECT count(*), max(value) FROM readings", RowFormat.CSV))
                    .endsWith(i + "," + i + ".0\r\n");
        }
    }

    @Test
    void devicesAndSensorsComeFromTheRegistryAndFollowIt() {
        Device device = new Device(
                MAIN,
                new DeviceId("gate-1"),
                null,
                "gateway",
                Map.of("site", "it's \"here\""),
                "{\"floor\":3}",
                QueryWorld.at("2026-01-01T00:00:00Z"));
        world.device(device);
        assertThat(world.rows("SELECT id, parent, type, labels['site'], metadata->>'floor', created FROM devices"
                        + " WHERE id = 'gate-1'"))
                .containsExactly("gate-1,,gateway,\"it's \"\"here\"\"\",3,2026-01-01T00:00:00Z");

        world.device(new Device(
                MAIN, new DeviceId("gate-2"), new DeviceId("gate-1"), "", Map.of(), "{}", device.createdAt()));
        world.sensor(new Sensors.Sensor(
                MAIN, new DeviceId("gate-2"), "temp", Sensors.Kind.NUMBER, "°C", null, 90.0, device.createdAt()));
        assertThat(world.rows("SELECT d.id, d.parent, s.sensor, s.kind, s.unit, s.min, s.max FROM devices d"
                        + " JOIN sensors s ON s.device = d.id"))
                .containsExactly("gate-2,gate-1,temp,number,°C,,90.0");
    }

    @Test
    void rejectedPartsAreShownWithTheirReason() {
        world.add(
                MAIN,
                Side.REJECTED,
                "pump-1",
                "devices/me/telemetry",
                5L,
                "{bad".getBytes(StandardCharsets.UTF_8),
                "not JSON",
                2,
                9L);
        assertThat(world.rows("SELECT device, topic, payload, reason, part, position FROM rejected"))
                .containsExactly("pump-1,devices/me/telemetry,e2JhZA==,not JSON,2,9");
    }

    @Test
    void messagesAreShownAsTheyWerePublishedAndNewOnesAtOnce() {
        for (long position = 1; position <= 2; position++) {
            world.add(
                    MAIN,
                    Side.MESSAGES,
                    position == 1 ? "pump-1" : null,
                    "plant/answers",
                    5L,
                    position == 1 ? "{\"a\": \"\u00e9\"}".getBytes(StandardCharsets.UTF_8) : new byte[] {0, -1, 7},
                    position == 1 ? "application/json" : null,
                    1,
                    position == 1,
                    position == 1 ? "{\"site\":\"north\",\"tag\":[\"x\",\"y\"]}" : null,
                    position == 1 ? "plant/asks" : null,
                    position == 1 ? new byte[] {1, 2} : null,
                    position == 1 ? 60L : null,
                    "mqtt",
                    "client-1",
                    0,
                    position);
            assertThat(world.rows("SELECT count(*) FROM messages")).containsExactly(Long.toString(position));
        }
        assertThat(world.rows("SELECT device, text, content_type, qos, retain, user_properties->>'site',"
                        + " user_properties->'tag'->>1, response_topic, hex(correlation_data), expiry_seconds"
                        + " FROM messages WHERE position = 1"))
                .containsExactly(
                        "pump-1,\"{\"\"a\"\": \"\"\u00e9\"\"}\",application/json,1,true,north,y,plant/asks,0102,60");
        assertThat(world.rows("SELECT device, text, hex(payload), user_properties, origin, publisher, part"
                        + " FROM messages WHERE position = 2"))
                .containsExactly(",,00FF07,,mqtt,client-1,0");
        assertThat(world.rows("SELECT DISTINCT m.position FROM readings r JOIN messages m ON m.device = r.device"))
                .containsExactly("1");
    }

    @Test
    void eventsAreATableOfTheirOwnHotAndSealed() throws Exception {
        Object[] connected = {
            "pump-1", "connected", 1_000_000L, "mqtt", "gate", "c1", "10.0.0.7", "device:gate", null, null, 2L, 1, 7L
        };
        Object[] started = {null, "started", 2_000_000L, null, null, null, null, null, null, "now", 1L, 0, 3L};
        world.add(MAIN, Side.EVENTS, connected);
        world.add(MAIN, Side.EVENTS, started);
        String all = "SELECT device, kind, epoch_us(ts), door, through, client, address, subject, cause, reason, count,"
                + " part, position FROM events ORDER BY ts";
        List<String> rows = List.of(
                "pump-1,connected,1000000,mqtt,gate,c1,10.0.0.7,device:gate,,,2,1,7",
                ",started,2000000,,,,,,,now,1,0,3");
        assertThat(world.rows(all)).containsExactlyElementsOf(rows);
        assertThat(world.rows("SELECT sum(count) FROM events WHERE device IS NOT NULL"))
                .containsExactly("2");

        Path file = Files.createDirectories(world.folder(MAIN)).resolve("events.parquet");
        try (Connection duck = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duck.createStatement()) {
            statement.execute("COPY (SELECT 'pump-1' AS device, 'connected' AS kind, make_timestamp(1000000) AS ts,"
                    + " 'mqtt' AS door, 'gate' AS through, 'c1' AS client, '10.0.0.7' AS address,"
                    + " 'device:gate' AS subject, NULL::VARCHAR AS cause, NULL::VARCHAR AS reason, 2::BIGINT AS count,"
                    + " 1 AS part, 7::BIGINT AS position) TO '" + file + "' (FORMAT parquet)");
        }
        world.seal(MAIN, Side.EVENTS, file);
        assertThat(world.rows("SELECT 1")).containsExactly("1");
        world.add(MAIN, Side.EVENTS, started);
        assertThat(world.rows(all)).containsExactlyElementsOf(rows);
    }

    @Test
    void tenantsSeeOnlyTheirOwnRows() {
        TenantId other = new TenantId("other");
        world.add(other, Row.of("secret", "s", 1, 1, 1));
        world.seal(other);
        world.add(other, Row.of("secret", "s", 2, 1, 2));

        assertThat(world.rows("SELECT count(*) FROM readings WHERE device = 'secret'"))
                .containsExactly("0");
        assertThat(world.ask(other, "SELECT count(*), min(device), max(device) FROM readings", RowFormat.CSV))
                .endsWith("2,secret,secret\r\n");
    }

    @Test
    void columnsHaveNamesAndSqlTypes() {
        try (Rows rows = world.engine.sql(
                MAIN,
                "SELECT 1 AS i, 2.5 AS d, ts, text, [1] AS l, {'a': 1} AS s, map{'k': 1.0::DOUBLE} AS m,"
                        + " sum(1) OVER () AS h FROM readings",
                QueryEngine.QueryLimits.DEFAULTS)) {
            assertThat(rows.columns().stream().map(Rows.Column::type).toList())
                    .containsExactly(
                            "INTEGER",
                            "DECIMAL(2,1)",
                            "TIMESTAMP",
                            "VARCHAR",
                            "INTEGER[]",
                            "STRUCT(\"a\" INTEGER)",
                            "MAP(VARCHAR, DOUBLE)",
                            "HUGEINT");
        }
    }

    @Test
    void describeShowsTheColumns() {
        assertThat(world.rows("DESCRIBE readings")).first().asString().startsWith("device,VARCHAR");
    }

    @Test
    void wrongStatementIsExplainedWithItsPlaceAndWithoutOurNames() {
        for (Map.Entry<String, String> wrong : Map.of(
                        "SELEC 1", "(line 1, column 1)",
                        "SELECT vlaue FROM readings", "value",
                        "SELECT\n  nosuch(1)", "(line 2, column 3)",
                        "SELECT * FROM reading", "did you mean readings?",
                        "SELECT 'a'::INTEGER", "a")
                .entrySet()) {
            assertThatThrownBy(() -> world.rows(wrong.getKey()))
                    .isInstanceOf(QueryException.class)
                    .hasMessageContaining(wrong.getValue())
                    .hasMessageNotContaining(data.toString())
                    .hasMessageNotContaining("hot_")
                    .hasMessageNotContaining("parquet");
        }
    }

    @Test
    void rowsMaxIsKept() throws Exception {
        QueryEngine.QueryLimits ten = new QueryEngine.QueryLimits(Duration.ofSeconds(60), 10);
        assertThat(QueryWorld.write(world.engine.sql(MAIN, "FROM range(10)", ten), RowFormat.CSV))
                .isNotEmpty();
        assertThatThrownBy(() -> QueryWorld.write(world.engine.sql(MAIN, "FROM range(11)", ten), RowFormat.CSV))
                .isInstanceOfSatisfying(
                        QueryException.class, e -> assertThat(e.reason()).isEqualTo(QueryException.Reason.TOO_LARGE))
                .hasMessageContaining("10 rows");
    }

    @Test
    void cteWindowAndLambdaAreAllowed() {
        List<String> rows = world.rows("WITH t AS (SELECT * FROM readings WHERE value IS NOT NULL) SELECT sensor,"
                + " row_number() OVER (ORDER BY ts), list_transform([1, 2], lambda x: x + 1), time_bucket(INTERVAL"
                + " 1 HOUR, ts) FROM t ORDER BY ts LIMIT 1");
        assertThat(rows).containsExactly("temp,1,\"[2,3]\",2026-01-01T00:00:00Z");
    }
}
