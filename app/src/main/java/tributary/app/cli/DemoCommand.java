package tributary.app.cli;

import java.net.InetSocketAddress;
import java.time.Duration;
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

/// `tributary demo`: `up` with a small simulated fleet, so that there is something to see at once.
@Command(
        name = "demo",
        description = {
            "Start everything with a small simulated fleet: a day of history, then live.",
            "The same as tributary up and, beside it, tributary simulate pump."
        })
final class DemoCommand implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(DemoCommand.class);
    private static final Duration HISTORY = Duration.ofDays(1);
    private static final Duration HISTORY_STEP = Duration.ofSeconds(30);

    @Mixin
    private final UpCommand.StartOptions options = new UpCommand.StartOptions();

    @Option(
            names = "--scenario",
            paramLabel = "NAME",
            description = "a shipped scenario or a YAML file (${DEFAULT-VALUE})")
    private String scenario = "pump";

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before any command runs
    private CommandSpec spec;

    @Override
    public void run() {
        Scenario fleet = Fleet.scenario(scenario);
        try (Server server = Server.start(options.settings())) {
            boolean terminal = Person.present();
            server.note("Demo fleet: " + fleet.deviceCount() + " simulated devices (" + fleet.name()
                    + "), a day of history, then live.");
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
        try (Fleet fleet = Fleet.connect(scenario, server.http(), mqtt, server.key(), pace)) {
            fleet.play();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ServerException e) {
            LOG.warn("the demo fleet stopped: {}", e.getMessage());
        }
    }
}
