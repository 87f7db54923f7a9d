package tributary.app.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tributary.simulator.LineOutput;
import tributary.simulator.Scenario;
import tributary.simulator.ScenarioRun;
import tributary.simulator.ScenarioRun.Pace;
import tributary.simulator.ServerException;

/// `tributary simulate car-fleet --count 100`: devices that look real, on a running server or as lines of JSON.
@Command(
        name = "simulate",
        description = {
            "Play simulated devices: add them to the server and publish over MQTT, HTTP or WebSocket.",
            "The same seed gives the same values, whatever the machine. Shipped: pump, waterworks, heart-rate, car-fleet."
        })
final class SimulateCommand implements Callable<Integer> {
    @Mixin
    private final ServerOptions server = new ServerOptions();

    @Parameters(
            arity = "0..1",
            paramLabel = "SCENARIO",
            description = "a shipped scenario or a YAML file (${DEFAULT-VALUE})")
    private String name = "pump";

    @Option(names = "--count", paramLabel = "N", description = "how many devices, where not as the scenario says")
    private int count;

    @Option(names = "--seed", paramLabel = "N", description = "another seed than the scenario's")
    private @Nullable Long seed;

    @Option(
            names = "--speed",
            paramLabel = "FACTOR",
            description = "1 is real time, 60 an hour a minute, 0 as fast as it goes")
    private double speed = 1;

    @Option(
            names = "--history",
            paramLabel = "TIME",
            converter = Time.class,
            description = "begin so long ago and catch up at full speed, such as 24h")
    private Duration history = Duration.ZERO;

    @Option(
            names = "--for",
            paramLabel = "TIME",
            converter = Time.class,
            description = "stop after so much scenario time")
    private Duration length = Duration.ZERO;

    @Option(names = "--max", paramLabel = "N", description = "stop after N messages")
    private long messagesMax;

    @Option(
            names = "--over",
            paramLabel = "WAY",
            description = "mqtt, http (a request a message) or ws (a WebSocket a device) (${DEFAULT-VALUE})")
    private String over = "mqtt";

    @Option(names = "--mqtt", paramLabel = "HOST:PORT", description = "where MQTT is, for --server")
    private @Nullable String mqtt;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "write lines of JSON instead; - is standard output")
    private @Nullable Path output;

    /// Reads `90s`, `24h` and the like.
    static final class Time implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) {
            try {
                return Duration.parse(text.endsWith("d") ? "P" + text : "PT" + text);
            } catch (DateTimeParseException e) {
                throw new CommandFailure(ExitCode.USAGE, "'" + text + "' is no time such as 90s, 24h or 7d", "");
            }
        }
    }

    @Override
    public Integer call() {
        if (mqtt != null && !over.equals("mqtt")) {
            throw new CommandFailure(
                    ExitCode.USAGE, "--mqtt is for devices that speak MQTT; these go over " + over, "");
        }
        Scenario scenario = Fleet.scenario(name);
        if (seed != null) {
            scenario = scenario.withSeed(seed);
        }
        if (count > 0) {
            scenario = scenario.withCount(count);
        }
        Pace pace = new Pace(history, Duration.ZERO, speed, length, messagesMax);
        try {
            return (output != null ? write(scenario, pace, output) : publish(scenario, pace)).number();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ExitCode.INTERRUPTED.number();
        } catch (ServerException e) {
            throw new CommandFailure(ExitCode.FAILED, "the simulation stopped: " + e.getMessage(), "");
        }
    }

    private ExitCode write(Scenario scenario, Pace pace, Path file) throws InterruptedException {
        try (LineOutput lines = new LineOutput(
                file.toString().equals("-") ? new FileOutputStream(FileDescriptor.out) : Files.newOutputStream(file))) {
            new ScenarioRun(scenario, lines, pace, InstantSource.system()).run();
            return ExitCode.OK;
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.FAILED, "cannot write " + file + ": " + e.getMessage(), "");
        }
    }

    private ExitCode publish(Scenario scenario, Pace pace) throws InterruptedException {
        ServerClient client = server.client();
        Fleet.Way way = way();
        server.err().println("adding " + scenario.deviceCount() + " devices of " + scenario.name() + " ...");
        server.err().flush();
        Fleet.Place place = new Fleet.Place(client.base(), client.key(), way);
        try (Fleet fleet = Fleet.connect(scenario, place, Map.of(), pace)) {
            Thread stop = Thread.ofPlatform().name("stop").unstarted(() -> {
                fleet.stop();
                say(fleet);
            });
            Runtime.getRuntime().addShutdownHook(stop);
            server.err().println("publishing; Ctrl-C stops");
            server.err().flush();
            boolean all = fleet.play();
            Runtime.getRuntime().removeShutdownHook(stop);
            say(fleet);
            return all && fleet.failed() == 0 ? ExitCode.OK : ExitCode.FAILED;
        } catch (IllegalStateException e) {
            return ExitCode.INTERRUPTED; // the hook runs already
        }
    }

    private void say(Fleet fleet) {
        if (server.json()) {
            server.out()
                    .println("{\"sent\":%d,\"acknowledged\":%d,\"failed\":%d}"
                            .formatted(fleet.sent(), fleet.acknowledged(), fleet.failed()));
            server.out().flush();
        }
        server.err()
                .println("%d sent, %d acknowledged, %d failed"
                        .formatted(fleet.sent(), fleet.acknowledged(), fleet.failed()));
        server.err().flush();
    }

    private Fleet.Way way() {
        return switch (over) {
            case "mqtt" -> new Fleet.Way.Mqtt(mqtt());
            case "http" -> new Fleet.Way.Http();
            case "ws" -> new Fleet.Way.Socket();
            default ->
                throw new CommandFailure(ExitCode.USAGE, "--over is mqtt, http or ws, and not '" + over + "'", "");
        };
    }

    private InetSocketAddress mqtt() {
        if (mqtt != null) {
            URI uri = URI.create("mqtt://" + mqtt);
            return new InetSocketAddress(uri.getHost(), uri.getPort() < 0 ? 1883 : uri.getPort());
        }
        return server.mqtt();
    }
}
