package tributary.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tributary.simulator.HttpOutput;
import tributary.simulator.MqttOutput;
import tributary.simulator.Output;
import tributary.simulator.Scenario;
import tributary.simulator.ScenarioRun;
import tributary.simulator.ServerApi;
import tributary.simulator.ServerException;
import tributary.simulator.SimulatedMessage;
import tributary.simulator.WebSocketOutput;

/// The simulator's ways out against the stand-ins of the bench.
class SimulatorOutputsTest {
    private static final ScenarioRun.Pace MINUTE = ScenarioRun.Pace.historyOnly(Duration.ofMinutes(1));

    @Test
    void mqttDeliversEveryMessageOfAScenario() throws Exception {
        try (SinkBroker broker = new SinkBroker(true, _ -> false);
                MqttOutput output = MqttOutput.open(at(broker.port()), secrets(scenario("pump")))) {
            assertThat(new ScenarioRun(scenario("pump"), output, MINUTE, InstantSource.system()).run())
                    .isTrue();

            assertThat(output.acknowledged()).isEqualTo(720);
            assertThat(output.failed()).isZero();
            assertThat(broker.payloads()).hasSize(720).allMatch(text -> text.contains("\"vibration\":{\"x\":"));
        }
    }

    @Test
    void aBrokenMqttConnectionIsOpenedAgain() throws Exception {
        Scenario one = scenario("pump").withCount(1);
        try (SinkBroker broker = new SinkBroker();
                MqttOutput output = MqttOutput.open(at(broker.port()), secrets(one))) {
            broker.dropConnections();
            SimulatedMessage message = new SimulatedMessage(
                    "pump-1", "pump-1", "devices/pump-1/telemetry", 1, "{\"a\":1}".getBytes(StandardCharsets.UTF_8));
            long deadline = System.nanoTime() + 20_000_000_000L;
            while (output.acknowledged() == 0 && System.nanoTime() < deadline) {
                output.send(message);
                assertThat(output.drain()).isTrue();
            }

            assertThat(output.acknowledged()).isPositive();
        }
    }

    @Test
    void aBrokerThatIsNotThereIsSaidSo() {
        assertThatThrownBy(() -> MqttOutput.open(at(1), Map.of("a", "b")))
                .isInstanceOfSatisfying(
                        ServerException.class, e -> assertThat(e.kind()).isEqualTo(ServerException.Kind.UNREACHABLE))
                .hasMessageContaining("mqtt://127.0.0.1:1");
    }

    @Test
    void httpPostsTelemetryAndOtherTopicsWhereTheyBelong() throws Exception {
        Scenario people = scenario("heart-rate").withCount(2);
        try (StandIn server = new StandIn(StandIn.Fault.NONE);
                ServerApi api = new ServerApi(URI.create(server.url()), StandIn.KEY)) {
            Map<String, String> secrets =
                    api.provision(people, ServerApi.Credential.JWT, Duration.ofHours(1), Map.of());
            try (Output output = new HttpOutput(URI.create(server.url()), secrets)) {
                assertThat(new ScenarioRun(people, output, MINUTE, InstantSource.system()).run())
                        .isTrue();

                assertThat(output.failed()).isZero();
                assertThat(output.acknowledged()).isEqualTo(server.topics.size() + stored(server));
            }
            assertThat(server.devices).containsExactlyInAnyOrder("heart-1", "heart-2");
            assertThat(server.topics)
                    .contains("health/hr/heart-1", "health/hr/heart-2")
                    .hasSizeGreaterThan(60);
        }
    }

    @Test
    void webSocketsCarryTelemetryAndCountRefusals() throws Exception {
        Scenario pumps = scenario("pump").withCount(2);
        try (StandIn server = new StandIn(StandIn.Fault.REFUSES_ONE)) {
            Map<String, String> secrets = Map.of("pump-1", "secret-of-pump-1", "pump-2", "secret-of-pump-2");
            URI url = URI.create(server.url().replace("http:", "ws:"));
            try (Output output = new WebSocketOutput(url, secrets)) {
                assertThat(new ScenarioRun(pumps, output, MINUTE, InstantSource.system()).run())
                        .isTrue();

                assertThat(output.acknowledged()).isEqualTo(119);
                assertThat(output.failed()).isEqualTo(1);
                assertThat(stored(server)).isEqualTo(119);
            }
        }
    }

    private static int stored(StandIn server) {
        return server.sequences.values().stream().mapToInt(List::size).sum();
    }

    private static InetSocketAddress at(int port) {
        return new InetSocketAddress("127.0.0.1", port);
    }

    private static Map<String, String> secrets(Scenario scenario) {
        Map<String, String> secrets = new HashMap<>();
        scenario.connections().forEach(connection -> secrets.put(connection.id(), "s"));
        return secrets;
    }

    private static Scenario scenario(String name) {
        return ((Scenario.Loaded.Good) Scenario.load(name)).scenario();
    }
}
