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
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tributary.broker.Broker;
import tributary.broker.BrokerSettings;
import tributary.decode.PayloadDecoder;
import tributary.engine.EngineSettings;
import tributary.engine.RuleEngine;
import tributary.gateway.AttemptSettings;
import tributary.gateway.EventLog;
import tributary.gateway.LivePresence;
import tributary.gateway.RecentAttempts;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.TenantId;
import tributary.model.Topic;
import tributary.registry.Device;
import tributary.registry.Principal;
import tributary.registry.RegistrySettings;
import tributary.registry.SqlRegistry;
import tributary.registry.TenantLimits.Limit;
import tributary.sinks.SinkSettings;
import tributary.sinks.Sinks;

/// A running API on a loopback port, with two tenants and one key of each role.
final class World implements AutoCloseable {
    static final TenantId OTHER = new TenantId("other");

    /// What a server without settings says.
    static final Map<Limit, Long> USUAL_LIMITS = Map.of(
            Limit.DEVICES, 250_000L,
            Limit.SENSORS, 2_000_000L,
            Limit.MESSAGE_RATE, 0L,
            Limit.DEVICE_RATE, 0L,
            Limit.SESSIONS, 100_000L,
            Limit.RETAINED, 100_000L,
            Limit.RETAINED_BYTES, 64L << 20,
            Limit.STREAMS, 20L);

    final MemoryLog log = new MemoryLog(3);
    final DecodingLake lake = new DecodingLake(log);
    final ScriptedQuery query = new ScriptedQuery();
    final SqlRegistry registry;
    final Broker broker;
    final RuleEngine rules;
    final RecentAttempts attempts;
    final LivePresence presence;
    private final Sinks sinks;
    private final EventLog events;
    final Api api;
    final WebServer server;
    final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    final String owner;
    final String operator;
    final String viewer;
    final String stranger;

    World(Path data) {
        this(data, ApiSettings.DEFAULTS);
    }

    World(Path data, ApiSettings settings) {
        this(data, settings, BrokerSettings.DEFAULTS);
    }

    World(Path data, ApiSettings settings, BrokerSettings sessions) {
        this(data, settings, sessions, InstantSource.system());
    }

    World(Path data, ApiSettings settings, BrokerSettings sessions, InstantSource clock) {
        registry = SqlRegistry.open(RegistrySettings.DEFAULTS, data, clock, new SecureRandom());
        registry.tenants().add(OTHER, "Other");
        broker = Broker.start(
                sessions, new Broker.World(log, new MemoryLog(1), registry.devices(), clock, System::nanoTime));
        attempts = new RecentAttempts(AttemptSettings.DEFAULTS, registry.devices(), clock);
        events = EventLog.open(log, registry.sightings(), clock);
        presence = new LivePresence(registry.devices(), registry.sightings(), events, clock);
        rules = RuleEngine.open(
                EngineSettings.DEFAULTS, new RuleEngine.World(log, registry, data.resolve("rules"), clock));
        sinks = Sinks.open(
                SinkSettings.DEFAULTS,
                List.of(new EchoType()),
                new Sinks.World(registry, EchoType.NOTHING, data.resolve("sinks"), clock, new SecureRandom()));
        Stations stations = new Stations(
                registry,
                log,
                broker,
                lake,
                query,
                PayloadDecoder::new,
                attempts,
                presence,
                rules,
                sinks,
                USUAL_LIMITS);
        api = new Api(settings.of("test", data), stations, clock);
        HttpRouting.Builder routing = HttpRouting.builder();
        api.register(routing);
        server = WebServer.builder()
                .host("127.0.0.1")
                .port(0)
                .shutdownHook(false)
                .routing(routing)
                .build()
                .start();
        owner = key(TenantId.MAIN, Principal.Role.OWNER);
        operator = key(TenantId.MAIN, Principal.Role.OPERATOR);
        viewer = key(TenantId.MAIN, Principal.Role.VIEWER);
        stranger = key(OTHER, Principal.Role.OWNER);
    }

