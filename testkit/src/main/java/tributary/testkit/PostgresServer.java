package tributary.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// The system's PostgreSQL in a temporary folder on a free loopback port. It refuses to run as root, so there
/// it runs as the user `postgres` that its package makes.
public record PostgresServer(Path bin, Path home, int port) implements AutoCloseable {
    public static final String PASSWORD = "canary-postgres-password";

    /// Runs a statement as its owner.
    public void run(String database, String sql) {
        try (Connection connection = DriverManager.getConnection(url(database), "postgres", PASSWORD);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException("PostgreSQL started, but does not answer; see " + log(), e);
        }
    }

    /// Starts it; it ends with this process at the latest.
    public static PostgresServer start() {
        try {
            Path home = Files.createTempDirectory("tributary-postgres");
            PostgresServer server = new PostgresServer(binaries(), home, 0);
            Files.writeString(server.passwordFile(), PASSWORD + "\n");
            Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwx------"));
            if (root()) {
                run(List.of("chown", "-R", "postgres", home.toString()));
            }
            Runtime.getRuntime()
                    .addShutdownHook(Thread.ofPlatform().name("stop-postgres").unstarted(server::close));
            server.asPostgres(
                    "%s/initdb -D %s/data -U postgres -A scram-sha-256 --pwfile=%s -E UTF8 --locale=C.UTF-8 --no-sync"
                            .formatted(server.bin, home, server.passwordFile()));
            server = new PostgresServer(server.bin, home, freePort()); // only now, so that nobody else takes it
            server.asPostgres(
                    "%s/pg_ctl -D %s/data -l %s -w -t 180 -o '-p %d -c listen_addresses=127.0.0.1 -c unix_socket_directories=%s -c fsync=off' start"
                            .formatted(server.bin, home, server.log(), server.port, home));
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// @return a file whose first line is the password of the user `postgres`
    public Path passwordFile() {
        return home.resolve("password");
    }

    /// @return what it says
    public Path log() {
        return home.resolve("log");
    }

    public String url(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }

    @Override
    public void close() {
        try {
            if (Files.exists(home.resolve("data/postmaster.pid"))) {
                asPostgres("%s/pg_ctl -D %s/data -m immediate -w stop".formatted(bin, home));
            }
            if (Files.exists(home)) {
                try (Stream<Path> files = Files.walk(home)) {
                    files.sorted(Comparator.reverseOrder())
                            .forEach(file -> file.toFile().delete());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void asPostgres(String command) throws IOException {
        run(root() ? List.of("su", "postgres", "-s", "/bin/sh", "-c", command) : List.of("/bin/sh", "-c", command));
    }

    private static boolean root() {
        return System.getProperty("user.name").equals("root");
    }

    private static Path binaries() throws IOException {
        Path all = Path.of("/usr/lib/postgresql");
        if (Files.isDirectory(all)) {
            try (Stream<Path> versions = Files.list(all)) {
                List<Path> found = versions.map(version -> version.resolve("bin"))
                        .filter(bin ->
                                Files.isExecutable(bin.resolve("initdb")) && Files.isExecutable(bin.resolve("pg_ctl")))
                        .sorted(Comparator.comparingInt(bin ->
                                Integer.parseInt(all.relativize(bin).getName(0).toString())))
                        .toList();
                if (!found.isEmpty()) {
                    return found.getLast();
                }
            }
        }
        throw new IllegalStateException(
                "PostgreSQL is not installed, and what we promise has to hold on it too. Install it: apt-get install -y postgresql");
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static void run(List<String> command) throws IOException {
        Path output = Files.createTempFile("tributary-postgres", ".out");
        Process process = new ProcessBuilder(command)
                .directory(Path.of("/").toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            if (!process.waitFor(240, TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new IllegalStateException(command + " failed: " + Files.readString(output));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } finally {
            Files.deleteIfExists(output);
        }
    }
}
