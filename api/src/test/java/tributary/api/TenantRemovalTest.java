package tributary.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tributary.broker.Broker;
import tributary.broker.BrokerSettings;
import tributary.decode.PayloadDecoder;
import tributary.engine.EngineSettings;
import tributary.engine.RuleEngine;
import tributary.gateway.AttemptSettings;
import tributary.gateway.Presence;
import tributary.gateway.RecentAttempts;
import tributary.lake.CareSettings;
import tributary.lake.IcebergLake;
import tributary.lake.LakeInputs;
import tributary.lake.LakeSettings;
import tributary.log.LogSettings;
import tributary.log.SegmentLog;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.TenantId;
import tributary.model.Topic;
import tributary.registry.Device;
import tributary.registry.Principal;
import tributary.registry.RegistrySettings;
import tributary.registry.SqlRegistry;
import tributary.sinks.SinkSettings;
import tributary.sinks.Sinks;

/// A tenant that is removed while its data is in log, tables, retained messages and files of sinks: in the end nothing
/// of
/// it is left, also where the server is stopped in between, and others keep all of theirs.
class TenantRemovalTest {
    private static final TenantId ACME = new TenantId("acme");
    private static final DeviceId PUMP = new DeviceId("canary-pump-8472");
    private static final String CANARY = "canary-8472";
    private static final String GONE = "/api/v1/tenants/acme";

    /// Small segments, which are forgotten as soon as they are full.
    private static final LogSettings LOG =
            new LogSettings(1, 4 << 10, 1 << 20, 64 << 10, Duration.ofMillis(1), 64 << 20);

    @TempDir
    Path data;

    private final HttpClient http = HttpClient.newHttpClient();
    private final InstantSource clock = InstantSource.system();

    /// All stations that hold something of a tenant.
    private final class River implements AutoCloseable {
        final SqlRegistry registry = SqlRegistry.open(RegistrySettings.DEFAULTS, data, clock, new SecureRandom());
        final SegmentLog log = SegmentLog.open(LOG, data.resolve("log"), clock);
        final SegmentLog journal = SegmentLog.open(LOG, data.resolve("sessions"), clock);
        final Broker broker = Broker.start(
                BrokerSettings.DEFAULTS, new Broker.World(log, journal, registry.devices(), clock, System::nanoTime));
        final IcebergLake lake = IcebergLake.open(
                data.resolve("lake"), eager(), new LakeInputs(log, new PayloadDecoder(), registry.sensors(), clock));
        final RuleEngine rules = RuleEngine.open(
                EngineSettings.DEFAULTS, new RuleEngine.World(log, registry, data.resolve("rules"), clock));
        final Sinks sinks = Sinks.open(
                SinkSettings.DEFAULTS,
                List.of(new EchoType()),
                new Sinks.World(registry, EchoType.NOTHING, data.resolve("sinks"), clock, new SecureRandom()));
        final Api api = new Api(
                ApiSettings.DEFAULTS.of("test", data),
                new Stations(
                        registry,
                        log,
                        broker,
                        lake,
                        new ScriptedQuery(),
                        PayloadDecoder::new,
                        new RecentAttempts(AttemptSettings.DEFAULTS, registry.devices(), clock),
                        Presence.NONE,
                        rules,
                        sinks),
                clock);
        final WebServer server;

        River() {
            HttpRouting.Builder routing = HttpRouting.builder();
            api.register(routing);
            server = WebServer.builder()
                    .host("127.0.0.1")
                    .port(0)
                    .shutdownHook(false)
                    .routing(routing)
                    .build()
                    .start();
        }

        String key(TenantId tenant) {
            return registry.credentials()
                    .issueKey(tenant, "test", Principal.Role.OWNER, Set.of(), Set.of(), null)
                    .secret();
        }

        HttpResponse<String> call(String method, String key, String path, @Nullable String body)
                throws IOException, InterruptedException {
            return http.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                            .header("Authorization", "Bearer " + key)
                            .header("Content-Type", "application/json")
                            .method(
                                    method,
                                    body == null
                                            ? HttpRequest.BodyPublishers.noBody()
                                            : HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }

        JsonNode get(String key, String path) throws IOException, InterruptedException {
            return Json.read(call("GET", key, path, null).body().getBytes(StandardCharsets.UTF_8));
        }

        void publish(TenantId tenant, DeviceId device, String payload, boolean retain) {
            Durably.append(
                    log,
                    new Message(
                            tenant,
                            device,
                            new Topic("devices/" + device + "/telemetry"),
                            payload.getBytes(StandardCharsets.UTF_8),
                            ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant()),
                            Message.Origin.MQTT,
                            "test",
                            1,
                            retain,
                            MessageProperties.NONE));
        }

        @Override
        public void close() {
            api.close();
            server.stop();
            sinks.close();
            rules.close();
            lake.close();
            broker.close();
            journal.close();
            log.close();
            registry.close();
        }
    }

    /// Does in moments what takes the real one minutes and hours.
    private static LakeSettings eager() {
        LakeSettings d = LakeSettings.DEFAULTS;
        CareSettings c = d.care();
        return new LakeSettings(
                d.sealRows(),
                Duration.ofMillis(50),
                Duration.ofMillis(50),
                d.hotRowsMax(),
                d.seriesMax(),
                d.duckMemoryBytes(),
                Duration.ofMillis(10),
                Duration.ofMillis(100),
                d.sides(),
                new CareSettings(
                        c.fileBytes(),
                        c.memoryBytes(),
                        c.pieceBytes(),
                        100,
                        Duration.ofMillis(50),
                        c.smallAge(),
                        c.quiet(),
                        Duration.ofSeconds(2), // longer than a file takes to be written
                        0,
                        c.keep()),
                d.warehouse());
    }

    @Test
    @Timeout(value = 4, unit = TimeUnit.MINUTES)
    void nothingOfARemovedTenantIsLeftAndOthersKeepTheirs() throws Exception {
        String owner;
        String theirs;
        Path written = data.resolve("sinks/out/acme/files/day.csv");
        try (River river = new River()) {
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
        try (River river = new River()) {
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

    private Device device(TenantId tenant, DeviceId id) {
        return new Device(
                tenant, id, null, "", tenant.equals(ACME) ? Map.of("site", CANARY) : Map.of(), "{}", clock.instant());
    }

    /// Data in tables, a retained message, a rule, a sink, an erasure of before.
    private static void furnish(River river, String theirs) throws IOException, InterruptedException {
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

    private static void awaitTables(River river, String owner) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (river.get(owner, "/api/v1/status").path("lagRecords").longValue() > 0
                || river.lake.snapshot(ACME).readings().isEmpty()
                || river.broker.of(ACME).figures().retained() == 0) {
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

    /// The registry, the log, and what sinks wrote: as bytes. Tables are compressed; they have no file of the tenant
    /// any
    /// more.
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
            if (!file.startsWith("registry.db") && !file.startsWith("log/") && !file.startsWith("sinks/")) {
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
