package tributary.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
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
import tributary.lake.IcebergLake;
import tributary.lake.Lake;
import tributary.lake.LakeInputs;
import tributary.lake.LakeSettings;
import tributary.log.Log;
import tributary.log.LogSettings;
import tributary.log.Receipt;
import tributary.log.SegmentLog;
import tributary.model.DeviceId;
import tributary.model.Fault;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.TenantId;
import tributary.model.Topic;
import tributary.query.QueryEngine;
import tributary.query.QuerySettings;
import tributary.query.WorkerQueryEngine;
import tributary.registry.Alerts;
import tributary.registry.Device;
import tributary.registry.Principal;
import tributary.registry.Registry;
import tributary.registry.RegistrySettings;
import tributary.registry.RuleStore;
import tributary.registry.SqlRegistry;
import tributary.sinks.SinkSettings;
import tributary.sinks.Sinks;

/// The API over the real stations: what the log took comes out of SQL, series, last values, messages and streams.
class WholeRiverTest {
    private static final int COUNT = 500;

    @TempDir
    Path data;

    private final HttpClient http = HttpClient.newHttpClient();
    private String base = "";
    private String key = "";

    @Test
    void whatTheLogTookComesOutEverywhere() throws Exception {
        InstantSource clock = InstantSource.system();
        try (SqlRegistry registry = SqlRegistry.open(RegistrySettings.DEFAULTS, data, clock, new SecureRandom());
                Log log = SegmentLog.open(LogSettings.DEFAULTS, data.resolve("log"), clock);
                Log journal = SegmentLog.open(LogSettings.DEFAULTS, data.resolve("sessions"), clock);
                Broker broker = Broker.start(
                        BrokerSettings.DEFAULTS,
                        new Broker.World(log, journal, registry.devices(), clock, System::nanoTime));
                Lake lake = IcebergLake.open(
                        data.resolve("lake"),
                        LakeSettings.DEFAULTS,
                        new LakeInputs(log, new PayloadDecoder(), registry.sensors(), clock));
                QueryEngine query = new WorkerQueryEngine(QuerySettings.DEFAULTS, data, lake, registry, clock);
                RuleEngine rules = RuleEngine.open(
                        EngineSettings.DEFAULTS, new RuleEngine.World(log, registry, data.resolve("rules"), clock));
                Sinks sinks = Sinks.open(
                        SinkSettings.DEFAULTS,
                        List.of(),
                        new Sinks.World(registry, EchoType.NOTHING, data.resolve("sinks"), clock, new SecureRandom()));
                Api api = new Api(
                        ApiSettings.DEFAULTS.of("test", data),
                        new Stations(
                                registry,
                                log,
                                broker,
                                lake,
                                query,
                                PayloadDecoder::new,
                                new RecentAttempts(AttemptSettings.DEFAULTS, registry.devices(), clock),
                                Presence.NONE,
                                rules,
                                sinks,
                                World.USUAL_LIMITS),
                        clock)) {
            HttpRouting.Builder routing = HttpRouting.builder();
            api.register(routing);
            WebServer server = WebServer.builder()
                    .host("127.0.0.1")
                    .port(0)
                    .shutdownHook(false)
                    .routing(routing)
                    .build()
                    .start();
            try {
                base = "http://127.0.0.1:" + server.port();
                key = registry.credentials()
                        .issueKey(TenantId.MAIN, "t", Principal.Role.OWNER, Set.of(), Set.of(), null)
                        .secret();
                DeviceId device = new DeviceId("p1");
                registry.devices()
                        .add(new Device(TenantId.MAIN, device, null, "pump", Map.of(), "{}", clock.instant()));
                publish(log, device);
                awaitVisible();
                awaitWorker();
                sqlSeesAll();
                sqlSeesAlerts(registry);
                seriesAndLastValuesAgree();
                messagesAndStreamHaveEachOnce();
            } finally {
                server.stop();
            }
        }
    }

    private static void publish(Log log, DeviceId device) throws InterruptedException {
        CountDownLatch durable = new CountDownLatch(COUNT);
        Instant now = Instant.now();
        long micros = ChronoUnit.MICROS.between(Instant.EPOCH, now);
        for (int i = 0; i < COUNT; i++) {
            byte[] payload = "{\"n\":%d,\"ts\":%d}"
                    .formatted(i, now.toEpochMilli() - COUNT + i)
                    .getBytes(StandardCharsets.UTF_8);
            log.append(
                    new Message(
                            TenantId.MAIN,
                            device,
                            new Topic("devices/p1/telemetry"),
                            payload,
                            micros + i,
                            Message.Origin.MQTT,
                            "p1",
                            1,
                            false,
                            MessageProperties.NONE),
                    new Receipt() {
                        @Override
                        public void durable(int partition, long position) {
                            durable.countDown();
                        }

                        @Override
                        public void refused(Fault fault, String detail) {
                            throw new AssertionError(detail);
                        }
                    });
        }
        assertThat(durable.await(30, TimeUnit.SECONDS)).isTrue();
    }

