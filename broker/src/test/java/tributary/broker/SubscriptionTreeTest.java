package tributary.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.TenantId;
import tributary.model.Topic;
import tributary.model.TopicFilter;

class SubscriptionTreeTest {
    private static final String[] LEVELS = {"a", "b", "", "c", "$x"};

    private final SubscriptionTree tree = new SubscriptionTree();

    @ParameterizedTest
    @CsvSource({
        "a/b, a/b, true",
        "a/b, a/+, true",
        "a/b, a/#, true",
        "a, a/#, true",
        "a/b/c, a/#, true",
        "a/b, #, true",
        "a/b, +/b, true",
        "a/b, +, false",
        "a/b, a/b/+, false",
        "a/, a/+, true",
        "/a, +/a, true",
        "/, +/+, true",
        "$SYS/x, #, false",
        "$SYS/x, +/x, false",
        "$SYS/x, $SYS/#, true",
        "$SYS/x, $SYS/+, true",
        "a/b, A/b, false",
    })
    void filterMeansTheTopicsThatTheStandardSays(String topic, String filter, boolean heard) {
        add(session("s"), filter);
        assertThat(tree.match(new Topic(topic))).hasSize(heard ? 1 : 0);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void agreesWithComparingEveryFilterThroughAnyHistory(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Hearer> sessions = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            sessions.add(session("s" + i));
        }
        Map<Hearer, Set<TopicFilter>> oracle = new HashMap<>();
        for (int step = 0; step < 2_000; step++) {
            Hearer session = sessions.get(random.nextInt(sessions.size()));
            TopicFilter filter = new TopicFilter(randomFilter(random));
            if (random.nextInt(3) > 0) {
                add(session, filter.value());
                oracle.computeIfAbsent(session, _ -> new HashSet<>()).add(filter);
            } else {
                tree.remove(session, filter);
                oracle.getOrDefault(session, new HashSet<>()).remove(filter);
            }
            if (step % 10 == 0) {
                Topic topic = new Topic(randomTopic(random));
                Set<String> expected = new HashSet<>();
                oracle.forEach((who, filters) ->
                        filters.stream().filter(f -> f.matches(topic)).forEach(f -> expected.add(who + " " + f)));
                List<String> found = tree.match(topic).stream()
                        .map(l -> l.hearer() + " " + l.subscription().filter())
                        .toList();
                assertThat(found).as("seed %d, %s", seed, topic).containsExactlyInAnyOrderElementsOf(expected);
            }
        }
        oracle.forEach((who, filters) -> filters.forEach(f -> tree.remove(who, f)));
        assertThat(tree.bare())
                .as("nothing is left of subscriptions that ended")
                .isTrue();
    }

    @Test
    void sameFilterAgainReplacesTheSubscriptionAndKeepsItsBeginning() {
        Hearer session = session("s");
        tree.add(new Listener(
                session, new Subscription(new TopicFilter("a/+"), 0, false, false, 0), Since.of(new long[] {5})));
        tree.add(new Listener(
                session, new Subscription(new TopicFilter("a/+"), 1, false, false, 9), Since.of(new long[] {7})));

        List<Listener> found = tree.match(new Topic("a/b"));

        assertThat(found).hasSize(1);
        assertThat(found.getFirst().subscription().identifier()).isEqualTo(9);
        assertThat(found.getFirst().since().from()).containsExactly(5);
    }

    @Test
    void qualityOfAnOverlappingOrRaisedSubscriptionCountsFromWhereItWasAskedFor() {
        Hearer session = session("s");
        Subscription raised = new Subscription(new TopicFilter("a/+"), 1, false, false, 0);
        tree.add(new Listener(session, raised, Since.of(new long[] {5}).raisedAt(new long[] {10})));
        tree.add(new Listener(
                session, new Subscription(new TopicFilter("a/b"), 2, false, false, 0), Since.of(new long[] {20})));

        Match match = Audience.of(tree.match(new Topic("a/b"))).matches()[0];

        assertThat(match.wants(at(4))).isFalse();
        assertThat(match.wants(at(5))).isTrue();
        assertThat(match.qosThen(at(9))).isZero();
        assertThat(match.qosThen(at(10))).isEqualTo(1);
        assertThat(match.qosThen(at(19))).isEqualTo(1);
        assertThat(match.qosThen(at(20))).isEqualTo(2);
    }

    private static Delivery at(long position) {
        Message message = new Message(
                TenantId.MAIN,
                null,
                new Topic("a/b"),
                new byte[0],
                0,
                Message.Origin.MQTT,
                "",
                2,
                false,
                MessageProperties.NONE);
        return new Delivery(message, 0, position);
    }

    @Test
    void everyChangeMakesWhatWasRememberedOld() {
        long before = tree.version();
        Hearer session = session("s");
        add(session, "a");
        long added = tree.version();
        tree.remove(session, new TopicFilter("a"));
        assertThat(before).isLessThan(added);
        assertThat(added).isLessThan(tree.version());
    }

    private void add(Hearer session, String filter) {
        tree.add(new Listener(
                session, new Subscription(new TopicFilter(filter), 0, false, false, 0), Since.of(new long[] {0})));
    }

    private static String randomTopic(SplittableRandom random) {
        List<String> levels = new ArrayList<>();
        int depth = 1 + random.nextInt(4);
        for (int i = 0; i < depth; i++) {
            levels.add(LEVELS[random.nextInt(LEVELS.length)]);
        }
        String topic = String.join("/", levels);
        return topic.isEmpty() ? "a" : topic;
    }

    private static String randomFilter(SplittableRandom random) {
        List<String> levels = new ArrayList<>();
        int depth = 1 + random.nextInt(4);
        for (int i = 0; i < depth; i++) {
            levels.add(random.nextInt(3) == 0 ? "+" : LEVELS[random.nextInt(LEVELS.length)]);
        }
        if (random.nextInt(3) == 0) {
            levels.add("#");
        }
        String filter = String.join("/", levels);
        return filter.isEmpty() ? "#" : filter;
    }

    private static Hearer session(String clientId) {
        return new Group(null, TenantId.MAIN, new Subscription.Key(clientId, new TopicFilter("x")), 1);
    }
}
