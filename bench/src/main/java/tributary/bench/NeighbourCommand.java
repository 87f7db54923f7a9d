package tributary.bench;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tributary.simulator.MqttWire;
import tributary.simulator.ServerApi;

/// `tributary bench neighbour`: how much longer a quiet tenant's acknowledgements take beside one that wants to send a
/// hundred times what it may.
@Command(
        name = "neighbour",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "A quiet tenant publishes at QoS 1 by the clock, in turns alone and beside another tenant that may send",
            "--limit messages a second and wants to send a hundred times that. Adds the other tenant and removes it.",
            "Ends with 1 where a message of the quiet tenant has no acknowledgement, or its p99 grows above --at-most."
        })
final class NeighbourCommand implements Callable<Integer> {
    private static final int TIMES = 100;

    private final InstantSource clock = InstantSource.system();
    private final LongSupplier nanos = System::nanoTime;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "500",
            description = "messages/s of the quiet tenant, over 20 connections (${DEFAULT-VALUE})")
    private double rate = 500;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "1000",
            description = "messages/s that the other tenant may send (${DEFAULT-VALUE})")
    private int limit = 1_000;

    @Option(
            names = "--connections",
            paramLabel = "N",
            defaultValue = "100",
            description = "of the other tenant (${DEFAULT-VALUE})")
    private int connections = 100;

    @Option(
            names = "--duration",
            paramLabel = "TIME",
            defaultValue = "10s",
            converter = LoadOptions.Time.class,
            description = "of each turn (${DEFAULT-VALUE})")
    private Duration duration = Duration.ofSeconds(10);

    @Option(names = "--rounds", paramLabel = "N", defaultValue = "3", description = "of two turns (${DEFAULT-VALUE})")
    private int rounds = 3;

    @Option(
            names = "--at-most",
            paramLabel = "TIMES",
            defaultValue = "0",
            description = "limit of the quiet tenant's p99 beside the other, in its p99 alone; 0: none"
                    + " (${DEFAULT-VALUE})")
    private double atMost;

    @Mixin
    private Target target = new Target();

    @Override
    public Integer call() throws InterruptedException {
        return target.judge(spec, () -> {
            if (rounds < 1 || limit < 1 || !target.own()) {
                throw new IllegalArgumentException(
                        "--rounds and --limit are at least 1, and other brokers have no tenants");
            }
            long begun = clock.millis();
            String name = "noisy-" + Long.toString(begun, 36);
            try (Crew quiet = Crew.enlist(target, begun, 20, ServerApi.Credential.JWT);
                    ServerApi owner = target.api();
                    ServerApi other = owner.tenant(name, limit)) {
                try {
                    List<Fleet.Member> noisy =
                            Fleet.ofRun(begun, connections).provision(other, ServerApi.Credential.JWT);
                    return run(quiet, noisy);
                } finally {
                    owner.delete("/api/v1/tenants/" + name);
                }
            }
        });
    }

    private LoadPlan plan(int count, double perSecond, Duration lasting) {
        return new LoadPlan(
                count,
                64,
                new LoadPlan.Shape(64, 1, clock.millis()),
                perSecond,
                Duration.ofSeconds(2),
                new LoadPlan.Extent.Lasting(lasting),
                1);
    }

    private LoadRun load(LoadPlan plan, List<Fleet.Member> members, LoadRun.Progress progress) {
        MqttDialect.Setup setup = new MqttDialect.Setup(target.version(), 1, Lane.slots(plan.window()));
        Dialect.Factory factory = (index, listener) -> {
            Fleet.Member member = members.get(index);
            return new MqttDialect(
                    setup,
                    new MqttWire.Login(member.device(), member.device(), member.secret(), 0),
                    new MqttMessages.Patched(setup, "devices/" + member.device() + "/telemetry", plan.payload()),
                    listener);
        };
        return new LoadRun(plan, target.mqtt(), factory, nanos, progress);
    }

    private Figures run(Crew quiet, List<Fleet.Member> noisy) throws InterruptedException {
        Tally alone = new Tally();
        Tally beside = new Tally();
        Tally noise = new Tally();
        for (int round = 0; round < rounds; round++) {
            alone.add(turn(quiet));
            LoadPlan wanted = plan(noisy.size(), limit * (double) TIMES, noisyFor());
            Noise other = new Noise(progress -> load(wanted, noisy, progress));
            other.await();
            beside.add(turn(quiet));
            noise.add(other.end());
        }
        double ratio = alone.latencyNanos.getValueAtPercentile(99) == 0
                ? 0
                : p99(beside.latencyNanos) / p99(alone.latencyNanos);
        long unanswered = alone.sent + beside.sent - alone.acknowledged - beside.acknowledged;
        return new Figures("neighbour · %,.0f messages/s by the clock beside a tenant that wants %d times its %,d"
                        .formatted(rate, TIMES, limit))
                .count("sent", "sent", alone.sent + beside.sent)
                .latency("alone", "aloneMillis", alone.latencyNanos)
                .latency("beside", "besideMillis", beside.latencyNanos)
                .number("p99", "p99Ratio", "%.2f times that alone", ratio)
                .count("other: taken", "noiseAcknowledged", noise.acknowledged)
                .count("other: refused", "noiseRefused", noise.refused)
                .promise(unanswered == 0, unanswered + " messages of the quiet tenant have no acknowledgement")
                .promise(atMost == 0 || ratio <= atMost, "p99 grows by more than " + atMost + " times");
    }

    private static double p99(Histogram histogram) {
        return histogram.getValueAtPercentile(99);
    }

    /// Longer than a turn of the quiet tenant, which begins a second later: both warm up for as long.
    private Duration noisyFor() {
        return duration.plusSeconds(3);
    }

    private Tally turn(Crew quiet) throws InterruptedException {
        LoadPlan plan = plan(20, rate, duration);
        MqttDialect.Setup setup = new MqttDialect.Setup(target.version(), 1, Lane.slots(plan.window()));
        Dialect.Factory factory = (index, listener) -> new MqttDialect(
                setup,
                quiet.asDevice(index, 0),
                new MqttMessages.Patched(setup, "devices/" + quiet.device(index) + "/telemetry", plan.payload()),
                listener);
        return tally(new LoadRun(plan, target.mqtt(), factory, nanos, LoadRun.Progress.NONE).run());
    }

    private static Tally tally(LoadRun.Outcome outcome) {
        return switch (outcome) {
            case LoadRun.Outcome.NotConnected(String why) -> throw StreamRun.notConnected(why);
            case LoadRun.Outcome.Ran ran -> ran.tally();
        };
    }

    /// The other tenant, on a thread of its own.
    private static final class Noise {
        /// Taken down after the first second of its messages, or at its end.
        private final CountDownLatch atWork = new CountDownLatch(1);

        private final AtomicReference<LoadRun.@Nullable Outcome> outcome = new AtomicReference<>();
        private final Thread thread;

        Noise(Function<LoadRun.Progress, LoadRun> load) {
            LoadRun run = load.apply((_, _) -> atWork.countDown());
            thread = Thread.ofPlatform().name("noise").start(() -> {
                try {
                    outcome.set(run.run());
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                } finally {
                    atWork.countDown();
                }
            });
        }

        /// Waits until it is at work.
        void await() throws InterruptedException {
            atWork.await();
        }

        Tally end() throws InterruptedException {
            thread.join();
            LoadRun.Outcome ran = outcome.get();
            return tally(ran == null ? new LoadRun.Outcome.NotConnected("the other tenant's run broke off") : ran);
        }
    }
}
