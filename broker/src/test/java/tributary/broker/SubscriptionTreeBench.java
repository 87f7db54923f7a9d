package tributary.broker;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import tributary.model.Topic;
import tributary.model.TopicFilter;

/// How long it takes to find who hears a topic among a million subscriptions of one tenant. Each call is
/// sampled with another topic, so the median of the samples is the median topic.
///
/// `./dev bench match`
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgs = "-Xmx4g")
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 5, time = 3)
public class SubscriptionTreeBench {
    private static final int TOPICS = 1 << 16;

    @Param("1000000")
    public int subscriptions;

    private Load load = new Load(new SubscriptionTree(), List.of(), List.of());
    private int next;

    /// Compares with a plain loop over the filters first, then measures.
    public static void main(String[] arguments) throws Exception {
        Load.of(3000, 2000).check();
        OptionsBuilder options = new OptionsBuilder();
        options.include(SubscriptionTreeBench.class.getSimpleName());
        if (arguments.length > 0) {
            options.param("subscriptions", arguments[0]);
        }
        new Runner(options.build()).run();
    }

    @Setup
    public void subscribe() {
        load = Load.of(subscriptions, TOPICS);
    }

    @Benchmark
    public Object match() {
        next = (next + 1) & (TOPICS - 1);
        return load.tree().match(load.topics().get(next));
    }

    /// A tree with its filters, and topics to look up.
    record Load(SubscriptionTree tree, List<TopicFilter> filters, List<Topic> topics) {
        /// What a tenant with many devices looks like: nearly all subscriptions are a device's own, exact
        /// or below its commands; some are of sites and lines with a wildcard inside; a few dashboards
        /// hear a sensor of all devices; and somebody hears everything.
        static Load of(int subscriptions, int topicCount) {
            SplittableRandom chance = new SplittableRandom(42);
            List<TopicFilter> filters = new ArrayList<>(subscriptions);
            Set<String> known = new HashSet<>();
            add(filters, known, "#");
            add(filters, known, "devices/+/telemetry");
            add(filters, known, "devices/+/alarms/#");
            for (int i = 0; filters.size() < subscriptions; i++) {
                switch (i % 20) {
                    case 0 ->
                        add(filters, known, "sites/s%d/lines/l%d/+/state".formatted(i % 997, i % 89 + i / 10_000));
                    case 1 -> add(filters, known, "sites/s%d/+/l%d/#".formatted(i % 997, i % 89 + i / 10_000));
                    case 2 -> add(filters, known, "devices/+/telemetry/sensor-%d".formatted(i % 500));
                    case 3, 4, 5, 6, 7, 8, 9, 10 -> add(filters, known, "devices/d%d/commands/#".formatted(i));
                    default -> add(filters, known, "devices/d%d/config".formatted(i));
                }
            }
            SubscriptionTree tree = new SubscriptionTree();
            for (TopicFilter filter : filters) {
                tree.add(new Listener(null, new Subscription(filter, 1, false, false, 0), Since.of(new long[0])));
            }
            List<Topic> topics = new ArrayList<>(topicCount);
            for (int i = 0; i < topicCount; i++) {
                int device = chance.nextInt(Math.max(20, subscriptions));
                topics.add(new Topic(
                        switch (i % 10) {
                            case 0, 1, 2, 3 -> "devices/d%d/telemetry".formatted(device);
                            case 4 -> "devices/d%d/telemetry/sensor-%d".formatted(device, device % 700);
                            case 5, 6 -> "devices/d%d/commands/reboot".formatted(device);
                            case 7 -> "devices/d%d/config".formatted(device);
                            case 8 -> "sites/s%d/lines/l%d/press/state".formatted(device % 997, device % 89);
                            default -> "nobody/hears/%d".formatted(device);
                        }));
            }
            return new Load(tree, filters, topics);
        }

        private static void add(List<TopicFilter> filters, Set<String> known, String text) {
            if (known.add(text)) {
                filters.add(new TopicFilter(text));
            }
        }

        /// @throws IllegalStateException where the tree finds anything else than a loop over all filters
        /// @return how many filters matched in all
        long check() {
            long matches = 0;
            for (Topic topic : topics) {
                Set<TopicFilter> expected = new HashSet<>();
                for (TopicFilter filter : filters) {
                    if (filter.matches(topic)) {
                        expected.add(filter);
                    }
                }
                Set<TopicFilter> found = new HashSet<>();
                tree.match(topic)
                        .forEach(listener -> found.add(listener.subscription().filter()));
                if (!found.equals(expected)) {
                    throw new IllegalStateException(topic + " matches " + expected + ", the tree says " + found);
                }
                matches += found.size();
            }
            return matches;
        }
    }
}
