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
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tributary.broker.Broker;
import tributary.broker.BrokerSettings;
import tributary.decode.Decoder;
import tributary.decode.PayloadDecoder;
import tributary.decode.ReadingSink;
import tributary.engine.EngineSettings;
import tributary.engine.RuleEngine;
import tributary.gateway.AttemptSettings;
import tributary.gateway.Presence;
import tributary.gateway.RecentAttempts;
import tributary.lake.IcebergLake;
import tributary.lake.LakeInputs;
import tributary.lake.LakeSettings;
import tributary.log.LogSettings;
import tributary.log.SegmentLog;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.Micros;
import tributary.model.TenantId;
import tributary.model.Topic;
import tributary.query.QueryEngine;
import tributary.query.QueryEngine.QueryLimits;
import tributary.query.QuerySettings;
import tributary.query.RowFormat;
import tributary.query.Rows;
import tributary.query.WorkerQueryEngine;
import tributary.registry.Principal;
import tributary.registry.RegistrySettings;
import tributary.registry.SqlRegistry;
import tributary.sinks.SinkSettings;
import tributary.sinks.Sinks;

/// The decoder again over what an older one put into the tables.
class DecodeReplayTest {
    private static final DeviceId PUMP = new DeviceId("pump-1");
    private static final String URL = "/api/v1/decode/replay";

    @TempDir
    Path data;

    private final InstantSource clock = InstantSource.system();
    private final HttpClient http = HttpClient.newHttpClient();
    private long stamp = 1_700_000_000_000L;

    /// The decoder as it might have been: it knew no texts, took `f` for something else, made a sensor `old` of what is
    /// none, and read what is rejected today.
    private static final class Former implements Decoder {
        private final PayloadDecoder rest = new PayloadDecoder();

        @Override
        public void decode(Message message, ReadingSink sink) {
            String payload = new String(message.payload(), StandardCharsets.UTF_8);
            if (payload.startsWith("broken")) {
                sink.number("broken", message.receivedMicros(), 1);
                return;
            }
            if (payload.contains("fresh")) {
                sink.rejected(0, "nothing that begins with fresh is known");
                return;
            }
            rest.decode(message, new ReadingSink() {
                @Override
                public void number(String sensor, long tsMicros, double value) {
                    sink.number(sensor, tsMicros, sensor.equals("f") ? value + 1 : value);
                    if (sensor.equals("f")) {
                        sink.number("old", tsMicros, value);
                    }
                }

                @Override
                public void text(String sensor, long tsMicros, String value) {}

                @Override
                public void bool(String sensor, long tsMicros, boolean value) {
                    sink.bool(sensor, tsMicros, value);
                }

                @Override
                public void rejected(int index, String reason) {
                    sink.rejected(index, reason);
                }
            });
        }
    }

    private final class Site implements AutoCloseable {
        final SqlRegistry registry = SqlRegistry.open(RegistrySettings.DEFAULTS, data, clock, new SecureRandom());
        final SegmentLog log = SegmentLog.open(LogSettings.DEFAULTS, data.resolve("log"), clock);
        final SegmentLog journal = SegmentLog.open(LogSettings.DEFAULTS, data.resolve("sessions"), clock);
        final Broker broker = Broker.start(
                BrokerSettings.DEFAULTS, new Broker.World(log, journal, registry.devices(), clock, System::nanoTime));
        final IcebergLake lake;
        final QueryEngine query;
        final RuleEngine rules = RuleEngine.open(
                EngineSettings.DEFAULTS, new RuleEngine.World(log, registry, data.resolve("rules"), clock));
        final Sinks sinks = Sinks.open(
                SinkSettings.DEFAULTS,
                List.of(),
                new Sinks.World(registry, EchoType.NOTHING, data.resolve("sinks"), clock, new SecureRandom()));
        final Api api;
        final WebServer server;
        final String key;

