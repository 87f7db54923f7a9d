package tributary.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static tributary.query.QueryWorld.MAIN;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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

class WallsTest {
    @TempDir
    static Path data;

    static QueryWorld world;
    static Path own;
    static Path others;

    @BeforeAll
    static void open() {
        world = new QueryWorld(data);
        world.add(MAIN, Row.of("mine", "s", 1, 1, 1));
        own = world.seal(MAIN);
        TenantId other = new TenantId("other");
        world.add(other, Row.of("zebra", "s", 1, 1, 1));
        others = world.seal(other);
    }

    @AfterAll
    static void close() {
        world.close();
    }

    /// `OWN` and `OTHER` stand for real files of this and another tenant.
    static Stream<String> escapes() {
        return Stream.of(
                "COPY readings TO 'OWN'",
                "COPY (SELECT 1) TO '/tmp/tributary-escape.csv'",
                "COPY readings FROM 'OTHER'",
                "ATTACH 'OTHER' AS o",
                "ATTACH ':memory:' AS m",
                "DETACH memory",
                "USE memory",
                "SELECT * FROM read_csv('/etc/passwd')",
                "SELECT * FROM read_csv_auto('/etc/passwd')",
                "SELECT * FROM read_text('/etc/passwd')",
                "SELECT * FROM read_blob('/proc/self/environ')",
                "SELECT * FROM read_json('OTHER')",
                "SELECT * FROM read_parquet('OTHER')",
                "SELECT * FROM read_parquet('OWN')",
                "SELECT * FROM parquet_scan(['OTHER'])",
                "SELECT * FROM parquet_metadata('OWN')",
                "SELECT * FROM parquet_kv_metadata('OTHER')",
                "SELECT * FROM glob('/*')",
                "SELECT * FROM sniff_csv('/etc/passwd')",
                "SELECT * FROM '/etc/passwd'",
                "SELECT * FROM \"/etc/passwd\"",
                "SELECT * FROM 'OTHER'",
                "SELECT * FROM \"OWN\"",
                "FROM 'https://example.org/x.parquet'",
                "SELECT * FROM readings, 'OTHER'",
                "SELECT (SELECT count(*) FROM 'OTHER')",
                "SELECT * FROM readings WHERE value IN (FROM 'OTHER')",
                "WITH t AS (SELECT 1) SELECT * FROM t, 'OTHER'",
                "WITH \"OTHER\" AS (SELECT * FROM \"OTHER\") SELECT * FROM \"OTHER\"",
                "SELECT * FROM (WITH t AS (SELECT 1) SELECT * FROM t), t",
                "PRAGMA database_list",
                "PRAGMA enable_profiling",
                "PRAGMA table_info('readings')",
                "CALL pragma_version()",
                "SET memory_limit = '100GB'",
                "SET VARIABLE x = 1",
                "RESET memory_limit",
                "SELECT current_setting('allowed_directories')",
                "SELECT getvariable('x')",
                "SELECT getenv('HOME')",
                "INSTALL httpfs",
                "LOAD '/tmp/x.duckdb_extension'",
                "CREATE TABLE t AS SELECT 1",
                "CREATE VIEW readings AS SELECT 1",
                "CREATE MACRO sum(x) AS 42",
                "CREATE SECRET s (TYPE s3)",
                "CREATE TYPE e AS ENUM ('a')",
                "DROP VIEW readings",
                "ALTER TABLE devices RENAME TO d",
                "DELETE FROM devices",
                "INSERT INTO devices SELECT * FROM devices",
                "UPDATE devices SET id = 'x'",
                "TRUNCATE devices",
                "WITH d AS (DELETE FROM devices RETURNING *) SELECT * FROM d",
                "WITH d AS (INSERT INTO devices SELECT * FROM devices RETURNING *) SELECT * FROM d",
                "WITH d AS (UPDATE devices SET id = 'x' RETURNING *) SELECT * FROM d",
                "WITH d AS (COPY readings TO '/tmp/tributary-escape.csv') SELECT 1",
                "SELECT * FROM duckdb_tables()",
                "SELECT * FROM duckdb_settings()",
                "SELECT * FROM duckdb_views()",
                "SELECT * FROM duckdb_secrets()",
                "SELECT * FROM information_schema.tables",
                "SELECT * FROM pg_catalog.pg_tables",
                "SELECT * FROM sqlite_master",
                "SELECT * FROM main.readings",
                "SELECT * FROM memory.main.readings",
                "SELECT * FROM feed.no_readings",
                "SELECT * FROM no_readings",
                "SELECT * FROM hot_1",
                "SELECT system.main.abs(1)",
                "SELECT * FROM query('SELECT 1')",
                "SELECT * FROM query_table('readings')",
                "SELECT * FROM json_execute_serialized_sql('{}')",
                "SELECT json_serialize_plan('SELECT 1')",
                "SELECT * FROM test_all_types()",
                "SELECT nextval('s')",
                "SELECT write_log('x')",
                "SELECT * FROM seq_scan('readings')",
                "SELECT 'x'::nosuchtype",
                "PREPARE q AS SELECT 1",
                "EXECUTE q",
                "EXPLAIN COPY readings TO 'OWN'",
                "EXPLAIN ANALYZE DELETE FROM devices",
                "EXPLAIN EXPLAIN SELECT 1",
                "EXPLAIN (FORMAT json) SELECT 1",
                "PIVOT readings ON sensor USING avg(value)",
                "SHOW TABLES",
                "SHOW ALL TABLES",
                "SUMMARIZE 'OTHER'",
                "DESCRIBE 'OTHER'",
                "BEGIN TRANSACTION",
                "COMMIT",
                "CHECKPOINT",
                "VACUUM",
                "EXPORT DATABASE '/tmp/tributary-escape'",
                "IMPORT DATABASE '/tmp'",
                "SELECT 1; SELECT 2",
                "SELECT 1; DROP VIEW readings",
                "SELECT 1;/**/COPY readings TO 'OWN'",
                "/* SELECT */ COPY readings TO 'OWN'",
                "SELECT /*! */ * FROM/**/read_text/**/('/etc/passwd')",
                "SELECT * FROM READ_TEXT('/etc/passwd')",
                "SELECT * FROM \"read_text\"('/etc/passwd')",
                "SELECT * FROM\u00a0read_text('/etc/passwd')",
                "SELECT * FROM U&\"\\0072ead_text\"('/etc/passwd')",
                "SELECT * FROM ｒead_text('/etc/passwd')",
                "SELECT ?",
                "SELECT $1",
                "SELECT :x",
                "SELECT * FROM readings AT (VERSION => 1)",
                "",
                ";",
                "-- nothing",
                "SELECT '\0'");
    }

