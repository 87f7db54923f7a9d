package tributary.engine;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tributary.log.Log;
import tributary.model.TenantId;
import tributary.model.Topic;
import tributary.registry.Registry;
import tributary.registry.RegistrySettings;
import tributary.registry.RuleStore.Text;
import tributary.registry.SqlRegistry;
import tributary.rules.Lookups;
import tributary.rules.Rule;
import tributary.rules.RuleOptions;
import tributary.rules.RuleRun;
import tributary.rules.StreamMessage;

/// What rules cost inside the engine, one thread, no network: `./dev bench rules` runs it.
///
/// Messages are recorded in a log on disk first; figures are of processor time of the one thread that reads
/// them and runs rules over them, so they hold a core each. A rule alone is measured on bytes in memory.
final class RulesBench {
    private static final int DEVICES = 100_000;
    private static final int ROUNDS = 3;
    private static final int CHUNK = 10_000;
    private static final String SIMPLE = "SELECT temp, hum AS humidity FROM 'devices/+/telemetry' WHERE temp > 25";
    private static final String WINDOWS =
            "SELECT device_id() AS d, avg(temp) AS t FROM 'devices/+/telemetry' GROUP BY device_id(), TUMBLING(10s)"
                    + " ALERT hot WHEN t > 25 CLEAR WHEN t < 20";

    private final int messages;
    private final boolean json;
    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private final Map<String, Double> found = new LinkedHashMap<>();

    private RulesBench(int messages, boolean json) {
        this.messages = messages;
        this.json = json;
    }

    /// `[messages] [--json]`
    public static void main(String[] args) throws Exception {
        boolean json = List.of(args).contains("--json");
        int messages = Stream.of(args)
                .filter(arg -> !arg.startsWith("-"))
                .mapToInt(Integer::parseInt)
                .findFirst()
                .orElse(1_000_000);
        new RulesBench(messages, json).all();
    }

    private void all() throws Exception {
        ruleAlone();
        matching("1,000 rules, a topic each", "matchDistinctNanos", 1_000, 1);
        matching("100 rules on one topic", "matchSharedNanos", 1, 100);
        matching("1 rule, 100,000 topics", "matchManyNanos", DEVICES, 1);
        Path folder = Files.createTempDirectory("rules-bench-");
        try {
            recorded("1,000 devices", 1_000, folder.resolve("few"), this::overFewDevices);
            recorded("100,000 devices", DEVICES, folder.resolve("many"), this::overManyDevices);
        } finally {
            Recording.remove(folder);
        }
        if (json) {
            StringBuilder out = new StringBuilder("{\"title\":\"rules inside the engine\",\"messages\":" + messages);
            found.forEach((key, value) -> out.append(String.format(Locale.ROOT, ",\"%s\":%.1f", key, value)));
            System.out.println(out.append('}'));
        }
    }

    private void note(String key, double value, String text, Object... values) {
        found.put(key, value);
        (json ? System.err : System.out).printf(Locale.ROOT, "  " + text + "%n", values);
    }

    /// Bytes in memory to rows as values: what the language costs.
    private void ruleAlone() {
        Rule rule = ((Rule.Compiled.Ready) Rule.compile(SIMPLE, RuleOptions.DEFAULTS)).rule();
        long[] rows = new long[1];
        double best = 0;
        for (int round = 0; round < ROUNDS; round++) {
            RuleRun run = rule.start(_ -> rows[0]++);
            long begin = cpu();
            for (int i = 0; i < messages; i++) {
                int device = i % 1000;
                run.message(StreamMessage.of(
                        Recording.topic(device),
                        Recording.name(device),
                        Recording.payload(i),
                        i / 20,
                        StreamMessage.Head.NONE));
            }
            best = Math.max(best, perSecond(begin));
        }
        note("simplePerSecond", best, "filter and projection, the rule alone   %,12.0f messages/s a core", best);
    }

