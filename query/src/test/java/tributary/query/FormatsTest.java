package tributary.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static tributary.query.QueryWorld.MAIN;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.validate.ValidateVectorBufferVisitor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class FormatsTest {
    /// A column of every type, in two rows: values, and nulls.
    private static final String ALL = """
            SELECT * FROM (SELECT
              1::TINYINT AS i8, 200::UTINYINT AS u8, -3::SMALLINT AS i16, 60000::USMALLINT AS u16, 5 AS i32,
              4000000000::UINTEGER AS u32, -9007199254740993 AS i64, 18446744073709551615::UBIGINT AS u64,
              12345678901234567890123456789::HUGEINT AS huge, -1.25::DECIMAL(9,2) AS dec, 0.1::FLOAT AS f32,
              -2.5::DOUBLE AS f64, true AS flag, 'é,"x"' AS text, DATE '2024-02-29' AS day, TIME '10:00:00.5' AS clock,
              TIMESTAMP '1969-12-31 23:59:59.999999' AS ts, TIMESTAMPTZ '2024-01-01 02:00:00+02' AS tz,
              TIMESTAMP_NS '2024-01-01 00:00:00.123456789' AS ns, TIMESTAMP_S '2024-01-01 00:00:00' AS s,
              INTERVAL '1 month 2 days 3.5 seconds' AS span, 'ab\\x00'::BLOB AS bytes,
              '00000000-0000-0000-0000-000000000001'::UUID AS id, 'b'::ENUM('a', 'b') AS enum,
              [1, NULL, 3] AS list, {'a': 1, 'b': [true]} AS struct, map {'k': 1.5} AS map, [1, 2]::INTEGER[2] AS pair,
              '{"j": 1}'::JSON AS json, 'NaN'::DOUBLE AS nan, '-Infinity'::DOUBLE AS inf
            UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
              NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
            ORDER BY i8 NULLS LAST""";

    @TempDir
    static Path data;

    static QueryWorld world;

    @BeforeAll
    static void open() {
        world = new QueryWorld(data);
    }

    @AfterAll
    static void close() {
        world.close();
    }

    @Test
    void jsonHasEveryType() throws Exception {
        JsonNode answer = new ObjectMapper()
                .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                .readTree(world.bytes(MAIN, ALL, RowFormat.JSON));
        assertThat(answer.get("rowCount").asInt()).isEqualTo(2);
        JsonNode row = answer.get("rows").get(0);
        JsonNode columns = answer.get("columns");
        StringBuilder shown = new StringBuilder();
        for (int i = 0; i < columns.size(); i++) {
            shown.append(columns.get(i).get("name").asText())
                    .append(' ')
                    .append(columns.get(i).get("type").asText())
                    .append(' ')
                    .append(row.get(i))
                    .append('\n');
        }
        assertThat(shown.toString()).isEqualTo("""
                i8 TINYINT 1
                u8 UTINYINT 200
                i16 SMALLINT -3
                u16 USMALLINT 60000
                i32 INTEGER 5
                u32 UINTEGER 4000000000
                i64 BIGINT -9007199254740993
                u64 UBIGINT 18446744073709551615
                huge HUGEINT 12345678901234567890123456789
                dec DECIMAL(9,2) -1.25
                f32 FLOAT 0.1
                f64 DOUBLE -2.5
                flag BOOLEAN true
                text VARCHAR "é,\\"x\\""
                day DATE "2024-02-29"
                clock TIME "10:00:00.500"
                ts TIMESTAMP "1969-12-31T23:59:59.999999Z"
                tz TIMESTAMP WITH TIME ZONE "2024-01-01T00:00:00Z"
                ns TIMESTAMP_NS "2024-01-01T00:00:00.123456789Z"
                s TIMESTAMP_S "2024-01-01T00:00:00Z"
                span INTERVAL "P1M2DT3.5S"
                bytes BLOB "YWIA"
                id UUID "00000000-0000-0000-0000-000000000001"
                enum ENUM "b"
                list INTEGER[] [1,null,3]
                struct STRUCT("a" INTEGER, "b" BOOLEAN[]) {"a":1,"b":[true]}
                map MAP(VARCHAR, DECIMAL(2,1)) {"k":1.5}
                pair INTEGER[2] [1,2]
                json VARCHAR "{\\"j\\": 1}"
                nan DOUBLE null
                inf DOUBLE null
                """);
        for (JsonNode cell : answer.get("rows").get(1)) {
            assertThat(cell.isNull()).isTrue();
        }
        assertThat(row.get(8).bigIntegerValue()).isEqualTo(new BigInteger("12345678901234567890123456789"));
        assertThat(row.get(9).decimalValue()).isEqualTo(new BigDecimal("-1.25"));
    }

    @Test
    void linesAreOneObjectARow() throws Exception {
        String[] lines = world.ask(MAIN, "SELECT range AS n, 'x' || range AS t FROM range(3)", RowFormat.NDJSON)
                .split("\n");
        assertThat(lines).containsExactly("{\"n\":0,\"t\":\"x0\"}", "{\"n\":1,\"t\":\"x1\"}", "{\"n\":2,\"t\":\"x2\"}");
    }

    @Test
    void csvQuotesAndEscapesWhatASpreadsheetWouldRun() {
        String csv = world.ask(
                MAIN,
                "SELECT * FROM (VALUES ('=1+1', -5, '-5'), ('@x', 2, '+2.5e3'), ('a,\"b', NULL, '-x'), ('', 0, chr(9)),"
                        + " (NULL, 1, E'l1\\r\\nl2')) AS t(a, \"=b()\", c)",
                RowFormat.CSV);
        assertThat(csv)
                .isEqualTo("a,'=b(),c\r\n'=1+1,-5,-5\r\n'@x,2,+2.5e3\r\n\"a,\"\"b\",,'-x\r\n\"\",0,'\t\r\n"
                        + ",1,\"l1\r\nl2\"\r\n");
    }

    @Test
    void arrowIsReadByArrow() throws Exception {
        byte[] bytes = world.bytes(MAIN, ALL, RowFormat.ARROW);
        try (RootAllocator allocator = new RootAllocator();
                ArrowStreamReader reader = new ArrowStreamReader(new ByteArrayInputStream(bytes), allocator)) {
            VectorSchemaRoot root = reader.getVectorSchemaRoot();
            assertThat(reader.loadNextBatch()).isTrue();
            for (FieldVector vector : root.getFieldVectors()) {
                vector.accept(new ValidateVectorBufferVisitor(), null);
            }
            assertThat(root.getRowCount()).isEqualTo(2);
            assertThat(((BigIntVector) root.getVector("i64")).get(0)).isEqualTo(-9007199254740993L);
            assertThat(root.getVector("text").getObject(0)).hasToString("é,\"x\"");
            assertThat(root.getVector("enum").getObject(0)).hasToString("b");
            assertThat(root.getVector("enum").isNull(1)).isTrue();
            assertThat(reader.loadNextBatch()).isFalse();
        }
    }

    @Test
    void arrowOfManyBatchesIsComplete() throws Exception {
        byte[] bytes = world.bytes(
                MAIN,
                "SELECT range AS n, CASE WHEN range % 3 = 0 THEN NULL ELSE 'text ' || range END AS t,"
                        + " [range, range + 1] AS l FROM range(20000)",
                RowFormat.ARROW);
        try (RootAllocator allocator = new RootAllocator();
                ArrowStreamReader reader = new ArrowStreamReader(new ByteArrayInputStream(bytes), allocator)) {
            VectorSchemaRoot root = reader.getVectorSchemaRoot();
            long next = 0;
            while (reader.loadNextBatch()) {
                for (int i = 0; i < root.getRowCount(); i++) {
                    assertThat(root.getVector("n").getObject(i)).isEqualTo(next);
                    Object text = root.getVector("t").getObject(i);
                    assertThat(text == null ? null : text.toString()).isEqualTo(next % 3 == 0 ? null : "text " + next);
                    next++;
                }
            }
            assertThat(next).isEqualTo(20_000);
        }
    }

    @Test
    void parquetIsReadByDuckDb() throws Exception {
        Path file = data.resolve("answer.parquet");
        Files.write(file, world.bytes(MAIN, ALL, RowFormat.PARQUET));
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery("SELECT i64, text, dec, list::VARCHAR, struct.a, map['k'], enum,"
                                + " isnan(nan), huge, ts::VARCHAR, bytes::VARCHAR FROM '" + file + "'")) {
            assertThat(rows.next()).isTrue();
            assertThat(rows.getLong(1)).isEqualTo(-9007199254740993L);
            assertThat(rows.getString(2)).isEqualTo("é,\"x\"");
            assertThat(rows.getBigDecimal(3)).isEqualTo(new BigDecimal("-1.25"));
            assertThat(rows.getString(4)).isEqualTo("[1, NULL, 3]");
            assertThat(rows.getInt(5)).isEqualTo(1);
            assertThat(rows.getBigDecimal(6)).isEqualTo(new BigDecimal("1.5"));
            assertThat(rows.getString(7)).isEqualTo("b");
            assertThat(rows.getBoolean(8)).isTrue();
            assertThat(rows.getBigDecimal(9)).isEqualTo(new BigDecimal("12345678901234567890123456789"));
            assertThat(rows.getString(10)).isEqualTo("1969-12-31 23:59:59.999999");
            assertThat(rows.getString(11)).isEqualTo("ab\\x00");
            assertThat(rows.next()).isTrue();
            assertThat(rows.getObject(2)).isNull();
            assertThat(rows.next()).isFalse();
        }
        assertNoParquet(data);
    }

    /// Rows that do not compress, a hundred times what is allowed: the file is given up long before they end.
    @Test
    void parquetThatWouldBeTooLargeIsGivenUpOnTheWayAndNothingIsLeftOfIt() throws Exception {
        Path folder = data.resolve("tight");
        try (QueryWorld tight = new QueryWorld(folder, QuerySettings.DEFAULTS.withParquet(1 << 20, 0))) {
            try (Rows rows = tight.engine.sql(
                    MAIN,
                    "SELECT md5(range::VARCHAR) || md5((range + 1)::VARCHAR) AS t FROM range(4000000)",
                    QueryEngine.QueryLimits.DEFAULTS)) {
                AtomicLong bytes = new AtomicLong();
                assertThatThrownBy(() -> rows.writeTo(RowFormat.PARQUET, SmallHeap.counting(bytes)))
                        .isInstanceOfSatisfying(QueryException.class, e -> {
                            assertThat(e.reason()).isEqualTo(QueryException.Reason.TOO_LARGE);
                            assertThat(e.detail()).contains("larger than 1 MB", "query.parquet-max", "arrow");
                        });
                assertThat(bytes.get()).isZero();
                assertThat(rows.written()).isLessThan(2_000_000);
            }
            assertNoParquet(folder);
            assertThat(tight.bytes(MAIN, "SELECT 1 AS n", RowFormat.PARQUET)).isNotEmpty();
        }
    }

    @Test
    void parquetIsRefusedWhereTheDiskHasTooLittleLeft() throws Exception {
        Path folder = data.resolve("full");
        try (QueryWorld full = new QueryWorld(folder, QuerySettings.DEFAULTS.withParquet(1 << 30, Long.MAX_VALUE))) {
            assertThatThrownBy(() -> full.bytes(MAIN, "SELECT 1 AS n", RowFormat.PARQUET))
                    .isInstanceOfSatisfying(QueryException.class, e -> {
                        assertThat(e.reason()).isEqualTo(QueryException.Reason.TOO_LARGE);
                        assertThat(e.detail()).contains("stay free for messages", "query.parquet-free-min");
                    });
            assertNoParquet(folder);
            assertThat(full.ask(MAIN, "SELECT 1 AS n", RowFormat.CSV)).isEqualTo("n\r\n1\r\n");
        }
    }

    /// What ends a query behind its first batch comes through the engine that writes the file.
    @Test
    void aStatementThatFailsOnTheWayToParquetSaysWhy() {
        assertThatThrownBy(() -> world.bytes(
                        MAIN,
                        "SELECT CAST(CASE WHEN range < 300000 THEN '1' ELSE 'apple' END AS INTEGER) AS n"
                                + " FROM range(400000)",
                        RowFormat.PARQUET))
                .isInstanceOfSatisfying(
                        QueryException.class, e -> assertThat(e.detail()).contains("apple"));
    }

    private static void assertNoParquet(Path folder) throws Exception {
        try (Stream<Path> left = Files.list(folder.resolve("tmp/query"))) {
            assertThat(left.map(Path::toString)).noneMatch(name -> name.endsWith(".parquet"));
        }
    }

    @Test
    void emptyAnswerIsValidInEveryFormat() throws Exception {
        String none = "SELECT device, value FROM readings WHERE false";
        assertThat(world.ask(MAIN, none, RowFormat.CSV)).isEqualTo("device,value\r\n");
        assertThat(world.ask(MAIN, none, RowFormat.NDJSON)).isEmpty();
        assertThat(world.ask(MAIN, none, RowFormat.JSON)).endsWith("\"rows\":[],\"rowCount\":0}");
        assertThat(new String(world.bytes(MAIN, none, RowFormat.PARQUET), StandardCharsets.ISO_8859_1))
                .startsWith("PAR1")
                .endsWith("PAR1");
        try (RootAllocator allocator = new RootAllocator();
                ArrowStreamReader reader = new ArrowStreamReader(
                        new ByteArrayInputStream(world.bytes(MAIN, none, RowFormat.ARROW)), allocator)) {
            assertThat(reader.getVectorSchemaRoot().getSchema().getFields()).hasSize(2);
            assertThat(reader.loadNextBatch()).isFalse();
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void everyFormatLetsAnAnswerThroughThatIsManyTimesItsHeap() throws Exception {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        Process process = new ProcessBuilder(
                        System.getProperty("java.home") + "/bin/java",
                        "-Xmx40m",
                        "-XX:+UseSerialGC",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "--add-opens=java.base/java.nio=ALL-UNNAMED",
                        "-cp",
                        classPath,
                        "tributary.query.SmallHeap",
                        Files.createTempDirectory(data, "small").toString(),
                        "1000000")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        Map<String, Long> said = new HashMap<>();
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .map(line -> line.split(" "))
                .filter(words -> words.length == 2 && words[1].matches("\\d+"))
                .forEach(words -> said.put(words[0], Long.parseLong(words[1])));

        assertThat(process.waitFor()).isZero();
        for (RowFormat format : RowFormat.values()) {
            assertThat(said.get(format.name())).as("bytes of " + format).isGreaterThan(20_000_000L);
        }
        assertThat(said.get("CSV")).isGreaterThan(160_000_000L);
        assertThat(said.get("PEAK")).as("resident at most").isLessThan(500L << 20);
    }

    @Test
    void largeAnswerTakesLittleMemory() throws Exception {
        try (Rows rows = world.engine.sql(
                MAIN,
                "SELECT range AS n, md5(range::VARCHAR) AS h FROM range(1000000)",
                QueryEngine.QueryLimits.DEFAULTS)) {
            System.gc();
            Runtime runtime = Runtime.getRuntime();
            long before = runtime.totalMemory() - runtime.freeMemory();
            rows.writeTo(RowFormat.ARROW, OutputStream.nullOutputStream());
            System.gc();
            assertThat(rows.written()).isEqualTo(1_000_000);
            assertThat(runtime.totalMemory() - runtime.freeMemory() - before).isLessThan(32L << 20);
            long worker = world.engine.workerPid(MAIN);
            long peakKb = Files.readAllLines(Path.of("/proc/" + worker + "/status")).stream()
                    .filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElse(0);
            assertThat(peakKb).isLessThan(400_000);
        }
    }
}
