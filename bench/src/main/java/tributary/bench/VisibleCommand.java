package tributary.bench;

import java.time.Duration;
import java.time.InstantSource;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tributary.simulator.ServerApi;
import tributary.simulator.ServerException;

/// `tributary bench visible`: how soon after its acknowledgement SQL has a reading.
@Command(
        name = "visible",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "A device publishes a reading at QoS 1, waits for its PUBACK and asks by SQL until the reading is there;",
            "then the next one, while other devices publish --rate messages/s by the clock. Prints p50 and p99.",
            "Ends with 1 where a message has no acknowledgement, or a reading is not in SQL within --visible-within."
        })
final class VisibleCommand implements Callable<Integer> {
    private static final int PAUSE_MILLIS_MAX = 50;

    private final InstantSource clock = InstantSource.system();
    private final LongSupplier nanos = System::nanoTime;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "10000",
            description = "messages/s of the other devices; 0: there are none (${DEFAULT-VALUE})")
    private double rate = 10_000;

    @Option(
            names = "--connections",
            paramLabel = "N",
            defaultValue = "100",
            description = "of the other devices (${DEFAULT-VALUE})")
    private int connections = 100;

    @Option(
            names = "--duration",
            paramLabel = "TIME",
            defaultValue = "20s",
            converter = LoadOptions.Time.class,
            description = "${DEFAULT-VALUE}")
    private Duration duration = Duration.ofSeconds(20);

    @Option(
            names = "--warm-up",
            paramLabel = "TIME",
            defaultValue = "5s",
            converter = LoadOptions.Time.class,
            description = "asked, too, but not measured (${DEFAULT-VALUE})")
    private Duration warmUp = Duration.ofSeconds(5);

    @Option(
            names = "--visible-within",
            paramLabel = "TIME",
            defaultValue = "60s",
            converter = LoadOptions.Time.class,
            description = "how long to wait until SQL shows a reading (${DEFAULT-VALUE})")
    private Duration visibleWithin = Duration.ofSeconds(60);

    @Mixin
    private Target target = new Target();

    /// Of the readings that were measured.
    private static final class Times {
        private final Histogram acknowledged = new Histogram(3);
        private final Histogram visible = new Histogram(3);
        private final Histogram altogether = new Histogram(3);
        private long probes;
        private long unseen;

        void add(Probe.Seen seen) {
            probes++;
            acknowledged.recordValue(seen.acknowledged() - seen.sent());
            if (seen.visible() == 0) {
                unseen++;
            } else {
                visible.recordValue(seen.visible() - seen.acknowledged());
                altogether.recordValue(seen.visible() - seen.sent());
            }
        }
    }

    @Override
    public Integer call() throws InterruptedException {
        return target.judge(spec, () -> {
            if (!target.own()) {
                throw new IllegalArgumentException("--url: SQL is Tributary's; leave it out");
            }
            if (rate < 0 || connections < 1) {
                throw new IllegalArgumentException("--rate: 0 or more; --connections: at least 1");
            }
            Notes.say(spec, "adding devices");
            try (Crew crew = Crew.enlist(target, clock.millis(), 1 + connections, ServerApi.Credential.JWT);
                    ServerApi api = target.api();
                    Probe probe = new Probe(target, api, crew.asDevice(0, 0), nanos)) {
                return run(crew, probe);
            }
        });
    }

    private Figures run(Crew crew, Probe probe) throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CompletableFuture<LoadRun.Outcome> load = beside(crew, begun);
        while (!begun.await(50, TimeUnit.MILLISECONDS) && !load.isDone()) {
            // the connections are being opened
        }
        Notes.say(spec, "publishing and asking");
        Times times = new Times();
        SplittableRandom chance = new SplittableRandom(clock.millis());
        CountDownLatch never = new CountDownLatch(1);
        long measured = nanos.getAsLong() + warmUp.toNanos();
        long end = measured + duration.toNanos();
        while (nanos.getAsLong() < end || times.probes == 0) {
            boolean counts = nanos.getAsLong() >= measured;
            Probe.Seen seen = probe.send(visibleWithin.toNanos());
            if (counts) {
                times.add(seen);
            }
            // so that it is not always at the same moment of whatever the server does in turns
            never.await(chance.nextInt(PAUSE_MILLIS_MAX), TimeUnit.MILLISECONDS);
        }
        return figures(times, probe, tally(load));
    }

    /// @param begun counted down when the first message leaves; never where there is none
    private CompletableFuture<LoadRun.Outcome> beside(Crew crew, CountDownLatch begun) {
        if (rate == 0) {
            return CompletableFuture.completedFuture(new LoadRun.Outcome.Ran(new Tally(), 1, 0));
        }
        LoadPlan plan = new LoadPlan(
                connections,
                1024,
                new LoadPlan.Shape(Profile.PAYLOAD_BYTES, Profile.READINGS, clock.millis()),
                rate,
                warmUp,
                new LoadPlan.Extent.Lasting(duration),
                1);
        MqttDialect.Setup setup = new MqttDialect.Setup(target.version(), 1, Lane.slots(plan.window()));
        Dialect.Factory factory = (index, listener) -> new MqttDialect(
                setup,
                crew.asDevice(1 + index, 0),
                new MqttMessages.Patched(setup, "devices/" + crew.device(1 + index) + "/telemetry", plan.payload()),
                listener);
        LoadRun.Progress progress = new LoadRun.Progress() {
            @Override
            public void begun(long measureFromNanos, long endNanos) {
                begun.countDown();
            }

            @Override
            public void second(long seconds, long answers) {
                // the readings that are asked for say enough
            }
        };
        CompletableFuture<LoadRun.Outcome> outcome = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("bench-beside").start(() -> {
            try {
                outcome.complete(new LoadRun(plan, target.mqtt(), factory, nanos, progress).run());
            } catch (InterruptedException | RuntimeException e) {
                outcome.completeExceptionally(e);
            }
        });
        return outcome;
    }

    private static Tally tally(CompletableFuture<LoadRun.Outcome> load) {
        try {
            return switch (load.join()) {
                case LoadRun.Outcome.NotConnected(String why) -> throw StreamRun.notConnected(why);
                case LoadRun.Outcome.Ran ran -> ran.tally();
            };
        } catch (CompletionException e) {
            throw new ServerException(ServerException.Kind.REFUSED, "the load broke off: " + e.getCause());
        }
    }

    private Figures figures(Times times, Probe probe, Tally beside) {
        return new Figures("visible · one reading after the other · %,.0f messages/s beside them".formatted(rate))
                .count("readings", "probes", times.probes)
                .latency("acknowledged", "ackMillis", times.acknowledged)
                .latency("then in SQL", "visibleMillis", times.visible)
                .latency("altogether", "publishedToVisibleMillis", times.altogether)
                .latency("one question", "questionMillis", probe.questions())
                .count("beside", "besideAcknowledged", beside.acknowledged)
                .memory("server memory", "serverResidentBytes", target.residentBytes())
                .promise(times.unseen == 0, times.unseen + " readings were not in SQL within " + visibleWithin)
                .promise(
                        beside.sent == beside.acknowledged,
                        "%,d of %,d messages beside them were not acknowledged: %s"
                                .formatted(beside.sent - beside.acknowledged, beside.sent, beside.reasons));
    }
}
