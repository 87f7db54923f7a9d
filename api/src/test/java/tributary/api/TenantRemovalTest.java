package tributary.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tributary.model.DeviceId;
import tributary.model.TenantId;
import tributary.registry.Device;

/// A tenant that is removed while its data is in log, tables, retained messages and files of sinks: in the end nothing
/// of it is left, also where the server is stopped in between, and others keep all of theirs.
class TenantRemovalTest {
    private static final TenantId ACME = new TenantId("acme");
    private static final DeviceId PUMP = new DeviceId("canary-pump-8472");
    private static final String CANARY = "canary-8472";
    private static final List<String> LOOKED_AT = List.of("registry.db", "log/", "sessions/", "rules/", "sinks/");
    private static final String GONE = "/api/v1/tenants/acme";

    @TempDir
    Path data;

    private final InstantSource clock = InstantSource.system();

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void nothingOfARemovedTenantIsLeftAndOthersKeepTheirs() throws Exception {
        String owner;
        String theirs;
        Path written = data.resolve("sinks/out/acme/files/day.csv");
        try (River river = new River(data, clock)) {
            owner = river.key(TenantId.MAIN);
            river.registry.devices().add(device(TenantId.MAIN, new DeviceId("ours")));
            assertThat(river.call("POST", owner, "/api/v1/tenants", "{\"id\":\"acme\"}")
                            .statusCode())
                    .isEqualTo(201);
            theirs = river.key(ACME);
            river.registry.devices().add(device(ACME, PUMP));
            furnish(river, theirs);
            Files.createDirectories(written.getParent());
            Files.writeString(written, CANARY); // as a sink of the type folder leaves it
            awaitTables(river, owner);

            HttpResponse<String> removed = river.call("DELETE", owner, GONE, null);

            assertThat(removed.statusCode()).as(removed.body()).isEqualTo(202);
            assertThat(removed.body()).contains("\"phase\":\"stopping\"");
            assertThat(river.call("GET", theirs, "/api/v1/devices", null).statusCode())
                    .isEqualTo(401);
            assertThat(river.call("DELETE", owner, GONE, null).statusCode()).isEqualTo(404);
            HttpResponse<String> again = river.call("POST", owner, "/api/v1/tenants", "{\"id\":\"acme\"}");
            assertThat(again.statusCode()).isEqualTo(409);
            assertThat(again.body()).contains("still being erased");
        }
        try (River river = new River(data, clock)) {
            awaitDone(river, owner);

            assertThat(river.lake.snapshot(ACME).readings()).isEmpty();
            assertThat(river.lake.latest(ACME, PUMP)).isEmpty();
            assertThat(river.broker.of(ACME).figures().retained()).isZero();
            assertThat(river.broker.of(ACME).figures().away()).isZero();
            assertThat(filesOf("lake", ".parquet")).isNotEmpty().noneMatch(file -> file.contains("acme"));
            assertThat(written).doesNotExist();
            assertThat(river.lake.snapshot(TenantId.MAIN).readings()).isNotEmpty();
            assertThat(river.lake.latest(TenantId.MAIN, new DeviceId("ours"))).isNotEmpty();
            awaitNoCanary(river);
            whoeverGetsTheNameFindsNothing(river, owner);
        }
    }

    /// Killed as soon as it says that it came into a phase, and started again, phase by phase: what was done is done
    /// again or found done.
    @Test
    @Timeout(value = 20, unit = TimeUnit.MINUTES)
    void removalThatIsKilledAtEveryStepGoesOnWhereItWas() throws Exception {
        String owner;
        try (River river = new River(data, clock)) {
            owner = river.key(TenantId.MAIN);
            river.registry.devices().add(device(TenantId.MAIN, new DeviceId("ours")));
            assertThat(river.call("POST", owner, "/api/v1/tenants", "{\"id\":\"acme\"}")
                            .statusCode())
                    .isEqualTo(201);
            river.registry.devices().add(device(ACME, PUMP));
            furnish(river, river.key(ACME));
            awaitTables(river, owner);
            // as the request does it; what follows is for the processes that are killed
            assertThat(river.registry.tenants().remove(ACME)).isTrue();
        }
        List<String> steps = List.of("stopping", "waiting", "rewriting", "expiring", "log", "done");
        List<String> killedAt = new ArrayList<>();
        for (int next = 0; next < steps.size(); ) {
            next = steps.indexOf(killedAfter(owner, steps.subList(next, steps.size()))) + 1;
            killedAt.add(steps.get(next - 1));
        }
        assertThat(killedAt).as("where it was killed").hasSizeGreaterThan(3).endsWith("done");
        try (River river = new River(data, clock)) {
            awaitDone(river, owner);
            assertThat(river.lake.snapshot(ACME).readings()).isEmpty();
            assertThat(river.broker.of(ACME).figures().retained()).isZero();
            assertThat(filesOf("lake", ".parquet")).isNotEmpty().noneMatch(file -> file.contains("acme"));
            assertThat(river.lake.snapshot(TenantId.MAIN).readings()).isNotEmpty();
            awaitNoCanary(river);
            whoeverGetsTheNameFindsNothing(river, owner);
        }
    }

