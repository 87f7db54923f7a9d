package tributary.bench;

import java.io.IOException;
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
            VisibleCommand.class,
            StartCommand.class,
            NeighbourCommand.class,
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
            names = "--visible-within",
            paramLabel = "TIME",
            defaultValue = "60s",
            converter = LoadOptions.Time.class,
            description = "how long to wait until SQL shows everything, and of the fleet until it is in files"
                    + " (${DEFAULT-VALUE})")
    private Duration visibleWithin = Duration.ofSeconds(60);

    @Mixin
    private Target target = new Target();

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
        return Target.end(spec, () -> {
            Profile profile = profile();
            LoadPlan plan = load.plan(profile, clock.millis());
            URI url = target.url();
            return url == null ? own(profile, plan) : foreign(profile, plan, url);
        });
    }

    private Profile profile() {
        for (Profile profile : Profile.values()) {
            if (profile.name().toLowerCase(Locale.ROOT).equals(profileName)) {
                return profile;
            }
        }
        throw new IllegalArgumentException(
                "there is no profile '" + profileName + "'; there are mqtt, http, ws, latency and fleet");
    }

    private boolean own(Profile profile, LoadPlan plan) throws InterruptedException {
        try (ServerApi api = target.api()) {
            return profile == Profile.FLEET ? cars(api, profile, plan) : devices(api, profile, plan);
        }
    }

    private boolean devices(ServerApi api, Profile profile, LoadPlan plan) throws InterruptedException {
        Fleet fleet = Fleet.ofRun(clock.millis(), plan.connections());
        try {
            note("adding %,d devices".formatted(plan.connections()));
            Dialects dialects = new Dialects(load, target, plan, fleet.provision(api, load.credential(profile)));
            InetSocketAddress at = profile.protocol() == Profile.Protocol.MQTT ? target.mqtt() : target.http();
            Dialect.Factory factory = dialects.of(profile.protocol(), at, "");
            StoredCheck check = new StoredCheck(api, StoredCheck.Counting.sequences(fleet), nanos);
            return run(profile, plan, new LoadRun(plan, at, factory, nanos, progress()), check);
        } finally {
            if (!target.keep()) {
                fleet.remove(api);
            }
        }
    }

    private boolean cars(ServerApi api, Profile profile, LoadPlan asked) throws InterruptedException {
        String prefix = Fleet.prefix(clock.millis());
        CarFleet cars = new CarFleet(prefix, load.vehicles(), asked.connections(), clock.millis());
        LoadPlan plan = asked.withConnections(cars.gatewayCount());
        try {
            note("adding %,d gateways and %,d vehicles".formatted(cars.gatewayCount(), load.vehicles()));
            Dialects dialects = new Dialects(load, target, plan, cars.provision(api, load.credential(profile)));
            InetSocketAddress at = target.mqtt();
            StoredCheck.Counting counting =
                    new StoredCheck.Counting(prefix, cars.vehicles(), CarFleet.COUNTED_SENSOR, false);
            StoredCheck check = new StoredCheck(api, counting, nanos);
            return run(profile, plan, new LoadRun(plan, at, dialects.of(cars), nanos, progress()), check);
        } finally {
            if (!target.keep()) {
                cars.remove(api);
            }
        }
    }

    private boolean foreign(Profile named, LoadPlan asked, URI url) throws InterruptedException {
        Profile.Protocol protocol = named.protocol();
        if (!protocol.scheme().equals(url.getScheme()) || url.getHost() == null) {
            throw new IllegalArgumentException("profile %s needs a URL like %s://host:%d, was '%s'"
                    .formatted(profileName, protocol.scheme(), protocol.port(), url));
        }
        InetSocketAddress at = new InetSocketAddress(url.getHost(), Target.port(url, protocol.port()));
        if (named == Profile.FLEET) {
            String prefix = Fleet.prefix(clock.millis());
            CarFleet cars = new CarFleet(prefix, load.vehicles(), asked.connections(), clock.millis());
            LoadPlan plan = asked.withConnections(cars.gatewayCount());
            Dialect.Factory factory = new Dialects(load, target, plan, cars.unprovisioned()).of(cars);
            return run(named, plan, new LoadRun(plan, at, factory, nanos, progress()), null);
        }
        Fleet fleet = Fleet.ofRun(clock.millis(), asked.connections());
        Dialects dialects = new Dialects(load, target, asked, fleet.unprovisioned());
        Dialect.Factory factory = dialects.of(protocol, at, url.getRawPath());
        return run(named, asked, new LoadRun(asked, at, factory, nanos, progress()), null);
    }

    private boolean run(Profile profile, LoadPlan plan, LoadRun run, @Nullable StoredCheck check)
            throws InterruptedException {
        boolean answered = profile.protocol() != Profile.Protocol.MQTT || load.qos() > 0;
        Histogram flush = flush();
        note("%s: %,d connections".formatted(profileName, plan.connections()));
        long pid = target.pid();
        long cpuBefore = target.cpuNanos().orElse(0);
        return switch (run.run()) {
            case LoadRun.Outcome.NotConnected(String why) ->
                throw new ServerException(
                        why.startsWith("CONNACK") || why.contains("401") || why.contains("403")
                                ? ServerException.Kind.NOT_ALLOWED
                                : ServerException.Kind.UNREACHABLE,
                        "could not open every connection: " + why);
            case LoadRun.Outcome.Ran ran -> {
                Report.Stored stored = null;
                Report.AtRest atRest = null;
                if (check != null) {
                    note("asking what is stored");
                    long expected = answered ? ran.tally().acknowledged : ran.tally().sent;
                    stored = check.await(expected, ran.tally().lastAnswerNanos, visibleWithin.toNanos());
                    if (profile == Profile.FLEET) {
                        note("waiting until it is in files");
                        atRest = check.atRest(stored.readings(), visibleWithin.toNanos());
                    }
                }
                Report.Server used = pid > 0 ? Report.Server.since(pid, cpuBefore) : null;
                Report report = new Report(load.title(profileName, plan), ran, stored, atRest, used, flush);
                Target.print(spec, target.json() ? report.json(answered) : report.table(answered));
                yield report.good(answered);
            }
        };
    }

    /// The bare flush of the folder's disk, or null where there is no such folder here.
    private @Nullable Histogram flush() {
        Path data = target.data();
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

    private void note(String text) {
        Notes.say(spec, text);
    }
}
