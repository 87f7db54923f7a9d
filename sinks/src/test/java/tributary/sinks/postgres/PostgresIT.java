package tributary.sinks.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;
import tributary.sinks.Harness;
import tributary.sinks.Server;
import tributary.sinks.SinkStatus;
import tributary.testkit.TestAuthority;

/// Rows in the PostgreSQL that Debian has, killed in the middle.
class PostgresIT {
    private static final String PASSWORD = "canary-postgres-password";

    private static TestAuthority authority;
    private static Path home;
    private static int port;

    @TempDir
    Path folder;

    private Harness house;

    @BeforeAll
    static void start() throws IOException {
        home = Files.createTempDirectory("tributary-sink-postgres");
        port = Server.freePort();
        authority = TestAuthority.root("Site", Instant.now());
        TestAuthority.Issued server = authority.server("localhost");
        Files.writeString(home.resolve("certificate"), server.pem());
        Files.writeString(home.resolve("key"), server.keyPem());
        Files.setPosixFilePermissions(home.resolve("key"), PosixFilePermissions.fromString("rw-------"));
        if (root()) {
            Server.run(List.of("chown", "-R", "postgres", home.toString()));
        }
        asPostgres(bin() + "/initdb -D " + home + "/data -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync");
        asPostgres("sed -i '1i host all pump 127.0.0.1/32 scram-sha-256' " + home + "/data/pg_hba.conf");
        up();
        sql("CREATE USER pump SUPERUSER PASSWORD '" + PASSWORD + "'");
    }

    private static void up() throws IOException {
        asPostgres(("%s/pg_ctl -D %s/data -l %s/log -w -t 200 -o '-p %d -c listen_addresses=127.0.0.1"
                        + " -c unix_socket_directories=%s -c wal_sync_method=fdatasync"
                        + " -c ssl=on -c ssl_cert_file=%s/certificate -c ssl_key_file=%s/key' start")
                .formatted(bin(), home, home, port, home, home, home));
    }

    private static void kill() throws IOException {
        asPostgres("%s/pg_ctl -D %s/data -m immediate -w stop".formatted(bin(), home));
    }

    @AfterAll
    static void stop() throws IOException {
        kill();
        try (Stream<Path> files = Files.walk(home)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        }
    }

    private static boolean root() {
        return System.getProperty("user.name").equals("root");
    }

    private static void asPostgres(String command) throws IOException {
        Server.run(
                root() ? List.of("su", "postgres", "-s", "/bin/sh", "-c", command) : List.of("/bin/sh", "-c", command));
    }

    private static Path bin() throws IOException {
        try (Stream<Path> versions = Files.list(Path.of("/usr/lib/postgresql"))) {
            return versions.map(version -> version.resolve("bin"))
                    .filter(bin -> Files.isExecutable(bin.resolve("initdb")))
                    .max(Comparator.naturalOrder())
                    .orElseThrow(() -> new IllegalStateException("install it: apt-get install -y postgresql"));
        }
    }

    @BeforeEach
    void open() {
        house = new Harness(folder, "127.0.0.1, ::1", new PostgresType());
        sql("DROP TABLE IF EXISTS reading");
        sql("CREATE TABLE reading (device text, \"at\" bigint, temp double precision NOT NULL, \"od\"\"d\" jsonb,"
                + " PRIMARY KEY (device, \"at\"))");
    }

    @AfterEach
    void close() {
        house.close();
    }

