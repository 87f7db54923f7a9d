package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// A backup that is made while a server is under load has everything that was acknowledged before it began, once.
class BackupIT {
    private static final Duration SOON = Duration.ofSeconds(120);

    private static final long BASE_MILLIS = 1_790_000_000_000L;
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @TempDir
    private Path temp;

    private final ConcurrentSkipListSet<Long> acknowledged = new ConcurrentSkipListSet<>();

    @Test
    @Timeout(value = 20, unit = TimeUnit.MINUTES)
    void whatWasAcknowledgedBeforeABackupIsInItOnce() throws Exception {
        Path data = temp.resolve("data");
        Path backup = temp.resolve("backup");
        AtomicBoolean running = new AtomicBoolean(true);
        Set<Long> beforeFirst;
        Set<Long> beforeMoment;
        Set<Long> beforeSecond;
        Instant moment;
        long behindMoment;
        JsonNode first;
        JsonNode second;
        String token;
        try (ServerProcess server =
                ServerProcess.start(data, "--set", "lake.idle-age=1s", "--set", "lake.seal-age=1s")) {
            token = Rest.of(server).device("pump");
            rule(Rest.of(server));
            Thread load = Thread.ofVirtual().start(() -> send(server.http(), token, running));
            awaitFiles(data);
            beforeFirst = new TreeSet<>(acknowledged);
            first = backup(data, backup);
            awaitMore(beforeFirst.size() + 150);
            beforeMoment = new TreeSet<>(acknowledged);
            moment = Instant.now();
            // the one after it may have been on its way at that moment
            behindMoment = acknowledged.last() + 2;
            awaitMore(beforeFirst.size() + 300);
            beforeSecond = new TreeSet<>(acknowledged);
            second = backup(data, backup);
            awaitMore(beforeSecond.size() + 50);
            running.set(false);
            load.join();
        }
        assertThat(beforeFirst).isNotEmpty();
        assertThat(first.path("rows").path("main/readings").asLong())
                .as("rows that were in files")
                .isPositive();
        assertThat(second.path("copied").asLong())
                .as("what was there is not copied again")
                .isLessThan(second.path("bytes").asLong());

        restored(backup, second, beforeSecond, token);
        restored(backup, first, beforeFirst, token);
        restoredAsOf(backup, moment, beforeMoment, behindMoment);
        refusals(backup);
    }

    private void restoredAsOf(Path backup, Instant moment, Set<Long> promised, long absent) throws Exception {
        Path data = temp.resolve("restored-as-of");
        ServerProcess.Outcome outcome =
                ServerProcess.run("restore", backup.toString(), "--data", data.toString(), "--at", moment.toString());
        assertThat(outcome.exit()).as(outcome.err()).isZero();
        try (ServerProcess server = ServerProcess.start(data)) {
            Rest rest = Rest.of(server);
            Await.until("everything becomes visible", SOON, rest::everythingVisible);
            List<Long> stored = stored(rest);
            assertThat(stored).as("no row twice").doesNotHaveDuplicates().isSorted();
            assertThat(stored)
                    .as("every message acknowledged before %s", moment)
                    .containsAll(promised);
            assertThat(stored).as("no message sent after it").allMatch(seq -> seq < absent);
            rulesWentOn(rest);
            assertThat(server.stop()).isZero();
        }
    }

    private void restored(Path backup, JsonNode made, Set<Long> promised, String token) throws Exception {
        Path data = temp.resolve("restored-" + made.path("backup").asString());
        ServerProcess.Outcome outcome = ServerProcess.run(
                "restore",
                backup.toString(),
                "--data",
                data.toString(),
                "--at",
                made.path("backup").asString());
        assertThat(outcome.exit()).as(outcome.err()).isZero();
        try (ServerProcess server = ServerProcess.start(data)) {
            Rest rest = Rest.of(server);
            Await.until("everything becomes visible", SOON, rest::everythingVisible);
            List<Long> stored = stored(rest);
            assertThat(stored).as("no row twice").doesNotHaveDuplicates().isSorted();
            assertThat(stored)
                    .as("every message acknowledged before the backup")
                    .containsAll(promised);
            assertThat(acknowledged).as("nothing that was never sent").contains(stored.getFirst());
            long fresh = 1_000_000;
            assertThat(post(server.http(), token, fresh)).as("devices go on").isLessThan(300);
            Await.until("everything becomes visible", SOON, rest::everythingVisible);
            assertThat(stored(rest)).contains(fresh).hasSize(stored.size() + 1);
            rulesWentOn(rest);
            assertThat(rest.good("GET", "/api/v1/status", null).toString())
                    .as("nothing is an orphan, nothing is damaged")
                    .doesNotContain("newer-than-catalog");
            assertThat(server.stop()).isZero();
        }
    }

