package tributary.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.LongSupplier;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tributary.simulator.ServerApi;
import tributary.simulator.ServerException;

/// `tributary bench`: loads a server and says what it acknowledged, stored and shows, and how long that took.
///
/// Ends with 0 where everything acknowledged is stored exactly once, 1 where not, 2 for wrong options, 4
/// where the key
/// is refused, 5 where the server is not there.
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        subcommands = {
            StreamsCommand.PubSub.class,
            StreamsCommand.Fanout.class,
            StalledCommand.class,
            IdleCommand.class,
            ConnectCommand.class,
            AckLatencyCommand.class,
            RestartCommand.class,
            RulesCommand.class,
            LakeCommand.class,
            CompareCommand.class
        },
        description = {
            "Load a server and count what it acknowledged, stored and shows.",
            "",
            "Profiles: mqtt (QoS 1, 100 connections, window 16), http (POST, a JWT for each of 100 connections),",
            "ws (1,000 connections, 1,000 messages each), latency (MQTT, 10,000 messages/s by the clock),",
            "fleet (30,000 simulated vehicles behind 100 connections, 22,200 messages/s by the clock).",
            "Without --url it loads the Tributary at --server: adds its own devices, loads, asks by SQL what is",
            "stored, removes the devices. With --url mqtt://host:port it loads any other broker."
        })
public final class Bench implements Callable<Integer> {
    private static final int FAILED = 1;
    private static final int NOT_ALLOWED = 4;
    private static final int UNREACHABLE = 5;

