package tributary.app.cli;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tributary.app.server.Server;
import tributary.simulator.Scenario;
import tributary.simulator.ScenarioRun.Pace;
import tributary.simulator.ServerException;

/// `tributary demo`: `up` with a small simulated fleet and two rules, so that there is something to see at once;
/// `--remove` takes all of it away again and nothing else.
@Command(
        name = "demo",
        description = {
            "Start everything with a small simulated fleet: a week of history, then live; two rules, and an alarm.",
            "Its devices have the label demo=fleet. --remove takes all of it away, and nothing of yours."
        })
final class DemoCommand implements Runnable {
    static final String SCENARIO = "waterworks";

    private static final Logger LOG = LoggerFactory.getLogger(DemoCommand.class);
    private static final Duration HISTORY = Duration.ofDays(7);
    private static final Duration HISTORY_STEP = Duration.ofMinutes(1);

    @Mixin
    private final UpCommand.StartOptions options = new UpCommand.StartOptions();

    @Option(
            names = "--scenario",
            paramLabel = "NAME",
            description = "a shipped scenario or a YAML file (${DEFAULT-VALUE})")
    private String scenario = SCENARIO;

    @Option(
            names = "--remove",
            description = "remove the demo's devices, rules and messages, from a server that runs or from a folder")
    private boolean remove;

    @Option(names = "--dry-run", description = "with --remove: say what would be removed, and remove nothing")
    private boolean dryRun;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before any command runs
    private CommandSpec spec;

    @Override
    public void run() {
        if (dryRun && !remove) {
            throw new CommandFailure(
                    ExitCode.USAGE, "--dry-run goes with --remove", "tributary demo --remove --dry-run");
        }
        if (remove) {
            remove();
        } else {
            start();
        }
    }

    private void start() {
        Scenario fleet = Fleet.scenario(scenario);
        try (Server server = Server.start(options.settings(Map.of()))) {
            boolean terminal = Person.present();
            new Demo(ServerClient.of(server.data(), _ -> {})).settle(fleet);
            server.note("Demo fleet: " + fleet.deviceCount() + " simulated devices (" + fleet.name()
                    + "), a week of history, then live.  Remove it all: tributary demo --remove");
            Thread playing = Thread.ofPlatform().daemon().name("demo").start(() -> play(fleet, server));
            Banner.print(server, terminal, spec.commandLine().getOut());
            server.awaitStop();
            playing.interrupt();
        }
    }

    private static void play(Scenario scenario, Server server) {
        Pace pace = server.fresh() ? Pace.withHistory(HISTORY, HISTORY_STEP) : Pace.LIVE;
        InetSocketAddress mqtt =
                new InetSocketAddress(server.mqtt().getHost(), server.mqtt().getPort());
        Fleet.Place place = new Fleet.Place(server.http(), server.key(), new Fleet.Way.Mqtt(mqtt));
        try (Fleet fleet = Fleet.connect(scenario, place, Demo.LABELS, pace)) {
            fleet.play();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ServerException e) {
            LOG.warn("the demo fleet stopped: {}", e.getMessage());
        }
    }

    /// Asks the server that runs on the folder, or starts one for as long as it takes.
    private void remove() {
        ServerClient running;
        try {
            running = ServerClient.of(options.data(), _ -> {});
            running.get("/api/v1/doors");
        } catch (CommandFailure e) {
            if (e.code() != ExitCode.CANNOT_CONNECT) {
                throw e;
            }
            running = null;
        }
        if (running != null) {
            remove(running);
            return;
        }
        try (Server server = Server.start(options.settings(Map.of("mqtt.port", "0", "http.port", "0")))) {
            remove(ServerClient.of(server.data(), _ -> {}));
        }
    }

    private void remove(ServerClient client) {
        if (dryRun) {
            Demo.Removed would = new Demo(client).wouldRemove();
            spec.commandLine()
                    .getErr()
                    .printf(
                            "would remove %d devices, %d rules and %,d rows of the demo's; nothing was removed%n",
                            would.devices(), would.rules(), would.rows());
            spec.commandLine().getErr().flush();
            return;
        }
        Demo.Removed removed = new Demo(client).remove(spec.commandLine().getErr());
        spec.commandLine()
                .getErr()
                .printf(
                        "removed %d devices, %d rules and %,d rows of the demo's; replaced files and the log follow by"
                                + " themselves: tributary device erasures%n",
                        removed.devices(), removed.rules(), removed.rows());
        spec.commandLine().getErr().flush();
    }
}
