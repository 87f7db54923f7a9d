package tributary.broker;

import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tributary.model.Message;
import tributary.model.TenantId;
import tributary.model.Topic;
import tributary.model.TopicFilter;
import tributary.registry.TenantLimits;
import tributary.registry.TenantLimits.Limit;

/// The retained message of each topic, in memory. Written by the broker's thread only, read from any.
final class RetainedStore {
    /// Topics of a tenant of which it is remembered when they were emptied.
    private static final int EMPTIED_MAX = 1_000;

    private final BrokerSettings settings;
    private final TenantLimits limits;
    private final Map<TenantId, Shelf> shelves = new ConcurrentHashMap<>();

    /// Whether all of the former process is read again: until then partitions may be far apart, so that no end of a
    /// message is forgotten.
    private boolean restored;

    /// A message and its place in the log.
    record Kept(Message message, int partition, long position) {
        /// @return whether this was published after `other`; the end of a message has the same place as the message
        boolean after(Kept other) {
            return partition == other.partition
                    ? position > other.position || position == other.position && isEnd() && !other.isEnd()
                    : message.receivedMicros() >= other.message.receivedMicros();
        }

        private boolean isSame(@Nullable Kept other) {
            return other != null && partition == other.partition && position == other.position;
        }

        private boolean isEnd() {
            return message.payload().length == 0;
        }
    }

    /// The messages of one tenant, by topic.
    private static final class Shelf {
        final ConcurrentSkipListMap<String, Kept> byTopic = new ConcurrentSkipListMap<>();
        final AtomicLong bytes = new AtomicLong();

        /// What emptied a topic last: an older message, from another partition, does not come after it.
        final Map<String, Kept> emptied = new LinkedHashMap<>();
        final AtomicInteger count = new AtomicInteger();

        void forgetOldest() {
            Iterator<Kept> oldest = emptied.values().iterator();
            for (int over = emptied.size() - EMPTIED_MAX; over > 0; over--) {
                oldest.next();
                oldest.remove();
            }
        }
    }

    RetainedStore(BrokerSettings settings, TenantLimits limits) {
        this.settings = settings;
        this.limits = limits;
    }

    /// What was is read; what comes from now on is new.
    void restored() {
        restored = true;
        shelves.values().forEach(Shelf::forgetOldest);
    }

    /// Keeps a retained message in place of the one before; an empty payload means that there is none any more.
    /// What is here was acknowledged, so nobody asks for room any more: the doors did ([#full]), when what was
    /// on its way did not count yet, or under a limit that was higher.
    ///
    /// @return whether anything changed
    boolean put(Kept kept) {
        Message message = kept.message();
        Shelf shelf = shelves.computeIfAbsent(message.tenant(), _ -> new Shelf());
        String topic = message.topic().value();
        Kept before = shelf.byTopic.get(topic);
        Kept emptied = shelf.emptied.get(topic);
        if (before != null && !kept.after(before) || emptied != null && !kept.after(emptied)) {
            return false;
        }
        shelf.emptied.remove(topic);
        if (message.payload().length == 0) {
            shelf.emptied.put(topic, kept);
            if (restored) {
                shelf.forgetOldest();
            }
            remove(shelf, topic, before);
            return true;
        }
        long beforeBytes = before == null ? 0 : before.message().payload().length;
        shelf.byTopic.put(topic, kept);
        shelf.count.addAndGet(before == null ? 1 : 0);
        shelf.bytes.addAndGet(message.payload().length - beforeBytes);
        return true;
    }

    private static void remove(Shelf shelf, String topic, @Nullable Kept before) {
        if (before != null) {
            shelf.byTopic.remove(topic);
            shelf.count.decrementAndGet();
            shelf.bytes.addAndGet(-before.message().payload().length);
        }
    }

    /// From any thread: whether there is room for a message now. Those on their way here do not count yet.
    ///
    /// @return what there is too much of, or null where there is room
    @Nullable
    String full(TenantId tenant, Topic topic, int bytes) {
        Shelf shelf = shelves.get(tenant);
        return full(tenant, shelf, shelf == null ? null : shelf.byTopic.get(topic.value()), bytes);
    }

    private @Nullable String full(TenantId tenant, @Nullable Shelf shelf, @Nullable Kept before, int bytes) {
        long countMax = countMax(tenant);
        if ((shelf == null ? 0 : shelf.count.get()) + (before == null ? 1 : 0) > countMax) {
            return "the tenant has as many retained messages as it may, " + countMax + " ("
                    + limits.nameFor(tenant, Limit.RETAINED) + ")";
        }
        long bytesMax = bytesMax(tenant);
        long bytesNow = shelf == null ? 0 : shelf.bytes.get();
        long bytesBefore = before == null ? 0 : before.message().payload().length;
        return bytesNow + bytes - bytesBefore <= bytesMax
                ? null
                : "the tenant's retained messages have as many bytes as they may, " + bytesMax + " ("
                        + limits.nameFor(tenant, Limit.RETAINED_BYTES) + ")";
    }

