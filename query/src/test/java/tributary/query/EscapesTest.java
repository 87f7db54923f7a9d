package tributary.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tributary.model.TenantId;
import tributary.query.QueryWorld.Row;

/// Every way out of a tenant that we could think of, tried twice: at the gate, and in a worker that has no gate.
///
/// The tenant is `tenant1` and the other one `tenant10`, so that a comparison of texts instead of folders would show.
/// What the other tenant holds and nobody else may see is the word `zebra`.
class EscapesTest {
    static final TenantId MINE = new TenantId("tenant1");
    static final TenantId THEIRS = new TenantId("tenant10");

    @TempDir
    static Path data;

    static QueryWorld world;
    static Path own;
    static Path other;
    static Path link;
    static Path written;

    /// How a statement tries it.
    enum Way {
        PATH,
        LINK,
        CATALOG,
        URL,
        EXTENSION,
        SETTING,
        PRAGMA,
        MACRO,
        COPY,
        ATTACH,
        CHANGING_CTE,
        ERROR_MESSAGE,
        TIMING
    }

    record Escape(Way way, String statement) {}

    @BeforeAll
    static void open() throws IOException {
        world = new QueryWorld(data);
        world.add(MINE, Row.of("mine", "s", 1, 1, 1));
        own = world.seal(MINE);
        world.add(THEIRS, Row.of("zebra", "zebra", 1, 1, 1));
        other = world.seal(THEIRS);
        link = Files.createSymbolicLink(own.resolveSibling("link.parquet"), other);
        Files.createSymbolicLink(own.resolveSibling("up"), other.getParent());
        written = own.resolveSibling("written.csv");
        world.ask(MINE, "SELECT 1", RowFormat.CSV);
        world.ask(THEIRS, "SELECT 1", RowFormat.CSV);
    }

    @AfterAll
    static void close() {
        world.close();
    }

