package tributary.broker;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.log.Batch;
import tributary.log.Log;
import tributary.log.LogReader;
import tributary.model.Message;
import tributary.model.PlatformException;
import tributary.model.TenantId;
import tributary.model.Topic;
import tributary.model.TopicFilter;

/// Who hears what: reads the log's tail on a thread of its own, so that only durable messages are heard, and hands
/// each to the sessions of its tenant that subscribed to its topic.
///
/// While nobody has subscribed to anything the thread sleeps and reads nothing.
public final class Broker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Broker.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration AFTER_FAULT = Duration.ofSeconds(1);

    /// Topics whose audience is remembered for one tenant; forgotten all at once beyond that.
    private static final int REMEMBERED_TOPICS_MAX = 10_000;

    private final Log log;
    private final Map<Name, Session> sessions = new ConcurrentHashMap<>();
    private final Map<TenantId, SubscriptionTree> trees = new ConcurrentHashMap<>();
    private final Thread thread;

    /// How far each partition was read; the broker's thread only. Set before it starts, because a subscription may be
    /// there and messages for it in the log before the thread first runs.
    private final long[] readTo;

    private final LongAdder matched = new LongAdder();
    private final LongAdder deliveries = new LongAdder();

    private final ReentrantLock gate = new ReentrantLock();
    private final Condition wake = gate.newCondition();

    /// Guarded by `gate`, as is the next.
    private int subscriptionCount;

    /// Where to begin reading after a time without subscriptions, or null while reading.
    private long @Nullable [] resumeAt;

    private volatile boolean closed;

    /// What the broker's thread remembers of one tenant.
    private static final class Memory {
        private final Map<Topic, Audience> audiences = new HashMap<>();
        private long version = -1;
    }

    /// A client id is a name inside its tenant.
    private record Name(TenantId tenant, String clientId) {}

    private Broker(Log log) {
        this.log = Objects.requireNonNull(log, "log");
        this.readTo = ends();
        this.thread = Thread.ofPlatform().name("broker").unstarted(this::run);
    }

    /// Starts the broker's thread.
    public static Broker start(Log log) {
        Broker broker = new Broker(log);
        broker.thread.start();
        return broker;
    }

    /// Opens a session for a client that connected. One with the same client id and the same subject is taken over:
    /// its client hears it. One of another subject keeps the id.
    ///
    /// @param subject whose session it is: the principal's subject
    /// @return the session, or null where another subject of the tenant has the client id
    public @Nullable Session open(TenantId tenant, String clientId, String subject, Session.Place place) {
        Session opened = new Session(this, tenant, clientId, subject, place);
        Name name = new Name(tenant, clientId);
        while (true) {
            Session before = sessions.putIfAbsent(name, opened);
            if (before == null) {
                return opened;
            }
            if (!before.subject().equals(subject)) {
                return null;
            }
            if (sessions.replace(name, before, opened)) {
                before.client().takenOver();
                return opened;
            }
        }
    }

    /// @return figures for metrics
    public BrokerCounts counts() {
        gate.lock();
        try {
            return new BrokerCounts(sessions.size(), subscriptionCount, matched.sum(), deliveries.sum());
        } finally {
            gate.unlock();
        }
    }

    void add(Session session, Subscription subscription, boolean isNew) {
        long[] from = ends();
        trees.computeIfAbsent(session.tenant(), _ -> new SubscriptionTree())
                .add(new Listener(session, subscription, from));
        if (!isNew) {
            return;
        }
        gate.lock();
        try {
            if (subscriptionCount++ == 0) {
                resumeAt = from;
                wake.signal();
            }
        } finally {
            gate.unlock();
        }
    }

    private long[] ends() {
        long[] ends = new long[log.partitions()];
        for (int p = 0; p < ends.length; p++) {
            ends[p] = log.end(p);
        }
        return ends;
    }

    void remove(Session session, TopicFilter filter) {
        SubscriptionTree tree = trees.get(session.tenant());
        if (tree != null) {
            tree.remove(session, filter);
        }
        gate.lock();
        try {
            subscriptionCount--;
        } finally {
            gate.unlock();
        }
    }

    /// Frees the client id unless a later session took it over.
    void forget(Session session) {
        sessions.remove(new Name(session.tenant(), session.clientId()), session);
    }

    private void run() {
        Map<TenantId, Memory> memories = new HashMap<>();
        while (!closed) {
            try (LogReader reader = log.reader()) {
                for (int p = 0; p < readTo.length; p++) {
                    reader.seek(p, readTo[p]);
                }
                while (awaitSubscriptions(reader, memories)) {
                    Batch batch = reader.poll(POLL);
                    if (batch != null) {
                        distribute(batch, memories);
                        readTo[batch.partition()] = batch.end();
                    }
                }
            } catch (PlatformException e) {
                LOG.error("subscribers hear nothing until the log can be read again: {}", e.detail(), e);
                pause();
            }
        }
    }

    /// Sleeps while there is no subscription.
    ///
    /// @return false where the broker was closed
    private boolean awaitSubscriptions(LogReader reader, Map<TenantId, Memory> memories) {
        gate.lock();
        try {
            while (subscriptionCount == 0 && !closed) {
                memories.clear();
                wake.awaitUninterruptibly();
            }
            long[] at = resumeAt;
            resumeAt = null;
            for (int p = 0; at != null && p < at.length; p++) {
                // never back: what was read since the subscription was matched with it
                reader.seek(p, Math.max(reader.position(p), at[p]));
            }
            return !closed;
        } finally {
            gate.unlock();
        }
    }

    private void pause() {
        gate.lock();
        try {
            if (!closed) {
                boolean _ = wake.await(AFTER_FAULT.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            gate.unlock();
        }
    }

    private void distribute(Batch batch, Map<TenantId, Memory> memories) {
        Set<Outlet> touched = new HashSet<>();
        for (int i = 0; i < batch.size(); i++) {
            Message message = batch.message(i);
            Audience audience = audience(message, memories);
            if (audience.size() == 0) {
                continue;
            }
            matched.increment();
            deliveries.add(audience.size());
            for (Audience.Group group : audience.groups()) {
                group.outlet().collect(new Delivery(message, batch.partition(), batch.first() + i), group.targets());
                touched.add(group.outlet());
            }
        }
        touched.forEach(Outlet::send);
    }

    private Audience audience(Message message, Map<TenantId, Memory> memories) {
        SubscriptionTree tree = trees.get(message.tenant());
        if (tree == null) {
            return Audience.NOBODY;
        }
        Memory memory = memories.computeIfAbsent(message.tenant(), _ -> new Memory());
        long version = tree.version();
        if (memory.version != version || memory.audiences.size() >= REMEMBERED_TOPICS_MAX) {
            memory.audiences.clear();
            memory.version = version;
        }
        Audience known = memory.audiences.get(message.topic());
        if (known == null) {
            known = Audience.of(tree.match(message.topic()));
            memory.audiences.put(message.topic(), known);
        }
        return known;
    }

    /// Ends the thread; what it read by then has been handed over.
    @Override
    public void close() {
        gate.lock();
        try {
            closed = true;
            wake.signalAll();
        } finally {
            gate.unlock();
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