    @ParameterizedTest
    @MethodSource("escapes")
    void escapeIsRefusedInWordsThatNameNoPlaceOfOurs(String escape) {
        String statement = escape.replace("OWN", own.toString()).replace("OTHER", others.toString());

        assertThatThrownBy(() -> world.ask(MAIN, statement, RowFormat.CSV))
                .isInstanceOfSatisfying(
                        QueryException.class,
                        e -> assertThat(e.reason()).isIn(QueryException.Reason.REFUSED, QueryException.Reason.WRONG))
                .hasMessageNotContaining("zebra")
                .hasMessageNotContaining("memory.main")
                .hasMessageNotContaining("feed.hot");
        assertThat(Files.exists(Path.of("/tmp/tributary-escape.csv"))).isFalse();
    }

    @Test
    void hostileTextsAreOnlyTexts() {
        for (String text :
                List.of("x\"; DROP", "x' OR 1=1--", "\\", "\u202e\ud83d\ude80", "'; COPY", "a".repeat(30_000))) {
            TenantId tenant = new TenantId("texts");
            world.add(tenant, new Row(text, text, 1, Double.NaN, text, 1, 0, 1, false));
            String quoted = "'" + text.replace("'", "''") + "'";
            assertThat(world.ask(
                            tenant,
                            "SELECT count(*) > 0 AND bool_and(sensor = text) FROM readings WHERE device = " + quoted,
                            RowFormat.CSV))
                    .endsWith("true\r\n");
        }
    }

    /// A setting may be a session's own: what the lock is put on must then be set for all, not for the session that set
    /// it. Once the footers of files were read anew by every statement because of that.
    @Test
    void settingsHoldInEverySession() throws Exception {
        world.ask(MAIN, "SELECT 1", RowFormat.CSV); // the engine's library is unpacked for the first worker
        Path folder = Files.createDirectories(data.resolve("nothing"));
        List<String> statements = Stream.of(
                        "parquet_metadata_cache = true",
                        "validate_external_file_cache = 'NO_VALIDATION'",
                        "TimeZone = 'UTC'",
                        "max_expression_depth = 250",
                        "enable_external_access = false",
                        "lock_configuration = true")
                .map(setting -> setting.split(" = "))
                .map(pair -> "SELECT CASE WHEN current_setting('%s')::VARCHAR = '%s' THEN 1 ELSE error('%s') END"
                        .formatted(pair[0], pair[1].replace("'", ""), pair[0]))
                .toList();

        List<String> said = Walled.run(data, folder, statements);

        assertThat(said.stream().filter(line -> line.startsWith("DONE")).toList())
                .as(String.join("\n", said))
                .hasSize(statements.size());
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void evenPastTheGateNoFileIsWrittenAndNoOtherFileIsRead() throws Exception {
        byte[] before = Files.readAllBytes(own);
        Path fresh = own.resolveSibling("fresh.csv");
        List<String> attempts = List.of(
                "COPY (SELECT 1) TO '" + fresh + "'",
                "COPY (SELECT 1) TO '" + own + "' (FORMAT parquet, USE_TMP_FILE false)",
                "COPY (SELECT 1) TO '" + own + "' (FORMAT parquet)",
                "COPY (SELECT 1) TO '/tmp/tributary-escape.csv'",
                "ATTACH '" + own.resolveSibling("new.db") + "' AS n",
                "EXPORT DATABASE '" + own.resolveSibling("export") + "'",
                "SELECT * FROM read_text('/etc/passwd')",
                "SELECT * FROM read_parquet('" + others + "')",
                "SELECT * FROM read_parquet('" + own.getParent() + "/../other/" + others.getFileName() + "')",
                "SELECT * FROM glob('" + others.getParent() + "/*')",
                "SET enable_external_access = true",
                "SET allowed_directories = ['/']",
                "SET lock_configuration = false",
                "INSTALL httpfs",
                "LOAD httpfs");
        world.ask(MAIN, "SELECT 1", RowFormat.CSV); // the engine's library is unpacked for the first worker
        List<String> said = Walled.run(data, own.getParent(), attempts);

        assertThat(said.getFirst()).contains("reads only its tenant's folder").contains("no byte into any file");
        assertThat(said).noneMatch(line -> line.startsWith("DONE") && !line.startsWith("DONE SELECT * FROM glob"));
        assertThat(said.stream().filter(line -> line.startsWith("FAILED") || line.startsWith("DONE")))
                .hasSize(attempts.size());
        assertThat(Files.readAllBytes(own)).isEqualTo(before);
        assertThat(Files.exists(fresh)).isFalse();
        try (Stream<Path> files = Files.list(own.getParent())) {
            assertThat(files).containsExactly(own);
        }
    }
}
