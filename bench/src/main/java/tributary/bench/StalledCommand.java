package tributary.bench;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
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

/// `tributary bench stalled`: one subscriber of everything stops reading for a while. What does that do to
/// the server's memory and to the others, and does it get everything afterwards?
@Command(
        name = "stalled",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Publishers and subscribers in pairs, 20 and 20, at 50,000 messages/s of QoS 1, and one more subscriber that",
            "hears all streams, stops reading for 60 s and goes on. Sessions are persistent unless --no-persistent.",
            "Ends with 1 where anybody, the stalled one included, misses a message or hears one out of order.",
            "--duration is --before, --stall and --after together."
        })
final class StalledCommand implements Callable<Integer> {
    private static final StreamOptions.Fallback FALLBACK = new StreamOptions.Fallback(20, 20, 1, 8192, 50_000, true);

    private final InstantSource clock = InstantSource.system();
    private final LongSupplier nanos = System::nanoTime;

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private StreamOptions streams = new StreamOptions();

    @Option(
            names = "--before",
            paramLabel = "TIME",
            defaultValue = "60s",
            converter = LoadOptions.Time.class,
            description = {
                "how long everybody reads first (${DEFAULT-VALUE}); as long as --stall, so that what load alone does to",
                "the server's memory is seen beside it"
            })
    private Duration before = Duration.ofSeconds(60);

    @Option(
            names = "--stall",
            paramLabel = "TIME",
            defaultValue = "60s",
            converter = LoadOptions.Time.class,
            description = "how long one does not read (${DEFAULT-VALUE})")
    private Duration stall = Duration.ofSeconds(60);

    @Option(
            names = "--after",
            paramLabel = "TIME",
            defaultValue = "10s",
            converter = LoadOptions.Time.class,
            description = "how long is published when it reads again (${DEFAULT-VALUE})")
    private Duration after = Duration.ofSeconds(10);

    @Option(
            names = "--hears",
            paramLabel = "N",
            defaultValue = "0",
            description = "streams that the stalled one hears; 0: all (${DEFAULT-VALUE})")
    private int hears;

    @Option(
            names = "--quiet",
            paramLabel = "SECONDS",
            defaultValue = "20",
            description = "how long to wait for deliveries when no more come (${DEFAULT-VALUE})")
    private int quietSeconds = 20;

    @Mixin
    private Target target = new Target();

    @Override
    public Integer call() throws InterruptedException {
        return target.judge(spec, () -> {
            StreamPlan asked = streams.plan(FALLBACK, clock.millis());
            if (asked.load().ratePerSecond() == 0) {
                throw new IllegalArgumentException("--rate: needed here, so that before and during compare");
            }
            StreamPlan plan =
                    asked.withLoad(asked.load().lasting(before.plus(stall).plus(after)));
            List<Audience.Part> parts = new ArrayList<>(plan.parts());
            parts.add(new Audience.Part(0, 1, hears == 0 ? plan.publishers() : Math.min(hears, plan.publishers())));
            try (Crew crew = Crew.enlist(target, clock.millis(), plan.publishers(), ServerApi.Credential.JWT)) {
                Stall watch = new Stall(parts.size() - 1);
                return figures(
                        plan,
                        watch,
                        new StreamRun(plan, parts, target, crew, nanos)
                                .run(watch, quietSeconds, text -> Notes.say(spec, text)));
            }
        });
    }

    private Figures figures(StreamPlan plan, Stall watch, StreamRun.Result result) {
        Figures figures = new Figures(plan.title("stalled"));
        StreamsCommand.delivered(figures, plan, result);
        List<Histogram> latencies = result.latencies();
        figures.latency("others before", "beforeMillis", latencies.get(0))
                .latency("others during", "duringMillis", latencies.get(1))
                .latency("others after", "afterMillis", latencies.get(2))
                .number(
                        "p99 during/before",
                        "p99Ratio",
                        "%.2f times",
                        latencies.get(1).getValueAtPercentile(99)
                                / (double) Math.max(1, latencies.get(0).getValueAtPercentile(99)))
                .number("backlog", "stalledBehind", "%,.0f messages when it read again", watch.behind)
                .number("caught up", "caughtUpSeconds", "%.2f s after it read again", watch.caughtUpSeconds(result))
                .count("reconnected", "reconnected", watch.reopened);
        if (target.pid() > 0) {
            figures.number("memory grew", "grownBeforeBytes", "%,.0f bytes before, all reading", watch.grownBefore())
                    .number("memory grew", "grownBytes", "%,.0f bytes while it was stalled", watch.grownBytes())
                    .memory("server memory", "serverResidentBytes", target.residentBytes());
        }
        return figures.serverCpu(
                "serverCpuMicrosPerMessage",
                result.cpu(),
                "published message",
                result.ran().tally().sent);
    }

    /// Stops the last subscriber when it is time, lets it go on, and looks at the server's memory meanwhile.
    private final class Stall implements StreamRun.Watch {
        private final int ear;
        private long resumedAtNanos;
        private long behind;
        private long reopened;
        private long firstResidentBytes;
        private long lastResidentBytes;
        private long residentAtStall;
        private long residentMax;
        private boolean stalled;

        Stall(int ear) {
            this.ear = ear;
        }

        @Override
        public void begun(Audience audience, long measureFromNanos, long endNanos) {
            long now = nanos.getAsLong();
            long stallAt = measureFromNanos + before.toNanos() - now;
            audience.loop().execute(() -> audience.leaveOut(ear));
            audience.loop().schedule(() -> stop(audience), stallAt, TimeUnit.NANOSECONDS);
            audience.loop().schedule(() -> goOn(audience), stallAt + stall.toNanos(), TimeUnit.NANOSECONDS);
        }

        private void stop(Audience audience) {
            Notes.say(spec, "one subscriber stops reading");
            audience.newPhase();
            audience.holdBack(ear, true);
            stalled = true;
        }

        private void goOn(Audience audience) {
            Notes.say(spec, "it reads again");
            audience.newPhase();
            stalled = false;
            resumedAtNanos = nanos.getAsLong();
            behind = audience.behind(ear);
            audience.holdBack(ear, false);
        }

        @Override
        public void second(long seconds, long acknowledged, Audience audience) {
            long now = target.residentBytes().orElse(0);
            firstResidentBytes = firstResidentBytes == 0 ? now : firstResidentBytes;
            boolean isStalled = audience.ask(() -> stalled);
            if (isStalled) {
                residentAtStall = residentAtStall == 0 ? lastResidentBytes : residentAtStall;
                residentMax = Math.max(residentMax, now);
            }
            lastResidentBytes = now;
            reopened = audience.ask(audience::reopened);
        }

        /// What load alone does: the heap fills up to where it collects.
        double grownBefore() {
            return Math.max(0, residentAtStall - firstResidentBytes);
        }

        double grownBytes() {
            return Math.max(0, residentMax - residentAtStall);
        }

        double caughtUpSeconds(StreamRun.Result result) {
            return resumedAtNanos == 0 ? 0 : Math.max(0, result.heardAtNanos() - resumedAtNanos) / 1e9;
        }
    }
}
