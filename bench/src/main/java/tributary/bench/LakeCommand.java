package tributary.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tributary.simulator.MqttWire;
import tributary.simulator.ServerApi;

/// `tributary bench lake`: how fast a history goes in, what it weighs, and how fast questions about it are answered.
@Command(
        name = "lake",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Publishes a history, five sensors of each device once a second, over 20 connections as fast as it goes (MQTT,",
            "QoS 1), and one device more with a day by seconds and a year by five minutes before it. Waits until SQL has",
            "all and files are merged and rolled up, at most --settle; then asks, over REST as anybody would, one question after the other, --rounds times.",
            "Where QuestDB's class path is in --peers (./dev bench lake gets it), it is given the same history and asked",
            "the same, inside its process. Ends with 1 where a reading that was acknowledged is missing."
        })
final class LakeCommand implements Callable<Integer> {
    private static final int GATEWAYS = 20;
    private static final int WINDOW = 100;
    private static final Duration VALID_FOR = Duration.ofHours(24);
    private static final int PAGE = 500;
    private static final String NEXT = "\"next\":\"";
    private static final int UNMEASURED = 3;

    /// Columns of what EXPLAIN answers.
    private static final int TOTAL_ROWS = 2;

    private static final int TOTAL_FILES = 3;
    private static final int TOTAL_BYTES = 5;