    /// `OWN`, `OTHER`, `LINK`, `UP`, `HOME` and `NEW` stand for real places.
    static Stream<Escape> escapes() {
        return Map.ofEntries(
                        Map.entry(Way.PATH, """
                        SELECT * FROM read_parquet('OTHER')
                        SELECT * FROM read_parquet(['OWN', 'OTHER'])
                        SELECT * FROM read_parquet('HOME/../tenant10/*.parquet')
                        SELECT * FROM read_parquet('HOME0/*.parquet')
                        SELECT * FROM read_parquet('HOME/./../tenant10/./*.parquet')
                        SELECT * FROM read_parquet('HOME/%2e%2e/tenant10/*.parquet')
                        SELECT * FROM read_parquet('HOME//..//tenant10//*.parquet')
                        SELECT * FROM read_parquet('HOME/..\\tenant10\\*.parquet')
                        SELECT * FROM read_parquet('HOME/../**/*.parquet', filename=true)
                        SELECT * FROM 'OTHER'
                        SELECT * FROM "OTHER" AS t
                        FROM 'HOME/../tenant10/*.parquet'
                        SELECT * FROM read_blob('OTHER')
                        SELECT * FROM read_text('/etc/passwd')
                        SELECT * FROM read_text('/proc/self/root/etc/passwd')
                        SELECT * FROM read_blob('/proc/self/mem')
                        SELECT * FROM read_blob('/proc/self/fd/0')
                        SELECT * FROM read_blob('/dev/stdin')
                        SELECT * FROM read_csv('/proc/self/cmdline')
                        SELECT * FROM read_ndjson_objects('OTHER')
                        SELECT * FROM parquet_schema('OTHER')
                        SELECT * FROM parquet_file_metadata('OTHER')
                        SELECT * FROM parquet_bloom_probe('OTHER', 'device', 'zebra')
                        SELECT * FROM glob('HOME/../*/*')
                        SELECT count(*) FROM readings WHERE EXISTS (FROM read_parquet('OTHER'))"""),
                        Map.entry(Way.LINK, """
                        SELECT * FROM read_parquet('LINK')
                        SELECT * FROM read_blob('LINK')
                        SELECT * FROM read_parquet('UP/*.parquet')
                        SELECT * FROM 'LINK'
                        SELECT * FROM glob('UP/*')
                        SELECT * FROM read_parquet('HOME/*.parquet', union_by_name=true)"""),
                        Map.entry(Way.CATALOG, """
                        SELECT * FROM duckdb_views()
                        SELECT * FROM duckdb_columns()
                        SELECT * FROM duckdb_databases()
                        SELECT * FROM duckdb_functions()
                        SELECT * FROM duckdb_logs
                        SELECT * FROM duckdb_memory()
                        SELECT * FROM duckdb_temporary_files()
                        SELECT * FROM duckdb_prepared_statements()
                        SELECT * FROM duckdb_connections()
                        SELECT * FROM information_schema.columns
                        SELECT * FROM pg_catalog.pg_class
                        SELECT * FROM sqlite_schema
                        SELECT * FROM feed.devices_in
                        SELECT * FROM "feed"."no_readings"
                        SELECT * FROM tenant10.readings
                        SELECT * FROM system.information_schema.tables"""),
                        Map.entry(Way.URL, """
                        SELECT * FROM read_parquet('https://example.org/x.parquet')
                        SELECT * FROM read_csv('http://169.254.169.254/latest/meta-data')
                        SELECT * FROM read_parquet('s3://bucket/tenant10/x.parquet')
                        SELECT * FROM read_blob('file://OTHER')
                        SELECT * FROM read_parquet('file:OTHER')
                        SELECT * FROM read_parquet('hf://datasets/x')
                        FROM 'gcs://bucket/x.parquet'
                        SELECT * FROM postgres_scan('host=localhost', 'public', 't')
                        SELECT * FROM iceberg_scan('OTHER')"""),
                        Map.entry(Way.EXTENSION, """
                        INSTALL httpfs
                        LOAD httpfs
                        LOAD 'OTHER'
                        INSTALL httpfs FROM 'http://127.0.0.1'
                        FORCE INSTALL json
                        UPDATE EXTENSIONS
                        SELECT * FROM duckdb_extensions()
                        CREATE SECRET s (TYPE s3, KEY_ID 'a', SECRET 'b')"""),
                        Map.entry(Way.SETTING, """
                        SET enable_external_access = true
                        SET GLOBAL allowed_directories = ['/']
                        SET allowed_paths = ['OTHER']
                        SET lock_configuration = false
                        SET SESSION file_search_path = '/'
                        SET home_directory = '/'
                        SET temp_directory = 'HOME'
                        SET custom_extension_repository = 'http://127.0.0.1'
                        SET allow_unsigned_extensions = true
                        SET logging_storage = 'file'
                        SET search_path = 'feed'
                        RESET ALL
                        SELECT current_setting('temp_directory')
                        SELECT getvariable('x')"""),
                        Map.entry(Way.PRAGMA, """
                        PRAGMA database_list
                        PRAGMA show_tables_expanded
                        PRAGMA enable_profiling = 'json'
                        PRAGMA profiling_output = 'NEW'
                        PRAGMA storage_info('readings')
                        PRAGMA enable_logging
                        PRAGMA version
                        CALL enable_logging(storage='file', storage_path='NEW')
                        CALL force_checkpoint()"""),
                        Map.entry(Way.MACRO, """
                        CREATE MACRO sum(x) AS 42
                        CREATE OR REPLACE MACRO main.readings() AS TABLE FROM read_parquet('OTHER')
                        CREATE TEMP MACRO f(p) AS TABLE FROM read_blob(p)
                        CREATE FUNCTION abs(x) AS (SELECT 1)
                        SELECT * FROM query('SELECT 1')
                        SELECT * FROM query_table(['readings', 'OTHER'])
                        SELECT * FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1'))
                        SELECT apply([1], getenv)
                        SELECT list_aggregate(['OTHER'], 'read_text')"""),
                        Map.entry(Way.COPY, """
                        COPY readings TO 'NEW'
                        COPY (SELECT 1) TO 'OWN' (FORMAT parquet, USE_TMP_FILE false)
                        COPY (SELECT 1) TO 'OTHER' (FORMAT parquet, USE_TMP_FILE false)
                        COPY (SELECT 1) TO 'HOME' (FORMAT parquet, PARTITION_BY (x), OVERWRITE)
                        COPY (SELECT 1) TO '/dev/stdout'
                        COPY devices FROM 'OTHER' (FORMAT parquet)
                        COPY FROM DATABASE memory TO temp
                        EXPORT DATABASE 'NEW'
                        IMPORT DATABASE 'HOME'"""),
                        Map.entry(Way.ATTACH, """
                        ATTACH 'OTHER' AS o
                        ATTACH 'NEW' AS n
                        ATTACH ':memory:' AS m
                        ATTACH IF NOT EXISTS 'OWN' AS p (READ_ONLY)
                        ATTACH 'host=localhost' AS pg (TYPE postgres)
                        DETACH memory
                        USE temp
                        CHECKPOINT memory"""),
                        Map.entry(Way.CHANGING_CTE, """
                        WITH d AS (DELETE FROM devices RETURNING *) SELECT * FROM d
                        WITH d AS (INSERT INTO devices (id) VALUES ('x') RETURNING *) SELECT * FROM d
                        WITH d AS (UPDATE devices SET id = 'x' RETURNING *) SELECT * FROM d
                        WITH d AS (COPY (SELECT 1) TO 'NEW') SELECT * FROM d
                        WITH d AS (MERGE INTO devices USING devices AS s ON false WHEN MATCHED THEN DELETE RETURNING *) FROM d
                        WITH RECURSIVE d AS (SELECT 1 UNION ALL DELETE FROM devices RETURNING 1) SELECT * FROM d
                        SELECT * FROM (DELETE FROM devices RETURNING *)
                        SELECT (WITH d AS (DELETE FROM devices RETURNING id) SELECT count(*) FROM d)"""),
                        Map.entry(Way.ERROR_MESSAGE, """
                        SELECT error((SELECT string_agg(sql) FROM duckdb_views()))
                        SELECT nosuchcolumn FROM readings
                        SELECT * FROM reading
                        SELECT readings.late FROM readings
                        SELECT * FROM hot_2
                        SELECT * FROM readings_2
                        SELECT filename FROM readings
                        SELECT file_row_number FROM readings
                        SELECT 1 FROM readings WHERE device::INTEGER = 1
                        SELECT struct_extract(readings, 'zebra') FROM readings
                        SELECT CAST((SELECT text FROM read_text('/etc/passwd')) AS INTEGER)"""),
                        Map.entry(Way.TIMING, """
                        SELECT CASE WHEN EXISTS (FROM glob('OTHER')) THEN (SELECT count(*) FROM range(100000000)) END
                        SELECT count(*) FROM range((SELECT count(*) * 100000000 FROM read_parquet('OTHER')))
                        SELECT sleep_ms(1000)
                        SELECT pg_sleep(1)
                        SELECT get_current_time() FROM tenant10.readings"""))
                .entrySet()
                .stream()
                .sorted(Map.Entry.comparingByKey())
                .flatMap(entry -> entry.getValue().lines().map(text -> new Escape(entry.getKey(), filled(text))));
    }

