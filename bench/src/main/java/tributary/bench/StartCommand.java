package tributary.bench;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tributary.simulator.ServerApi;

/// `tributary bench start`: from the start of the process to the first reading that is accepted, and that SQL has.
@Command(
        name = "start",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Starts the server with the command behind --, adds a device when it says that it is ready, publishes one",
            "reading, and asks by SQL until it is there. All times are from the start of the process.",
            "Ends with 1 where the reading is not in SQL within --visible-within.",
            "Example: tributary bench start --data D -- ./tributary up --data D --mqtt-port {port} --http-port 0"
        })
final class StartCommand implements Callable<Integer> {
    private final InstantSource clock = InstantSource.system();
    private final LongSupplier nanos = System::nanoTime;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = "--visible-within",
            paramLabel = "TIME",
            defaultValue = "60s",
            converter = LoadOptions.Time.class,
            description = "how long to wait until SQL shows the reading (${DEFAULT-VALUE})")
    private Duration visibleWithin = Duration.ofSeconds(60);

    @Mixin
    private Target target = new Target();

    @Parameters(
            arity = "1..*",
            paramLabel = "-- COMMAND",
            description = "starts the server; {port} is a free port for MQTT")
    private List<String> command = List.of();

    @Override
    public Integer call() throws InterruptedException {
        return target.judge(spec, () -> {
            if (!target.own()) {
                throw new IllegalArgumentException("--url: SQL is Tributary's; leave it out");
            }
            try (Child child = new Child(command, target, nanos)) {
                child.start();
                child.awaitReady();
                return run(child);
            }
        });
    }

    private Figures run(Child child) throws InterruptedException, IOException {
        long ready = nanos.getAsLong();
        try (Crew crew = Crew.enlist(target, clock.millis(), 1, ServerApi.Credential.JWT);
                ServerApi api = target.api();
                Probe probe = new Probe(target, api, crew.asDevice(0, 0), nanos)) {
            Probe.Seen seen = probe.send(visibleWithin.toNanos());
            Figures figures = new Figures("start · from the start of the process")
                    .number("ready", "readySeconds", "%.2f s", seconds(child, ready))
                    .number(
                            "accepted",
                            "firstAcceptedSeconds",
                            "%.2f s: a device added, its first reading acknowledged",
                            seconds(child, seen.acknowledged()))
                    .memory("server memory", "serverResidentBytes", target.residentBytes())
                    .promise(seen.visible() != 0, "the reading was not in SQL within " + visibleWithin);
            return seen.visible() == 0
                    ? figures
                    : figures.number("in SQL", "visibleSeconds", "%.2f s", seconds(child, seen.visible()));
        }
    }

    private static double seconds(Child child, long at) {
        return (at - child.startedNanos()) / 1e9;
    }
}