    private final InstantSource clock = InstantSource.system();
    private final LongSupplier nanos = System::nanoTime;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = "--readings",
            paramLabel = "N",
            defaultValue = "100000000",
            description = "about so many in all (${DEFAULT-VALUE})")
    private long readings = 100_000_000;

    @Option(
            names = "--devices",
            paramLabel = "N",
            defaultValue = "1000",
            description = "a multiple of 20 (${DEFAULT-VALUE})")
    private int devices = 1000;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "20",
            description = "how often each question is asked (${DEFAULT-VALUE})")
    private int rounds = 20;

    @Option(
            names = "--settle",
            paramLabel = "TIME",
            defaultValue = "15m",
            converter = LoadOptions.Time.class,
            description = "at most so long it waits until files are merged and rolled up (${DEFAULT-VALUE})")
    private Duration settle = Duration.ofMinutes(15);

    @Option(
            names = "--visible-within",
            paramLabel = "TIME",
            defaultValue = "10m",
            converter = LoadOptions.Time.class,
            description = "how long to wait until SQL shows everything (${DEFAULT-VALUE})")
    private Duration visibleWithin = Duration.ofMinutes(10);

    @Option(
            names = "--peers",
            paramLabel = "FOLDER",
            defaultValue = "bench/target/peers",
            description = "holds questdb.classpath and Questdb.java (${DEFAULT-VALUE})")
    private Path peers = Path.of("bench/target/peers");

    @Mixin
    private Target target = new Target();

    @Override
    public Integer call() throws InterruptedException {
        return target.judge(spec, () -> {
            if (!target.own()) {
                throw new IllegalArgumentException("--url: the lake is Tributary's; leave it out");
            }
            if (devices < GATEWAYS || devices > 10_000 || devices % GATEWAYS != 0 || rounds < 1) {
                throw new IllegalArgumentException("--devices: a multiple of 20 up to 10000, --rounds: at least 1");
            }
            long steps = readings / devices / History.SENSORS.size();
            if (steps < 1) {
                throw new IllegalArgumentException("--readings: at least five a device");
            }
            long end = clock.millis() / 60_000 * 60_000;
            History all = new History(Fleet.prefix(clock.millis()), devices, end - steps * 1000, 1000, steps);
            Figures figures = new Figures("lake · %,d readings of %,d devices".formatted(all.readings(), devices));
            try (ServerApi api = target.api()) {
                Herds herds = Herds.enlist(api, all);
                try {
                    fill(api, herds, all, figures);
                    ask(api, all, figures);
                } finally {
                    if (!target.keep()) {
                        api.remove(herds.all());
                    }
                }
            }
            QuestdbPeer.measure(peers, all, rounds, text -> Notes.say(spec, text), figures);
            return figures;
        });
    }

    /// Gateways and the devices that they carry, the one with a year among them.
    private record Herds(List<String> gateways, Map<String, String> secrets, List<ServerApi.NewDevice> all) {
        static Herds enlist(ServerApi api, History history) throws InterruptedException {
            List<String> gateways = IntStream.rangeClosed(1, GATEWAYS)
                    .mapToObj(i -> history.prefix() + "gateway-" + i)
                    .toList();
            List<ServerApi.NewDevice> owners = gateways.stream()
                    .map(name -> new ServerApi.NewDevice(name, null, "bench-gateway"))
                    .toList();
            List<ServerApi.NewDevice> carried = new ArrayList<>();
            for (int i = 0; i < history.devices(); i++) {
                String parent = gateways.get(i / (history.devices() / GATEWAYS));
                carried.add(new ServerApi.NewDevice(history.device(i), parent, "bench"));
            }
            carried.add(new ServerApi.NewDevice(history.dayBefore().device(0), gateways.getFirst(), "bench-long"));
            Map<String, String> secrets = api.provision(owners, ServerApi.Credential.JWT, VALID_FOR);
            api.add(carried);
            carried.addAll(owners);
            return new Herds(gateways, secrets, List.copyOf(carried));
        }
    }

    private void fill(ServerApi api, Herds herds, History all, Figures figures) throws InterruptedException {
        Notes.say(spec, "publishing a year of one device");
        publish(herds, all.yearBefore(), 1, null);
        publish(herds, all.dayBefore(), 1, null);
        Notes.say(spec, "publishing %,d readings".formatted(all.readings()));
        OptionalLong before = target.cpuNanos();
        long began = nanos.getAsLong();
        CareWatch care = new CareWatch(api, nanos);
        Tally tally = publish(herds, all, GATEWAYS, care);
        long answered = nanos.getAsLong();
        long expected = all.devices() * all.steps();
        long shown = await(api, all, expected);
        long visible = nanos.getAsLong();
        figures.number(
                        "acknowledged",
                        "acknowledgedPerSecond",
                        "%,.0f readings/s",
                        all.readings() / ((answered - began) / 1e9))
                .number(
                        "queryable",
                        "queryablePerSecond",
                        "%,.0f readings/s, from the first message until SQL had the last",
                        all.readings() / ((visible - began) / 1e9))
                .serverCpu("cpuMicrosPerReading", target.cpuSince(before), "reading", all.readings())
                .memory("server memory", "serverResidentBytes", target.residentBytes())
                .promise(
                        tally.acknowledged == expected && shown == expected,
                        "%,d messages, of which %,d were acknowledged and %,d are in SQL: %s"
                                .formatted(expected, tally.acknowledged, shown, tally.reasons));
        care.tell(figures);
        Notes.say(spec, "waiting until files are merged, at most %d s".formatted(settle.toSeconds()));
        long settled = care.await(settle);
        figures.line(
                "in order", settled < 0 ? "not within %d s" : "%d s later", settled < 0 ? settle.toSeconds() : settled);
    }

    /// @param care sees what the server does meanwhile, or null
    private Tally publish(Herds herds, History history, int gateways, @Nullable CareWatch care)
            throws InterruptedException {
        int each = history.devices() / gateways;
        LoadPlan plan = new LoadPlan(
                gateways,
                WINDOW,
                new LoadPlan.Shape(Payload.BYTES_MIN, 1, history.startMillis()),
                0,
                Duration.ZERO,
                new LoadPlan.Extent.Counting(each * history.steps()),
                1);
        MqttDialect.Setup setup = new MqttDialect.Setup(target.version(), 1, Lane.slots(WINDOW));
        Dialect.Factory factory = (index, listener) -> {
            String gateway = herds.gateways().get(index);
            String secret = herds.secrets().getOrDefault(gateway, "");
            return new MqttDialect(
                    setup,
                    new MqttWire.Login(gateway, gateway, secret, 0),
                    new HistoryMessages(setup, history, index * each, each),
                    listener);
        };
        LoadRun.Progress progress = (seconds, answers) -> {
            if (care != null) {
                care.second(seconds, answers);
            }
            if (seconds % 10 == 0) {
                Notes.say(spec, "%4d s  %,13d readings".formatted(seconds, answers * History.SENSORS.size()));
            }
        };
        return switch (new LoadRun(plan, target.mqtt(), factory, nanos, progress).run()) {
            case LoadRun.Outcome.NotConnected(String why) -> throw StreamRun.notConnected(why);
            case LoadRun.Outcome.Ran ran -> ran.tally();
        };
    }

    /// @return messages that SQL shows
    private long await(ServerApi api, History all, long expected) throws InterruptedException {
        long deadline = nanos.getAsLong() + visibleWithin.toNanos();
        String count = "select count(*) from readings where sensor = 'flow' and device between '%s' and '%s'"
                .formatted(all.device(0), all.device(all.devices() - 1));
        long shown = 0;
        while (shown < expected && nanos.getAsLong() < deadline) {
            pause(Duration.ofMillis(200));
            shown = api.sql(count).getFirst().getFirst().asLong(0);
        }
        return shown;
    }

    private static void pause(Duration time) throws InterruptedException {
        new CountDownLatch(1).await(time.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void ask(ServerApi api, History all, Figures figures) {
        Notes.say(spec, "asking");
        String middle = all.device(all.devices() / 2);
        String day = series(all.dayBefore().device(0), all.dayBefore());
        long lastHour = all.endMillis() - 3_600_000;
        String within = "device between '%s' and '%s'".formatted(all.device(0), all.device(all.devices() - 1));
        measure(figures, "latest", () -> latest(api));
        measure(figures, "hour", () -> api.text(series(middle, lastHour, all.endMillis())));
        measure(figures, "day", () -> api.text(day));
        measure(figures, "dayByFiveMinutes", () -> api.text(day + "&every=5m&agg=avg"));
        measure(
                figures,
                "yearByDay",
                () -> api.text(series(
                                all.dayBefore().device(0),
                                all.yearBefore().startMillis(),
                                all.dayBefore().endMillis())
                        + "&every=1d&agg=avg"));
        measure(
                figures,
                "byHour",
                () -> api.sql("select count(*), sum(mean) from (select date_trunc('hour', ts), device, sensor,"
                        + " avg(value) as mean from readings where " + within + " group by all)"));
        measure(
                figures,
                "byHourInSlots",
                () -> api.sql(
                        "select count(*), sum(mean) from (select device, sensor, ts, avg as mean from readings_1h where "
                                + within + ")"));
        measure(
                figures,
                "top",
                () -> api.sql(
                        "select device, max(value) as most from readings where sensor = 'flow' and ts >= '%s' and %s"
                                        .formatted(Instant.ofEpochMilli(lastHour), within)
                                + " group by device order by most desc limit 10"));
        measure(
                figures,
                "topInSlots",
                () -> api.sql(
                        "select device, max(max) as most from readings_1m where sensor = 'flow' and ts >= '%s' and %s"
                                        .formatted(Instant.ofEpochMilli(lastHour), within)
                                + " group by device order by most desc limit 10"));
        List<JsonNode> total = api.sql(
                        "explain select count(device), count(sensor), count(ts), count(value), count(text),"
                                + " count(received), count(part), count(position) from readings")
                .getFirst();
        long rows = total.get(TOTAL_ROWS).asLong();
        figures.count("files", "files", total.get(TOTAL_FILES).asLong())
                .number(
                        "at rest",
                        "bytesPerReading",
                        "%.2f bytes a reading",
                        total.get(TOTAL_BYTES).asDouble() / Math.max(1, rows));
    }

    private static String series(String device, History history) {
        return series(device, history.startMillis(), history.endMillis());
    }

    private static String series(String device, long from, long to) {
        return "/api/v1/series?series=%s:flow&from=%d&to=%d".formatted(device, from, to);
    }

    /// Both pages as they come; only where the first one ends is looked for.
    private static void latest(ServerApi api) {
        String page = api.text("/api/v1/latest?type=bench&limit=" + PAGE);
        for (String next = next(page); !next.isEmpty(); next = next(page)) {
            page = api.text("/api/v1/latest?type=bench&limit=" + PAGE + "&after=" + next);
        }
    }

    private static String next(String page) {
        int at = page.lastIndexOf(NEXT);
        return at < 0 ? "" : page.substring(at + NEXT.length(), page.indexOf('"', at + NEXT.length()));
    }

    private void measure(Figures figures, String name, Runnable question) {
        Histogram taken = new Histogram(3);
        for (int round = -UNMEASURED; round < rounds; round++) {
            long start = nanos.getAsLong();
            question.run();
            if (round >= 0) {
                taken.recordValue(nanos.getAsLong() - start);
            }
        }
        figures.latency(name, name + "Millis", taken);
    }
}
