package tributary.bench;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tributary.simulator.MqttWire;
import tributary.simulator.ServerApi;

/// `tributary bench rules`: what rules cost ingest, and how long a message is under way to a webhook.
@Command(
        name = "rules",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "First as fast as 100 connections allow with --rules active rules that look at every message; then",
            "--rate messages/s by the clock, each of which a rule sends to a webhook on this machine: the time from when",
            "a message was due until its request arrived. The server has to allow that sinks reach 127.0.0.1",
            "(sinks.private-addresses). Ends with 1 where a webhook misses an acknowledged message.",
            "What rules cost inside the engine, without doors and disks: ./dev bench rules prints that, too."
        })
final class RulesCommand implements Callable<Integer> {
    private static final int CONNECTIONS = 100;
    private static final String SINK = "bench-hook";
    private static final String TO_HOOK = "bench-to-hook";
    private static final String BESIDE = "bench-beside-";

    private final InstantSource clock = InstantSource.system();
    private final LongSupplier nanos = System::nanoTime;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = "--rules",
            paramLabel = "N",
            defaultValue = "10",
            description = "rules that look at every message (${DEFAULT-VALUE})")
    private int rules = 10;

    @Option(
            names = "--ingest",
            paramLabel = "TIME",
            defaultValue = "15s",
            converter = LoadOptions.Time.class,
            description = "how long as fast as it goes; 0s: not at all (${DEFAULT-VALUE})")
    private Duration ingest = Duration.ofSeconds(15);

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "10000",
            description = "messages/s to the webhook (${DEFAULT-VALUE})")
    private double rate = 10_000;

    @Option(
            names = "--duration",
            paramLabel = "TIME",
            defaultValue = "20s",
            converter = LoadOptions.Time.class,
            description = "how long messages go to the webhook (${DEFAULT-VALUE})")
    private Duration duration = Duration.ofSeconds(20);

    @Option(
            names = "--warm-up",
            paramLabel = "TIME",
            defaultValue = "5s",
            converter = LoadOptions.Time.class,
            description = "sent before and not measured, both times (${DEFAULT-VALUE})")
    private Duration warmUp = Duration.ofSeconds(5);

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "500",
            description = "messages in a request at most (${DEFAULT-VALUE})")
    private int batch = 500;

    @Option(
            names = "--linger",
            paramLabel = "TIME",
            defaultValue = "5ms",
            description = "how long the first of a request waits for others (${DEFAULT-VALUE})")
    private String linger = "5ms";

    @Option(
            names = "--quiet",
            paramLabel = "SECONDS",
            defaultValue = "20",
            description = "how long to wait for requests when no more come (${DEFAULT-VALUE})")
    private int quietSeconds = 20;

    @Mixin
    private Target target = new Target();

    @Override
    public Integer call() throws InterruptedException {
        return target.judge(spec, () -> {
            if (!target.own()) {
                throw new IllegalArgumentException("--url: rules are Tributary's; leave it out");
            }
            if (rules < 0 || rules > 1000 || batch < 2 || batch > 10_000) {
                throw new IllegalArgumentException("--rules: 0 to 1000, --batch: 2 to 10000");
            }
            Figures figures = new Figures("rules · %d beside · %,.0f messages/s to a webhook, up to %d a request"
                    .formatted(rules, rate, batch));
            try (Crew crew = Crew.enlist(target, clock.millis(), CONNECTIONS, ServerApi.Credential.JWT);
                    ServerApi api = target.api()) {
                if (!ingest.isZero()) {
                    besides(api, crew, figures);
                }
                hooked(api, crew, figures);
            }
            return figures;
        });
    }

    /// As fast as it goes, with rules that look at everything and find nothing.
    private void besides(ServerApi api, Crew crew, Figures figures) throws InterruptedException {
        try {
            for (int i = 0; i < rules; i++) {
                api.put(
                        "/api/v1/rules/" + BESIDE + i,
                        Map.of(
                                "sql",
                                "SELECT sequence FROM 'devices/+/telemetry' WHERE sequence < " + -i,
                                "state",
                                "on"));
            }
            LoadPlan plan = plan(16, 150, 3, 0, ingest);
            MqttDialect.Setup setup = new MqttDialect.Setup(target.version(), 1, Lane.slots(plan.window()));
            Dialect.Factory factory = (index, listener) -> new MqttDialect(
                    setup,
                    crew.asDevice(index, 0),
                    new MqttMessages.Patched(setup, "devices/" + crew.device(index) + "/telemetry", plan.payload()),
                    listener);
            Notes.say(spec, "as fast as it goes, %d rules look at every message".formatted(rules));
            OptionalLong before = target.cpuNanos();
            Tally tally = ran(plan, factory, figures, "ingest", "ingestPerSecond");
            figures.serverCpu("ingestCpuMicrosPerMessage", target.cpuSince(before), "message", tally.sent);
        } finally {
            for (int i = 0; i < rules; i++) {
                api.delete("/api/v1/rules/" + BESIDE + i);
            }
        }
    }

    private void hooked(ServerApi api, Crew crew, Figures figures) throws InterruptedException, IOException {
        long origin = nanos.getAsLong();
        try (Hook hook = new Hook(nanos, origin)) {
            api.put(
                    "/api/v1/sinks/" + SINK,
                    Map.of(
                            "type",
                            "webhook",
                            "config",
                            Map.of(
                                    "url",
                                    hook.address().toString(),
                                    "batch-count",
                                    Integer.toString(batch),
                                    "linger",
                                    linger)));
            api.put(
                    "/api/v1/rules/" + TO_HOOK,
                    Map.of(
                            "sql",
                            "SELECT * FROM 'devices/+/stream'",
                            "state",
                            "on",
                            "actions",
                            List.of(Map.of("sink", SINK))));
            try {
                toHook(crew, hook, origin, figures);
            } finally {
                api.delete("/api/v1/rules/" + TO_HOOK);
                api.delete("/api/v1/sinks/" + SINK);
            }
        }
    }

    private void toHook(Crew crew, Hook hook, long origin, Figures figures) throws InterruptedException {
        LoadPlan plan = plan(1024, Stamp.BYTES_MIN, 1, rate, duration);
        MqttDialect.Setup setup = new MqttDialect.Setup(target.version(), 1, Lane.slots(plan.window()));
        Dialect.Factory factory = (index, listener) -> new MqttDialect(
                setup,
                crew.asDevice(index, 0),
                new Stamp(List.of(stream(crew.device(index))), index, listener::scheduled, origin),
                listener);
        Notes.say(spec, "%,.0f messages/s to the webhook".formatted(rate));
        hook.measure(nanos.getAsLong() + warmUp.toNanos());
        Tally tally = ran(plan, factory, figures, "to the webhook", "hookPerSecond");
        hook.await(tally.acknowledged, quietSeconds);
        figures.latency("webhook", "hookMillis", hook.latency())
                .count("arrived", "arrived", hook.distinct())
                .count("arrived twice", "arrivedTwice", hook.twice())
                .count("requests", "requests", hook.requests())
                .promise(
                        hook.distinct() >= tally.acknowledged,
                        (tally.acknowledged - hook.distinct()) + " acknowledged messages never reached the webhook");
    }

    private MqttWire.Publish stream(String device) {
        return MqttWire.publish(target.version(), 1, "devices/" + device + "/stream", Stamp.template(Stamp.BYTES_MIN));
    }

    private LoadPlan plan(int window, int bytes, int readings, double perSecond, Duration lasting) {
        return new LoadPlan(
                CONNECTIONS,
                window,
                new LoadPlan.Shape(bytes, readings, clock.millis()),
                perSecond,
                warmUp,
                new LoadPlan.Extent.Lasting(lasting),
                1);
    }

    private Tally ran(LoadPlan plan, Dialect.Factory factory, Figures figures, String name, String key)
            throws InterruptedException {
        return switch (new LoadRun(plan, target.mqtt(), factory, nanos, LoadRun.Progress.NONE).run()) {
            case LoadRun.Outcome.NotConnected(String why) -> throw StreamRun.notConnected(why);
            case LoadRun.Outcome.Ran ran -> {
                Tally tally = ran.tally();
                figures.number(name, key, "%,.0f messages/s acknowledged", tally.measured / ran.measuredSeconds())
                        .promise(
                                tally.refused == 0 && tally.sent == tally.acknowledged,
                                "%d messages were refused or have no acknowledgement: %s"
                                        .formatted(tally.sent - tally.acknowledged, tally.reasons));
                yield tally;
            }
        };
    }
}
