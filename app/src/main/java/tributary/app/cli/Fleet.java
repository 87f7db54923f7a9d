package tributary.app.cli;

import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import tributary.simulator.MqttOutput;
import tributary.simulator.Scenario;
import tributary.simulator.ScenarioRun;
import tributary.simulator.ScenarioRun.Pace;
import tributary.simulator.ServerApi;
import tributary.simulator.ServerApi.Credential;

/// A simulated fleet on a server: its devices registered over REST like anybody's, publishing over MQTT like anybody's.
final class Fleet implements AutoCloseable {
    private static final Duration TOKEN_VALID = Duration.ofDays(30);

    private final MqttOutput output;
    private final ScenarioRun run;

    /// A server.
    ///
    /// @param http where its REST interface is
    /// @param mqtt where devices publish
    /// @param key  a key that may add devices
    record Place(URI http, InetSocketAddress mqtt, String key) {}

    private Fleet(MqttOutput output, ScenarioRun run) {
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
    static Fleet connect(Scenario scenario, Place place, Map<String, String> labels, Pace pace)
            throws InterruptedException {
        Map<String, String> secrets;
        try (ServerApi server = new ServerApi(place.http(), place.key())) {
            secrets = server.provision(scenario, Credential.JWT, TOKEN_VALID, labels);
        }
        MqttOutput output = MqttOutput.open(place.mqtt(), secrets);
        return new Fleet(output, new ScenarioRun(scenario, output, pace, InstantSource.system()));
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