    /// What it costs to know who listens. Topics are objects of their own each time, as they come out of the log.
    ///
    /// @param topics      how many; with as many as there are devices every rule listens to all of them
    /// @param rulesOfEach rules on each topic
    private void matching(String name, String key, int topics, int rulesOfEach) {
        List<RuleAtWork> rules = new ArrayList<>();
        boolean all = topics == DEVICES;
        for (int i = 0; i < (all ? rulesOfEach : topics * rulesOfEach); i++) {
            String filter =
                    all ? "devices/+/telemetry" : Recording.topic(i % topics).value();
            rules.add(new RuleAtWork(
                    Recording.definition("r" + i, "SELECT temp FROM '%s'".formatted(filter)),
                    Lookups.none(),
                    new RuleFigures(),
                    new Sayings()));
        }
        TopicIndex index = new TopicIndex(rules);
        double best = Double.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            long listeners = 0;
            long spent = 0;
            Topic[] chunk = new Topic[CHUNK];
            for (int done = 0; done < messages; done += CHUNK) {
                int count = Math.min(CHUNK, messages - done);
                for (int i = 0; i < count; i++) {
                    chunk[i] = Recording.fresh((done + i) % topics);
                }
                long begin = cpu();
                for (int i = 0; i < count; i++) {
                    listeners += index.listeners(StreamMessage.seen(chunk[i])).size();
                }
                spent += cpu() - begin;
            }
            best = Math.min(best, (double) spent / messages);
            if (listeners != (long) messages * rulesOfEach) {
                throw new IllegalStateException("%,d listeners".formatted(listeners));
            }
        }
        note(key, best, "matching, %-29s %,12.0f ns a message", name, best);
    }

    private interface Over {
        void log(Log log, Registry registry) throws Exception;
    }

    private void recorded(String what, int devices, Path folder, Over over) throws Exception {
        System.err.printf(Locale.ROOT, "  recording %,d messages of %s%n", messages, what);
        try (Registry registry = SqlRegistry.open(
                        RegistrySettings.DEFAULTS,
                        folder.resolve("registry"),
                        InstantSource.system(),
                        new SecureRandom());
                Log log = Recording.log(folder.resolve("log"), messages, devices)) {
            over.log(log, registry);
        }
    }

    private void overFewDevices(Log log, Registry registry) throws Exception {
        double none = engine(log, List.of("SELECT temp FROM 'sites/+/telemetry'"));
        note("elsewherePerSecond", none, "log read, no rule listens               %,12.0f messages/s a core", none);
        double one = engine(log, List.of(SIMPLE));
        note("enginePerSecond", one, "log read, one rule, outputs gathered    %,12.0f messages/s a core", one);
        double ten = engine(
                log,
                IntStream.range(0, 10)
                        .mapToObj(i -> "SELECT temp, hum FROM 'devices/+/telemetry' WHERE temp > " + (20 + i))
                        .toList());
        note("tenRulesPerSecond", ten, "log read, ten rules                     %,12.0f messages/s a core", ten);
        testBench(log, registry);
    }

    private void overManyDevices(Log log, Registry registry) throws Exception {
        double windows = engine(log, List.of(WINDOWS));
        note("windowsPerSecond", windows, "windows and alerts, 100,000 devices     %,12.0f messages/s a core", windows);
        Rule rule = ((Rule.Compiled.Ready) Rule.compile(WINDOWS, RuleOptions.DEFAULTS)).rule();
        long before = heap();
        RuleRun run = rule.start(_ -> {});
        for (int i = 0; i < DEVICES * 2; i++) {
            // a clock that stands still: every window is open when the heap is looked at
            run.message(StreamMessage.of(
                    Recording.topic(i % DEVICES),
                    Recording.name(i % DEVICES),
                    Recording.payload(i),
                    0,
                    StreamMessage.Head.NONE));
        }
        double kept = (double) (heap() - before) / DEVICES;
        note("stateHeapBytes", kept, "state of a device in memory             %,12.0f bytes", kept);
        double written = (double) run.checkpoint().length / DEVICES;
        note("stateWrittenBytes", written, "state of a device written down          %,12.0f bytes", written);
    }

    private void testBench(Log log, Registry registry) {
        TestBench bench = new TestBench(log);
        double best = Double.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            TestBench.Report report = bench.run(
                    TenantId.MAIN,
                    new Text(SIMPLE, "tributary", "Z", "", List.of()),
                    new TestBench.Window(Instant.EPOCH, Instant.ofEpochSecond(4_000_000_000L), Duration.ofMinutes(5)));
            if (report.taken() != messages || !report.complete()) {
                throw new IllegalStateException("the test bench took %,d messages".formatted(report.taken()));
            }
            best = Math.min(best, report.nanos() / 1e9);
        }
        note("testBenchSeconds", best, "test bench over %,d messages     %12.2f s", messages, best);
    }

    /// Reads the whole log and gives it to rules, as the engine's steps do.
    private double engine(Log log, List<String> statements) {
        double best = 0;
        for (int round = 0; round < ROUNDS; round++) {
            Function<Definition, Lookups> lookups = _ -> Lookups.none();
            Workforce workforce = new Workforce(lookups, new HashMap<>());
            for (int i = 0; i < statements.size(); i++) {
                workforce.apply(
                        new Step.Change.Put(Recording.definition("r" + i, statements.get(i))), Recording.START_MILLIS);
            }
            try (Merge merge = new Merge(log)) {
                merge.seek(new long[log.partitions()]);
                long[] count = new long[1];
                long begin = cpu();
                merge.take(merge.ends(), (batch, index, _) -> {
                    workforce.message(batch, index);
                    if (workforce.sayings().weight() > StepRecord.BYTES_MAX / 2) {
                        workforce.sayings().take();
                    }
                    count[0]++;
                    return true;
                });
                if (count[0] != messages) {
                    throw new IllegalStateException("%,d messages were read".formatted(count[0]));
                }
                best = Math.max(best, perSecond(begin));
            }
        }
        return best;
    }

    private long cpu() {
        return threads.getCurrentThreadCpuTime();
    }

    private double perSecond(long begin) {
        return messages * 1e9 / (cpu() - begin);
    }

    private static long heap() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
