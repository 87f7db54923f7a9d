package tributary.api;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
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
import tributary.registry.Principal;
import tributary.registry.RegistrySettings;
import tributary.registry.SqlRegistry;
import tributary.sinks.SinkSettings;
import tributary.sinks.Sinks;

/// All stations that hold something of a tenant.
final class River implements AutoCloseable {
    /// Small segments, which are forgotten as soon as they are full.
    private static final LogSettings LOG =
            new LogSettings(1, 4 << 10, 1 << 20, 64 << 10, Duration.ofMillis(1), 64 << 20);

    private final HttpClient http = HttpClient.newHttpClient();
    private final InstantSource clock;
    final SqlRegistry registry;
    final SegmentLog log;
    final SegmentLog journal;
    final Broker broker;
    final IcebergLake lake;
    final RuleEngine rules;
    final Sinks sinks;
    final Api api;
    final WebServer server;

    River(Path data, InstantSource clock) {
        this(data, clock, LOG);
    }

    River(Path data, InstantSource clock, LogSettings settings) {
        this.clock = clock;
        registry = SqlRegistry.open(RegistrySettings.DEFAULTS, data, clock, new SecureRandom());
        log = SegmentLog.open(settings, data.resolve("log"), clock);
        journal = SegmentLog.open(LOG, data.resolve("sessions"), clock);
        broker = Broker.start(
                BrokerSettings.DEFAULTS, new Broker.World(log, journal, registry.devices(), clock, System::nanoTime));
        lake = IcebergLake.open(
                data.resolve("lake"), eager(), new LakeInputs(log, new PayloadDecoder(), registry.sensors(), clock));
        rules = RuleEngine.open(
                EngineSettings.DEFAULTS, new RuleEngine.World(log, registry, data.resolve("rules"), clock));
        sinks = Sinks.open(
                SinkSettings.DEFAULTS,
                List.of(new EchoType()),
                new Sinks.World(registry, EchoType.NOTHING, data.resolve("sinks"), clock, new SecureRandom()));
        api = new Api(
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
                        sinks,
                        World.USUAL_LIMITS),
                clock);
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
}