        /// @param stored what the lake decodes with
        Site(Decoder stored) {
            lake = IcebergLake.open(
                    data.resolve("lake"),
                    LakeSettings.DEFAULTS,
                    new LakeInputs(log, stored, registry.sensors(), clock));
            query = new WorkerQueryEngine(QuerySettings.DEFAULTS, data, lake, registry, clock);
            api = new Api(
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
            key = registry.credentials()
                    .issueKey(TenantId.MAIN, "t", Principal.Role.OPERATOR, Set.of(), Set.of(), null)
                    .secret();
        }

        void publish(TenantId tenant, String payload) {
            Durably.append(
                    log,
                    new Message(
                            tenant,
                            PUMP,
                            new Topic("devices/pump-1/telemetry"),
                            payload.getBytes(StandardCharsets.UTF_8),
                            Micros.of(clock.instant()),
                            Message.Origin.MQTT,
                            "test",
                            1,
                            false,
                            MessageProperties.NONE));
        }

        JsonNode replay(String body) throws IOException, InterruptedException {
            HttpResponse<String> answer = ask(body);
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            return Json.read(answer.body());
        }

        HttpResponse<String> ask(String body) throws IOException, InterruptedException {
            return http.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + URL))
                            .timeout(Duration.ofMinutes(2))
                            .header("Authorization", "Bearer " + key)
                            .header("Content-Type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }

        /// What SQL has of readings, but what came of the time at which a message came.
        List<String> values() throws IOException {
            List<String> values = new ArrayList<>();
            String sql = "SELECT sensor, coalesce(text, value::VARCHAR) AS v FROM readings WHERE sensor <> 'broken'"
                    + " ORDER BY sensor";
            try (Rows rows = query.sql(TenantId.MAIN, sql, new QueryLimits(Duration.ofMinutes(1), 1000))) {
                rows.writeTo(
                        RowFormat.NDJSON,
                        new JsonLines(line ->
                                values.add(Json.read(line).path("sensor").asString() + " "
                                        + Json.read(line).path("v").asString())));
            }
            return values;
        }

        /// @return the report, once nothing that a test sends in time is missing for the lake and a worker is up: on a
        /// busy machine it may need more than one start
        JsonNode whole() throws IOException, InterruptedException {
            long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
            while (System.nanoTime() < deadline) {
                HttpResponse<String> answer = ask("{\"from\":\"-1h\"}");
                if (answer.statusCode() == 200
                        && Json.read(answer.body()).path("complete").asBoolean()) {
                    break;
                }
            }
            return replay("{\"from\":\"-1h\"}");
        }

        @Override
        public void close() {
            api.close();
            server.stop();
            sinks.close();
            rules.close();
            query.close();
            lake.close();
            broker.close();
            journal.close();
            log.close();
            registry.close();
        }
    }

    private String stamped(String fields) {
        return "{\"ts\":%d,%s}".formatted(++stamp, fields);
    }

    private static List<String> shown(JsonNode report) {
        List<String> shown = new ArrayList<>();
        for (JsonNode one : report.path("differences")) {
            shown.add("%s %s: %s -> %s"
                    .formatted(
                            one.path("kind").asString(),
                            one.path("sensor").asString(""),
                            one.path("was").asString(),
                            one.path("is").asString()));
        }
        return shown;
    }

    private static long count(JsonNode report, String name) {
        return report.path(name).asLong();
    }

    @Test
    void whatAnotherDecoderGaveIsShownWithWhatThisOneGives() throws Exception {
        try (Site site = new Site(new Former())) {
            site.publish(TenantId.MAIN, stamped("\"t\":21.5"));
            site.publish(TenantId.MAIN, stamped("\"on\":true,\"mode\":\"eco\""));
            site.publish(TenantId.MAIN, stamped("\"f\":70"));
            site.publish(TenantId.MAIN, stamped("\"fresh\":1"));
            site.publish(TenantId.MAIN, "broken");
            site.publish(TenantId.MAIN, "{\"t\":");
            site.publish(new TenantId("other"), "broken");

            JsonNode report = site.whole();

            assertThat(shown(report))
                    .hasSize(7)
                    .contains("missing mode:  -> eco", "missing fresh:  -> 1.0", "changed f: 71.0 -> 70.0")
                    .contains("extra old: 70.0 -> ", "extra broken: 1.0 -> ")
                    .contains("recovered : nothing that begins with fresh is known -> ")
                    .anyMatch(one -> one.startsWith("rejected :  -> "));
            assertThat(count(report, "messages")).isEqualTo(6);
            assertThat(count(report, "same")).as("t and on").isEqualTo(2);
            assertThat(count(report, "rejectedSame")).isEqualTo(1);
            assertThat(count(report, "missing")).isEqualTo(2);
            assertThat(count(report, "recovered")).isEqualTo(1);
        }
    }

