package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Statements that crash the engine, eat memory or never end, against the whole program: whoever sends one gets an
/// error, and the doors do not notice.
class BombsIT {
    private static final List<String> BOMBS = List.of(
            "SELECT count(*) FROM range(10000000) a, range(10000000) b",
            "SELECT levenshtein(repeat('a', 300000), repeat('b', 300000))",
            "SELECT count(*) FROM (SELECT unnest(range(1000000000)))",
            "SELECT length(repeat('x', 2000000000)), length(lpad('y', 2000000000, 'z'))",
            "SELECT max(range) FROM (FROM range(2000000000) ORDER BY hash(range) LIMIT 1999999999)",
            "SELECT * FROM (".repeat(800) + "SELECT 1" + ")".repeat(800));

    @TempDir
    private Path data;

    @Test
    @Timeout(value = 8, unit = TimeUnit.MINUTES)
    void doorsTakeEveryMessageWhileBombsBurnAndTheNextQueryIsAnswered() throws Exception {
        try (ServerProcess server = ServerProcess.start(data)) {
            Rest owner = Rest.of(server);
            Rest device = new Rest(server.http(), owner.device("pump-1"));
            AtomicReference<Throwable> failed = new AtomicReference<>();
            Thread bombs = Thread.ofVirtual().start(() -> {
                try {
                    for (String bomb : BOMBS) {
                        Rest.Reply reply = owner.call("POST", "/api/v1/sql", Map.of("sql", bomb, "timeoutMs", 1000));
                        // Nested sub-selects may be answered; nothing else of these can be.
                        assertThat(reply.status() == 200 && !bomb.startsWith("SELECT * FROM (SELECT"))
                                .as(bomb.substring(0, 40))
                                .isFalse();
                        assertThat(owner.number("SELECT 42")).isEqualTo(42);
                    }
                } catch (Exception | AssertionError e) {
                    failed.set(e);
                }
            });
            AtomicInteger acknowledged = new AtomicInteger();
            while (bombs.isAlive()) {
                device.good("POST", "/api/v1/telemetry", Map.of("n", acknowledged.incrementAndGet()));
            }
            assertThat(failed.get()).isNull();
            assertThat(acknowledged.get()).isGreaterThan(BOMBS.size());
            assertThat(owner.call("GET", "/health/ready", null).status()).isEqualTo(200);
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            String count = "SELECT count(DISTINCT value) FROM readings WHERE device = 'pump-1'";
            while (owner.number(count) < acknowledged.get() && System.nanoTime() < deadline) {
                Thread.sleep(50);
            }
            assertThat(owner.number(count)).isEqualTo(acknowledged.get());
        }
    }
}
