package tributary.bench;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.function.LongSupplier;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tributary.simulator.ServerApi;

/// `tributary bench ack-latency`: how much longer than a bare flush of the disk a PUBACK takes.
@Command(
        name = "ack-latency",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "QoS 1 by the clock, 10,000 messages/s over 100 connections, beside what the disk below --data needs to make",
            "4 KiB durable: flushed one after the other just before and just after the load. Prints the ratios.",
            "Ends with 1 where a message has no acknowledgement, or a ratio is above --p50-at-most or --p99-at-most."
        })
final class AckLatencyCommand implements Callable<Integer> {
    private final InstantSource clock = InstantSource.system();
    private final LongSupplier nanos = System::nanoTime;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--connections", paramLabel = "N", defaultValue = "100", description = "${DEFAULT-VALUE}")
    private int connections = 100;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "10000",
            description = "messages/s in all (${DEFAULT-VALUE})")
    private double rate = 10_000;

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
            description = "${DEFAULT-VALUE}")
    private Duration warmUp = Duration.ofSeconds(5);

    @Option(names = "--payload-bytes", paramLabel = "N", defaultValue = "64", description = "${DEFAULT-VALUE}")
    private int payloadBytes = 64;

    @Option(
            names = "--p50-at-most",
            paramLabel = "TIMES",
            defaultValue = "0",
            description = "the median's limit in bare flushes; 0: none (${DEFAULT-VALUE})")
    private double p50AtMost;

    @Option(
            names = "--p99-at-most",
            paramLabel = "TIMES",
            defaultValue = "0",
            description = "the same for the 99th percentile (${DEFAULT-VALUE})")
    private double p99AtMost;

    @Mixin
    private Target target = new Target();

    @Override
    public Integer call() throws InterruptedException {
        return target.judge(spec, () -> {
            LoadPlan plan = new LoadPlan(
                    connections,
                    1024,
                    new LoadPlan.Shape(payloadBytes, 1, clock.millis()),
                    rate,
                    warmUp,
                    new LoadPlan.Extent.Lasting(duration),
                    1);
            try (Crew crew = Crew.enlist(target, clock.millis(), connections, ServerApi.Credential.JWT)) {
                return run(plan, crew);
            }
        });
    }

    private Figures run(LoadPlan plan, Crew crew) throws InterruptedException, IOException {
        MqttDialect.Setup setup = new MqttDialect.Setup(target.version(), 1, Lane.slots(plan.window()));
        Dialect.Factory factory = (index, listener) -> new MqttDialect(
                setup,
                crew.asDevice(index, 0),
                new MqttMessages.Patched(setup, "devices/" + crew.device(index) + "/telemetry", plan.payload()),
                listener);
        Histogram flush = DiskProbe.run(target.data(), nanos);
        OptionalLong cpuBefore = target.cpuNanos();
        LoadRun.Outcome outcome = new LoadRun(plan, target.mqtt(), factory, nanos, LoadRun.Progress.NONE).run();
        OptionalLong cpu = target.cpuSince(cpuBefore);
        flush.add(DiskProbe.run(target.data(), nanos));
        return switch (outcome) {
            case LoadRun.Outcome.NotConnected(String why) -> throw StreamRun.notConnected(why);
            case LoadRun.Outcome.Ran ran -> figures(ran, flush, cpu);
        };
    }

    private Figures figures(LoadRun.Outcome.Ran ran, Histogram flush, OptionalLong cpu) {
        Tally tally = ran.tally();
        long unanswered = tally.sent - tally.acknowledged - tally.refused;
        double p50 = ratio(tally.latencyNanos, flush, 50);
        double p99 = ratio(tally.latencyNanos, flush, 99);
        return new Figures("ack-latency · %,d connections · %,.0f messages/s by the clock · %d bytes"
                        .formatted(connections, rate, payloadBytes))
                .count("sent", "sent", tally.sent)
                .count("acknowledged", "acknowledged", tally.acknowledged)
                .number("rate", "messagesPerSecond", "%,.0f messages/s", tally.measured / ran.measuredSeconds())
                .latency("PUBACK", "ackMillis", tally.latencyNanos)
                .latency("bare flush", "bareFlushMillis", flush)
                .number("p50", "p50Ratio", "%.2f bare flushes", p50)
                .number("p99", "p99Ratio", "%.2f bare flushes", p99)
                .serverCpu("serverCpuMicrosPerMessage", cpu, "message", tally.sent)
                .promise(tally.refused == 0, tally.refused + " messages were refused: " + tally.reasons)
                .promise(unanswered == 0, unanswered + " messages have no acknowledgement")
                .promise(p50AtMost == 0 || p50 <= p50AtMost, "the median takes longer than " + p50AtMost + " flushes")
                .promise(p99AtMost == 0 || p99 <= p99AtMost, "p99 takes longer than " + p99AtMost + " flushes");
    }

    private static double ratio(Histogram of, Histogram to, double percentile) {
        return of.getValueAtPercentile(percentile) / (double) Math.max(1, to.getValueAtPercentile(percentile));
    }
}
