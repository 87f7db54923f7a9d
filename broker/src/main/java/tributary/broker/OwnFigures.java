package tributary.broker;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tributary.broker.RetainedStore.Kept;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.TenantId;
import tributary.model.Topic;
import tributary.model.TopicFilter;

/// Tells each tenant its own figures, and nobody else's, under `$SYS/broker/` with the names that Mosquitto gave them.
///
/// They never touch the log: a subscriber gets what holds now, as it would a retained message, and news at QoS 0 every
/// `broker.sys-interval`.
final class OwnFigures {
    private static final String ROOT = "$SYS/";

    /// In the order of their values in [#messages].
    private static final List<Topic> TOPICS = Stream.of(
                    "version",
                    "uptime",
                    "clients/total",
                    "clients/connected",
                    "messages/received",
                    "messages/sent",
                    "messages/dropped",
                    "subscriptions/count",
                    "retained messages/count")
            .map(name -> new Topic(ROOT + "broker/" + name))
            .toList();

    /// A position behind all of the log: every subscription is older.
    private static final long NOW = Long.MAX_VALUE;

    private final Commons commons;
    private final Directory directory;
    private final long startedAt;
    private final long everyNanos;
    private long toldAt;

    /// Whom the broker's thread counted last: messages of one tenant come in runs.
    private @Nullable TenantId counted;

    private TenantTally tally = new TenantTally();

    /// @param nanos now, by the monotonic clock
    OwnFigures(Commons commons, Directory directory, long nanos) {
        this.commons = commons;
        this.directory = directory;
        this.startedAt = nanos;
        this.toldAt = nanos;
        this.everyNanos = commons.settings().sysInterval().toNanos();
    }

    /// @return whether the filter is about figures
    static boolean concerns(TopicFilter filter) {
        return filter.value().startsWith(ROOT);
    }

    /// A message of the tenant became durable. On the broker's thread.
    void received(TenantId tenant) {
        if (!tenant.equals(counted)) {
            counted = tenant;
            tally = commons.tally().of(tenant);
        }
        tally.received.increment();
    }

    /// Tells the news where it is time. On the broker's thread, which wakes who has something to hear.
    ///
    /// @param audiences says who listens to a topic of a tenant
    void turn(long nanos, BiFunction<TenantId, Topic, Audience> audiences) {
        if (everyNanos == 0 || nanos - toldAt < everyNanos) {
            return;
        }
        toldAt = nanos;
        for (TenantId tenant : directory.tenants()) {
            if (TOPICS.stream().anyMatch(topic -> audiences.apply(tenant, topic).matches().length > 0)) {
                tell(tenant, nanos, audiences);
            }
        }
    }

    private void tell(TenantId tenant, long nanos, BiFunction<TenantId, Topic, Audience> audiences) {
        for (Message message : messages(tenant, nanos)) {
            Delivery delivery = new Delivery(message, 0, NOW);
            for (Match match : audiences.apply(tenant, message.topic()).matches()) {
                switch (match.hearer()) {
                    case Session session -> session.offer(delivery, match);
                    case Group _ -> {} // what is not in the log cannot wait for a member
                }
            }
        }
    }

    /// Shows a new subscriber what holds now.
    RetainedWalk walk(TenantId tenant, TopicFilter filter, Match match, long nanos) {
        List<Kept> all = everyNanos == 0
                ? List.of()
                : messages(tenant, nanos).stream()
                        .map(message -> new Kept(message, 0, -1))
                        .toList();
        return new RetainedWalk(all.iterator(), filter, new long[1], match);
    }

    private List<Message> messages(TenantId tenant, long nanos) {
        TenantTally of = commons.tally().of(tenant);
        List<String> values = List.of(
                "tributary " + commons.settings().version(),
                (nanos - startedAt) / 1_000_000_000 + " seconds",
                Long.toString(of.sessions.sum()),
                Long.toString(of.connected.sum()),
                Long.toString(of.received.sum()),
                Long.toString(of.sent.sum()),
                Long.toString(of.dropped.sum()),
                Long.toString(of.subscriptions.sum()),
                Integer.toString(commons.retained().count(tenant)));
        List<Message> messages = new ArrayList<>(values.size());
        for (int i = 0; i < values.size(); i++) {
            messages.add(message(tenant, TOPICS.get(i), values.get(i)));
        }
        return messages;
    }

    private Message message(TenantId tenant, Topic topic, String value) {
        return new Message(
                tenant,
                null,
                topic,
                value.getBytes(StandardCharsets.UTF_8),
                commons.nowMicros(),
                Message.Origin.PLATFORM,
                "",
                0,
                true,
                MessageProperties.NONE);
    }
}