    /// A copy of every message, and an alert that is raised by each odd one and cleared by the next.
    private static void rule(Rest rest) throws Exception {
        rest.good(
                "PUT",
                "/api/v1/rules/copy",
                Map.of(
                        "sql", "SELECT seq FROM 'devices/pump/telemetry'",
                        "state", "on",
                        "actions", List.of(Map.of("topic", "copied"))));
        rest.good(
                "PUT",
                "/api/v1/rules/odd",
                Map.of(
                        "sql",
                        "SELECT seq FROM 'devices/pump/telemetry' ALERT odd PER device_id() WHEN seq % 2 = 1 CLEAR WHEN seq % 2 = 0",
                        "state",
                        "on"));
        for (String rule : List.of("copy", "odd")) {
            Await.until(
                    "the rule " + rule + " runs",
                    SOON,
                    () -> rest.good("GET", "/api/v1/rules/" + rule, null)
                            .path("figures")
                            .isObject());
        }
    }

    /// No message is left out by rules, and the table of alerts is what the messages make of it. What rules said while
    /// the backup was made may be said again.
    private static void rulesWentOn(Rest rest) throws Exception {
        List<Long> sent = stored(rest);
        Await.until("rules say of every message what they have to", SOON, () -> {
            Set<Long> copied = new TreeSet<>();
            for (JsonNode row : rest.sql("SELECT text FROM messages WHERE topic = 'copied'")) {
                copied.add(
                        Rest.JSON.readTree(row.path(0).asString()).path("seq").asLong());
            }
            return copied.equals(new TreeSet<>(sent));
        });
        long odd = sent.stream().filter(seq -> seq % 2 == 1).count();
        // where the last message is an odd one it is raised now
        String state = sent.getLast() % 2 == 1 ? "raised" : "cleared";
        Await.until(
                "the alert was raised " + odd + " times and is " + state,
                SOON,
                () -> rest.good("GET", "/api/v1/alerts?state=" + state, null)
                                .path("alerts")
                                .path(0)
                                .path("raises")
                                .asLong()
                        == odd);
    }

    private void refusals(Path backup) throws Exception {
        Path full = Files.createDirectories(temp.resolve("full"));
        Files.writeString(full.resolve("mine"), "x");
        ServerProcess.Outcome outcome = ServerProcess.run("restore", backup.toString(), "--data", full.toString());
        assertThat(outcome.exit()).isEqualTo(1);
        assertThat(outcome.err()).contains("is not empty");
        assertThat(full.resolve("mine")).hasContent("x");

        try (Stream<Path> objects = Files.walk(backup.resolve("objects"))) {
            // every one: which of them the newest backup needs is its own affair
            for (Path object : objects.filter(Files::isRegularFile).toList()) {
                Files.write(object, new byte[] {1}, StandardOpenOption.APPEND);
            }
        }
        outcome = ServerProcess.run(
                "restore", backup.toString(), "--data", temp.resolve("damaged").toString());
        assertThat(outcome.exit()).isEqualTo(1);
        assertThat(outcome.err()).contains("is damaged");
    }

    private static JsonNode backup(Path data, Path backup) throws IOException, InterruptedException {
        ServerProcess.Outcome outcome =
                ServerProcess.run("backup", backup.toString(), "--data", data.toString(), "--json");
        assertThat(outcome.exit()).as(outcome.err()).isZero();
        return Rest.JSON.readTree(outcome.out());
    }

    private static List<Long> stored(Rest rest) throws Exception {
        List<Long> stored = new ArrayList<>();
        for (JsonNode row : rest.sql(
                "SELECT CAST(value AS BIGINT) FROM readings WHERE device = 'pump' AND sensor = 'seq' ORDER BY position")) {
            stored.add(row.path(0).asLong());
        }
        return stored;
    }

    private void send(String base, String token, AtomicBoolean running) {
        try {
            for (long number = 0; running.get(); number++) {
                if (post(base, token, number) < 300) {
                    acknowledged.add(number);
                }
            }
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static int post(String base, String token, long number) throws IOException, InterruptedException {
        String payload = "{\"seq\":" + number + ",\"ts\":" + (BASE_MILLIS + number) + "}";
        HttpRequest request = HttpRequest.newBuilder(URI.create(base + "/api/v1/telemetry"))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(payload))
                .build();
        return HTTP.send(request, HttpResponse.BodyHandlers.ofString()).statusCode();
    }

    private void awaitMore(int count) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(180);
        while (acknowledged.size() < count) {
            assertThat(System.nanoTime()).as("more is acknowledged").isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    /// Until the table of readings was committed to once; the status counts the files of other tables too.
    private static void awaitFiles(Path data) throws Exception {
        Path versions = data.resolve("lake/main/readings/metadata");
        Await.until("rows come into files", SOON, () -> committed(versions));
    }

    private static boolean committed(Path versions) throws IOException {
        if (!Files.isDirectory(versions)) {
            return false;
        }
        try (Stream<Path> files = Files.list(versions)) {
            return files.anyMatch(file -> file.getFileName().toString().startsWith("00001-"));
        }
    }
}