    private static String filled(String text) {
        return text.replace("OTHER", other.toString())
                .replace("OWN", own.toString())
                .replace("LINK", link.toString())
                .replace("UP/", own.resolveSibling("up") + "/")
                .replace("HOME", own.getParent().toString())
                .replace("NEW", written.toString());
    }

    @ParameterizedTest
    @MethodSource("escapes")
    void isRefusedAtTheGateAndItsRefusalTellsNothing(Escape escape) {
        assertThatThrownBy(() -> world.ask(MINE, escape.statement(), RowFormat.CSV))
                .isInstanceOfSatisfying(QueryException.class, e -> {
                    assertThat(e.reason()).isIn(QueryException.Reason.REFUSED, QueryException.Reason.WRONG);
                    // What the statement says itself may be said back.
                    assertThat(e.detail().contains("zebra")
                                    && !escape.statement().contains("zebra"))
                            .isFalse();
                })
                .hasMessageNotContaining("feed.no")
                .hasMessageNotContaining("read_parquet([")
                .hasMessageNotContaining("root:");
        assertThat(written).doesNotExist();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void pastTheGateNothingOfTheOtherTenantComesOutAndNoFileChanges() throws Exception {
        byte[] ownBefore = Files.readAllBytes(own);
        byte[] otherBefore = Files.readAllBytes(other);
        List<String> before = places();

        List<String> said = Walled.run(
                data, own.getParent(), escapes().map(Escape::statement).toList(), "zebra", "root:x:0");

        assertThat(said.stream().filter(line -> line.startsWith("FAILED") || line.startsWith("DONE")))
                .as("every statement was tried")
                .hasSize((int) escapes().count());
        assertThat(said).noneMatch(line -> line.startsWith("SHOWED"));
        assertThat(Files.readAllBytes(own)).isEqualTo(ownBefore);
        assertThat(Files.readAllBytes(other)).isEqualTo(otherBefore);
        assertThat(places()).isEqualTo(before);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void canaryIsFoundWhereItMayBeRead() throws Exception {
        List<String> said =
                Walled.run(data, other.getParent(), List.of("SELECT * FROM read_parquet('" + other + "')"), "zebra");

        assertThat(said).anyMatch(line -> line.startsWith("SHOWED"));
    }

    @Test
    void everyWayIsTriedAndThereAreMoreThanSixtyInAll() {
        Map<Way, Long> tries = new HashMap<>();
        escapes().forEach(escape -> tries.merge(escape.way(), 1L, Long::sum));
        assertThat(tries.keySet()).containsExactlyInAnyOrder(Way.values());
        assertThat(escapes().count()).isGreaterThan(60);
    }

    @Test
    void fileThatIsThereAndOneThatIsNotAreRefusedInTheSameWords() {
        for (String template : List.of(
                "SELECT * FROM read_parquet('FILE')", "SELECT * FROM glob('FILE')", "COPY readings TO 'FILE'")) {
            String there = refusal(template.replace("FILE", other.toString()));
            String absent = refusal(template.replace(
                    "FILE", other.resolveSibling("absent.parquet").toString()));
            assertThat(there).isEqualTo(absent);
        }
    }

    @Test
    void deviceOfAnotherTenantIsAnsweredLikeOneThatIsNowhere() {
        for (String device : List.of("zebra", "nowhere")) {
            assertThat(world.ask(
                            MINE,
                            "SELECT count(*), min(ts), max(sensor) FROM readings WHERE device = '" + device + "'",
                            RowFormat.CSV))
                    .endsWith("\r\n0,,\r\n");
        }
    }

    @Test
    void fileThatWentAwayIsReportedWithoutItsPath() throws IOException {
        TenantId tenant = new TenantId("careless");
        world.add(tenant, Row.of("d", "s", 1, 1, 1));
        Path file = world.seal(tenant);
        world.ask(tenant, "SELECT count(*) FROM readings", RowFormat.CSV);
        Files.delete(file);

        assertThatThrownBy(() -> world.ask(tenant, "SELECT max(value) FROM readings", RowFormat.CSV))
                .isInstanceOf(QueryException.class)
                .hasMessageNotContaining(data.toString())
                .hasMessageNotContaining(".parquet");
    }

    private static String refusal(String statement) {
        try {
            world.ask(MINE, statement, RowFormat.CSV);
            throw new AssertionError("it was answered");
        } catch (QueryException e) {
            return e.detail();
        }
    }

    private static List<String> places() throws IOException {
        try (Stream<Path> files = Files.walk(data.resolve("lake"))) {
            return files.map(Path::toString).sorted().toList();
        }
    }
}