    private static List<List<String>> sql(String statement) {
        try (Connection connection = DriverManager.getConnection(
                        "jdbc:postgresql://127.0.0.1:" + port + "/postgres", "postgres", "");
                Statement run = connection.createStatement()) {
            List<List<String>> rows = new ArrayList<>();
            if (run.execute(statement)) {
                ResultSet set = run.getResultSet();
                while (set.next()) {
                    List<String> row = new ArrayList<>();
                    for (int i = 1; i <= set.getMetaData().getColumnCount(); i++) {
                        row.add(set.getString(i));
                    }
                    rows.add(row);
                }
            }
            return rows;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private void sink(String more) {
        house.good(
                "rows",
                "postgres",
                "{\"host\":\"127.0.0.1\",\"port\":" + port + ",\"database\":\"postgres\",\"user\":\"postgres\","
                        + "\"tls\":\"disable\",\"linger\":\"50ms\",\"retry-first\":\"50ms\",\"retry-most\":\"200ms\","
                        + "\"table\":\"public.reading\",\"key\":\"device, at\",\"columns\":{\"device\":\"${device()}\","
                        + "\"at\":\"${t}\",\"temp\":\"${temp}\",\"od\\\"d\":\"${payload()}\"}" + more + "}",
                Map.of());
    }

    private static List<List<String>> rows() {
        return sql("SELECT device, at, temp FROM reading ORDER BY at");
    }

    @Test
    void rowIsInsertedAndLaterUpdatedByItsKey() {
        sink("");
        house.say("rows", "d1", "{\"t\":1,\"temp\":20.5}");
        house.say("rows", "d2", "{\"t\":2,\"temp\":-1e3}");
        house.say("rows", "d1", "{\"t\":1,\"temp\":22}");
        Harness.until("written", () -> house.status("rows").delivered() == 3);

        assertThat(rows()).containsExactly(List.of("d1", "1", "22"), List.of("d2", "2", "-1000"));
        assertThat(sql("SELECT \"od\"\"d\"->>'temp' FROM reading WHERE device = 'd1'"))
                .containsExactly(List.of("22"));
    }

    @Test
    void valueIsOnlyAValueAndTheOneThatDoesNotFitIsPutAside() {
        sink("");
        house.say("rows", "'); DROP TABLE reading; --", "{\"t\":1,\"temp\":1}");
        house.say("rows", "d", "{\"t\":2,\"temp\":\"warm\"}");
        house.say("rows", "d", "{\"t\":3}");
        house.say("rows", "d", "{\"t\":4,\"temp\":4}");
        Harness.until("the last is written", () -> rows().size() == 2);

        assertThat(rows()).containsExactly(List.of("'); DROP TABLE reading; --", "1", "1"), List.of("d", "4", "4"));
        Harness.until("two are put aside", () -> house.dead("rows").size() == 2);
        assertThat(house.dead("rows").getFirst().letter().reason()).contains("warm");
    }

    @Test
    void serverThatIsKilledInTheMiddleHasEveryRowOnceAfterwards() throws IOException {
        sink(",\"batch-count\":10");
        IntStream.range(0, 400).forEach(n -> house.say("rows", "d", "{\"t\":" + n + ",\"temp\":" + n + "}"));
        Harness.until("some are written", () -> house.status("rows").delivered() > 50);
        kill();
        // all may have been written before; these are not
        IntStream.range(400, 500).forEach(n -> house.say("rows", "d", "{\"t\":" + n + ",\"temp\":" + n + "}"));
        Harness.until("it is seen", () -> house.status("rows").state() == SinkStatus.State.RETRYING);
        house.stop();
        up();
        house.open();
        Harness.until("all are written", () -> rows().size() == 500);

        assertThat(rows())
                .isEqualTo(IntStream.range(0, 500)
                        .mapToObj(n -> List.of("d", "" + n, "" + n))
                        .toList());
        assertThat(house.dead("rows")).isEmpty();
    }

    @Test
    void tableThatIsMissingIsWaitedForAndTheTestSaysSo() {
        sink("");
        sql("DROP TABLE reading");
        assertThat(house.test("rows").what())
                .contains("\"public.reading\" does not exist")
                .contains("42P01");
        try (Harness strict = new Harness(folder.resolve("strict"), "", new PostgresType())) {
            strict.good(
                    "a",
                    "postgres",
                    "{\"host\":\"localhost\",\"port\":" + port + ",\"database\":\"postgres\",\"user\":\"postgres\","
                            + "\"tls\":\"disable\",\"table\":\"x\",\"columns\":{\"a\":\"${a}\"}}",
                    Map.of());
            assertThat(strict.test("a").what()).contains("sinks.private-addresses");
        }
    }

    @Test
    void everyMistakeIsReported() {
        assertThat(house.mistakes(
                        "postgres",
                        "{\"host\":\"a/b\",\"database\":\"d?x=y\",\"user\":\"u\",\"tabel\":\"t\",\"key\":\"devise\","
                                + "\"columns\":{\"device\":\"${device()\"},\"password\":\"x\"}",
                        Map.of()))
                .anyMatch(flaw -> flaw.contains("host is one name"))
                .anyMatch(flaw -> flaw.contains("database is a name"))
                .anyMatch(flaw -> flaw.contains("did you mean table?"))
                .anyMatch(flaw -> flaw.contains("without its '}'"))
                .anyMatch(flaw -> flaw.contains("password is a secret"));
    }

    private void secureSink(String host, TestAuthority trusted, String password) {
        house.good(
                "rows",
                "postgres",
                JsonMapper.shared()
                        .writeValueAsString(Map.of(
                                "host", host,
                                "port", port,
                                "database", "postgres",
                                "user", "pump",
                                "table", "reading",
                                "columns", Map.of("device", "${device()}", "at", "${t}", "temp", "${temp}"),
                                "ca", trusted.pem(),
                                "retry-first", "50ms",
                                "retry-most", "200ms")),
                Map.of("password", password));
    }

    @Test
    void serverOfAnAuthorityOfOurOwnIsWrittenToByTls() {
        secureSink("localhost", authority, PASSWORD);
        house.say("rows", "pump-1", "{\"t\":1,\"temp\":21.5}");
        Harness.until("it is there", () -> house.done("rows"));

        assertThat(sql("SELECT device, temp FROM reading")).containsExactly(List.of("pump-1", "21.5"));
    }

    @Test
    void otherAuthorityOtherNameAndOtherPasswordAreSaid() {
        secureSink("localhost", TestAuthority.root("Elsewhere", Instant.now()), PASSWORD);
        assertThat(house.test("rows").what()).contains("not of an authority that is trusted");
        secureSink("127.0.0.1", authority, PASSWORD);
        assertThat(house.test("rows").what()).contains("certificate is of another name");
        secureSink("localhost", authority, "canary-wrong");
        assertThat(house.test("rows").what())
                .contains("password authentication failed")
                .doesNotContain("canary");
    }
}
