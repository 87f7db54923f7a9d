package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// `tributary lake move` from folder to bucket and back, killed in the middle, with SQL that says the same before and
/// after.
class MoveIT {
    private static final Duration SOON = Duration.ofSeconds(120);
    private static final int ROUNDS = 6;

    private static final List<String> QUESTIONS = List.of(
            "SELECT device, sensor, count(*), sum(value), min(ts), max(ts), min(position), max(position) FROM readings"
                    + " GROUP BY ALL ORDER BY ALL",
            "SELECT device, topic, count(*), sum(octet_length(payload)), max(position) FROM messages GROUP BY ALL ORDER BY ALL",
            "SELECT sum(seq) FROM pump");

    @TempDir
    private Path data;

    @Test
    @Timeout(value = 20, unit = TimeUnit.MINUTES)
    void sqlSaysTheSameAfterAMoveToABucketAndBack() throws Exception {
        String[] quick = {"--set", "lake.idle-age=1s", "--set", "lake.seal-age=1s"};
        try (BucketSite site = BucketSite.start()) {
            String before;
            Pump pump;
            try (ServerProcess server = ServerProcess.start(data, quick)) {
                pump = Pump.at(server, "pump-1");
                Rest.of(server).good("PATCH", "/api/v1/devices/pump-1", Map.of("type", "pump"));
                for (int round = 0; round < ROUNDS; round++) {
                    pump.publish(server, 200);
                    Await.until("rows are in files", SOON, () -> hotRows(Rest.of(server)) == 0);
                }
                before = answers(Rest.of(server));
                ServerProcess.Outcome refused = move(site, BucketSite.WAREHOUSE);
                assertThat(refused.exit()).as(refused.err()).isEqualTo(6);
                assertThat(refused.err()).contains("a server works on", "stop it");
                assertThat(server.stop()).isZero();
            }

            killInTheMiddle(site, BucketSite.WAREHOUSE);
            ServerProcess.Outcome there = move(site, BucketSite.WAREHOUSE);
            assertThat(there.exit()).as(there.err()).isZero();
            assertThat(there.err()).contains("lake.warehouse: " + BucketSite.WAREHOUSE, "rm -rf");
            assertThat(rows(there, "main/readings")).isEqualTo(ROUNDS * 200);
            try (ServerProcess old = ServerProcess.start(data)) {
                Await.until(
                        "a server with the old settings says where the lake is",
                        SOON,
                        () -> Rest.of(old)
                                .good("GET", "/api/v1/status", null)
                                .toString()
                                .contains("set lake.warehouse: " + BucketSite.WAREHOUSE));
            }
            String later;
            try (ServerProcess server = ServerProcess.start(data, site.flags(quick))) {
                Await.until("visible", SOON, Rest.of(server)::everythingVisible);
                assertThat(answers(Rest.of(server))).isEqualTo(before);
                pump.publish(server, 100);
                Await.until("rows are in files", SOON, () -> hotRows(Rest.of(server)) == 0);
                later = answers(Rest.of(server));
                assertThat(later).isNotEqualTo(before);
                assertThat(server.stop()).isZero();
            }

            removeOld(there);
            killInTheMiddle(site, "folder");
            ServerProcess.Outcome back = move(site, "folder");
            assertThat(back.exit()).as(back.err()).isZero();
            assertThat(rows(back, "main/readings")).isEqualTo(ROUNDS * 200 + 100);
            assertThat(data.resolve("lake/move")).doesNotExist();
            try (ServerProcess server = ServerProcess.start(data, quick)) {
                Await.until("visible", SOON, Rest.of(server)::everythingVisible);
                assertThat(answers(Rest.of(server))).isEqualTo(later);
                pump.publish(server, 100);
                Await.until("visible", SOON, Rest.of(server)::everythingVisible);
                assertThat(pump.stored(Rest.of(server)))
                        .doesNotHaveDuplicates()
                        .containsExactlyInAnyOrderElementsOf(pump.acknowledged());
                assertThat(server.stop()).isZero();
            }
        }
    }

    private String[] arguments(BucketSite site, String to) {
        List<String> arguments = new ArrayList<>(List.of("lake", "move", "--to", to, "--json"));
        arguments.addAll(List.of("--data", data.toString()));
        arguments.addAll(site.reached());
        arguments.addAll(List.of("--set", "lake.warehouse=" + BucketSite.WAREHOUSE));
        return arguments.toArray(String[]::new);
    }

    private ServerProcess.Outcome move(BucketSite site, String to) throws Exception {
        return ServerProcess.run(arguments(site, to));
    }

    /// Kills a move as soon as it has copied its first files.
    private void killInTheMiddle(BucketSite site, String to) throws Exception {
        Path journal = data.resolve("lake/move/journal");
        Process process = ServerProcess.begin(arguments(site, to));
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!Files.exists(journal) || Files.readAllLines(journal).size() < 3) {
            assertThat(System.nanoTime()).as("files are copied").isLessThan(deadline);
            assertThat(process.isAlive()).as("it is under way").isTrue();
            LockSupport.parkNanos(200_000);
        }
        process.destroyForcibly().waitFor();
        assertThat(journal).as("it was killed before its end").exists();
    }

    /// Types what the command said.
    private static void removeOld(ServerProcess.Outcome moved) throws Exception {
        String line = moved.err()
                .lines()
                .filter(text -> text.contains("rm -rf"))
                .findFirst()
                .orElseThrow();
        assertThat(new ProcessBuilder("bash", "-c", line.strip()).start().waitFor())
                .isZero();
    }

    private static long rows(ServerProcess.Outcome moved, String table) {
        return Rest.JSON
                .readTree(moved.out())
                .path("tables")
                .path(table)
                .path("rows")
                .asLong();
    }

    private static String answers(Rest rest) throws Exception {
        StringBuilder answers = new StringBuilder();
        for (String question : QUESTIONS) {
            JsonNode rows = rest.sql(question);
            assertThat(rows).as(question).isNotEmpty();
            answers.append(rows).append('\n');
        }
        return answers.toString();
    }

    private static long hotRows(Rest rest) throws Exception {
        return rest.good("GET", "/api/v1/status", null)
                .path("lake")
                .path("hotRows")
                .asLong(-1);
    }
}