    private final InstantSource clock;
    private final LongSupplier nanos;

    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "PROFILE",
            defaultValue = "mqtt",
            description = "mqtt, http, ws, latency or fleet (${DEFAULT-VALUE})")
    private String profileName = "mqtt";

    @Mixin
    private LoadOptions load = new LoadOptions();

    @Option(
            names = "--server",
            paramLabel = "URL",
            defaultValue = "http://127.0.0.1:8080",
            description = "Tributary's HTTP address (${DEFAULT-VALUE})")
    private URI server = URI.create("http://127.0.0.1:8080");

    @Option(
            names = "--mqtt-port",
            paramLabel = "PORT",
            defaultValue = "1883",
            description = "Tributary's MQTT port (${DEFAULT-VALUE})")
    private int mqttPort = 1883;

    @Option(names = "--key", paramLabel = "KEY", description = "an owner's API key; otherwise DATA/cli.key is read")
    private String key = "";

    @Option(
            names = "--data",
            paramLabel = "DATA",
            defaultValue = "tributary-data",
            description = "the server's data folder, for cli.key and the bare flush (${DEFAULT-VALUE})")
    private Path data = Path.of("tributary-data");

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "load this instead: mqtt://host:port, http://host:port/path or ws://host:port/path")
    private @Nullable URI url;

    @Option(
            names = "--pid",
            paramLabel = "PID",
            defaultValue = "0",
            description = "the server's process: its CPU time and memory are printed too")
    private long pid;

    @Option(
            names = "--visible-within",
            paramLabel = "TIME",
            defaultValue = "60s",
            converter = LoadOptions.Time.class,
            description = "how long to wait until SQL shows everything (${DEFAULT-VALUE})")
    private Duration visibleWithin = Duration.ofSeconds(60);

    @Option(names = "--keep", description = "do not remove the devices afterwards")
    private boolean keep;

    @Option(names = "--json", description = "one JSON document instead of a table")
    private boolean json;

    public Bench() {
        this(InstantSource.system(), System::nanoTime);
    }

    /// @param clock what the messages' times begin with
    /// @param nanos what latency is measured with
    public Bench(InstantSource clock, LongSupplier nanos) {
        this.clock = clock;
        this.nanos = nanos;
    }

    @Override
    public Integer call() throws InterruptedException {
        Profile profile = profile();
        try {
            LoadPlan plan = load.plan(profile, clock.millis());
            return url == null ? own(profile, plan) : foreign(profile, plan, url);
        } catch (IllegalArgumentException e) {
            throw usage(e.getMessage());
        } catch (ServerException e) {
            err().println("tributary bench: " + e.getMessage());
            return switch (e.kind()) {
                case UNREACHABLE -> UNREACHABLE;
                case NOT_ALLOWED -> NOT_ALLOWED;
                case REFUSED -> FAILED;
            };
        }
    }

    private Profile profile() {
        for (Profile profile : Profile.values()) {
            if (profile.name().toLowerCase(Locale.ROOT).equals(profileName)) {
                return profile;
            }
        }
        throw usage("there is no profile '" + profileName + "'; there are mqtt, http, ws, latency and fleet");
    }

    private int own(Profile profile, LoadPlan plan) throws InterruptedException {
        try (ServerApi api = new ServerApi(server, ownerKey())) {
            return profile == Profile.FLEET ? cars(api, profile, plan) : devices(api, profile, plan);
        }
    }

    private int devices(ServerApi api, Profile profile, LoadPlan plan) throws InterruptedException {
        Fleet fleet = Fleet.ofRun(clock.millis(), plan.connections());
        try {
            note("adding %,d devices".formatted(plan.connections()));
            Dialects dialects = new Dialects(load, plan, fleet.provision(api, load.credential(profile)));
            InetSocketAddress at = new InetSocketAddress(
                    server.getHost(), profile.protocol() == Profile.Protocol.MQTT ? mqttPort : port(server, 8080));
            Dialect.Factory factory = dialects.of(profile.protocol(), at, "");
            StoredCheck check = new StoredCheck(api, StoredCheck.Counting.sequences(fleet), nanos);
            return run(profile, plan, new LoadRun(plan, at, factory, nanos, progress()), check);
        } finally {
            if (!keep) {
                fleet.remove(api);
            }
        }
    }

    private int cars(ServerApi api, Profile profile, LoadPlan asked) throws InterruptedException {
        String prefix = Fleet.prefix(clock.millis());
        CarFleet cars = new CarFleet(prefix, load.vehicles(), asked.connections(), clock.millis());
        LoadPlan plan = asked.withConnections(cars.gatewayCount());
        try {
            note("adding %,d gateways and %,d vehicles".formatted(cars.gatewayCount(), load.vehicles()));
            Dialects dialects = new Dialects(load, plan, cars.provision(api, load.credential(profile)));
            InetSocketAddress at = new InetSocketAddress(server.getHost(), mqttPort);
            StoredCheck.Counting counting =
                    new StoredCheck.Counting(prefix, cars.vehicles(), CarFleet.COUNTED_SENSOR, false);
            StoredCheck check = new StoredCheck(api, counting, nanos);
            return run(profile, plan, new LoadRun(plan, at, dialects.of(cars), nanos, progress()), check);
        } finally {
            if (!keep) {
                cars.remove(api);
            }
        }
    }

    private int foreign(Profile named, LoadPlan asked, URI target) throws InterruptedException {
        Profile.Protocol protocol = named.protocol();
        if (!protocol.scheme().equals(target.getScheme()) || target.getHost() == null) {
            throw usage("profile %s needs a URL like %s://host:%d, was '%s'"
                    .formatted(profileName, protocol.scheme(), protocol.port(), target));
        }
        InetSocketAddress at = new InetSocketAddress(target.getHost(), port(target, protocol.port()));
        if (named == Profile.FLEET) {
            String prefix = Fleet.prefix(clock.millis());
            CarFleet cars = new CarFleet(prefix, load.vehicles(), asked.connections(), clock.millis());
            LoadPlan plan = asked.withConnections(cars.gatewayCount());
            Dialect.Factory factory = new Dialects(load, plan, cars.unprovisioned()).of(cars);
            return run(named, plan, new LoadRun(plan, at, factory, nanos, progress()), null);
        }
        Fleet fleet = Fleet.ofRun(clock.millis(), asked.connections());
        Dialects dialects = new Dialects(load, asked, fleet.unprovisioned());
        Dialect.Factory factory = dialects.of(protocol, at, target.getRawPath());
        return run(named, asked, new LoadRun(asked, at, factory, nanos, progress()), null);
    }

    private int run(Profile profile, LoadPlan plan, LoadRun run, @Nullable StoredCheck check)
            throws InterruptedException {
        boolean answered = profile.protocol() != Profile.Protocol.MQTT || load.qos() > 0;
        Histogram flush = flush();
        note("%s: %,d connections".formatted(profileName, plan.connections()));
        long cpuBefore = pid > 0 ? CpuTime.ofProcess(pid).orElse(0) : 0;
        return switch (run.run()) {
            case LoadRun.Outcome.NotConnected(String why) ->
                throw new ServerException(
                        why.startsWith("CONNACK") || why.contains("401") || why.contains("403")
                                ? ServerException.Kind.NOT_ALLOWED
                                : ServerException.Kind.UNREACHABLE,
                        "could not open every connection: " + why);
            case LoadRun.Outcome.Ran ran -> {
                Report.Stored stored = null;
                if (check != null) {
                    note("asking what is stored");
                    long expected = answered ? ran.tally().acknowledged : ran.tally().sent;
                    stored = check.await(expected, ran.tally().lastAnswerNanos, visibleWithin.toNanos());
                }
                Report.Server used = pid > 0 ? Report.Server.since(pid, cpuBefore) : null;
                Report report = new Report(load.title(profileName, plan), ran, stored, used, flush);
                out().println(json ? report.json(answered) : report.table(answered));
                out().flush();
                yield report.good(answered) ? 0 : FAILED;
            }
        };
    }

    /// The bare flush of the folder's disk, or null where there is no such folder here.
    private @Nullable Histogram flush() {
        if (!Files.isDirectory(data) || !Files.isWritable(data)) {
            return null;
        }
        try {
            return DiskProbe.run(data, nanos);
        } catch (IOException e) {
            note("the disk was not probed: " + e);
            return null;
        }
    }

    private String ownerKey() {
        if (!key.isEmpty()) {
            return key;
        }
        Path file = data.resolve("cli.key");
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new ServerException(
                    ServerException.Kind.NOT_ALLOWED,
                    "no API key: " + file + " cannot be read. Name the server's data folder with --data, or give a key"
                            + " with --key");
        }
    }

    private LoadRun.Progress progress() {
        return new LoadRun.Progress() {
            private long before;

            @Override
            public void second(long seconds, long answers) {
                note("%3d s  %,11d messages  %,9d/s".formatted(seconds, answers, answers - before));
                before = answers;
            }
        };
    }

    private static int port(URI uri, int otherwise) {
        return uri.getPort() > 0 ? uri.getPort() : otherwise;
    }

    private void note(String text) {
        err().println(text);
        err().flush();
    }

    private ParameterException usage(@Nullable String text) {
        return new ParameterException(command().commandLine(), text);
    }

    private PrintWriter out() {
        return command().commandLine().getOut();
    }

    private PrintWriter err() {
        return command().commandLine().getErr();
    }

    private CommandSpec command() {
        if (spec == null) {
            throw new IllegalStateException("run by picocli only");
        }
        return spec;
    }
}
