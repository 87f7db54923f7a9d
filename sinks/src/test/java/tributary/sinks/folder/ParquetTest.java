package tributary.sinks.folder;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.model.TenantId;
import tributary.sinks.Harness;
import tributary.sinks.Outcome;
import tributary.sinks.Parcel;
import tributary.sinks.Raw;
import tributary.sinks.Sink;

class ParquetTest {
    private static final long NOON = 1_795_780_800_000L;

    @TempDir
    Path folder;

    private Sink open(String config) {
        Sink sink = Harness.bare(new FolderType(), folder, config, Map.of());
        sink.resume(0);
        return sink;
    }

    private static Parcel parcel(long position, String payload) {
        byte[] raw = {'t', '=', (byte) position, (byte) 0xFF};
        return new Parcel(
                position,
                TenantId.MAIN,
                "hot",
                1,
                "bare",
                "pump-1",
                NOON + position,
                payload,
                null,
                position % 2 == 0 ? null : new Raw("0-" + position, "env/pump-1", NOON, raw));
    }

    /// @return rows as DuckDB reads them, cells parted by blanks
    static List<String> rows(String sql) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Connection engine = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = engine.createStatement()) {
            statement.execute("SET TimeZone = 'UTC'");
            try (ResultSet found = statement.executeQuery(sql)) {
                while (found.next()) {
                    List<String> cells = new ArrayList<>();
                    for (int i = 1; i <= found.getMetaData().getColumnCount(); i++) {
                        cells.add(found.getString(i));
                    }
                    rows.add(String.join(" ", cells));
                }
            }
        }
        return rows;
    }

    private String all() {
        return "'" + folder.resolve("out/**/*.parquet") + "'";
    }

    @Test
    void anotherEngineReadsColumnsOfTheirTypes() throws Exception {
        try (Sink sink = open("{\"format\":\"parquet\",\"prefix\":\"hive-day\",\"columns\":"
                + "\"device(), at time, temp number, n integer, door.open boolean, name\",\"compression\":\"zstd\"}")) {
            assertThat(sink.deliver(List.of(
                            parcel(
                                    1,
                                    "{\"at\":\"2026-11-27T13:00:00+01:00\",\"temp\":21.5,\"n\":9007199254740993,"
                                            + "\"door\":{\"open\":true},\"name\":\"a\\n\\\"b\\\"\"}"),
                            parcel(2, "{\"at\":" + NOON + ",\"temp\":-3,\"n\":3.0}"))))
                    .isEqualTo(Outcome.DONE);
            assertThat(sink.flush()).isEqualTo(Outcome.DONE);
        }
        assertThat(rows("SELECT device, epoch_ms(\"at\"), temp, n, \"door.open\", name, year, month FROM read_parquet("
                        + all() + ", hive_partitioning = true) ORDER BY name"))
                .containsExactly(
                        "pump-1 " + NOON + " 21.5 9007199254740993 true a\n\"b\" 2026 11",
                        "pump-1 " + NOON + " -3.0 3 null null 2026 11");
        assertThat(rows("SELECT column_name, column_type FROM (DESCRIBE SELECT * EXCLUDE (year, month, day) FROM "
                        + all() + ")"))
                .containsExactly(
                        "device VARCHAR",
                        "at TIMESTAMP WITH TIME ZONE",
                        "temp DOUBLE",
                        "n BIGINT",
                        "door.open BOOLEAN",
                        "name VARCHAR");
    }

    @Test
    void withoutColumnsARowHasWhatIsKnownAndTheRawRecordBesideThePayload() throws Exception {
        try (Sink sink = open("{\"format\":\"parquet\",\"prefix\":\"none\"}")) {
            sink.deliver(List.of(parcel(1, "{\"a\":1}"), parcel(2, "{\"a\":2}")));
            sink.flush();
        }
        assertThat(rows("SELECT epoch_ms(timestamp), device, rule, id, payload, topic, raw FROM " + all()))
                .containsExactly(
                        (NOON + 1) + " pump-1 hot main/bare/1 {\"a\":1} env/pump-1 dD0B/w==",
                        (NOON + 2) + " pump-1 hot main/bare/2 {\"a\":2} null null");
        try (Stream<Path> files = Files.list(folder.resolve("out"))) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder(".parts", "bare-0000000000000001-0000000000000002.parquet");
        }
    }

    @Test
    void valueThatIsNotOfItsColumnsTypeMakesTheParcelToBlameADeadLetter() throws Exception {
        try (Sink sink = open("{\"format\":\"parquet\",\"prefix\":\"none\",\"columns\":\"n integer\"}")) {
            List<Parcel> batch = List.of(parcel(1, "{\"n\":1}"), parcel(2, "{\"n\":1.5}"), parcel(3, "{\"n\":3}"));
            assertThat(sink.deliver(batch))
                    .isEqualTo(new Outcome.Refused(1, "'1.5' is no integer, which the column 'n' has"));
            assertThat(sink.deliver(batch.subList(2, 3))).isEqualTo(Outcome.DONE);
            sink.flush();
        }
        assertThat(rows("SELECT n FROM " + all())).containsExactly("1", "3");
    }

    @Test
    void manyRowsAndLongOnesComeBackAsTheyWere() throws Exception {
        int count = 5_000;
        String filling = "x".repeat(10_000);
        try (Sink sink = open("{\"format\":\"parquet\",\"prefix\":\"none\",\"columns\":\"n integer, t\"}")) {
            for (int n = 0; n < count; n++) {
                sink.deliver(List.of(parcel(n, "{\"n\":" + n + ",\"t\":\"" + filling + n + "\"}")));
            }
            sink.flush();
        }
        assertThat(rows("SELECT count(*), count(DISTINCT n), count(*) FILTER (t = repeat('x', 10000) || n) FROM "
                        + all()))
                .containsExactly(count + " " + count + " " + count);
        assertThat(rows("SELECT count(DISTINCT row_group_id) > 1 FROM parquet_metadata(" + all() + ")"))
                .containsExactly("true");
    }

    @Test
    void mistakesInColumnsAreReported() throws IOException {
        try (Harness house = new Harness(Files.createDirectories(folder.resolve("h")), "", new FolderType())) {
            assertThat(house.mistakes(
                            "folder",
                            "{\"format\":\"parquet\",\"columns\":\"a nmber, b, B, c text text\",\"size\":\"1GB\"}",
                            Map.of()))
                    .anyMatch(flaw -> flaw.contains("a column is text, number, integer, boolean or time; was 'nmber'"))
                    .anyMatch(flaw -> flaw.contains("there are two of 'B'"))
                    .anyMatch(flaw -> flaw.contains("more than a column and its type"))
                    .anyMatch(flaw -> flaw.contains("size is at most 256MB"));
            assertThat(house.mistakes("folder", "{\"format\":\"csv\",\"columns\":\"a number\"}", Map.of()))
                    .anyMatch(flaw -> flaw.contains("'a number' is more than a column"));
        }
    }
}
