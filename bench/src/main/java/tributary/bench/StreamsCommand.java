package tributary.bench;

import java.time.InstantSource;
import java.util.concurrent.Callable;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tributary.simulator.ServerApi;

/// `tributary bench pubsub` and `tributary bench fanout`: publishers and subscribers, and whether every
/// message reached
/// everybody once and in order.
sealed class StreamsCommand implements Callable<Integer> {
    private final String name;
    private final StreamOptions.Fallback fallback;
    private final InstantSource clock;
    private final LongSupplier nanos;

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private StreamOptions streams = new StreamOptions();

    @Option(
            names = "--quiet",
            paramLabel = "SECONDS",
            defaultValue = "10",
            description = "how long to wait for deliveries when no more come (${DEFAULT-VALUE})")
    private int quietSeconds = 10;

    @Mixin
    private Target target = new Target();

    private StreamsCommand(String name, StreamOptions.Fallback fallback) {
        this.name = name;
        this.fallback = fallback;
        this.clock = InstantSource.system();
        this.nanos = System::nanoTime;
    }

    /// Pairs.
    @Command(
            name = "pubsub",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            description = {
                "Publishers to subscribers, 20 to 20 in pairs where nothing else is said, QoS 1, window 50, 64 bytes.",
                "Ends with 1 where a message that was acknowledged is missing, out of order, or comes twice at QoS 2."
            })
    static final class PubSub extends StreamsCommand {
        PubSub() {
            super("pubsub", new StreamOptions.Fallback(20, 20, 1, 50, 0, false));
        }
    }

    /// One to many.
    @Command(
            name = "fanout",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            description = {
                "One publisher to many subscribers: 50, QoS 0, at most 5 messages that not everybody has,",
                "where nothing else is said; --window 0 floods."
            })
    static final class Fanout extends StreamsCommand {
        Fanout() {
            super("fanout", new StreamOptions.Fallback(1, 50, 0, 5, 0, false));
        }
    }

    @Override
    public Integer call() throws InterruptedException {
        return target.judge(spec, () -> {
            StreamPlan plan = streams.plan(fallback, clock.millis());
            try (Crew crew = Crew.enlist(target, clock.millis(), plan.publishers(), ServerApi.Credential.JWT)) {
                StreamRun run = new StreamRun(plan, plan.parts(), target, crew, nanos);
                return figures(plan, run.run(new StreamRun.Watch() {}, quietSeconds, text -> Notes.say(spec, text)));
            }
        });
    }

    private Figures figures(StreamPlan plan, StreamRun.Result result) {
        Figures figures = new Figures(plan.title(name));
        delivered(figures, plan, result);
        return figures.latency("end to end", "latencyMillis", result.latencies().getFirst())
                .serverCpu(
                        "serverCpuMicrosPerMessage",
                        result.cpu(),
                        "published message",
                        result.ran().tally().sent)
                .serverCpu(
                        "serverCpuMicrosPerDelivery",
                        result.cpu(),
                        "delivery",
                        result.sum().distinct())
                .memory("server memory", "serverResidentBytes", target.residentBytes());
    }

    /// The figures of every run with streams, and its promises.
    static void delivered(Figures figures, StreamPlan plan, StreamRun.Result result) {
        Tally tally = result.ran().tally();
        Audience.Sum sum = result.sum();
        boolean acknowledged = plan.qos() > 0;
        double seconds = result.ran().measuredSeconds();
        boolean flooded = plan.qos() == 0 && !plan.echoed() && plan.load().ratePerSecond() == 0;
        double delivered = flooded ? sum.distinct() / (result.wholeNanos() / 1e9) : sum.measured() / seconds;
        figures.count("published", "published", tally.sent);
        if (acknowledged) {
            long unanswered = tally.sent - tally.acknowledged - tally.refused;
            figures.count("acknowledged", "acknowledged", tally.acknowledged)
                    .count("refused", "refused", tally.refused)
                    .promise(tally.refused == 0, tally.refused + " messages were refused")
                    .promise(unanswered == 0, unanswered + " messages have no answer")
                    .promise(sum.missing() == 0, sum.missing() + " deliveries of acknowledged messages are missing");
        }
        figures.count("delivered", "delivered", sum.distinct())
                .count("duplicated", "duplicated", sum.duplicates())
                .count("out of order", "late", sum.late())
                .count("missing", "missing", sum.missing())
                .promise(sum.late() == 0, sum.late() + " messages came behind later ones")
                .promise(sum.duplicates() == 0 || plan.qos() == 1, sum.duplicates() + " messages came more than once")
                .promise(sum.strangers() == 0, sum.strangers() + " messages came to whom they are not for")
                .promise(tally.lost == 0, tally.lost + " publishers lost their connection: " + tally.reasons)
                .promise(result.troubles().isEmpty(), "subscribers lost their connection: " + result.troubles());
        figures.number("in", "publishedPerSecond", "%,.0f messages/s", tally.measured / seconds)
                .number("out", "deliveriesPerSecond", "%,.0f messages/s", delivered)
                .number("drained", "drainSeconds", "%.2f s after the last answer", result.drainNanos() / 1e9)
                .number(
                        "generator",
                        "generatorCpuMicrosPerMessage",
                        "%.2f us CPU a published message",
                        result.ran().clientCpuNanos() / 1e3 / Math.max(1, tally.sent));
        if (acknowledged) {
            figures.latency("acknowledged in", "ackMillis", tally.latencyNanos);
        }
    }
}
