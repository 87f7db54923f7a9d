package tributary.app.cli;

import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import tributary.simulator.HttpOutput;
import tributary.simulator.MqttOutput;
import tributary.simulator.Output;
import tributary.simulator.Scenario;
import tributary.simulator.ScenarioRun;
import tributary.simulator.ScenarioRun.Pace;
import tributary.simulator.ServerApi;
import tributary.simulator.ServerApi.Credential;
import tributary.simulator.WebSocketOutput;

/// A simulated fleet on a server: its devices registered over REST like anybody's, publishing over MQTT, HTTP or
/// WebSocket like anybody's.
final class Fleet implements AutoCloseable {
    private static final Duration TOKEN_VALID = Duration.ofDays(30);

    private final Output output;
    private final ScenarioRun run;

    /// A server.
    ///
    /// @param http where its REST interface is
    /// @param key  a key that may add devices
    /// @param way  how devices publish
    record Place(URI http, String key, Way way) {}

    /// What a fleet's devices speak. HTTP and WebSocket are where REST is.
    sealed interface Way {
        /// One connection a device or gateway, QoS 1.
        ///
        /// @param broker where MQTT is
        record Mqtt(InetSocketAddress broker) implements Way {}

        /// One request a message.
        record Http() implements Way {}

        /// One WebSocket a device, for its telemetry only.
        record Socket() implements Way {}
    }

    private Fleet(Output output, ScenarioRun run) {
        this.output = output;
        this.run = run;
    }

    /// Reads a scenario by name or file.
    ///
    /// @throws CommandFailure with every mistake in it
    static Scenario scenario(String nameOrPath) {
        return switch (Scenario.load(nameOrPath)) {
            case Scenario.Loaded.Good good -> good.scenario();
            case Scenario.Loaded.Mistaken mistaken ->
                throw new CommandFailure(
                        ExitCode.USAGE,
                        "the scenario " + nameOrPath + " cannot be played:\n  "
                                + String.join("\n  ", mistaken.problems()),
                        "shipped scenarios: " + String.join(", ", Scenario.shipped()));
        };
    }

    /// Adds the scenario's devices to a server and connects them.
    ///
    /// @param labels of every device that is added
    /// @throws CommandFailure where the scenario has messages that do not go the chosen way
    static Fleet connect(Scenario scenario, Place place, Map<String, String> labels, Pace pace)
            throws InterruptedException {
        if (place.way() instanceof Way.Socket) {
            telemetryOnly(scenario);
        }
        Map<String, String> secrets;
        try (ServerApi server = new ServerApi(place.http(), place.key())) {
            secrets = server.provision(scenario, Credential.JWT, TOKEN_VALID, labels);
        }
        Output output = switch (place.way()) {
            case Way.Mqtt mqtt -> MqttOutput.open(mqtt.broker(), secrets);
            case Way.Http _ -> new HttpOutput(place.http(), secrets);
            case Way.Socket _ -> new WebSocketOutput(socket(place.http()), secrets);
        };
        return new Fleet(output, new ScenarioRun(scenario, output, pace, InstantSource.system()));
    }

    private static void telemetryOnly(Scenario scenario) {
        scenario.connections().stream()
                .flatMap(connection -> connection.topics().stream())
                .findFirst()
                .ifPresent(topic -> {
                    throw new CommandFailure(
                            ExitCode.USAGE,
                            "a WebSocket carries the telemetry of one device, and the scenario " + scenario.name()
                                    + " publishes to " + topic + " too",
                            "tributary simulate " + scenario.name() + " --over http      or mqtt: any topic");
                });
    }

    private static URI socket(URI http) {
        return URI.create(
                "https".equalsIgnoreCase(http.getScheme())
                        ? "wss" + http.toString().substring("https".length())
                        : "ws" + http.toString().substring("http".length()));
    }

    /// Plays until the pace is through or [#stop].
    boolean play() throws InterruptedException {
        return run.run();
    }

    void stop() {
        run.stop();
    }

    long sent() {
        return run.sent();
    }

    long acknowledged() {
        return output.acknowledged();
    }

    long failed() {
        return output.failed();
    }

    @Override
    public void close() {
        output.close();
    }
}