    /// @param steps where to kill it, whichever comes first
    /// @return where that was
    private String killedAfter(String owner, List<String> steps) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "--add-opens=java.base/java.nio=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        RemovalProcess.class.getName(),
                        data.toString(),
                        owner,
                        String.join(",", steps))
                .redirectErrorStream(true)
                .start();
        List<String> said = new ArrayList<>();
        try (BufferedReader out = process.inputReader()) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                said.add(line);
                if (line.startsWith("phase ") && steps.contains(line.substring(6))) {
                    return line.substring(6);
                }
            }
            throw new AssertionError("it ended by itself: " + said);
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private Device device(TenantId tenant, DeviceId id) {
        return new Device(
                tenant, id, null, "", tenant.equals(ACME) ? Map.of("site", CANARY) : Map.of(), "{}", clock.instant());
    }

    /// Data in tables, a retained message, a rule that said something and remembers it, a sink, an erasure of
    /// before.
    private void furnish(River river, String theirs) throws IOException, InterruptedException {
        assertThat(river.call(
                                "PUT",
                                theirs,
                                "/api/v1/rules/words",
                                Json.object()
                                        .put(
                                                "sql",
                                                "SELECT word, n FROM 'devices/+/telemetry'"
                                                        + " ALERT said PER topic(2) WHEN n >= 0")
                                        .put("state", "on")
                                        .toString())
                        .statusCode())
                .isEqualTo(200);
        for (int i = 0; i < 50; i++) {
            river.publish(ACME, PUMP, "{\"word\":\"" + CANARY + "\",\"n\":" + i + "}", i == 49);
            river.publish(TenantId.MAIN, new DeviceId("ours"), "{\"n\":" + i + "}", false);
        }
        assertThat(river.call(
                                "PUT",
                                theirs,
                                "/api/v1/sinks/hook",
                                "{\"type\":\"echo\",\"config\":{\"say\":\"canary-8472\"}}")
                        .statusCode())
                .isEqualTo(200);
        assertThat(river.call("POST", theirs, "/api/v1/erasures", "{\"device\":\"canary-old\"}")
                        .statusCode())
                .isEqualTo(201);
    }

    private void awaitTables(River river, String owner) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(120).toNanos();
        while (river.get(owner, "/api/v1/status").path("lagRecords").longValue() > 0
                || river.lake.snapshot(ACME).readings().isEmpty()
                || river.broker.of(ACME).figures().retained() == 0
                || showing().stream().noneMatch(file -> file.startsWith("rules/outbox/"))
                || !showing().contains("rules/checkpoint")) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(20);
        }
    }

    /// Others go on sending, so that the log fills its segments and forgets.
    private static void awaitDone(River river, String owner) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(120).toNanos();
        List<String> phases = new ArrayList<>();
        String phase = "";
        while (!phase.equals("done")) {
            for (int i = 0; i < 20; i++) {
                river.publish(TenantId.MAIN, new DeviceId("ours"), "{\"filler\":\"" + "x".repeat(200) + "\"}", false);
            }
            JsonNode removal =
                    river.get(owner, "/api/v1/tenant-removals").path("removals").path(0);
            assertThat(removal.path("id").asString("")).isEqualTo("acme");
            phase = removal.path("phase").asString("");
            if (phases.isEmpty() || !phases.getLast().equals(phase)) {
                phases.add(phase);
            }
            assertThat(System.nanoTime()).as("phases " + phases).isLessThan(deadline);
            Thread.sleep(50);
        }
    }

    /// The registry, the log, the journal of sessions, what rules remember and said, and what sinks wrote: as
    /// bytes. Tables are compressed; they have no file of the tenant any more.
    private void awaitNoCanary(River river) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        List<String> showing = showing();
        while (!showing.isEmpty()) {
            assertThat(System.nanoTime()).as(showing.toString()).isLessThan(deadline);
            river.publish(TenantId.MAIN, new DeviceId("ours"), "{\"filler\":\"" + "x".repeat(200) + "\"}", true);
            showing = showing();
        }
    }

    private List<String> showing() throws IOException {
        List<String> showing = new ArrayList<>();
        for (String file : filesOf("", "")) {
            if (LOOKED_AT.stream().noneMatch(file::startsWith)) {
                continue;
            }
            try {
                byte[] bytes = Files.readAllBytes(data.resolve(file));
                if (new String(bytes, StandardCharsets.ISO_8859_1).contains("canary")) {
                    showing.add(file);
                }
            } catch (NoSuchFileException e) {
                // gone meanwhile
            }
        }
        return showing;
    }

    /// Files may go while this looks.
    private List<String> filesOf(String folder, String ending) throws IOException {
        List<String> names = new ArrayList<>();
        Files.walkFileTree(data.resolve(folder), new SimpleFileVisitor<Path>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                String name = data.relativize(file).toString();
                if (name.endsWith(ending)) {
                    names.add(name);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException gone) {
                return FileVisitResult.CONTINUE;
            }
        });
        return names;
    }

    private static void whoeverGetsTheNameFindsNothing(River river, String owner)
            throws IOException, InterruptedException {
        assertThat(river.call("POST", owner, "/api/v1/tenants", "{\"id\":\"acme\"}")
                        .statusCode())
                .isEqualTo(201);
        String fresh = river.key(ACME);
        assertThat(river.get(fresh, "/api/v1/messages?since=-1d").path("messages"))
                .isEmpty();
        assertThat(river.get(fresh, "/api/v1/retained").path("retained")).isEmpty();
        assertThat(river.get(fresh, "/api/v1/erasures").path("erasures")).isEmpty();
        assertThat(river.get(fresh, "/api/v1/sinks").path("sinks")).isEmpty();
        assertThat(river.get(fresh, "/api/v1/devices").path("devices")).isEmpty();
        assertThat(river.get(owner, "/api/v1/tenant-removals").path("removals")).isEmpty();
    }
}