    private void awaitVisible() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(90).toNanos();
        while (get("/api/v1/status").path("lagRecords").longValue() > 0) {
            assertThat(System.nanoTime()).isLessThan(deadline);
        }
    }

    /// A worker of a busy machine may need more than one start; that it is up then is what counts here.
    private void awaitWorker() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(90).toNanos();
        while (get("/api/v1/sql?q=SELECT%201").path("rowCount").intValue() != 1) {
            assertThat(System.nanoTime()).isLessThan(deadline);
        }
    }

    private void sqlSeesAll() throws IOException, InterruptedException {
        JsonNode rows = get("/api/v1/sql?q=SELECT%20count(*),min(value),max(value)%20FROM%20readings");
        assertThat(rows.path("rows")).isEqualTo(Json.read("[[500,0.0,499.0]]"));
        JsonNode wrong = get("/api/v1/sql?q=SELECT%20valeu%20FROM%20readings");
        assertThat(wrong.path("type").asString("")).isEqualTo("/problems/query-wrong");
        assertThat(wrong.path("detail").asString("")).contains("valeu");
        for (String escape :
                List.of("SELECT%20*%20FROM%20other", "COPY%20readings%20TO%20'x'", "DROP%20TABLE%20readings")) {
            JsonNode refused = get("/api/v1/sql?q=" + escape);
            assertThat(refused.path("type").asString("")).as(escape).startsWith("/problems/query-");
        }
    }

    private void sqlSeesAlerts(Registry registry) throws IOException, InterruptedException {
        String asked = "/api/v1/sql?q=SELECT%20rule,key,state,raises,acknowledged_by,silenced%20FROM%20alerts";
        assertThat(get(asked).path("rows")).isEmpty();
        registry.rules()
                .save(
                        new RuleStore.RuleName(TenantId.MAIN, "hot"),
                        new RuleStore.Text("SELECT * FROM 'never'", "tributary", "UTC", "", List.of()),
                        OptionalInt.empty(),
                        Optional.of(RuleStore.State.ON),
                        new RuleStore.Change("user:anna", Instant.now()));
        Alerts.Key alert = new Alerts.Key(TenantId.MAIN, "hot", "too_hot", "\"p1\"");
        registry.alerts()
                .apply(List.of(new Alerts.Change(0, alert, 1, "raised", "major", "p1", "{}", Instant.now(), false)), 0);
        assertThat(get(asked).path("rows").toString()).isEqualTo("[[\"hot\",\"\\\"p1\\\"\",\"raised\",1,null,false]]");
        registry.alerts().acknowledge(alert, "user:anna", Instant.now());
        assertThat(get(asked).path("rows").toString()).contains("\"acknowledged\",1,\"user:anna\"");
    }

    private void seriesAndLastValuesAgree() throws IOException, InterruptedException {
        JsonNode raw = get("/api/v1/series?series=p1:n&from=-1h&to=now");
        assertThat(raw.path("rows").size()).isEqualTo(COUNT);
        JsonNode bucket = get("/api/v1/series?series=p1:n&from=-1h&to=now&every=1d&agg=max");
        assertThat(Json.text(bucket.path("rows"))).contains("499");
        JsonNode chart = get("/api/v1/series?series=p1:n&from=-1h&to=now&points=40");
        assertThat(chart.path("rows").size()).isBetween(2, 40);
        JsonNode latest = get("/api/v1/devices/p1/latest").path("values").path(0);
        assertThat(latest.path("value").doubleValue()).isEqualTo(499);
    }

    private void messagesAndStreamHaveEachOnce() throws IOException, InterruptedException {
        List<Integer> recorded = new ArrayList<>();
        String after = "";
        do {
            JsonNode page = get("/api/v1/messages?device=p1&since=-1h&until=2100-01-01&limit=150" + after);
            page.path("messages")
                    .forEach(message ->
                            recorded.add(message.path("payload").path("n").intValue()));
            after = page.has("next") ? "&after=" + page.path("next").asString("") : "";
        } while (!after.isEmpty());
        assertThat(recorded).hasSize(COUNT).isSorted().doesNotHaveDuplicates();

        List<Integer> streamed = new ArrayList<>();
        String id = "";
        while (streamed.size() < COUNT) {
            HttpRequest.Builder request = request("/api/v1/live?kind=values&device=p1&since=-1h");
            if (!id.isEmpty()) {
                request.header("Last-Event-ID", id);
            }
            try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                    http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream())
                            .body(),
                    StandardCharsets.UTF_8))) {
                int until = Math.min(COUNT, streamed.size() + 170);
                while (streamed.size() < until) {
                    String line = lines.readLine();
                    if (line.startsWith("id: ")) {
                        id = line.substring(4);
                    } else if (line.startsWith("data: ")) {
                        streamed.add(Json.read(line.substring(6))
                                .path("values")
                                .path(0)
                                .path("value")
                                .intValue());
                    }
                }
            }
        }
        assertThat(streamed).isEqualTo(recorded);
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(base + path)).header("Authorization", "Bearer " + key);
    }

    private JsonNode get(String path) throws IOException, InterruptedException {
        return Json.read(http.send(request(path).build(), HttpResponse.BodyHandlers.ofByteArray())
                .body());
    }
}