    @Test
    void whatTheDecoderGivesNowIsPutInThePlaceOfWhatIsThere() throws Exception {
        try (Site site = new Site(new Former())) {
            site.publish(TenantId.MAIN, stamped("\"t\":21.5"));
            site.publish(TenantId.MAIN, stamped("\"mode\":\"eco\""));
            site.publish(TenantId.MAIN, stamped("\"f\":70"));
            site.publish(TenantId.MAIN, stamped("\"fresh\":1"));
            site.publish(TenantId.MAIN, "broken");
            JsonNode report = site.whole();
            String window = "{\"from\":\"%s\",\"to\":\"%s\",\"apply\":\"%%s\"}"
                    .formatted(report.path("from").asString(), report.path("to").asString());
            assertThat(shown(report)).hasSize(7);
            assertThat(report.path("applied").asBoolean()).isFalse();

            HttpResponse<String> refused = site.ask(window.formatted("another"));
            assertThat(refused.statusCode()).isEqualTo(409);
            assertThat(refused.body()).contains("Nothing was applied");
            assertThat(site.values()).containsExactly("f 71.0", "old 70.0", "t 21.5");

            JsonNode applied =
                    site.replay(window.formatted(report.path("digest").asString()));
            assertThat(applied.path("applied").asBoolean()).isTrue();
            assertThat(shown(applied)).isEqualTo(shown(report));
            assertThat(site.values()).containsExactly("f 70.0", "fresh 1.0", "mode eco", "t 21.5");
            assertThat(site.lake.latest(TenantId.MAIN, PUMP))
                    .extracting(value -> value.sensor())
                    .containsExactlyInAnyOrder("f", "fresh", "mode", "t");

            JsonNode after = site.replay(
                    window.formatted(report.path("digest").asString()).replaceAll(",\"apply\".*", "}"));
            assertThat(shown(after)).isEmpty();
            assertThat(count(after, "same")).isEqualTo(4);
            assertThat(count(after, "rejectedSame")).isEqualTo(1);
            assertThat(site.ask(window.formatted(report.path("digest").asString()))
                            .statusCode())
                    .as("what was looked at is no more")
                    .isEqualTo(409);
            JsonNode again = site.replay(window.formatted(after.path("digest").asString()));
            assertThat(shown(again)).isEmpty();
            assertThat(site.values()).containsExactly("f 70.0", "fresh 1.0", "mode eco", "t 21.5");
        }
    }

    @Test
    void readingThatCameAgainIsReplacedAndNotMissing() throws Exception {
        try (Site site = new Site(new PayloadDecoder())) {
            site.publish(TenantId.MAIN, "{\"ts\":1700000000000,\"t\":1}");
            site.publish(TenantId.MAIN, "{\"ts\":1700000000000,\"t\":2}");
            site.publish(TenantId.MAIN, "{\"ts\":1700000000001,\"t\":3}");
            String to = clock.instant().toString();
            site.publish(TenantId.MAIN, "{\"ts\":1700000000001,\"t\":4}");

            JsonNode whole = site.whole();
            JsonNode part = site.replay("{\"from\":\"-1h\",\"to\":\"" + to + "\"}");

            assertThat(shown(whole)).isEmpty();
            assertThat(count(whole, "same")).as("each key once").isEqualTo(2);
            assertThat(shown(part)).isEmpty();
            assertThat(count(part, "same")).isEqualTo(1);
            assertThat(count(part, "replaced")).isEqualTo(1);
        }
    }

    @Test
    void whatADeviceSentBeforeItWasErasedIsNotMissing() throws Exception {
        try (Site site = new Site(new PayloadDecoder())) {
            site.publish(TenantId.MAIN, stamped("\"t\":1"));
            assertThat(count(site.whole(), "messages")).isEqualTo(1);
            site.lake.erase(TenantId.MAIN, PUMP);

            JsonNode report = site.whole();

            assertThat(count(report, "messages")).isZero();
            assertThat(count(report, "missing")).isZero();
        }
    }

    @Test
    void windowThatIsNoneIsRefused() throws Exception {
        try (Site site = new Site(new PayloadDecoder())) {
            assertThat(site.ask("{\"from\":\"now\",\"to\":\"-1h\"}").body()).contains("must be before 'to'");
            assertThat(site.ask("{\"to\":\"2099-01-01T00:00:00Z\"}").body()).contains("must not be after now");
        }
    }
}
