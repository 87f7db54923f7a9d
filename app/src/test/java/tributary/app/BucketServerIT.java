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
                backup(site, server, pump);
                withoutLake();
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
        assertThat(rest.number("SELECT count(*) FROM messages WHERE device = '" + pump.id() + "'"))
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

    /// A backup has the history too, takes of the next one what is new, and can become a lake in a folder and in
    /// another bucket.
    private void backup(BucketSite site, ServerProcess server, Pump pump) throws Exception {
        Path to = temp.resolve("whole");
        List<String> command = new ArrayList<>(List.of("backup", to.toString(), "--data", data.toString(), "--json"));
        command.addAll(List.of(site.flags()));
        JsonNode first = done(command);
        assertThat(first.path("rows").path("main/readings").asLong()).isPositive();
        Pump other = Pump.at(server, "pump-2");
        other.publish(server, 100);
        Await.until("rows are in files", SOON, () -> hotRows(Rest.of(server)) == 0);
        JsonNode second = done(command);
        assertThat(second.path("rows").path("main/readings").asLong())
                .as("rows of files")
                .isEqualTo(Rest.of(server).number("SELECT count(*) FROM readings"));
        assertThat(second.path("copied").asLong())
                .as("what was there is not copied again")
                .isLessThan(second.path("bytes").asLong() / 2);

        Path folder = temp.resolve("in-a-folder");
        done(List.of("restore", to.toString(), "--data", folder.toString(), "--json"));
        try (ServerProcess restored = ServerProcess.start(folder)) {
            Rest rest = Rest.of(restored);
            Await.until("everything becomes visible", SOON, rest::everythingVisible);
            once(pump, rest);
            once(other, rest);
            everyDoor(pump, rest);
            assertThat(restored.stop()).as(restored.errors()).isZero();
        }
        site.postgres().run("postgres", "CREATE DATABASE again");
        List<String> there = new ArrayList<>(site.reached());
        there.addAll(List.of("--set", "lake.catalog=" + site.postgres().url("again")));
        List<String> move = new ArrayList<>(List.of("lake", "move", "--to", "s3://history/again", "--json"));
        move.addAll(List.of("--data", folder.toString()));
        move.addAll(there);
        done(move);
        there.addAll(List.of("--set", "lake.warehouse=s3://history/again"));
        try (ServerProcess restored = ServerProcess.start(folder, there.toArray(String[]::new))) {
            Rest rest = Rest.of(restored);
            Await.until("everything becomes visible", SOON, rest::everythingVisible);
            once(pump, rest);
            other.publish(restored, 50);
            Await.until("everything becomes visible", SOON, rest::everythingVisible);
            once(other, rest);
            assertThat(restored.stop()).as(restored.errors()).isZero();
        }
        Files.delete(anObject(to, second));
        ServerProcess.Outcome damaged = ServerProcess.run(
                "restore", to.toString(), "--data", temp.resolve("damaged").toString());
        assertThat(damaged.exit()).isEqualTo(1);
        assertThat(damaged.err()).contains("the backup lacks");
    }

    private static JsonNode done(List<String> command) throws Exception {
        ServerProcess.Outcome outcome = ServerProcess.run(command.toArray(String[]::new));
        assertThat(outcome.exit()).as(outcome.err()).isZero();
        return Rest.JSON.readTree(outcome.out());
    }

    /// @return one that holds readings
    private static Path anObject(Path backup, JsonNode made) throws Exception {
        JsonNode list = Rest.JSON.readTree(
                Files.readString(backup.resolve("backups/" + made.path("backup").asString() + ".json")));
        for (JsonNode file : list.path("files")) {
            if (file.path("path").asString().startsWith("lake/main/readings/data/")) {
                String sha256 = file.path("sha256").asString();
                return backup.resolve("objects").resolve(sha256.substring(0, 2)).resolve(sha256);
            }
        }
        throw new AssertionError("no file of readings in " + list);
    }

    /// No backup says that it has what it has not.
    private void withoutLake() throws Exception {
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