    private long countMax(TenantId tenant) {
        return limits.of(tenant, Limit.RETAINED, settings.retainedMax());
    }

    private long bytesMax(TenantId tenant) {
        return limits.of(tenant, Limit.RETAINED_BYTES, settings.retainedBytesMax());
    }

    /// Walks over the retained messages that a filter matches.
    ///
    /// @param before places from which on messages reach the session anyway
    RetainedWalk walk(TenantId tenant, TopicFilter filter, long[] before, Match match) {
        Shelf shelf = shelves.get(tenant);
        Iterator<Kept> all = shelf == null ? Collections.emptyIterator() : candidates(shelf, filter.value());
        return new RetainedWalk(all, filter, before, match);
    }

    private static Iterator<Kept> candidates(Shelf shelf, String filter) {
        int wild = wildcard(filter);
        if (wild < 0) {
            Kept one = shelf.byTopic.get(filter);
            return one == null ? Collections.emptyIterator() : List.of(one).iterator();
        }
        // Everything below `a/b/` is between that text and the same with the next character; `a/b/#` means `a/b`, too.
        String prefix = filter.substring(0, Math.max(0, wild - 1));
        return prefix.isEmpty()
                ? shelf.byTopic.values().iterator()
                : shelf.byTopic
                        .subMap(prefix, true, prefix + '0', false)
                        .values()
                        .iterator();
    }

    private static int wildcard(String filter) {
        int plus = filter.indexOf('+');
        int hash = filter.indexOf('#');
        return plus < 0 ? hash : hash < 0 ? plus : Math.min(plus, hash);
    }

    /// @param after only topics behind this one, or "" from the first on
    /// @return messages in order of their topics, so many at most
    List<Message> list(TenantId tenant, TopicFilter filter, String after, int max) {
        Shelf shelf = shelves.get(tenant);
        return shelf == null
                ? List.of()
                : shelf.byTopic.tailMap(after, false).values().stream()
                        .map(Kept::message)
                        .filter(message -> filter.matches(message.topic()))
                        .limit(max)
                        .toList();
    }

    /// @return the message of that topic, or null where there is none
    @Nullable
    Message at(TenantId tenant, Topic topic) {
        Shelf shelf = shelves.get(tenant);
        Kept kept = shelf == null ? null : shelf.byTopic.get(topic.value());
        return kept == null ? null : kept.message();
    }

    int count(TenantId tenant) {
        Shelf shelf = shelves.get(tenant);
        return shelf == null ? 0 : shelf.byTopic.size();
    }

    long bytes(TenantId tenant) {
        Shelf shelf = shelves.get(tenant);
        return shelf == null ? 0 : shelf.bytes.get();
    }

    /// @return the message at that place, or null where it is not kept any more
    @Nullable
    Kept at(TenantId tenant, int partition, long position) {
        Shelf shelf = shelves.get(tenant);
        if (shelf == null) {
            return null;
        }
        for (Kept kept : shelf.byTopic.values()) {
            if (kept.partition() == partition && kept.position() == position) {
                return kept;
            }
        }
        return null;
    }

    /// All that is kept, and what emptied a topic lately. On the broker's thread.
    void each(Consumer<Kept> consumer) {
        for (Shelf shelf : shelves.values()) {
            shelf.emptied.values().forEach(consumer);
            shelf.byTopic.values().forEach(consumer);
        }
    }

    /// On the broker's thread.
    ///
    /// @return whether this is still what its topic has, or what emptied it
    boolean has(Kept kept) {
        Shelf shelf = shelves.get(kept.message().tenant());
        if (shelf == null) {
            return false;
        }
        String topic = kept.message().topic().value();
        return kept.isSame(kept.isEnd() ? shelf.emptied.get(topic) : shelf.byTopic.get(topic));
    }

    /// Forgets what emptied topics of messages that were erased, once no partition of the log has one that could
    /// come after it. On the broker's thread.
    void forget(Change.Erased erased) {
        Shelf shelf = shelves.get(erased.tenant());
        if (shelf != null) {
            shelf.emptied.values().removeIf(kept -> erased.has(kept.message(), kept.partition(), kept.position()));
        }
    }

    /// @return what nobody is to hear any more
    List<Kept> over(Predicate<Kept> isOver) {
        return shelves.values().stream()
                .flatMap(shelf -> shelf.byTopic.values().stream())
                .filter(isOver)
                .toList();
    }

    int count() {
        return shelves.values().stream().mapToInt(shelf -> shelf.byTopic.size()).sum();
    }

    long bytes() {
        return shelves.values().stream().mapToLong(shelf -> shelf.bytes.get()).sum();
    }
}
