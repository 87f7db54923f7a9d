package tributary.registry;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import tributary.model.DeviceId;
import tributary.model.TenantId;

/// Measures what the start of the platform and its doors feel of the registry.
///
/// `RegistryBench open [folder]`, `verify`, `password`, `memory devices`.
final class RegistryBench {
    private RegistryBench() {}

    public static void main(String[] args) throws IOException {
        switch (args[0]) {
            case "open" -> open(args.length > 1 ? Path.of(args[1]) : Files.createTempDirectory("registry"));
            case "verify" -> verify();
            case "password" -> password();
            case "memory" -> memory(Integer.parseInt(args[1]));
            default -> throw new IllegalArgumentException("open, verify, password or memory");
        }
    }

    private static SqlRegistry registry(Path folder) {
        return SqlRegistry.open(RegistrySettings.DEFAULTS, folder, Clock.systemUTC(), new SecureRandom());
    }

    private static void open(Path folder) {
        long start = System.nanoTime();
        SqlRegistry registry = registry(folder);
        long opened = System.nanoTime();
        registry.credentials().jwks();
        long keys = System.nanoTime();
        registry.close();
        System.out.printf("%s: open %d ms, keys %d ms later%n", folder, millis(start, opened), millis(opened, keys));
    }

    private static void verify() throws IOException {
        try (SqlRegistry registry = registry(Files.createTempDirectory("registry"))) {
            DeviceId device = new DeviceId("pump-1");
            registry.devices()
                    .add(new Device(
                            TenantId.MAIN,
                            device,
                            null,
                            "",
                            Map.of(),
                            "{}",
                            Clock.systemUTC().instant()));
            Credentials credentials = registry.credentials();
            String secret = credentials.issueToken(TenantId.MAIN, device, null).secret();
            rate("static token", credentials, secret, false);
            for (Credentials.Algorithm algorithm : Credentials.Algorithm.values()) {
                String jwt = credentials
                        .issueJwt(TenantId.MAIN, device, Duration.ofHours(1), algorithm, Set.of(), Set.of())
                        .secret();
                System.out.printf("%s token has %d characters%n", algorithm, jwt.length());
                rate(algorithm + " remembered", credentials, jwt, false);
                // A wrong signature is never remembered, and costs what a right one costs the first time.
                int middle = jwt.length() - 20;
                String wrong =
                        jwt.substring(0, middle) + (jwt.charAt(middle) == 'A' ? 'B' : 'A') + jwt.substring(middle + 1);
                rate(algorithm + " first time", credentials, wrong, true);
            }
        }
    }

    /// Counts against the thread's own processor time, so that a busy machine does not change the figure much.
    private static void rate(String what, Credentials credentials, String secret, boolean refused) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long best = 0;
        for (int round = 0; round < 8; round++) {
            long start = threads.getCurrentThreadCpuTime();
            long nanos = 0;
            long count = 0;
            while (nanos < 700_000_000L) {
                for (int i = 0; i < 50; i++) {
                    // A door has a new String each time, whose hash is not computed yet.
                    Credentials.Verdict verdict = credentials.verify(new String(secret.toCharArray()));
                    if (verdict instanceof Credentials.Verdict.Accepted == refused) {
                        throw new IllegalStateException(what);
                    }
                    count++;
                }
                nanos = threads.getCurrentThreadCpuTime() - start;
            }
            best = Math.max(best, count * 1_000_000_000L / nanos);
        }
        System.out.printf("%-20s %,12d a second of one core, %,.2f us each%n", what, best, 1e6 / best);
    }

    private static void password() {
        Passwords passwords = new Passwords(new SecureRandom());
        String hash = passwords.hash("correct horse battery");
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        for (int i = 0; i < 10; i++) {
            long start = threads.getCurrentThreadCpuTime();
            passwords.fits("correct horse battery", hash);
            System.out.printf(
                    "password checked in %,d ms of processor time%n", millis(start, threads.getCurrentThreadCpuTime()));
        }
    }

    private static void memory(int devices) throws IOException {
        Path folder = Files.createTempDirectory("registry");
        registry(folder).close();
        fill(folder.resolve("registry.db"), devices);
        long start = System.nanoTime();
        long before = used();
        try (SqlRegistry registry = registry(folder)) {
            System.out.printf(
                    "opened in %,d ms, memory %,d KB%n", millis(start, System.nanoTime()), (used() - before) / 1024);
            if (!registry.devices().exists(TenantId.MAIN, new DeviceId("vehicle-000001"))) {
                throw new IllegalStateException("lost");
            }
        }
    }

    /// Nine of ten devices are below the tenth; each has a token and a label.
    private static void fill(Path file, int devices) {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            String all =
                    "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < " + devices + ") ";
            statement.executeUpdate(
                    all
                            + "INSERT INTO device SELECT 'main', printf('vehicle-%06d', i), CASE WHEN i % 10 = 0 THEN NULL ELSE printf('vehicle-%06d', i / 10 * 10) END, 'car', '{}', 0 FROM n");
            statement.executeUpdate(
                    all + "INSERT INTO device_label SELECT 'main', printf('vehicle-%06d', i), 'site', 'a' FROM n");
            statement.executeUpdate(
                    all
                            + "INSERT INTO credential SELECT printf('%013d', i), 'main', 'token', printf('vehicle-%06d', i), '', 'DEVICE', '[]', '[]', lower(hex(randomblob(32))), 0, NULL, NULL FROM n");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static long used() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private static long millis(long from, long to) {
        return (to - from) / 1_000_000;
    }
}
