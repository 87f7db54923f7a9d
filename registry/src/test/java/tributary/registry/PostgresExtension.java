package tributary.registry;

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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Runs the system's PostgreSQL in a temporary folder on a free loopback port, once for the whole test run. PostgreSQL
/// refuses to run as root, so there it runs as the user `postgres` that its package makes.
final class PostgresExtension implements BeforeAllCallback {
    private static final String PASSWORD = "canary-postgres-password";
    private static final String TEMPLATE = "registry_template";
    private static final AtomicInteger DATABASES = new AtomicInteger();

    private Server server;

    @Override
    public void beforeAll(ExtensionContext context) {
        server = context.getRoot()
                .getStore(ExtensionContext.Namespace.create(PostgresExtension.class))
                .computeIfAbsent("server", _ -> Server.start(), Server.class);
    }

    /// @return settings that lead to a database of its own that has the schema and nothing in it
    RegistrySettings emptyDatabase() {
        return database(" TEMPLATE " + TEMPLATE);
    }

    /// @return settings that lead to a database of its own without even a schema
    RegistrySettings bareDatabase() {
        return database("");
    }

    private RegistrySettings database(String from) {
        String name = "registry_" + DATABASES.incrementAndGet();
        try (Connection connection = DriverManager.getConnection(server.url("postgres"), "postgres", PASSWORD);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name + from);
        } catch (SQLException e) {
            throw new IllegalStateException("PostgreSQL started, but does not answer; see " + server.log(), e);
        }
        RegistrySettings d = RegistrySettings.DEFAULTS;
        return new RegistrySettings(
                server.url(name),
                "postgres",
                server.passwordFile().toString(),
                d.issuer(),
                d.devicesPerTenantMax(),
                d.sensorsPerDeviceMax(),
                d.sensorsPerTenantMax(),
                d.credentialsPerHolderMax(),
                d.verifiedTokensMax(),
                d.sessionLife());
    }

    private record Server(Path bin, Path home, int port) implements AutoCloseable {
        static Server start() {
            try {
                Path home = Files.createTempDirectory("tributary-postgres");
                Server server = new Server(binaries(), home, freePort());
                Files.writeString(server.passwordFile(), PASSWORD + "\n");
                Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwx------"));
                if (root()) {
                    run(List.of("chown", "-R", "postgres", home.toString()));
                }
                Runtime.getRuntime().addShutdownHook(new Thread(server::close, "stop-postgres"));
                server.asPostgres(
                        "%s/initdb -D %s/data -U postgres -A scram-sha-256 --pwfile=%s -E UTF8 --locale=C.UTF-8 --no-sync"
                                .formatted(server.bin, home, server.passwordFile()));
                server.asPostgres(
                        "%s/pg_ctl -D %s/data -l %s -w -t 60 -o '-p %d -c listen_addresses=127.0.0.1 -c unix_socket_directories=%s -c fsync=off' start"
                                .formatted(server.bin, home, server.log(), server.port, home));
                server.makeTemplate();
                return server;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private void makeTemplate() {
            try (Connection connection = DriverManager.getConnection(url("postgres"), "postgres", PASSWORD);
                    Statement statement = connection.createStatement()) {
                statement.execute("CREATE DATABASE " + TEMPLATE);
                Migration.postgresFlyway()
                        .dataSource(url(TEMPLATE), "postgres", PASSWORD)
                        .load()
                        .migrate();
            } catch (SQLException e) {
                throw new IllegalStateException("PostgreSQL started, but does not answer; see " + log(), e);
            }
        }

        Path passwordFile() {
            return home.resolve("password");
        }

        Path log() {
            return home.resolve("log");
        }

        String url(String database) {
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
                            .filter(bin -> Files.isExecutable(bin.resolve("initdb"))
                                    && Files.isExecutable(bin.resolve("pg_ctl")))
                            .sorted(Comparator.comparingInt(bin -> Integer.parseInt(
                                    bin.getParent().getFileName().toString())))
                            .toList();
                    if (!found.isEmpty()) {
                        return found.getLast();
                    }
                }
            }
            throw new IllegalStateException(
                    "PostgreSQL is not installed, and the registry's contract has to hold on it too. Install it: apt-get install -y postgresql");
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
                if (!process.waitFor(90, TimeUnit.SECONDS) || process.exitValue() != 0) {
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
}
