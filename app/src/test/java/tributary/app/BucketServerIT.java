package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// The whole program with its lake in a bucket: every door of its history over files that are elsewhere, and
/// the promise under `kill -9`.
class BucketServerIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int KILLS = 4;

    @TempDir
    private Path data;

    @TempDir
    private Path temp;

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void whatWasAcknowledgedIsInTheBucketOnceAfterEveryKill() throws Exception {
        try (BucketSite site = BucketSite.start()) {
            String[] flags = site.flags("--set", "lake.idle-age=1s", "--set", "lake.seal-age=1s");
            ServerProcess server = ServerProcess.start(data, flags);
            try {
                Pump pump = Pump.at(server, "pump");
                for (int kill = 0; kill < KILLS; kill++) {
                    loadUntilKilled(server, pump, 1_500 + kill * 700);
                    server = ServerProcess.start(data, flags);
                }
                Rest rest = Rest.of(server);
                Await.until("everything becomes visible", SOON, rest::everythingVisible);
                once(pump, rest);
                Await.until("everything is in the bucket", SOON, () -> hotRows(rest) == 0);
                assertThat(objects(site)).anyMatch(file -> file.startsWith("of/ours/main/readings/data/"));
                assertThat(Files.exists(data.resolve("lake/catalog.db"))).isFalse();
                once(pump, rest);
                everyDoor(pump, rest);
                JsonNode first = rest.sql("SELECT part, position FROM messages ORDER BY received LIMIT 1")
                        .path(0);
                assertThat(server.stop()).as(server.errors()).isZero();
                server = ServerProcess.start(data, flags);
                explained(
                        Rest.of(server),
                        first.path(0).asInt() + "-" + first.path(1).asLong());
                backup();
            } finally {
                server.close();
            }
        }
    }

    private static void once(Pump pump, Rest rest) throws Exception {
        List<Long> stored = pump.stored(rest);
        Set<Long> acknowledged = pump.acknowledged();
        assertThat(acknowledged).isNotEmpty();
        assertThat(stored).as("no row twice, in order").doesNotHaveDuplicates().isSorted();
        assertThat(stored).as("every acknowledged message").containsAll(acknowledged);
        assertThat(rest.number("SELECT count(*) FROM messages WHERE device = 'pump'"))
                .isEqualTo(stored.size());
    }

    /// Series and newest values: read from files of the bucket, or from what was made of them at the start.
    private static void everyDoor(Pump pump, Rest rest) throws Exception {
        List<Long> stored = pump.stored(rest);
        String range = "&from=" + Pump.BASE_MILLIS + "&to=" + (Pump.BASE_MILLIS + 10_000_000);
        JsonNode count = rest.good("GET", "/api/v1/series?series=pump:seq&every=7d&agg=count" + range, null);
        long counted = 0;
        for (JsonNode row : count.path("rows")) {
            counted += row.path(3).asLong();
        }
        assertThat(counted).as(count.toString()).isEqualTo(stored.size());
        assertThat(rest.good("GET", "/api/v1/devices/pump/latest", null).toString())
                .contains(Long.toString(stored.getLast()));
        assertThat(rest.good("GET", "/api/v1/status", null).path("lake").toString())
                .as("nothing is wrong")
                .doesNotContain("trouble\":\"");
    }

    /// Asked first after a start, when no file of the bucket was fetched by anything else.
    private static void explained(Rest rest, String message) throws Exception {
        Await.until("everything is visible", SOON, rest::everythingVisible);
        JsonNode explained = rest.good("GET", "/api/v1/messages/" + message + "/explain", null);
        assertThat(explained.toString()).contains("main/messages/data/", "main/readings/data/");
    }

    /// No backup says that it has what it has not.
    private void backup() throws Exception {
        String to = temp.resolve("backup").toString();
        ServerProcess.Outcome refused = ServerProcess.run("backup", to, "--data", data.toString());
        assertThat(refused.exit()).isEqualTo(2);
        assertThat(refused.err()).contains(BucketSite.WAREHOUSE, "no backup was made", "--without-lake");
        assertThat(temp.resolve("backup")).doesNotExist();
        ServerProcess.Outcome rest = ServerProcess.run("backup", to, "--data", data.toString(), "--without-lake");
        assertThat(rest.exit()).as(rest.err()).isZero();
        Path restored = temp.resolve("restored");
        ServerProcess.Outcome outcome = ServerProcess.run("restore", to, "--data", restored.toString());
        assertThat(outcome.exit()).as(outcome.err()).isZero();
        assertThat(restored.resolve("lake/place")).hasContent(BucketSite.WAREHOUSE);
        assertThat(restored.resolve("registry.db")).exists();
    }

    private static long hotRows(Rest rest) throws Exception {
        return rest.good("GET", "/api/v1/status", null)
                .path("lake")
                .path("hotRows")
                .asLong(-1);
    }

    private static List<String> objects(BucketSite site) throws Exception {
        Path bucket = site.objects().objects("history");
        try (Stream<Path> files = Files.walk(bucket)) {
            return new ArrayList<>(files.filter(Files::isRegularFile)
                    .map(file -> bucket.relativize(file).toString())
                    .toList());
        }
    }

    private static void loadUntilKilled(ServerProcess server, Pump pump, int millis) throws Exception {
        AtomicBoolean running = new AtomicBoolean(true);
        Thread load = Thread.ofVirtual().start(() -> {
            try {
                pump.publish(server, running);
            } catch (InterruptedException | CompletionException | IllegalStateException e) {
                // the server was killed under it: what was acknowledged until then counts
            }
        });
        TimeUnit.MILLISECONDS.sleep(millis);
        server.kill();
        running.set(false);
        load.interrupt();
        load.join(Duration.ofSeconds(10));
    }
}