    String key(TenantId tenant, Principal.Role role) {
        return registry.credentials()
                .issueKey(tenant, "test", role, Set.of(), Set.of(), null)
                .secret();
    }

    Device device(TenantId tenant, String id) {
        return registry.devices()
                .add(new Device(
                        tenant,
                        new DeviceId(id),
                        null,
                        "pump",
                        Map.of("site", "brisbane"),
                        "{}",
                        Instant.now().truncatedTo(ChronoUnit.MILLIS)));
    }

    String token(TenantId tenant, String id) {
        return registry.credentials().issueToken(tenant, new DeviceId(id), null).secret();
    }

    /// Appends a telemetry message as a door would.
    void publish(TenantId tenant, String device, String payload) {
        publish(tenant, device, "devices/" + device + "/telemetry", payload.getBytes(StandardCharsets.UTF_8));
    }

    /// Returns when the message can be read from the log.
    void publish(TenantId tenant, @Nullable String device, String topic, byte[] payload) {
        Durably.append(
                log,
                new Message(
                        tenant,
                        device == null ? null : new DeviceId(device),
                        new Topic(topic),
                        payload,
                        ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now()),
                        Message.Origin.MQTT,
                        "test",
                        1,
                        false,
                        MessageProperties.NONE));
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + server.port() + path);
    }

    Reply get(String key, String path) {
        return send("GET", key, path, null);
    }

    Reply post(String key, String path, String body) {
        return send("POST", key, path, body);
    }

    Reply send(String method, String key, String path, @Nullable String body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path))
                .method(
                        method,
                        body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
        if (body != null) {
            request.header("Content-Type", "application/json");
        }
        if (!key.isEmpty()) {
            request.header("Authorization", "Bearer " + key);
        }
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        Reply reply = new Reply(send(request.build()));
        checkAgainstDocument(method, reply);
        return reply;
    }

    HttpResponse<byte[]> send(HttpRequest request) {
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofByteArray());
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(request + " failed: " + e, e);
        }
    }

    /// Every JSON answer of every test is held against what the document promises for its route.
    private void checkAgainstDocument(String method, Reply reply) {
        String path = reply.response().uri().getPath();
        for (Route route : api.routes()) {
            Schema schema = route.shape().success().schema();
            boolean json = reply.header("Content-Type").startsWith("application/json");
            if (route.method().text().equals(method)
                    && route.covers(path)
                    && reply.status() == route.shape().success().status()
                    && schema != null
                    && json) {
                assertThat(SchemaCheck.flaws(reply.json(), schema))
                        .as("%s %s answered %s", method, path, reply.text())
                        .isEmpty();
            }
        }
        if (reply.status() >= 400 && !path.equals("/health/ready")) {
            assertThat(reply.header("Content-Type")).as(reply.text()).isEqualTo(Problem.MEDIA_TYPE);
            assertThat(reply.json().path("status").intValue()).isEqualTo(reply.status());
            assertThat(reply.text())
                    .doesNotContain("Exception")
                    .doesNotContain("\tat ")
                    .doesNotContain("java.");
        }
        if (reply.status() != 204) {
            assertThat(reply.header("X-Content-Type-Options")).isEqualTo("nosniff");
        }
    }

    @Override
    public void close() {
        api.close();
        server.stop();
        http.shutdownNow();
        rules.close();
        sinks.close();
        events.close();
        broker.close();
        registry.close();
    }

    /// What came back.
    record Reply(HttpResponse<byte[]> response) {
        int status() {
            return response.statusCode();
        }

        String text() {
            return new String(response.body(), StandardCharsets.UTF_8);
        }

        JsonNode json() {
            return Json.read(response.body());
        }

        String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }

        String detail() {
            return json().path("detail").asString("");
        }

        String problem() {
            return json().path("type").asString("");
        }
    }
}
